import type {
  DescribeAccountRequest,
  DescribeAccountResponse,
  DescribeOrganizationalUnitRequest,
  DescribeOrganizationalUnitResponse,
  DescribeOrganizationResponse,
  ListParentsRequest,
  ListParentsResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
} from '@aws-sdk/client-organizations'
import type { Account } from '../account/account.ts'
import type { MemberAccount, Organization, OrganizationUnit } from '../account/organization.ts'
import { ServiceError } from '../call.ts'
import { type Authorization, operation, type Service } from '../service.ts'

const refused = (code: string, message: string): ServiceError => new ServiceError(code, message)

/** The organization. Throws AWSOrganizationsNotInUseException when the account is in none. */
const organizationOf = ({ organization }: Account): Organization => {
  if (organization) return organization
  throw refused('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.')
}

/** "This operation can be called only from the management account or by a member account that is a delegated administrator." */
const readableOrganization = (account: Account): Organization => {
  const organization = organizationOf(account)
  const { managementAccountId, delegatedAdministrators } = organization
  if (account.id === managementAccountId || delegatedAdministrators.includes(account.id)) return organization
  throw refused('AccessDeniedException', "You don't have permissions to access this resource.")
}

/** The ARN of something in the organization ("Actions, resources, and condition keys for AWS Organizations"). */
const arnOf = ({ partition, organization }: Account, kind: 'organization' | 'account' | 'ou' | 'root', id: string): string => {
  if (!organization) return '*'
  const inside = kind === 'organization' ? organization.id : `${organization.id}/${id}`
  return `arn:${partition}:organizations::${organization.managementAccountId}:${kind}/${inside}`
}

const resourceArn = (account: Account, id: string): string => {
  if (id.startsWith('ou-')) return arnOf(account, 'ou', id)
  return id.startsWith('r-') ? arnOf(account, 'root', id) : arnOf(account, 'account', id)
}

const on =
  <K extends string>(action: string, member: K) =>
  (account: Account, input: { readonly [M in K]: string | undefined }): readonly Authorization[] => [
    { action: `organizations:${action}`, resource: resourceArn(account, input[member] ?? '') },
  ]

const memberOf = ({ accounts }: Organization, id: string | undefined): MemberAccount | undefined => accounts.get(id ?? '')

const describeOrganization = operation<object, DescribeOrganizationResponse>({
  run: (account) => {
    const { id, managementAccountId, managementEmail } = organizationOf(account)
    return {
      Organization: {
        Id: id,
        Arn: arnOf(account, 'organization', id),
        FeatureSet: 'ALL',
        MasterAccountArn: arnOf(account, 'account', managementAccountId),
        MasterAccountId: managementAccountId,
        MasterAccountEmail: managementEmail,
      },
    }
  },
  writes: false,
})

const describeAccount = operation<DescribeAccountRequest, DescribeAccountResponse>({
  authorize: on('DescribeAccount', 'AccountId'),
  run: (account, { AccountId }) => {
    const member = memberOf(readableOrganization(account), AccountId)
    if (!member) throw refused('AccountNotFoundException', "You specified an account that doesn't exist.")
    const { id, name, email, status, joinedAt } = member
    return {
      Account: {
        Id: id,
        Arn: arnOf(account, 'account', id),
        Email: email,
        Name: name,
        Status: status,
        State: status === 'PENDING_CLOSURE' ? status : status === 'ACTIVE' ? 'ACTIVE' : 'SUSPENDED',
        JoinedMethod: 'CREATED',
        JoinedTimestamp: new Date(joinedAt),
      },
    }
  },
  writes: false,
})

const unitOf = ({ units }: Organization, id: string | undefined): OrganizationUnit | undefined => units.get(id ?? '')

const describeOrganizationalUnit = operation<DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse>({
  authorize: on('DescribeOrganizationalUnit', 'OrganizationalUnitId'),
  run: (account, { OrganizationalUnitId }) => {
    const unit = unitOf(readableOrganization(account), OrganizationalUnitId)
    if (unit?.parentId === undefined) {
      throw refused('OrganizationalUnitNotFoundException', "You specified an organizational unit that doesn't exist.")
    }
    return { OrganizationalUnit: { Id: unit.id, Arn: arnOf(account, 'ou', unit.id), Name: unit.name } }
  },
  writes: false,
})

const listParents = operation<ListParentsRequest, ListParentsResponse>({
  authorize: on('ListParents', 'ChildId'),
  run: (account, { ChildId }) => {
    const organization = readableOrganization(account)
    const parent = memberOf(organization, ChildId)?.parentId ?? unitOf(organization, ChildId)?.parentId
    if (parent === undefined) throw refused('ChildNotFoundException', "You specified a child that doesn't exist.")
    return { Parents: [{ Id: parent, Type: parent.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }] }
  },
  writes: false,
})

const listTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
  authorize: on('ListTagsForResource', 'ResourceId'),
  run: (account, { ResourceId }) => {
    const organization = readableOrganization(account)
    const member = memberOf(organization, ResourceId)
    if (!member && !unitOf(organization, ResourceId)) {
      throw refused('TargetNotFoundException', "You specified a target that doesn't exist.")
    }
    return { Tags: Object.entries(member?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })) }
  },
  writes: false,
})

/** AWS Organizations as a member, a delegated administrator or the management account sees it. The same in every Region. */
export const organizations: Service = {
  DescribeOrganization: describeOrganization,
  DescribeAccount: describeAccount,
  DescribeOrganizationalUnit: describeOrganizationalUnit,
  ListParents: listParents,
  ListTagsForResource: listTagsForResource,
}
