import type {
  GetFederationTokenRequest,
  GetFederationTokenResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts'
import type { Account, User } from '../../account/account.ts'
import { principalArn, principalId } from '../../account/credentials.ts'
import { ServiceError } from '../../call.ts'
import { issueFederatedSession, issueUserSession } from '../../issue-credentials.ts'
import { type AuthenticatedCall, operation } from '../../service.ts'
import { credentialsAnswer, limitsIn } from './answers.ts'

const TWELVE_HOURS = 43_200

/** The user whose long-term key made the call. Throws AccessDenied for sessions, and for whoever is no user. */
const userOfLongTermKey = (account: Account, operationName: string, { credential }: AuthenticatedCall): User => {
  const { principal, sessionToken } = credential
  const user = principal.type === 'user' ? account.users.get(principal.userName) : undefined
  if (user && sessionToken === undefined) return user
  throw new ServiceError('AccessDenied', `Cannot call ${operationName} with session credentials`, 403)
}

export const getSessionToken = operation<GetSessionTokenRequest, GetSessionTokenResponse>({
  authorize: () => [],
  run: (account, { DurationSeconds = TWELVE_HOURS, TokenCode }, caller) => {
    const user = userOfLongTermKey(account, 'GetSessionToken', caller)
    if (TokenCode !== undefined) {
      throw new ServiceError('AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code. ', 403)
    }
    return { Credentials: credentialsAnswer(issueUserSession(account, user, DurationSeconds)) }
  },
  writes: false,
  resources: (_, __, { Credentials }) => [{ type: 'AWS::IAM::AccessKey', name: Credentials?.AccessKeyId ?? '' }],
})

/** Good for up to 36 hours, and never touched by what happens to the long-term key afterwards. */
export const getFederationToken = operation<GetFederationTokenRequest, GetFederationTokenResponse>({
  authorize: ({ partition, id }, { Name = '' }) => [
    { action: 'sts:GetFederationToken', resource: `arn:${partition}:sts::${id}:federated-user/${Name}` },
  ],
  run: (account, { Name = '', DurationSeconds = TWELVE_HOURS, ...limits }, caller) => {
    const user = userOfLongTermKey(account, 'GetFederationToken', caller)
    const credential = issueFederatedSession(account, user, Name, DurationSeconds, limitsIn(account, limits))
    const FederatedUser = {
      FederatedUserId: principalId(account, credential.principal),
      Arn: principalArn(account, credential.principal),
    }
    return { Credentials: credentialsAnswer(credential), FederatedUser, PackedPolicySize: 0 }
  },
  writes: false,
  resources: (_, __, { Credentials }) => [{ type: 'AWS::IAM::AccessKey', name: Credentials?.AccessKeyId ?? '' }],
})
