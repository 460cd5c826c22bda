import { GenerateCredentialReportCommand, GetAccountSummaryCommand, GetCredentialReportCommand } from '@aws-sdk/client-iam'
import { DescribeOrganizationCommand } from '@aws-sdk/client-organizations'
import { codeOf, emptyAnswer } from '../../../aws/failure.ts'
import type { FoundFinding } from '../../../incident/facts/facts.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { isAccountId } from '../../../incident/values/identifiers.ts'
import { type Instant, instantOf, plus } from '../../../incident/values/instant.ts'
import { globalRegions } from '../../../incident/values/partition.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { type Lookup, lookupEverywhere } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { cloudTrails } from '../cloudtrail-regions.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { byAge, MOST_CALLS, newestCalls } from './newest-calls.ts'

/** What the account's own IAM, CloudTrail and Organizations show of its root user. */
export interface RootLook {
  readonly at: Instant
  /** Since when calls were looked up: before the theft, so that what led to it is in them. */
  readonly from: Instant
  /** iam:GetAccountSummary. Absent where it could not be read. */
  readonly summary?: Readonly<Record<string, number>>
  /** The root user's row of the credential report, and when IAM made the report. */
  readonly report?: { readonly at: Instant; readonly row: Readonly<Record<string, string>> }
  /** Calls of the root user and sign-ins, the newest first. */
  readonly calls: readonly CloudTrailRecord[]
  /** Calls of sts:AssumeRoot on this account, the newest first. */
  readonly assumed: readonly CloudTrailRecord[]
  /** Calls from before are not read, as there are too many. Absent where all are. */
  readonly readBackTo?: Instant
  /** Why calls may be missing that are not older than that, a sentence each. */
  readonly incomplete: readonly string[]
  readonly organization: OrganizationPlace
  readonly unread: readonly string[]
}

/** Where the account stands in its organization. */
export type OrganizationPlace =
  | { readonly is: 'member'; readonly managementAccountId: string }
  | { readonly is: 'management' | 'none' | 'unknown' }

/** A session of AssumeRoot lives 15 minutes at most, so what took it lies no further back. */
const BEFORE = 30 * MINUTE_SECONDS
/** Seconds that IAM gets for its report. */
const REPORT_PATIENCE = 30

/** Looks at the root user. What cannot be read is said, and does not end the run. */
export const lookAtRoot = async ({ finding }: Pick<FoundFinding, 'finding'>, context: Context): Promise<RootLook> => {
  const unread: Unread = []
  const from = plus(finding.firstSeen ?? context.now(), -BEFORE)
  const [summary, report, organization, records] = await Promise.all([
    readOr(unread, { what: 'what ways in the root user has', operation: 'iam:GetAccountSummary', otherwise: undefined }, () =>
      readSummary(finding.region, context),
    ),
    readOr(
      unread,
      {
        what: 'when the root user’s password and keys were used',
        operation: 'the credential report of IAM',
        otherwise: undefined,
      },
      () => readReport(finding.region, context),
    ),
    readOr<OrganizationPlace, OrganizationPlace>(
      unread,
      {
        ...{ what: 'whether the account is a member of an organization', operation: 'organizations:DescribeOrganization' },
        otherwise: { is: 'unknown' },
      },
      () => placeOfAccount(finding.accountId, context),
    ),
    readCalls(from, finding.region, context),
  ])
  return { at: context.now(), from, ...records, organization, unread, ...given({ summary, report }) }
}

const readSummary = async (region: string, context: Context): Promise<Readonly<Record<string, number>>> => {
  const { SummaryMap } = await context.aws(region).iam.send(new GetAccountSummaryCommand({}))
  if (!SummaryMap) throw emptyAnswer('iam:GetAccountSummary', 'a summary')
  await context.keep('account-summary', SummaryMap)
  return Object.fromEntries(Object.entries(SummaryMap).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

/** "GetCredentialReport": what it answers while there is no report that counts. */
const NOT_YET = new Set(['ReportNotPresent', 'ReportInProgress', 'ReportExpired'])

/** "Getting credential reports": IAM makes one at most every four hours, and takes seconds for it. */
const readReport = async (region: string, context: Context): Promise<RootLook['report']> => {
  const { iam } = context.aws(region)
  const report = await context.settle(
    { what: 'the credential report', kind: 'change-visible', within: REPORT_PATIENCE },
    async () => {
      const { State } = await iam.send(new GenerateCredentialReportCommand({}))
      if (State !== 'COMPLETE') return undefined
      return iam.send(new GetCredentialReportCommand({})).catch(notYet)
    },
  )
  if (!report?.Content) throw emptyAnswer('iam:GetCredentialReport', 'a report')
  const [head = [], ...rows] = new TextDecoder()
    .decode(report.Content)
    .split(/\r?\n/)
    .map((line) => line.split(','))
  await context.keep('credential-report', { generatedTime: report.GeneratedTime, rows: [head, ...rows] })
  const own = rows.find(([user]) => user === '<root_account>')
  if (!own) return undefined
  const row = Object.fromEntries(head.map((name, index) => [name, own[index] ?? '']))
  return { at: report.GeneratedTime ? instantOf(report.GeneratedTime) : context.now(), row }
}

const notYet = (error: unknown): undefined => {
  if (NOT_YET.has(codeOf(error))) return undefined
  throw error
}

/** Every account may ask for its organization, unless a policy says otherwise ("DescribeOrganization"). */
const placeOfAccount = async (accountId: string, context: Context): Promise<OrganizationPlace> => {
  const client = await context.organizations()
  try {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}))
    const managementAccountId = Organization?.MasterAccountId
    if (managementAccountId === undefined || !isAccountId(managementAccountId)) return { is: 'unknown' }
    return managementAccountId === accountId ? { is: 'management' } : { is: 'member', managementAccountId }
  } catch (error) {
    if (codeOf(error) === 'AWSOrganizationsNotInUseException') return { is: 'none' }
    throw error
  }
}

/** The event history knows the root user as `root`; the caller of AssumeRoot belongs to another account, and has no name here. */
const readCalls = async (from: Instant, region: string, context: Context) => {
  const window = { from, until: context.now() }
  const [own, assumed] = await Promise.all([
    newestCalls({ attribute: 'Username', value: 'root', ...window }, region, context),
    newestCalls({ attribute: 'EventName', value: 'AssumeRoot', ...window }, region, context),
  ])
  const changes = own.readBackTo === undefined ? [] : await readChanges(region, window, context)
  const raw = [...own.raw, ...assumed.raw]
  if (raw.length > 0) await context.keep('root-calls', raw)
  const calls = new Map([...own.calls, ...changes].map((record) => [record.eventId, record]))
  return {
    calls: [...calls.values()].filter(({ principalKind }) => principalKind === 'Root').sort(byAge),
    assumed: assumed.calls.filter(({ outcome, eventSource }) => outcome === 'ok' && eventSource === 'sts.amazonaws.com'),
    incomplete: [...new Set([...own.incomplete, ...assumed.incomplete])],
    ...given({ readBackTo: own.readBackTo }),
  }
}

/** Changes of the ways in, which must not be lost among many calls: where IAM and the sign-in service record them. */
const readChanges = async (region: string, window: Pick<Lookup, 'from' | 'until'>, context: Context) => {
  const clients = cloudTrails(globalRegions(region), context)
  const found = await Promise.all(
    ROOT_CHANGES.map((value) => lookupEverywhere(clients, { attribute: 'EventName', value, ...window }, MOST_CALLS)),
  )
  return found.flatMap(({ records }) => records)
}

/** Events by which a way in of the root user changes ("AWS Management Console sign-in events"). */
export const PASSWORD_CHANGES: ReadonlySet<string> = new Set(['PasswordUpdated', 'PasswordRecoveryCompleted'])
export const MFA_CHANGES: ReadonlySet<string> = new Set(['EnableMFADevice'])
const ROOT_CHANGES = [...PASSWORD_CHANGES, ...MFA_CHANGES, 'PasswordRecoveryRequested']
