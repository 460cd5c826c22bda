import {
  type EnvironmentResponse,
  type FunctionConfiguration,
  GetFunctionCommand,
  type GetFunctionResponse,
  GetFunctionUrlConfigCommand,
  type GetFunctionUrlConfigResponse,
  GetPolicyCommand,
} from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { decodePolicy, statementsOf } from '../../../aws/policy-document.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import type { Line, Span } from '../../../incident/values/block.ts'
import { parseInstant } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { functionsOfRole } from '../renew-workload/functions.ts'
import type { EvidenceRead } from './evidence-read.ts'

/** The functions that run under the role: code hash, configuration, layers, resource policy and URL. The code is never downloaded. */
export const functionDocuments = async (
  { role, region }: RoleSession,
  context: Context,
  unread: Unread,
): Promise<readonly EvidenceRead[]> => {
  const listed = { what: `which functions run under role ${role.name}`, operation: 'lambda:ListFunctions', otherwise: [] }
  const functions = await readOr(unread, listed, () => functionsOfRole(role, region, context))
  const documents: EvidenceRead[] = []
  for (const { FunctionName } of functions) {
    const document = await documentOf(FunctionName, region, context, unread)
    if (document) documents.push(document)
  }
  return documents
}

/** What stands in the place of something that there is not. */
const NONE = 'none'

const documentOf = async (
  FunctionName: string,
  region: string,
  context: Context,
  unread: Unread,
): Promise<EvidenceRead | undefined> => {
  const { lambda } = context.aws(region)
  const ask = <T>(what: string, operation: string, read: () => Promise<T>) =>
    readOr(unread, { what: `${what} of function ${FunctionName}`, operation: `lambda:${operation}`, otherwise: undefined }, read)
  const answer = await ask('code and configuration', 'GetFunction', () => lambda.send(new GetFunctionCommand({ FunctionName })))
  const policy = await ask('the resource policy', 'GetPolicy', () =>
    orNone(async () => (await lambda.send(new GetPolicyCommand({ FunctionName }))).Policy ?? ''),
  )
  const url = await ask('the URL', 'GetFunctionUrlConfig', () =>
    orNone(async () => withoutMetadata(await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName })))),
  )
  if ([answer, policy, url].every((one) => one === undefined)) return undefined
  const { Configuration = {}, Concurrency } = answer ?? {}
  return {
    of: `Lambda function ${FunctionName}`,
    name: `function-${FunctionName}`,
    points: [
      ...(answer ? configurationPoints(Configuration) : []),
      ['resource policy', policyLine(policy)],
      ['URL', urlLine(url)],
    ],
    content: {
      configuration: { ...Configuration, Environment: namesOnly(Configuration.Environment) },
      ...codeWithoutAddress(answer),
      concurrency: Concurrency,
      policy: policy === undefined || policy === NONE ? policy : (decodePolicy(policy) ?? policy),
      url,
    },
  }
}

const orNone = async <T>(read: () => Promise<T>): Promise<T | typeof NONE> => {
  try {
    return await read()
  } catch (error) {
    if (isNotFound(error)) return NONE
    throw error
  }
}

const withoutMetadata = <T extends { $metadata: unknown }>({ $metadata: _, ...answer }: T): Omit<T, '$metadata'> => answer

/** The values have leaked with the function's credentials, and are secrets all the same: the names say which are to be changed. */
const namesOnly = (environment: EnvironmentResponse | undefined): object => ({ names: Object.keys(environment?.Variables ?? {}) })

/** GetFunction's Location is a presigned address: whoever has it can download the code for ten minutes. */
const codeWithoutAddress = (answer: GetFunctionResponse | undefined): object => {
  const { Location: _, ...code } = answer?.Code ?? {}
  return { code, tags: answer?.Tags }
}

const configurationPoints = (configuration: FunctionConfiguration): readonly (readonly [string, Line])[] => {
  const { CodeSha256 = 'not given', CodeSize, Runtime, LastModified, Environment, Layers = [] } = configuration
  const changed = parseInstant(LastModified ?? '')
  const names = Object.keys(Environment?.Variables ?? {})
  return [
    ['code', [`SHA-256 ${CodeSha256}`, ...(CodeSize ? [`, ${CodeSize} bytes`] : []), ...(Runtime ? [`, ${Runtime}`] : [])]],
    ...(changed ? [['last changed', { at: changed }] as const] : []),
    ['environment variables', names.length === 0 ? NONE : [...listed(names), ': change what they hold, it has leaked']],
    ['layers', Layers.length === 0 ? NONE : listed(Layers.map(({ Arn = 'unnamed' }) => Arn))],
  ]
}

const listed = (names: readonly string[]): readonly Span[] =>
  names.flatMap((name, index) => (index === 0 ? [untrusted(name)] : [', ', untrusted(name)]))

const policyLine = (policy: string | undefined): Line => {
  if (policy === undefined) return 'not read'
  if (policy === NONE) return NONE
  const statements = statementsOf(decodePolicy(policy)).length
  return `${statements} statement${statements === 1 ? '' : 's'}`
}

const urlLine = (url: Partial<GetFunctionUrlConfigResponse> | typeof NONE | undefined): Line => {
  if (url === undefined) return 'not read'
  if (url === NONE) return NONE
  const { FunctionUrl = 'not given', AuthType } = url
  return [untrusted(FunctionUrl), AuthType === 'NONE' ? ', without authentication: anybody can call it' : `, ${AuthType ?? ''}`]
}
