import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { principalArns, roleAtArn } from '../../account/arns.ts'
import { accountOf, principalArn } from '../../account/credentials.ts'
import { decide } from '../../authorization/authorize.ts'
import { accessDenied } from '../../authorization/refusals.ts'
import { requestKeys } from '../../authorization/request-context.ts'
import { type TrustCaller, trustOf } from '../../authorization/trust.ts'
import { ServiceError } from '../../call.ts'
import { issueSession } from '../../issue-credentials.ts'
import { type AuthenticatedCall, operation } from '../../service.ts'
import { assumedRoleUser, credentialsAnswer, invalidInput, limitsIn } from './answers.ts'

/** "IAM roles terms and concepts", role chaining: at most one hour. */
const CHAINED_SESSION_SECONDS = HOUR_SECONDS

/** The account of a caller as its ARNs need it: of another account only the id is known. */
const homeOf = (account: Account, { credential }: AuthenticatedCall): Account => {
  const id = accountOf(account, credential)
  return id === account.id ? account : { ...account, id, roles: new Map(), users: new Map() }
}

const callerOf = (account: Account, input: AssumeRoleRequest, caller: AuthenticatedCall): TrustCaller => {
  const home = homeOf(account, caller)
  return {
    under: 'AWS',
    action: 'sts:AssumeRole',
    names: principalArns(home, caller.credential.principal),
    accountId: home.id,
    context: {
      ...requestKeys(home, caller.credential, caller.call),
      ...given({
        'sts:ExternalId': input.ExternalId === undefined ? undefined : [input.ExternalId],
        'sts:RoleSessionName': input.RoleSessionName === undefined ? undefined : [input.RoleSessionName],
        'sts:SourceIdentity': input.SourceIdentity === undefined ? undefined : [input.SourceIdentity],
      }),
    },
  }
}

/**
 * Within an account it is enough that the trust policy names the caller, or that it names the account and the caller's
 * own policies allow the call; an explicit deny in them, such as a revocation, beats both ("Policy evaluation logic"). What another
 * account's policies say is not simulated: whoever comes from there is let in by the trust policy alone.
 */
const roleToAssume = (account: Account, input: AssumeRoleRequest, caller: AuthenticatedCall): AccountRole => {
  const { call, credential } = caller
  const { RoleArn = '' } = input
  const asked = { action: 'sts:AssumeRole', resource: RoleArn }
  const isStranger = accountOf(account, credential) !== account.id
  const decision = isStranger ? 'allowed' : decide(account, credential, asked, call).decision
  const role = roleAtArn(account, RoleArn)
  const trust = role ? trustOf(account, role, callerOf(account, input, caller)) : 'none'
  const isNamed = trust === 'names-principal' || trust === 'names-account'
  const isAllowed = decision === 'allowed' ? isNamed : decision === 'implicitDeny' && trust === 'names-principal'
  if (role && isAllowed) return role
  const named = { ...asked, principalArn: principalArn(homeOf(account, caller), credential.principal) }
  const isTrustDeny = trust === 'denies' && decision !== 'explicitDeny'
  throw accessDenied('sts', named, {
    explicit: isTrustDeny || decision === 'explicitDeny',
    by: isTrustDeny ? 'resource-based policy' : 'identity-based policy',
  })
}

const refuseTooLong = (role: AccountRole, { credential }: AuthenticatedCall, seconds: number): void => {
  if (credential.principal.type === 'root') {
    throw new ServiceError('AccessDenied', 'Roles may not be assumed by root accounts.', 403)
  }
  if (credential.principal.type === 'role-session' && seconds > CHAINED_SESSION_SECONDS) {
    throw invalidInput('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining')
  }
  if (seconds > role.maxSessionDuration) {
    throw invalidInput('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
}

export const assumeRole = operation<AssumeRoleRequest, AssumeRoleResponse>({
  authorize: () => [],
  run: (account, input, caller) => {
    const { RoleSessionName = '', DurationSeconds = HOUR_SECONDS } = input
    const role = roleToAssume(account, input, caller)
    refuseTooLong(role, caller, DurationSeconds)
    const credential = issueSession(account, role, RoleSessionName, DurationSeconds, undefined, limitsIn(account, input))
    return { Credentials: credentialsAnswer(credential), AssumedRoleUser: assumedRoleUser(account, credential) }
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
