import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  Credentials,
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts'
import { HOUR_SECONDS } from '../../incident/values/duration.ts'
import type { Account, AccountRole } from '../account/account.ts'
import { roleArn } from '../account/arns.ts'
import { accountOf, type IssuedCredential, principalArn, principalId } from '../account/credentials.ts'
import { decide } from '../authorization/authorize.ts'
import { accessDenied } from '../authorization/refusals.ts'
import { trustOf } from '../authorization/trust.ts'
import { ServiceError } from '../call.ts'
import { issueSession, issueUserSession } from '../issue-credentials.ts'
import { type AuthenticatedCall, operation, type Service } from '../service.ts'

/** "IAM roles terms and concepts", role chaining: at most one hour. */
const CHAINED_SESSION_SECONDS = HOUR_SECONDS

const credentialsAnswer = ({ accessKeyId, secretAccessKey, sessionToken, expiresAt = 0 }: IssuedCredential): Credentials => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  SessionToken: sessionToken,
  Expiration: new Date(expiresAt),
})

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message)

/** Needs no permission and answers even under an explicit deny: never a proof that a revocation works. */
const getCallerIdentity = operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
  authorize: () => [],
  run: (account, _, { credential }) => ({
    UserId: principalId(credential.principal),
    Account: accountOf(account, credential),
    Arn: principalArn({ ...account, id: accountOf(account, credential) }, credential.principal),
  }),
  writes: false,
})

const getAccessKeyInfo = operation<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse>({
  run: (account, { AccessKeyId = '' }) => {
    if (!account.credentials.find(AccessKeyId)) throw invalid(`Access key ID ${AccessKeyId} is not valid.`)
    return { Account: account.id }
  },
  writes: false,
})

const roleAt = (account: Account, arn: string): AccountRole | undefined =>
  [...account.roles.values()].find(({ name }) => roleArn(account, name) === arn)

/**
 * Within an account it is enough that the trust policy names the caller, or that it names the account and the caller's
 * own policies allow the call; an explicit deny in them, such as a revocation, beats both ("Policy evaluation logic").
 */
const roleToAssume = (account: Account, arn: string, { call, credential }: AuthenticatedCall): AccountRole => {
  const asked = { action: 'sts:AssumeRole', resource: arn }
  const { decision } = decide(account, credential, asked, call)
  const role = roleAt(account, arn)
  const trust = role ? trustOf(account, role, credential.principal) : 'none'
  const isAllowed = decision === 'allowed' ? trust !== 'none' : decision === 'implicitDeny' && trust === 'names-principal'
  if (role && isAllowed) return role
  const named = { ...asked, principalArn: principalArn(account, credential.principal) }
  throw accessDenied('sts', named, { explicit: decision === 'explicitDeny', by: 'identity-based policy' })
}

const refuseTooLong = (role: AccountRole, { credential }: AuthenticatedCall, seconds: number): void => {
  if (credential.principal.type === 'role-session' && seconds > CHAINED_SESSION_SECONDS) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining')
  }
  if (seconds > role.maxSessionDuration) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
}

const assumeRole = operation<AssumeRoleRequest, AssumeRoleResponse>({
  authorize: () => [],
  run: (account, { RoleArn = '', RoleSessionName = '', DurationSeconds = HOUR_SECONDS }, caller) => {
    const role = roleToAssume(account, RoleArn, caller)
    refuseTooLong(role, caller, DurationSeconds)
    const credential = issueSession(account, role, RoleSessionName, DurationSeconds)
    return {
      Credentials: credentialsAnswer(credential),
      AssumedRoleUser: {
        AssumedRoleId: principalId(credential.principal),
        Arn: principalArn(account, credential.principal),
      },
    }
  },
  writes: false,
  resources: (_, { RoleArn = '', RoleSessionName = '' }, { Credentials, AssumedRoleUser }) => [
    { type: 'AWS::IAM::AccessKey', name: Credentials?.AccessKeyId ?? '' },
    { type: 'AWS::STS::AssumedRole', name: RoleSessionName },
    { type: 'AWS::STS::AssumedRole', name: AssumedRoleUser?.AssumedRoleId ?? '' },
    { type: 'AWS::STS::AssumedRole', name: AssumedRoleUser?.Arn ?? '' },
    { type: 'AWS::IAM::Role', name: RoleArn },
  ],
})

const getSessionToken = operation<GetSessionTokenRequest, GetSessionTokenResponse>({
  authorize: () => [],
  run: (account, { DurationSeconds = 43_200, TokenCode }, { credential }) => {
    const { principal, sessionToken } = credential
    const user = principal.type === 'user' ? account.users.get(principal.userName) : undefined
    if (!user || sessionToken !== undefined) {
      throw new ServiceError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403)
    }
    if (TokenCode !== undefined) {
      throw new ServiceError('AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code. ', 403)
    }
    return { Credentials: credentialsAnswer(issueUserSession(account, user, DurationSeconds)) }
  },
  writes: false,
})

/** STS. Its sessions are good in every Region. */
export const sts: Service = {
  GetCallerIdentity: getCallerIdentity,
  GetAccessKeyInfo: getAccessKeyInfo,
  AssumeRole: assumeRole,
  GetSessionToken: getSessionToken,
}
