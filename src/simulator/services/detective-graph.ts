import type {
  GetMembersRequest,
  GetMembersResponse,
  ListGraphsRequest,
  ListGraphsResponse,
  ListInvitationsRequest,
  ListInvitationsResponse,
  MemberDetail,
} from '@aws-sdk/client-detective'
import { DAY_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import { accountOf } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { type AuthenticatedCall, operation } from '../service.ts'

/** A graph is shown to the account that administers it, and to nobody else. */
const administers = (account: Account, { credential }: AuthenticatedCall): boolean =>
  account.graphArn !== undefined && accountOf(account, credential) === (account.graphAdministrator?.accountId ?? account.id)

/** Throws ResourceNotFoundException for a graph that the caller's account does not administer. */
export const requireGraph = (account: Account, graphArn: string | undefined, caller: AuthenticatedCall): void => {
  if (administers(account, caller) && graphArn === account.graphArn) return
  throw new ServiceError('ResourceNotFoundException', `The behavior graph ${graphArn} was not found.`, 404)
}

/** The permission of an operation on a graph. */
export const graphAuthorization =
  (operationName: string) =>
  (_account: Account, input: { GraphArn: string | undefined }): { action: string; resource: string }[] => [
    { action: `detective:${operationName}`, resource: input.GraphArn ?? '*' },
  ]

const graphCreated = (account: Account): Date => new Date(account.graphCreatedAt ?? timeIn(account) - 400 * DAY_MS)

/** At most one graph a Region. */
export const listGraphs = operation<ListGraphsRequest, ListGraphsResponse>({
  writes: false,
  run: (account, _input, caller) => {
    if (!administers(account, caller) || caller.call.region !== account.region) return { GraphList: [] }
    return { GraphList: [{ Arn: account.graphArn, CreatedTime: graphCreated(account) }] }
  },
})

/** This account as a member of another's graph; undefined where it administers its own, or was never invited. */
const membership = (account: Account): (MemberDetail & { AdministratorId: string }) | undefined => {
  const { accountId = '', membership: Status = 'NONE' } = account.graphAdministrator ?? {}
  if (Status === 'NONE') return undefined
  return {
    AccountId: account.id,
    EmailAddress: `${account.alias}@example.com`,
    GraphArn: account.graphArn,
    AdministratorId: accountId,
    MasterId: accountId,
    Status,
    ...given({ DisabledReason: Status === 'ACCEPTED_BUT_DISABLED' ? ('VOLUME_TOO_HIGH' as const) : undefined }),
    InvitationType: 'INVITATION',
    InvitedTime: graphCreated(account),
    UpdatedTime: graphCreated(account),
  }
}

/** "This operation can only be called by an invited member account": everybody else has no invitations. */
export const listInvitations = operation<ListInvitationsRequest, ListInvitationsResponse>({
  writes: false,
  run: (account, _input, { call, credential }) => {
    const own = accountOf(account, credential) === account.id && call.region === account.region
    return { Invitations: [membership(account)].filter((member) => own && member !== undefined) as MemberDetail[] }
  },
})

/** The membership of the accounts that are named. */
export const getMembers = operation<GetMembersRequest, GetMembersResponse>({
  writes: false,
  authorize: graphAuthorization('GetMembers'),
  run: (account, input, caller) => {
    requireGraph(account, input.GraphArn, caller)
    const member = membership(account)
    const isKnown = (id: string): boolean => id === member?.AccountId
    const strangers = (input.AccountIds ?? []).filter((id) => !isKnown(id))
    return {
      MemberDetails: member && input.AccountIds?.some(isKnown) ? [member] : [],
      UnprocessedAccounts: strangers.map((AccountId) => ({
        AccountId,
        Reason: 'The account is not a member of the behavior graph.',
      })),
    }
  },
})
