import type { AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse } from '@aws-sdk/client-sts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { iamArn, roleAtArn } from '../../account/arns.ts'
import type { IdentityProvider, WebIdentityToken } from '../../account/holdings.ts'
import { timeIn } from '../../agenda.ts'
import { trustOf } from '../../authorization/trust.ts'
import { ServiceError } from '../../call.ts'
import { issueSession } from '../../issue-credentials.ts'
import { operation } from '../../service.ts'
import { assumedRoleUser, credentialsAnswer, invalidInput, limitsIn } from './answers.ts'

const invalidToken = (message: string): ServiceError => new ServiceError('InvalidIdentityToken', message)

const providerOf = (account: Account, { provider, audience }: WebIdentityToken): IdentityProvider => {
  const known = account.identityProviders.get(iamArn(account, 'oidc-provider', provider))
  if (!known) throw invalidToken(`No OpenIDConnect provider found in your account for https://${provider}`)
  if (!known.clientIds.includes(audience)) throw invalidToken('Incorrect token audience')
  return known
}

/** The claims of a token that the provider signed. Throws InvalidIdentityToken for any other, ExpiredTokenException after its `exp`. */
const claimsOf = (account: Account, token: string): WebIdentityToken => {
  const claims = account.webIdentityTokens.get(token)
  if (!claims)
    throw invalidToken('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)')
  const now = timeIn(account)
  if (now < claims.expiresAt) return claims
  const [at, until] = [now, claims.expiresAt].map((ms) => Math.floor(ms / 1000))
  throw new ServiceError(
    'ExpiredTokenException',
    `Token expired: current date/time ${at} must be before the expiration date/time ${until}`,
  )
}

/** The role, if its trust policy lets the provider's subject in: the claims are condition keys, named after the provider. */
const roleForToken = (account: Account, input: AssumeRoleWithWebIdentityRequest, claims: WebIdentityToken): AccountRole => {
  const { provider, subject, audience } = claims
  const { arn } = providerOf(account, claims)
  const role = roleAtArn(account, input.RoleArn ?? '')
  const context = {
    [`${provider}:sub`]: [subject],
    [`${provider}:aud`]: [audience],
    'aws:FederatedProvider': [arn],
    ...given({ 'sts:RoleSessionName': input.RoleSessionName === undefined ? undefined : [input.RoleSessionName] }),
  }
  const caller = { under: 'Federated', action: 'sts:AssumeRoleWithWebIdentity', names: [arn], context } as const
  if (role && trustOf(account, role, caller) === 'names-principal') return role
  throw new ServiceError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403)
}

/**
 * Signed by nobody: the token is all that counts. No policy of the role stands in its way, a dated deny neither, so that whoever stole a
 * token takes new sessions until it expires or the trust policy refuses its subject.
 */
export const assumeRoleWithWebIdentity = operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>({
  authorize: () => [],
  run: (account, input) => {
    const { WebIdentityToken: token = '', RoleSessionName = '', DurationSeconds = HOUR_SECONDS } = input
    const claims = claimsOf(account, token)
    const role = roleForToken(account, input, claims)
    if (DurationSeconds > role.maxSessionDuration) {
      throw invalidInput('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
    }
    const credential = issueSession(account, role, RoleSessionName, DurationSeconds, undefined, limitsIn(account, input))
    return {
      Credentials: credentialsAnswer(credential),
      SubjectFromWebIdentityToken: claims.subject,
      AssumedRoleUser: assumedRoleUser(account, credential),
      Provider: iamArn(account, 'oidc-provider', claims.provider),
      Audience: claims.audience,
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
