import { type Instant, isBefore } from '../../../incident/values/instant.ts'
import { MOST_CHAINED_SESSIONS, obtainedSessions, principalOfChainedSession } from '../../analysis/chained-sessions.ts'
import type { Fold } from '../../analysis/fold.ts'
import { baselinePrincipalOf, isCallOf, isWithin, type PrincipalRef, type Question, questionOf } from '../../question.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { isTokenIssue } from '../../record-parameters.ts'
import { type FoldMaker, principalName, type ReadRequest } from '../../source.ts'
import { type Needles, needlesFor } from './needles.ts'

/** Whose records a question needs: those of its principal and, once it is known, of the population it belongs to. */
export interface Target {
  /** The name of the question. */
  readonly question: string
  readonly principal: PrincipalRef
  /** The principal is a session that another one obtained: its question is asked since it was found. */
  readonly isChainedSession?: true
  /** The principal made no calls before: a key is not used before it is issued. Event history is asked from then on. */
  readonly from?: Instant
  /**
   * Older records do not count as the principal's: nothing that came of a key is older than that key. Missing where records
   * would not agree on it: the order in which they are read must change no answer.
   */
  readonly since?: Instant
}

/** All questions and what was counted for them so far. */
export interface Seekers<State> {
  readonly asked: ReadRequest
  readonly make: FoldMaker<State>
  readonly states: Map<string, Seeker<State>>
  /** Whom to look for now, by `nameOf`. */
  readonly targets: Map<string, Target>
  /** Sessions that are not followed, because too many are: by `principalName`. */
  readonly unfollowed: Set<string>
  /** Some question is about everybody: every record is read, and counted for it. */
  everybody: boolean
  /** What to search for; undefined for every record. Kept until there is a new target. */
  needles: { readonly needles: Needles | undefined } | undefined
}

interface Seeker<State> {
  readonly question: Question
  readonly fold: Fold<State, Question, unknown>
  readonly state: State
}

export const targetName = ({ question, principal }: Target): string => `${question}\n${principalName(principal)}`

export const seekersFor = <State>(asked: ReadRequest, make: FoldMaker<State>): Seekers<State> => {
  const everybody = asked.questions.some(({ wholeAccount }) => wholeAccount)
  const seekers: Seekers<State> = {
    ...{ asked, make, states: new Map(), targets: new Map(), unfollowed: new Set() },
    ...{ everybody, needles: undefined },
  }
  for (const question of asked.questions) addQuestion(seekers, question)
  lookFor(seekers, targetsOf(asked.questions))
  return seekers
}

const targetsOf = (questions: readonly Question[]): readonly Target[] =>
  questions.flatMap(({ principal, baselinePrincipal }) => {
    const question = principalName(principal)
    return [{ question, principal }, ...(baselinePrincipal ? [{ question, principal: baselinePrincipal }] : [])]
  })

const addQuestion = <State>({ states, make }: Seekers<State>, question: Question): void => {
  const fold = make(question)
  states.set(principalName(question.principal), { question, fold, state: fold.empty() })
}

/** Looks for these from now on, and for nobody else; in files that have been read before, not for everybody again. */
export const lookForOnly = <State>(seekers: Seekers<State>, targets: readonly Target[], isFirst: boolean): void => {
  seekers.targets.clear()
  seekers.everybody = isFirst && seekers.asked.questions.some(({ wholeAccount }) => wholeAccount)
  seekers.needles = undefined
  lookFor(seekers, targets)
}

/** Looks for these too; gives those that were not looked for before. */
export const lookFor = <State>(seekers: Seekers<State>, targets: readonly Target[]): readonly Target[] => {
  const fresh = targets.filter((target) => !seekers.targets.has(targetName(target)))
  for (const target of fresh) {
    if (!seekers.states.has(target.question)) addQuestion(seekers, questionOf(target.principal))
    seekers.targets.set(targetName(target), target)
    seekers.needles = undefined
  }
  return fresh
}

export const needlesOf = <State>(seekers: Seekers<State>): Needles | undefined => {
  const { targets, everybody } = seekers
  seekers.needles ??= { needles: everybody ? undefined : needlesFor([...targets.values()].map(({ principal }) => principal)) }
  return seekers.needles.needles
}

/** Counts a record for every question that it belongs to; gives whom else it tells to look for. */
export const countRecord = <State>(seekers: Seekers<State>, record: CloudTrailRecord): readonly Target[] => {
  if (!isWithin(seekers.asked.range, record.at)) return NOBODY
  const found: Target[] = []
  const counted: string[] = []
  for (const target of seekers.targets.values()) {
    if (!isCallOf(target.principal, record) || isTooOld(target, record)) continue
    if (!counted.includes(target.question)) count(seekers, target.question, record)
    counted.push(target.question)
    if (target.question === principalName(target.principal)) found.push(...leadsOf(seekers, target, record))
  }
  if (seekers.everybody) countForEverybody(seekers, counted, record)
  return found.length > 0 ? lookFor(seekers, found) : NOBODY
}

const NOBODY: readonly Target[] = []

const countForEverybody = <State>(seekers: Seekers<State>, counted: readonly string[], record: CloudTrailRecord): void => {
  for (const [name, { question }] of seekers.states)
    if (question.wholeAccount && !counted.includes(name)) count(seekers, name, record)
}

const count = <State>({ states }: Seekers<State>, name: string, record: CloudTrailRecord): void => {
  const seeker = states.get(name)
  seeker?.fold.add(seeker.state, record)
}

const leadsOf = <State>(seekers: Seekers<State>, target: Target, record: CloudTrailRecord): Target[] => {
  const { question } = seekers.states.get(target.question) ?? {}
  if (!question) return []
  const isEnough = target.isChainedSession || question.wholeAccount || question.baselinePrincipal
  const population = isEnough ? undefined : populationFor(target.principal, record)
  const isAsked = seekers.asked.followChainedSessions && isWithin(question.scope, record.at)
  return [
    ...(population ? [{ question: target.question, principal: population }] : []),
    ...(isAsked ? chainedSessionsOf(seekers, target, record) : []),
  ]
}

/** A role, a user and an address are their own population. */
const populationFor = ({ kind }: PrincipalRef, record: CloudTrailRecord): PrincipalRef | undefined =>
  kind === 'access-key-id' || kind === 'session' || kind === 'instance-id' ? baselinePrincipalOf(record) : undefined

const chainedSessionsOf = <State>(seekers: Seekers<State>, parent: Target, record: CloudTrailRecord): Target[] => {
  if (!isTokenIssue(record.eventName)) return []
  const { states, asked, unfollowed } = seekers
  const since = parent.isChainedSession ? parent.since : sinceOf(parent.principal, record)
  const chainedSession = { isChainedSession: true, from: record.at, ...(since ? { since } : {}) } as const
  const found = obtainedSessions([record])
    .filter(({ succeeded }) => succeeded)
    .map(principalOfChainedSession)
    .filter((principal) => principal !== undefined && !states.has(principalName(principal)))
    .flatMap((principal) => (principal ? [{ question: principalName(principal), principal, ...chainedSession }] : []))
  if (states.size - asked.questions.length < MOST_CHAINED_SESSIONS) return found
  for (const { question } of found) unfollowed.add(question)
  return []
}

/** How many sessions nobody followed, when those with the names were left out. */
export const countUnfollowed = (names: Iterable<string>, states: ReadonlyMap<string, unknown>): number =>
  [...new Set(names)].filter((name) => !states.has(name)).length

/** All records of a key tell the same time of issue; a role, a user and an instance have many sessions. */
const sinceOf = ({ kind }: PrincipalRef, { issuedAt }: CloudTrailRecord): Instant | undefined =>
  kind === 'access-key-id' ? issuedAt : undefined

const isTooOld = ({ since }: Target, { at }: CloudTrailRecord): boolean => since !== undefined && isBefore(at, since)
