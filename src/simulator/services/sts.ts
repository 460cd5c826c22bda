import type {
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts'
import { accountOf, principalArn, principalId } from '../account/credentials.ts'
import { operation, type Service } from '../service.ts'
import { invalidInput } from './sts/answers.ts'
import { assumeRole } from './sts/assume-role.ts'
import { assumeRoot } from './sts/assume-root.ts'
import { getFederationToken, getSessionToken } from './sts/user-sessions.ts'
import { assumeRoleWithWebIdentity } from './sts/web-identity.ts'

/** Needs no permission and answers even under an explicit deny: never a proof that a revocation works. */
const getCallerIdentity = operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
  authorize: () => [],
  run: (account, _, { credential }) => {
    const own = { ...account, id: accountOf(account, credential) }
    return { UserId: principalId(own, credential.principal), Account: own.id, Arn: principalArn(own, credential.principal) }
  },
  writes: false,
})

const getAccessKeyInfo = operation<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse>({
  run: (account, { AccessKeyId = '' }) => {
    const credential = account.credentials.find(AccessKeyId)
    if (!credential) throw invalidInput(`Access key ID ${AccessKeyId} is not valid.`)
    return { Account: accountOf(account, credential) }
  },
  writes: false,
})

/** STS. Its sessions are good in every Region. */
export const sts: Service = {
  GetCallerIdentity: getCallerIdentity,
  GetAccessKeyInfo: getAccessKeyInfo,
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  AssumeRoot: assumeRoot,
  GetSessionToken: getSessionToken,
  GetFederationToken: getFederationToken,
}
