import { isOfCaller, meaningOfAwsError } from '../incident/values/aws-error-codes.ts'
import { isRoleArn, roleOfArn, roleSessionOf } from '../incident/values/identifiers.ts'
import type { CloudTrailRecord } from './record.ts'

/** A role session as AWS writes it into the records of a key's calls ("CloudTrail userIdentity element"). The caller does not choose it. */
export interface KeySession {
  readonly accountId: string
  readonly partition: string
  /** The role's name, without its path. */
  readonly roleName: string
  /** Such as `AROAEXAMPLE:session`. */
  readonly principalId: string
}

/** What STS takes as a session name ("AssumeRole: RoleSessionName"). */
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/

/** AWS knew the caller. A call whose key was refused says nothing of the key; one that a policy denies does. */
export const isAuthenticated = ({ errorCode }: Pick<CloudTrailRecord, 'errorCode'>): boolean =>
  errorCode === undefined || !isOfCaller(meaningOfAwsError(errorCode))

/** The role session that made a call; undefined for another kind of principal, and for a call whose key AWS refused. Pure. */
export const sessionOfCall = (record: CloudTrailRecord): KeySession | undefined => {
  const { principalId = '', principalKind, roleArn = '' } = record
  const role = isRoleArn(roleArn) ? roleOfArn(roleArn) : undefined
  const session = roleSessionOf(principalId)?.sessionName
  if (
    !role ||
    session === undefined ||
    !SESSION_NAME.test(session) ||
    principalKind !== 'AssumedRole' ||
    !isAuthenticated(record)
  )
    return undefined
  const { accountId, partition, roleName } = role
  return { accountId, partition, roleName, principalId }
}
