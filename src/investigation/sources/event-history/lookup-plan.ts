import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import type { PrincipalRef, Question, TimeRange } from '../../question.ts'
import { principalName } from '../../source.ts'
import type { Matchers, Target } from '../log-files/match/matchers.ts'
import type { LookupRange } from './region-lookup.ts'

/**
 * Why somebody's calls are looked up: because he is asked about, because he is a session below, because of what was done to the
 * instance, the role, the user or the key before, because other keys of the same session or user may be stolen too, or because the
 * calls are compared with his.
 */
type Reason = 'asked' | 'chainedSession' | 'cause' | 'sibling' | 'baseline'

export interface Job {
  readonly principal: PrincipalRef
  readonly range: LookupRange
  readonly reason: Reason
}

/** What event history can show, and when principals were first seen in it. */
interface Outlook {
  readonly asked: TimeRange
  readonly oldest: Instant
  readonly now: Instant
  /** So many names of instances, roles, users and keys are looked up for what was done to them. */
  readonly causeNames: number
  firstSeen(question: Question): Instant | undefined
}

/** Those whose own past is the baseline. */
const OWN_POPULATION: ReadonlySet<PrincipalRef['kind']> = new Set(['role', 'user', 'ip'])

/**
 * Who to look up next: all who are asked about and the sessions below them; when none of these is left, what was done to their
 * instances, roles, users and keys; then the other keys of the same sessions; and last, who they are compared with. Whoever was planned once is in `planned`.
 */
export const nextJobs = <State>(matchers: Matchers<State>, planned: Set<string>, outlook: Outlook): readonly Job[] => {
  for (const jobsOf of [askedJobs, causeJobs, siblingJobs, baselineJobs]) {
    const fresh = jobsOf(matchers, outlook).filter((job) => !planned.has(keyOfJob(job)))
    for (const job of fresh) planned.add(keyOfJob(job))
    if (fresh.length > 0) return fresh
  }
  return []
}

const keyOfJob = ({ principal, range, reason }: Job): string =>
  `${reason} ${principalName(principal)} ${range.from}/${range.until}`

type JobsOf = <State>(matchers: Matchers<State>, outlook: Outlook) => readonly Job[]

const askedJobs: JobsOf = (matchers, outlook) =>
  targetsOf(matchers)
    .filter(({ isOwn }) => isOwn)
    .flatMap(({ target: { principal, isChainedSession, from }, question: { scope } }) =>
      jobs(principal, isChainedSession ? 'chainedSession' : 'asked', within(outlook, from ?? scope.from, scope.until)),
    )

const CAUSE_KINDS: ReadonlySet<PrincipalRef['kind']> = new Set(['instance-id', 'role', 'user', 'access-key-id'])

/** The names of the calls that were found first: of a session with many keys, those are the newest. */
const causeJobs: JobsOf = (matchers, outlook) =>
  causeTargets(matchers)
    .slice(0, outlook.causeNames)
    .flatMap(({ target: { principal, since }, question: { scope } }) =>
      jobs(principal, 'cause', within(outlook, since, scope.until)),
    )

/** Whose cause is looked up, or would be if there were not too many. */
export const causeTargets = <State>({ targets, states }: Matchers<State>) => {
  const found = [...targets.values()].flatMap((target: Target) => {
    const question = states.get(target.question)?.question
    return target.isContext && !target.isChainedSession && CAUSE_KINDS.has(target.principal.kind) && question
      ? [{ target, question }]
      : []
  })
  // One principal may be there for several keys, each with its own time: the earliest covers all.
  const earliestOf = new Map<string, (typeof found)[number]>()
  for (const one of found) {
    const name = principalName(one.target.principal)
    const before = earliestOf.get(name)
    if (!before || startsEarlier(one.target, before.target)) earliestOf.set(name, one)
  }
  return [...earliestOf.values()]
}

const startsEarlier = ({ since }: Target, { since: other }: Target): boolean =>
  other !== undefined && (since === undefined || isBefore(since, other))

const siblingJobs: JobsOf = (matchers, outlook) =>
  targetsOf(matchers)
    .filter(({ isOwn, question }) => !isOwn && question.principal.kind === 'access-key-id')
    .flatMap(({ target: { principal }, question }) =>
      jobs(principal, 'sibling', within(outlook, beginOf(question, outlook), question.scope.until)),
    )

const baselineJobs: JobsOf = (matchers, outlook) =>
  targetsOf(matchers)
    .filter(
      ({ target, isOwn, question }) =>
        !target.isChainedSession && (!isOwn || (OWN_POPULATION.has(target.principal.kind) && !question.baselinePrincipal)),
    )
    .flatMap(({ target: { principal }, question }) => {
      const begin = beginOf(question, outlook)
      return jobs(
        principal,
        'baseline',
        begin && within(outlook, plus(begin, -question.baselineDays * DAY_SECONDS), plus(begin, -1)),
      )
    })

const jobs = (principal: PrincipalRef, reason: Reason, range: LookupRange | undefined): Job[] =>
  range ? [{ principal, range, reason }] : []

const targetsOf = <State>({ targets, states }: Matchers<State>) =>
  [...targets.values()].flatMap((target: Target) => {
    // What is about somebody is found by other attributes than his calls.
    if (target.isContext) return []
    const question = states.get(target.question)?.question
    return question ? [{ target, question, isOwn: target.question === principalName(target.principal) }] : []
  })

const beginOf = (question: Question, { firstSeen }: Outlook): Instant | undefined => question.scope.from ?? firstSeen(question)

const within = ({ asked, oldest, now }: Outlook, from?: Instant, until?: Instant): LookupRange | undefined => {
  const begin = latest(oldest, asked.from, from)
  const end = earliest(now, asked.until, until)
  return isBefore(begin, end) ? { from: begin, until: end } : undefined
}

const latest = (first: Instant, ...others: readonly (Instant | undefined)[]): Instant =>
  others.reduce<Instant>((a, b) => (b && isBefore(a, b) ? b : a), first)

const earliest = (first: Instant, ...others: readonly (Instant | undefined)[]): Instant =>
  others.reduce<Instant>((a, b) => (b && isBefore(b, a) ? b : a), first)
