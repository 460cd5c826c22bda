import type {
  AttachPolicyRequest,
  CreatePolicyRequest,
  CreatePolicyResponse,
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
import { accountOf } from '../account/credentials.ts'
import type { MemberAccount, Organization, OrganizationUnit } from '../account/organization.ts'
import { ServiceError } from '../call.ts'
import { hexFrom } from '../random.ts'
import { type AuthenticatedCall, type Authorization, operation, type Service } from '../service.ts'
import { refuseMalformedPolicy } from './iam/holders.ts'

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

/** The organization, of which its management account alone changes anything. */
const managedOrganization = (account: Account, { credential }: AuthenticatedCall): Organization => {
  const organization = organizationOf(account)
  if (accountOf(account, credential) === organization.managementAccountId) return organization
  throw refused('AccessDeniedException', "You don't have permissions to access this resource.")
}

const createPolicy = operation<CreatePolicyRequest, CreatePolicyResponse>({
  authorize: () => [],
  run: (account, { Name = '', Description = '', Content = '', Type }, caller) => {
    const { controlPolicies } = managedOrganization(account, caller)
    if (Type !== 'SERVICE_CONTROL_POLICY') throw refused('UnsupportedAPIEndpointException', `${Type} is not simulated.`)
    if ([...controlPolicies.values()].some(({ name }) => name === Name))
      throw refused('DuplicatePolicyException', 'A policy with the same name already exists.')
    refuseMalformedPolicy(Content)
    const id = `p-${hexFrom(account.random, 8)}`
    controlPolicies.set(id, { id, name: Name, description: Description, content: Content, targets: new Set() })
    return { Policy: { PolicySummary: { Id: id, Name, Description, Type, AwsManaged: false }, Content } }
  },
  writes: true,
})

const attachPolicy = operation<AttachPolicyRequest, object>({
  authorize: () => [],
  run: (account, { PolicyId = '', TargetId = '' }, caller) => {
    const organization = managedOrganization(account, caller)
    const policy = organization.controlPolicies.get(PolicyId)
    if (!policy) throw refused('PolicyNotFoundException', "We can't find a policy with the PolicyId that you specified.")
    if (!memberOf(organization, TargetId))
      throw refused(
        'TargetNotFoundException',
        "We can't find a root, OU, account, or policy with the TargetId that you specified.",
      )
    policy.targets.add(TargetId)
    return {}
  },
  writes: true,
})

/** AWS Organizations as a member, a delegated administrator or the management account sees it. The same in every Region. */
export const organizations: Service = {
  DescribeOrganization: describeOrganization,
  DescribeAccount: describeAccount,
  CreatePolicy: createPolicy,
  AttachPolicy: attachPolicy,
  DescribeOrganizationalUnit: describeOrganizationalUnit,
  ListParents: listParents,
  ListTagsForResource: listTagsForResource,
}
