import type {
  DescribeIdentityPoolInput,
  IdentityPool as IdentityPoolAnswer,
  UpdateIdentityPoolCommandInput,
} from '@aws-sdk/client-cognito-identity'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import type { IdentityPool } from '../account/holdings.ts'
import { regional } from '../account/regional.ts'
import { ServiceError } from '../call.ts'
import { operation, type Service } from '../service.ts'

const onPool =
  (action: string) =>
  ({ partition, region, id }: Account, { IdentityPoolId = '' }: { readonly IdentityPoolId?: string | undefined }) => [
    {
      action: `cognito-identity:${action}`,
      resource: `arn:${partition}:cognito-identity:${region}:${id}:identitypool/${IdentityPoolId}`,
    },
  ]

const poolOf = (account: Account, id = ''): IdentityPool => {
  const pool = account.identityPools.get(id)
  if (pool) return pool
  throw new ServiceError('ResourceNotFoundException', `IdentityPool '${id}' not found.`)
}

const poolAnswer = ({ id, name, allowsGuests, userPools, tags }: IdentityPool): IdentityPoolAnswer => ({
  ...{ IdentityPoolId: id, IdentityPoolName: name, AllowUnauthenticatedIdentities: allowsGuests },
  ...given({ CognitoIdentityProviders: userPools?.map((ProviderName) => ({ ProviderName })), IdentityPoolTags: tags }),
})

const describeIdentityPool = operation<DescribeIdentityPoolInput, IdentityPoolAnswer>({
  authorize: onPool('DescribeIdentityPool'),
  run: (account, { IdentityPoolId }) => poolAnswer(poolOf(account, IdentityPoolId)),
  writes: false,
})

/** What is not given is gone: the call replaces the whole pool. */
const updateIdentityPool = operation<UpdateIdentityPoolCommandInput, IdentityPoolAnswer>({
  authorize: onPool('UpdateIdentityPool'),
  run: (account, input) => {
    const { IdentityPoolName, AllowUnauthenticatedIdentities, IdentityPoolTags, CognitoIdentityProviders } = input
    const { id } = poolOf(account, input.IdentityPoolId)
    const userPools = CognitoIdentityProviders?.flatMap(({ ProviderName }) => ProviderName ?? [])
    const pool: IdentityPool = {
      ...{ id, name: IdentityPoolName ?? '', allowsGuests: AllowUnauthenticatedIdentities === true },
      ...given({ tags: IdentityPoolTags, userPools }),
    }
    account.identityPools.set(id, pool)
    return poolAnswer(pool)
  },
  writes: true,
})

/** Amazon Cognito's identity pools, as far as their guest access is looked at and switched off. Nobody gets an identity by a call. */
export const cognitoIdentity: Service = regional({
  DescribeIdentityPool: describeIdentityPool,
  UpdateIdentityPool: updateIdentityPool,
})
