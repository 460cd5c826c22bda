import { isDeepStrictEqual } from 'node:util'
import type { IdentityPool, UpdateIdentityPoolCommandInput } from '@aws-sdk/client-cognito-identity'
import { given } from '../incident/values/given.ts'

/** All of a pool that UpdateIdentityPool replaces, with guest access on or off: what is not sent again is gone. */
export const poolWithGuests = (pool: IdentityPool, guests: boolean): UpdateIdentityPoolCommandInput => {
  const { IdentityPoolId, IdentityPoolName, AllowClassicFlow, SupportedLoginProviders, DeveloperProviderName } = pool
  const { OpenIdConnectProviderARNs, CognitoIdentityProviders, SamlProviderARNs, IdentityPoolTags } = pool
  return {
    ...{ IdentityPoolId, IdentityPoolName, AllowUnauthenticatedIdentities: guests },
    ...given({ AllowClassicFlow, SupportedLoginProviders, DeveloperProviderName, OpenIdConnectProviderARNs }),
    ...given({ CognitoIdentityProviders, SamlProviderARNs, IdentityPoolTags }),
  }
}

/** Who signs people in to a pool, by the names that the pool has for them. */
export const poolProviders = (pool: IdentityPool): readonly string[] => [
  ...(pool.CognitoIdentityProviders ?? []).flatMap(({ ProviderName }) => ProviderName ?? []),
  ...Object.keys(pool.SupportedLoginProviders ?? {}),
  ...(pool.OpenIdConnectProviderARNs ?? []),
  ...(pool.SamlProviderARNs ?? []),
  ...(pool.DeveloperProviderName ? [pool.DeveloperProviderName] : []),
]

/** The pool without anybody who signs people in: the rest of it stays. */
export const poolWithoutProviders = (pool: IdentityPool): UpdateIdentityPoolCommandInput => {
  const { SupportedLoginProviders: _, DeveloperProviderName: __, ...rest } = poolWithGuests(pool, false)
  const { OpenIdConnectProviderARNs: ___, CognitoIdentityProviders: ____, SamlProviderARNs: _____, ...input } = rest
  return input
}

/** Whether a pool is as the journal says that it was written, whatever the order of its members. */
export const isSamePool = (pool: UpdateIdentityPoolCommandInput, written: object | undefined): boolean =>
  isDeepStrictEqual({ ...pool }, { ...written })
