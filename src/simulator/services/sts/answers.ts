import type { AssumedRoleUser, Credentials, Tag } from '@aws-sdk/client-sts'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { type IssuedCredential, principalArn, principalId } from '../../account/credentials.ts'
import { managedPolicy } from '../../authorization/identity-policies.ts'
import { ServiceError } from '../../call.ts'
import type { SessionLimits } from '../../issue-credentials.ts'
import { refuseMalformedPolicy } from '../iam/holders.ts'

export const invalidInput = (message: string): ServiceError => new ServiceError('ValidationError', message)

export const credentialsAnswer = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiresAt = 0,
}: IssuedCredential): Credentials => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  SessionToken: sessionToken,
  Expiration: new Date(expiresAt),
})

export const assumedRoleUser = (account: Account, { principal }: IssuedCredential): AssumedRoleUser => ({
  AssumedRoleId: principalId(account, principal),
  Arn: principalArn(account, principal),
})

/** What an input asks a session to be limited to. */
interface LimitingInput {
  readonly Policy?: string | undefined
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined
  readonly Tags?: readonly Tag[] | undefined
}

/** The session policies and tags of an input. Throws MalformedPolicyDocument, or ValidationError for a managed policy that is not there. */
export const limitsIn = (account: Account, { Policy, PolicyArns = [], Tags = [] }: LimitingInput): SessionLimits => {
  if (Policy !== undefined) refuseMalformedPolicy(Policy)
  const managed = PolicyArns.map(({ arn = '' }) => {
    if (!account.managedPolicies.has(arn)) throw invalidInput(`Policy ${arn} does not exist or is not attachable.`)
    return managedPolicy(account, arn).document
  })
  const documents = [...(Policy === undefined ? [] : [Policy]), ...managed]
  const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
  return given({
    sessionPolicies: documents.length > 0 ? documents : undefined,
    sessionTags: Tags.length > 0 ? tags : undefined,
  })
}
