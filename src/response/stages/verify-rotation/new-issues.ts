import type { Corroboration, Rotation } from '../../../incident/facts/facts.ts'
import { type Renewal, type RenewedWorkload, workloadWords } from '../../../incident/facts/renewal-fact.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { duration, HOUR_SECONDS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, plus, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'
import { type Issuance, issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { newestOwnCall } from '../own-calls.ts'

/** An incident whose workload was renewed, and is no instance. */
export type RenewedIncident = IncidentWith<'subject' | 'revocation'> & { readonly facts: { readonly renewal: Renewal } }

/** Seconds that the last look waits for the records: as long as CloudTrail takes at most. */
const ISSUE_WAIT = 15 * MINUTE_SECONDS

/** Of a service with many tasks so many are looked up: each has taken its credentials by itself. */
const SESSIONS = 5

/** The principals that take the credentials, as CloudTrail's record of the issue names them. */
const SERVICES: Readonly<Record<Exclude<RenewedWorkload['kind'], 'identity'>, string>> = {
  function: 'lambda.amazonaws.com',
  alias: 'lambda.amazonaws.com',
  service: 'ecs-tasks.amazonaws.com',
  member: 'ec2.amazonaws.com',
}

/** What CloudTrail shows of the new credentials of one workload. */
interface IssueOf {
  readonly workload: RenewedWorkload
  readonly session?: string
  readonly issue?: Issuance
}

interface IssuesSeen {
  readonly issues: readonly IssueOf[]
  /** How far CloudTrail shows, or why it does not, the end of a sentence. */
  readonly reach: string
}

/**
 * Whether what was renewed has credentials from after the cut-off: by CloudTrail's records that the service itself took them, which
 * nobody in the account can write. Nothing that runs there is asked. A function takes credentials with its next invocation, so that no
 * record is no proof of the contrary.
 */
export const newIssues = async (incident: RenewedIncident, context: Context): Promise<Rotation> => {
  const seen = context.lastLook ? await waitForIssues(incident, context) : await lookOnce(incident, context)
  return rotationBy(incident, seen)
}

const waitForIssues = async (incident: RenewedIncident, context: Context): Promise<IssuesSeen> => {
  const began = context.now()
  let last = await lookOnce(incident, context)
  const within = Math.max(ISSUE_WAIT, context.proofWait)
  if (isProven(last)) return last
  await context.settle({ what: 'CloudTrail’s records of new issues', kind: 'cloudtrail', within }, async () => {
    last = await lookOnce(incident, context)
    if (isProven(last)) return true
    const waited = duration(secondsBetween(began, context.now()))
    context.progress(`waiting until CloudTrail shows the new credentials, at most ${duration(within)}; waited ${waited}`)
    return undefined
  })
  return last
}

/** The workload whose key was stolen counts; where that is not known, every one. */
const decisive = ({ issues }: IssuesSeen): readonly IssueOf[] => {
  const own = issues.filter(({ workload }) => workload.own)
  return own.length > 0 ? own : issues
}

const isProven = (seen: IssuesSeen): boolean => decisive(seen).every(({ issue }) => issue !== undefined)

const lookOnce = async ({ facts: { subject, revocation, renewal } }: RenewedIncident, context: Context): Promise<IssuesSeen> => {
  const window = { from: plus(revocation.cutoff, -HOUR_SECONDS), until: context.now() }
  const roleArn = subject.kind === 'role-session' ? subject.role.arn : ''
  const issues: IssueOf[] = []
  const gaps: string[] = []
  for (const workload of renewal.workloads) {
    const { region, sessions, kind } = workload
    if (kind === 'identity') continue
    // A record of a function's session does not say of which version: an alias's is from after that was published.
    const from = kind === 'alias' ? workload.changedAt : revocation.cutoff
    let found: Pick<IssueOf, 'session' | 'issue'> = {}
    for (const session of sessions.slice(0, SESSIONS)) {
      const lookup = { attribute: 'ResourceName' as const, value: session, ...window }
      const { records, incomplete } = await lookupEvents(context.aws(region).cloudtrail, region, lookup)
      gaps.push(...incomplete)
      const ofRole = records.filter(({ requested }) => requested.roleArn === roleArn)
      const issue = issuancesTo(session, ofRole, SERVICES[kind]).find(({ at }) => !isBefore(at, from))
      if (issue) found = { session, issue }
      if (issue) break
    }
    issues.push({ workload, ...found })
  }
  const [gap] = gaps
  const [first] = renewal.workloads
  const upTo = first && (await newestOwnCall(first.region, window, context))
  return { issues, reach: gap ?? `CloudTrail shows ${upToWords(upTo)}` }
}

const upToWords = (upTo: Instant | undefined): string =>
  upTo ? `calls up to ${wholeSecond(upTo)}` : 'no call of this response yet'

const rotationBy = ({ facts: { subject, renewal } }: RenewedIncident, seen: IssuesSeen): Rotation => {
  const base = { of: 'workloads' as const, unasked: true as const, oldAccessKeyId: subject.accessKeyId }
  const corroboration = seen.issues.flatMap(corroborationOf)
  const open = seen.issues.filter(({ issue }) => issue === undefined).map(({ workload }) => workloadWords(workload))
  const rest = { ...base, corroboration, ...given({ unproven: open.length > 0 ? open : undefined }) }
  const failed = renewal.workloads.filter(({ state }) => state !== 'renewed')
  const left = renewal.byHand.filter(({ state }) => state !== 'done').length
  const newAccessKeyId = decisive(seen).find(({ issue }) => issue !== undefined)?.issue?.accessKeyId
  const known = { ...rest, ...given({ newAccessKeyId }) }
  const ofFunction = renewal.of === 'functions'
  if (failed.length > 0) {
    const names = failed.map(
      (one) => `${workloadWords(one)} is ${one.state === 'failed' ? 'not renewed' : 'still being renewed'}`,
    )
    return { ...known, verdict: 'not-rotated', why: names.join(', ') }
  }
  if (renewal.workloads.length === 0)
    return { ...known, verdict: 'not-rotated', why: `what runs under the role is renewed by hand (${left} still to do)` }
  if (!isProven(seen))
    return {
      ...known,
      verdict: 'rotated-unproven',
      why: `${open.join(' and ')}: renewed, and CloudTrail shows no new credentials of it; ${seen.reach}${ofFunction ? '. A function takes new ones with its next invocation' : ''}`,
    }
  return left > 0
    ? {
        ...known,
        verdict: 'not-rotated',
        why: `${left} of what runs under the role ${left === 1 ? 'is' : 'are'} still to be renewed by hand`,
      }
    : { ...known, verdict: 'rotated', why: 'proven by CloudTrail’s records of new credentials from after the cut-off' }
}

const corroborationOf = ({ workload, session, issue }: IssueOf): readonly Corroboration[] =>
  issue === undefined
    ? []
    : [
        {
          kind: 'cloudtrail',
          at: issue.at,
          says: `${issue.accessKeyId} was issued to ${workloadWords(workload)}${workload.kind === 'service' ? ` (task ${session})` : ''} at ${wholeSecond(issue.at)}, after the cut-off`,
        },
      ]
