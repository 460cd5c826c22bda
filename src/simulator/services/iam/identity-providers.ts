import type {
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  CreateSAMLProviderRequest,
  CreateSAMLProviderResponse,
  DeleteOpenIDConnectProviderRequest,
  DeleteSAMLProviderRequest,
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  GetSAMLProviderRequest,
  GetSAMLProviderResponse,
} from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import { iamArn } from '../../account/arns.ts'
import type { IdentityProvider } from '../../account/holdings.ts'
import { timeIn } from '../../agenda.ts'
import { operation } from '../../service.ts'
import { noSuchEntity, wholeSecondDate } from './found.ts'
import { refuseTaken } from './holders.ts'

const samlArn = (account: Account, name: string): string => iamArn(account, 'saml-provider', name)

/** The provider's address without its scheme: as its ARN names it. */
const oidcArn = (account: Account, url: string): string => iamArn(account, 'oidc-provider', url.replace(/^https:\/\//, ''))

const providerAt = (account: Account, arn = ''): IdentityProvider => {
  const provider = account.identityProviders.get(arn)
  if (!provider) throw noSuchEntity(`The identity provider ${arn} cannot be found.`)
  return provider
}

const make = (account: Account, provider: Omit<IdentityProvider, 'createdAt'>): void => {
  refuseTaken(account.identityProviders.has(provider.arn), `Provider ${provider.arn}`)
  account.identityProviders.set(provider.arn, { ...provider, createdAt: timeIn(account) })
}

const createSamlProvider = operation<CreateSAMLProviderRequest, CreateSAMLProviderResponse>({
  authorize: (account, { Name = '' }) => [{ action: 'iam:CreateSAMLProvider', resource: samlArn(account, Name) }],
  run: (account, { Name = '', SAMLMetadataDocument: source = '' }) => {
    const arn = samlArn(account, Name)
    make(account, { arn, source, clientIds: [] })
    return { SAMLProviderArn: arn }
  },
  writes: true,
})

const getSamlProvider = operation<GetSAMLProviderRequest, GetSAMLProviderResponse>({
  authorize: (_, { SAMLProviderArn = '*' }) => [{ action: 'iam:GetSAMLProvider', resource: SAMLProviderArn }],
  run: (account, { SAMLProviderArn }) => {
    const { source, createdAt } = providerAt(account, SAMLProviderArn)
    return { SAMLMetadataDocument: source, CreateDate: wholeSecondDate(createdAt) }
  },
  writes: false,
})

const deleteSamlProvider = operation<DeleteSAMLProviderRequest, object>({
  authorize: (_, { SAMLProviderArn = '*' }) => [{ action: 'iam:DeleteSAMLProvider', resource: SAMLProviderArn }],
  run: (account, { SAMLProviderArn }) => {
    account.identityProviders.delete(providerAt(account, SAMLProviderArn).arn)
    return {}
  },
  writes: true,
})

const createOidcProvider = operation<CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse>({
  authorize: (account, { Url = '' }) => [{ action: 'iam:CreateOpenIDConnectProvider', resource: oidcArn(account, Url) }],
  run: (account, { Url = '', ClientIDList = [] }) => {
    const arn = oidcArn(account, Url)
    make(account, { arn, source: Url.replace(/^https:\/\//, ''), clientIds: ClientIDList })
    return { OpenIDConnectProviderArn: arn }
  },
  writes: true,
})

const getOidcProvider = operation<GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse>({
  authorize: (_, { OpenIDConnectProviderArn = '*' }) => [
    { action: 'iam:GetOpenIDConnectProvider', resource: OpenIDConnectProviderArn },
  ],
  run: (account, { OpenIDConnectProviderArn }) => {
    const { source, clientIds, createdAt } = providerAt(account, OpenIDConnectProviderArn)
    return { Url: source, ClientIDList: [...clientIds], CreateDate: wholeSecondDate(createdAt) }
  },
  writes: false,
})

const deleteOidcProvider = operation<DeleteOpenIDConnectProviderRequest, object>({
  authorize: (_, { OpenIDConnectProviderArn = '*' }) => [
    { action: 'iam:DeleteOpenIDConnectProvider', resource: OpenIDConnectProviderArn },
  ],
  run: (account, { OpenIDConnectProviderArn }) => {
    account.identityProviders.delete(providerAt(account, OpenIDConnectProviderArn).arn)
    return {}
  },
  writes: true,
})

export const identityProviderOperations = {
  CreateSAMLProvider: createSamlProvider,
  GetSAMLProvider: getSamlProvider,
  DeleteSAMLProvider: deleteSamlProvider,
  CreateOpenIDConnectProvider: createOidcProvider,
  GetOpenIDConnectProvider: getOidcProvider,
  DeleteOpenIDConnectProvider: deleteOidcProvider,
}
