import type {
  ListGroupsRequest,
  ListGroupsResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
  ListOpenIDConnectProvidersResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListSAMLProvidersResponse,
  ListUsersRequest,
  ListUsersResponse,
  Policy,
} from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import type { IdentityProvider } from '../../account/holdings.ts'
import { operation } from '../../service.ts'
import { groupAnswer, iamPage, wholeSecondDate } from './found.ts'
import { isAwsOwned, policySummary } from './managed-policies.ts'
import { profileAnswer } from './roles.ts'
import { userAnswer } from './users.ts'

const below =
  (prefix = '/') =>
  ({ path }: { readonly path: string }): boolean =>
    path.startsWith(prefix)

const listUsers = operation<ListUsersRequest, ListUsersResponse>({
  run: (account, input) => {
    const users = [...account.users.values()].filter(below(input.PathPrefix))
    const { items, end } = iamPage(account, users, ({ name }) => name, input)
    return { Users: items.map((user) => userAnswer(account, user)), ...end }
  },
  writes: false,
})

const listGroups = operation<ListGroupsRequest, ListGroupsResponse>({
  run: (account, input) => {
    const groups = [...account.groups.values()].filter(below(input.PathPrefix))
    const { items, end } = iamPage(account, groups, ({ name }) => name, input)
    return { Groups: items.map((group) => groupAnswer(account, group)), ...end }
  },
  writes: false,
})

const listInstanceProfiles = operation<ListInstanceProfilesRequest, ListInstanceProfilesResponse>({
  run: (account, input) => {
    const profiles = [...account.instanceProfiles.values()].filter(below(input.PathPrefix))
    const { items, end } = iamPage(account, profiles, ({ name }) => name, input)
    return { InstanceProfiles: items.map((profile) => profileAnswer(account, profile)), ...end }
  },
  writes: false,
})

/** "PolicyUsageFilter": only policies that are used as permissions, or only those used as boundaries. */
const isUsedAs = (
  { AttachmentCount = 0, PermissionsBoundaryUsageCount = 0 }: Policy,
  usage: ListPoliciesRequest['PolicyUsageFilter'],
): boolean => usage === undefined || (usage === 'PermissionsBoundary' ? PermissionsBoundaryUsageCount : AttachmentCount) > 0

const listPolicies = operation<ListPoliciesRequest, ListPoliciesResponse>({
  run: (account, input) => {
    const { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter } = input
    const policies = [...account.managedPolicies.keys()]
      .filter((arn) => Scope === 'All' || isAwsOwned(arn) === (Scope === 'AWS'))
      .map((arn) => policySummary(account, arn))
      .filter(({ Path = '/' }) => Path.startsWith(PathPrefix))
      .filter(({ AttachmentCount = 0 }) => !OnlyAttached || AttachmentCount > 0)
      .filter((policy) => isUsedAs(policy, PolicyUsageFilter))
    const { items, end } = iamPage(account, policies, ({ Arn = '' }) => Arn, input)
    return { Policies: items, ...end }
  },
  writes: false,
})

const providersOf = (account: Account, kind: 'saml-provider' | 'oidc-provider'): readonly IdentityProvider[] =>
  [...account.identityProviders.values()].filter(({ arn }) => arn.includes(`:${kind}/`))

const listOpenIdConnectProviders = operation<object, ListOpenIDConnectProvidersResponse>({
  run: (account) => ({ OpenIDConnectProviderList: providersOf(account, 'oidc-provider').map(({ arn }) => ({ Arn: arn })) }),
  writes: false,
})

const listSamlProviders = operation<object, ListSAMLProvidersResponse>({
  run: (account) => ({
    SAMLProviderList: providersOf(account, 'saml-provider').map(({ arn, createdAt }) => ({
      Arn: arn,
      CreateDate: wholeSecondDate(createdAt),
    })),
  }),
  writes: false,
})

export const listOperations = {
  ListUsers: listUsers,
  ListGroups: listGroups,
  ListInstanceProfiles: listInstanceProfiles,
  ListPolicies: listPolicies,
  ListOpenIDConnectProviders: listOpenIdConnectProviders,
  ListSAMLProviders: listSamlProviders,
}
