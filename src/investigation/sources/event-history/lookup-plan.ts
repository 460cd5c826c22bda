import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import type { PrincipalRef, Question, TimeRange } from '../../question.ts'
import { principalName } from '../../source.ts'
import type { Matchers, Target } from '../log-files/match/matchers.ts'
import type { LookupRange } from './region-lookup.ts'

/**
 * Why somebody's calls are looked up: because he is asked about, because he is a session below, because other keys of the
 * same session or user may be stolen too, or because the calls are compared with his.
 */
type Reason = 'asked' | 'chainedSession' | 'sibling' | 'baseline'

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
  firstSeen(question: Question): Instant | undefined
}

/** Those whose own past is the baseline. */
const OWN_POPULATION: ReadonlySet<PrincipalRef['kind']> = new Set(['role', 'user', 'ip'])

/**
 * Whom to look up next: all who are asked about and the sessions below them; when none of these is left, the other keys of
 * the same sessions; and last, whom they are compared with. Whoever was planned once is in `planned`.
 */
export const nextJobs = <State>(matchers: Matchers<State>, planned: Set<string>, outlook: Outlook): readonly Job[] => {
  for (const jobsOf of [askedJobs, siblingJobs, baselineJobs]) {
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
