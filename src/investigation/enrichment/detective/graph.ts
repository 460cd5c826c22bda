import { GetMembersCommand, ListGraphsCommand, ListInvitationsCommand, type MemberDetail } from '@aws-sdk/client-detective'
import { given } from '../../../incident/values/given.ts'
import { type Instant, instantOf } from '../../../incident/values/instant.ts'
import type { DetectiveConnection, Unavailable } from './connection.ts'
import { listAll, patiently, unavailabilityOf } from './refusals.ts'

/** A behaviour graph that holds an account's data. */
export interface Graph {
  readonly arn: string
  readonly createdAt?: Instant
  /** The account that administers it, where it is not the one asked about. */
  readonly administrator?: string
  /** What is odd about the account's membership, in sentences. */
  readonly remarks: readonly string[]
}

export type FoundGraph = { readonly graph: Graph } | { readonly unavailable: Unavailable }

/**
 * The behaviour graph of the Region with the account's data. ListGraphs answers only the account that administers one (at most one a
 * Region), so whoever is a member learns which account to ask, and a graph of another account is asked whether it has this member.
 */
export const behaviourGraph = async (accountId: string, connection: DetectiveConnection): Promise<FoundGraph> => {
  const { items, unavailable } = await listAll(connection, 'ListGraphs', async (NextToken) => {
    const { GraphList, NextToken: next } = await connection.detective.send(new ListGraphsCommand({ NextToken }))
    return { items: GraphList, next }
  })
  if (unavailable) return { unavailable }
  const [found] = items.filter(({ Arn }) => Arn !== undefined)
  if (!found?.Arn) return { unavailable: await noGraph(connection) }
  const graph = {
    arn: found.Arn,
    ...given({ createdAt: found.CreatedTime ? instantOf(found.CreatedTime) : undefined }),
    remarks: [],
  }
  const administrator = found.Arn.split(':')[4] ?? ''
  return administrator === accountId ? { graph } : memberIn({ ...graph, administrator }, accountId, connection)
}

const MEMBER = /^(ENABLED|ACCEPTED_BUT_DISABLED)$/

/** ListInvitations is the one read by which a member learns its administrator; that of the organisation tells its management account alone. */
const noGraph = async (connection: DetectiveConnection): Promise<Unavailable> => {
  const { profile, region } = connection
  const who = profile === undefined ? 'this account' : `the account of profile ${profile}`
  const why = `${who} administers no Detective behaviour graph in ${region}`
  const { items, unavailable } = await listAll(connection, 'ListInvitations', async (NextToken) => {
    const { Invitations, NextToken: next } = await connection.detective.send(new ListInvitationsCommand({ NextToken }))
    return { items: Invitations, next }
  })
  const [accepted, open] = [true, false].map((wanted) =>
    items.find(({ AdministratorId, Status = '' }) => AdministratorId !== undefined && MEMBER.test(Status) === wanted),
  )
  const profileOf = (id: string) => `name a profile of account ${id} with --detective-profile <name>, then continue`
  if (accepted?.AdministratorId)
    return {
      why: `${why}; it is a member of the graph of account ${accepted.AdministratorId}`,
      remedy: profileOf(accepted.AdministratorId),
    }
  if (open?.AdministratorId)
    return {
      why: `${why}; account ${open.AdministratorId} has invited it, and its membership has not begun (${open.Status})`,
      remedy: 'accept the invitation: the graph has no data of this account from before',
    }
  return {
    why: unavailable ? `${why}; which account does could not be learnt (${unavailable.why})` : `${why}, and is a member of none`,
    remedy: 'if a security account administers one, name a profile of it with --detective-profile <name>, then continue',
  }
}

/** A graph of another account is of use only when it has the incident's account as a member. */
const memberIn = async (
  graph: Graph & { administrator: string },
  accountId: string,
  connection: DetectiveConnection,
): Promise<FoundGraph> => {
  try {
    const command = new GetMembersCommand({ GraphArn: graph.arn, AccountIds: [accountId] })
    const { MemberDetails } = await patiently(connection, () => connection.detective.send(command))
    const member = MemberDetails?.find(({ AccountId }) => AccountId === accountId)
    if (member?.Status === 'ENABLED') return { graph }
    if (member?.Status === 'ACCEPTED_BUT_DISABLED') return { graph: { ...graph, remarks: [disabled(accountId, member)] } }
    return { unavailable: notAMember(graph, accountId, member, connection) }
  } catch (error) {
    const unavailable = unavailabilityOf(error, 'GetMembers', connection)
    if (!unavailable) throw error
    const remark = `whether account ${accountId} is a member of the graph of account ${graph.administrator} is not known: ${unavailable.why}`
    return { graph: { ...graph, remarks: [remark] } }
  }
}

const disabled = (accountId: string, { DisabledReason }: MemberDetail): string =>
  `account ${accountId} is a member that delivers no data now${DisabledReason ? ` (${DisabledReason})` : ''}: Detective may have seen nothing of the incident`

const notAMember = (
  { administrator }: { administrator: string },
  accountId: string,
  member: MemberDetail | undefined,
  { profile, region }: DetectiveConnection,
): Unavailable => ({
  why: member
    ? `account ${accountId} is not yet a member of the graph of account ${administrator} in ${region}: ${member.Status}`
    : `the graph of account ${administrator} in ${region} does not have account ${accountId} as a member`,
  remedy: member
    ? 'accept the invitation, or wait for its verification: the graph has no data of this account from before'
    : `name a profile of the account that administers it with --detective-profile${profile === undefined ? '' : ` (${profile} is another’s)`}, then continue`,
})
