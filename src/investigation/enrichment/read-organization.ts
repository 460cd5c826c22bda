import {
  type Account,
  DescribeAccountCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  ListParentsCommand,
  ListTagsForResourceCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { codeOf, emptyAnswer } from '../../aws/failure.ts'
import { allPages } from '../../aws/pager.ts'
import type { AccountProfile, OrganizationRead, OrganizationStep } from '../../incident/facts/account-profile.ts'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { untrustedOrNone } from '../../incident/values/untrusted.ts'
import { type EnrichmentReader, listOptional } from './optional-reads.ts'
import { tagsOf } from './role-profile.ts'

interface OrganizationAsked extends EnrichmentReader {
  readonly client: OrganizationsClient
  readonly accountId: string
}

type Organizational = Pick<AccountProfile, 'organization' | 'name' | 'email' | 'status' | 'joinedAt' | 'path' | 'tags'>

/** Units can be nested five deep; more steps than these are somebody's mistake. */
const MOST_STEPS = 12

const NOTHING: Organizational = { path: [], tags: [] }

/** What AWS Organizations says of an account, as far as it lets the responder know. */
export const readOrganization = async (asked: OrganizationAsked): Promise<Organizational> => {
  const { client, accountId, ask } = asked
  const organization = await ask('organizations:DescribeOrganization', 'the account’s organization', () => organizationOf(client))
  if (organization === 'none') return NOTHING
  const known = organization ? { organization } : {}
  const account = await ask('organizations:DescribeAccount', WHAT_MEMBERS_MAY_NOT, () => accountOf(client, accountId))
  // Who may not read this may not read the rest: one sentence is enough.
  if (!account) return { ...known, ...NOTHING }
  const tags = await listOptional(asked, 'organizations:ListTagsForResource', 'the account’s tags', () =>
    tagsOn(client, accountId),
  )
  return { ...known, ...describedAccount(account), path: await pathOf(asked), tags: tagsOf(tags) }
}

const accountOf = async (client: OrganizationsClient, AccountId: string): Promise<Account> => {
  const { Account } = await client.send(new DescribeAccountCommand({ AccountId }))
  if (!Account) throw emptyAnswer('organizations:DescribeAccount', 'an account')
  return Account
}

const WHAT_MEMBERS_MAY_NOT =
  'the account’s name, place and tags in its organization (for the management account and delegated administrators only)'

/** Every account of an organization may ask this; `none` for an account that is in no organization. */
const organizationOf = async (client: OrganizationsClient): Promise<OrganizationRead | 'none'> => {
  try {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}))
    if (Organization?.Id === undefined) throw emptyAnswer('organizations:DescribeOrganization', 'an organization')
    const { Id, MasterAccountId } = Organization
    return { id: Id, ...given({ managementAccountId: MasterAccountId }) }
  } catch (error) {
    if (codeOf(error) === 'AWSOrganizationsNotInUseException') return 'none'
    throw error
  }
}

const describedAccount = ({ Name, Email, Status, State, JoinedTimestamp }: Account) => {
  const name = untrustedOrNone(Name)
  const email = untrustedOrNone(Email)
  const status = untrustedOrNone(State ?? Status)
  return {
    ...given({ name, email, status, joinedAt: JoinedTimestamp ? instantOf(JoinedTimestamp) : undefined }),
  }
}

/** From the root down to what the account lies in. Each step has one parent ("ListParents"); a circle would end the walk. */
const pathOf = async (asked: OrganizationAsked): Promise<readonly OrganizationStep[]> => {
  const steps: OrganizationStep[] = []
  let child = asked.accountId
  for (let step = await parentOf(child, asked); step; step = await parentOf(child, asked)) {
    if (steps.length === MOST_STEPS || steps.some(({ id }) => id === step?.id)) {
      asked.incomplete.push(`the account’s place in its organization has more than ${MOST_STEPS} steps, or goes in a circle`)
      break
    }
    steps.unshift(step)
    if (step.kind === 'root') break
    child = step.id
  }
  return steps
}

const parentOf = async (child: string, asked: OrganizationAsked): Promise<OrganizationStep | undefined> => {
  const { client, ask } = asked
  const what = 'the account’s place in its organization'
  const [parent] = await listOptional(asked, 'organizations:ListParents', what, () => parentsOf(client, child))
  if (parent?.Id === undefined) return undefined
  if (parent.Type === 'ROOT') return { id: parent.Id, kind: 'root' }
  const answer = await ask('organizations:DescribeOrganizationalUnit', `the name of unit ${parent.Id}`, () =>
    client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: parent.Id })),
  )
  const name = untrustedOrNone(answer?.OrganizationalUnit?.Name)
  return { id: parent.Id, kind: 'unit', ...given({ name }) }
}

const parentsOf = (client: OrganizationsClient, ChildId: string) =>
  allPages(async (NextToken) => {
    const { Parents, NextToken: next } = await client.send(new ListParentsCommand({ ChildId, NextToken }))
    return { items: Parents, next }
  })

const tagsOn = (client: OrganizationsClient, ResourceId: string) =>
  allPages(async (NextToken) => {
    const { Tags, NextToken: next } = await client.send(new ListTagsForResourceCommand({ ResourceId, NextToken }))
    return { items: Tags, next }
  })
