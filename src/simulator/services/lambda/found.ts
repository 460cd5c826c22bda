import type { FunctionConfiguration } from '@aws-sdk/client-lambda'
import { MINUTE_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { roleArn } from '../../account/arns.ts'
import type { LambdaFunction } from '../../account/compute.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { functionArn } from '../../compute/function-environment.ts'
import type { Authorization } from '../../service.ts'

/** A function by its name, its ARN or a part of that, with the version or alias behind it. */
const NAMED = /^(?:arn:[^:]+:lambda:[^:]+:\d{12}:function:|\d{12}:function:|\d{12}:)?([\w-]{1,64})(?::([\w$-]{1,128}))?$/

const nameIn = (text: string | undefined): string => NAMED.exec(text ?? '')?.[1] ?? text ?? ''

export const functionNotFound = (message: string): ServiceError => new ServiceError('ResourceNotFoundException', message, 404)

/** A function of the Region. Throws ResourceNotFoundException. */
export const functionNamed = (account: Account, name: string | undefined): LambdaFunction => {
  const found = account.functions.get(nameIn(name))
  if (!found) throw functionNotFound(`Function not found: ${functionArn(account, nameIn(name))}`)
  return found
}

export const onFunction =
  (action: string) =>
  (account: Account, { FunctionName }: { readonly FunctionName?: string | undefined }): readonly Authorization[] => [
    { action: `lambda:${action}`, resource: functionArn(account, nameIn(FunctionName)) },
  ]

/** Lambda writes times with an offset and three digits of a second. */
const lambdaTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000')

/** How long the snapshot of a version is made (ms). */
const SNAPSHOT_MS = 2 * MINUTE_MS

/** What AWS leaves out of its lists ("ListFunctions returns a subset of the FunctionConfiguration fields"). */
export const listedConfiguration = (account: Account, called: LambdaFunction, version?: string): FunctionConfiguration => {
  const { State: _, LastUpdateStatus: __, ...listed } = configurationOf(account, called, version)
  return listed
}

/** A function's configuration, of `$LATEST` or of a version that was published. */
export const configurationOf = (account: Account, called: LambdaFunction, version = '$LATEST'): FunctionConfiguration => {
  const published = called.versions.find((one) => one.version === version)
  if (!published && version !== '$LATEST')
    throw functionNotFound(`Function not found: ${functionArn(account, called.name)}:${version}`)
  const suffix = published ? `:${version}` : ''
  const { runtime, handler, description, timeout, memorySize, environment, layers } = published?.settings ?? called
  const isMade = !published || !called.snapStart || timeIn(account) >= published.publishedAt + SNAPSHOT_MS
  return {
    FunctionName: called.name,
    FunctionArn: `${functionArn(account, called.name)}${suffix}`,
    Runtime: runtime as NonNullable<FunctionConfiguration['Runtime']>,
    Role: roleArn(account, published?.roleName ?? called.roleName),
    Handler: handler,
    CodeSize: called.codeSize,
    CodeSha256: published?.codeSha256 ?? called.codeSha256,
    Description: description,
    Timeout: timeout,
    MemorySize: memorySize,
    LastModified: lambdaTime(published?.publishedAt ?? called.changedAt),
    Version: version,
    Environment: { Variables: { ...environment } },
    Layers: layers.map((Arn) => ({ Arn })),
    RevisionId: called.revisionId,
    State: isMade ? 'Active' : 'Pending',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    SnapStart: {
      ApplyOn: called.snapStart ? 'PublishedVersions' : 'None',
      OptimizationStatus: published && isMade ? 'On' : 'Off',
    },
    ...given({ TracingConfig: { Mode: 'PassThrough' as const } }),
  }
}
