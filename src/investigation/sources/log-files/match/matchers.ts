import { given } from '../../../../incident/values/given.ts'
import { epochOf, type Instant, isBefore } from '../../../../incident/values/instant.ts'
import { rawText } from '../../../../incident/values/untrusted.ts'
import { MOST_CHAINED_SESSIONS } from '../../../analysis/chained-sessions.ts'
import { contextOf, contextSince, isAbout, MOST_ADDRESSES, mayBeAbout } from '../../../analysis/context.ts'
import type { Fold } from '../../../analysis/fold.ts'
import { addKey, indexOfKey, type KeyTable, keyTable } from '../../../analysis/key-table.ts'
import { CHANGES_OF_TRAILS, dayOf, isTrailChange } from '../../../analysis/logging-gaps.ts'
import { keyIssuedBy, obtainedCredentials, principalOfChainedSession } from '../../../analysis/obtained-credentials.ts'
import { isWriteEvent } from '../../../analysis/write-events.ts'
import { hash64 } from '../../../fingerprint.ts'
import { mayWriteDocument } from '../../../persistence/policy-documents.ts'
import { mayBeUndoEvent } from '../../../persistence/rules.ts'
import { baselinePrincipalOf, isCallOf, isWithin, type PrincipalRef, type Question, questionOf } from '../../../question.ts'
import { readRecord } from '../../../read-record.ts'
import type { CloudTrailRecord } from '../../../record.ts'
import { type FoldMaker, principalName, type ReadRequest } from '../../../source.ts'
import { lastRecordAt } from '../discover/file-names.ts'
import { emptySpan, type RecordSpan } from './record-span.ts'
import { type SearchTerms, searchTermsFor } from './search-terms.ts'

/** A principal whose records count for a question: the question's own, or the baseline principal that it is compared with. */
export interface Target {
  /** The question's name: `principalName` of its principal. */
  readonly question: string
  readonly principal: PrincipalRef
  /** The principal is a chained session; its question was added when the session was found. */
  readonly isChainedSession?: true
  /** Records of others that are about the principal, or came from it where it is an address. */
  readonly isContext?: true
  /** When the principal was issued: it made no calls before. Event history is looked up from then on. */
  readonly from?: Instant
  /**
   * Records before this are not the principal's: a session that a key obtained is not older than the key. Missing where the
   * records name several times, because the order of reading must not change an answer.
   */
  readonly since?: Instant
}

/** Decides for each record which questions it counts for. Grows with the principals that the records lead to. */
export interface Matchers<State> {
  readonly asked: ReadRequest
  readonly make: FoldMaker<State>
  /** Makes a record of a JSON object. */
  readonly read: typeof readRecord
  readonly states: Map<string, Matcher<State>>
  /** The principals that records are compared with now, by `targetName`. */
  readonly targets: Map<string, Target>
  readonly span: RecordSpan
  /** Hashes of the names of chained sessions beyond the most that are followed: there may be very many. */
  readonly unfollowed: KeyTable
  /** Callers with their places whose context was looked at, because the next call of the same leads to nothing new. */
  readonly contextKnown: KeyTable
  /** A question is about the whole account: every record is parsed and counts for it. */
  isEveryRecordCounted: boolean
  /** Both are cached until there is a new target. */
  searchTerms: TermsOfTargets | undefined
  groups: TargetGroups | undefined
}

/** The targets by what of a record concerns them: most records concern few. */
interface TargetGroups {
  readonly callers: readonly Target[]
  /** Context of addresses, by address. */
  readonly atAddress: ReadonlyMap<string, readonly Target[]>
  /** Context by what a record is about. */
  readonly about: readonly Target[]
}

/** What to search for: older files hold no records of the targets that are younger. */
interface TermsOfTargets {
  /** From when on there are records of some targets, the earliest first. */
  readonly begins: readonly Instant[]
  /** The same in milliseconds since the epoch. */
  readonly beginTimes: readonly number[]
  /**
   * By how many of these moments are over in a file: the terms of the targets that it can hold records of. Undefined where every record
   * has to be parsed; made on use.
   */
  readonly terms: Map<number, SearchTerms | undefined>
}

/** A question, and what was counted for it so far. */
interface Matcher<State> {
  readonly question: Question
  readonly fold: Fold<State, Question, unknown>
  readonly state: State
}

export const targetName = ({ question, principal, isContext, since }: Target): string => {
  // Of several changes of trails the first counts, whichever is read first.
  const moment = principal.kind === 'trail-changes' ? ` since ${since}` : ''
  return `${question}\n${isContext ? 'about ' : ''}${principalName(principal)}${moment}`
}

/** Matchers for the questions, with nothing counted yet. */
export const matchersFor = <State>(
  asked: ReadRequest,
  make: FoldMaker<State>,
  read: typeof readRecord = readRecord,
): Matchers<State> => {
  const matchers: Matchers<State> = {
    ...{
      asked,
      make,
      read,
      states: new Map(),
      targets: new Map(),
      unfollowed: keyTable(2),
      contextKnown: keyTable(2),
      span: emptySpan(),
    },
    ...{ isEveryRecordCounted: asked.questions.some(({ wholeAccount }) => wholeAccount) },
    ...{ searchTerms: undefined, groups: undefined },
  }
  for (const question of asked.questions) addQuestion(matchers, question)
  addTargets(matchers, targetsOf(asked.questions))
  return matchers
}

const targetsOf = (questions: readonly Question[]): readonly Target[] =>
  questions.flatMap(({ principal, baselinePrincipal }) => {
    const question = principalName(principal)
    return [{ question, principal }, ...(baselinePrincipal ? [{ question, principal: baselinePrincipal }] : [])]
  })

const addQuestion = <State>({ states, make }: Matchers<State>, question: Question): void => {
  const fold = make(question)
  states.set(principalName(question.principal), { question, fold, state: fold.empty() })
}

/**
 * Matches only these targets from now on. In a later pass over files, no record counts for a question about the whole account
 * again.
 */
export const setTargets = <State>(matchers: Matchers<State>, targets: readonly Target[], isFirstPass: boolean): void => {
  matchers.targets.clear()
  matchers.isEveryRecordCounted = isFirstPass && matchers.asked.questions.some(({ wholeAccount }) => wholeAccount)
  forgetGroups(matchers)
  addTargets(matchers, targets)
}

/** Matches these targets too; gives those that are new. */
export const addTargets = <State>(matchers: Matchers<State>, targets: readonly Target[]): readonly Target[] => {
  const fresh = targets.filter((target) => !matchers.targets.has(targetName(target)))
  for (const target of fresh) {
    if (!matchers.states.has(target.question)) addQuestion(matchers, questionOf(target.principal))
    matchers.targets.set(targetName(target), target)
    forgetGroups(matchers)
  }
  return fresh
}

const forgetGroups = <State>(matchers: Matchers<State>): void => {
  matchers.searchTerms = undefined
  matchers.groups = undefined
}

const groupsOf = (targets: Iterable<Target>): TargetGroups => {
  const [callers, about, atAddress] = [[] as Target[], [] as Target[], new Map<string, readonly Target[]>()]
  for (const target of targets) {
    const { kind, value } = target.principal
    if (!target.isContext) callers.push(target)
    else if (kind === 'ip') atAddress.set(value, [...(atAddress.get(value) ?? []), target])
    else about.push(target)
  }
  return { callers, about, atAddress }
}

/** What to search the bytes of a file for; undefined when every record has to be parsed. */
export const searchTermsOf = <State>(matchers: Matchers<State>, path?: string): SearchTerms | undefined => {
  if (matchers.isEveryRecordCounted) return undefined
  matchers.searchTerms ??= termsOfTargets(matchers.targets.values())
  const { begins, beginTimes, terms } = matchers.searchTerms
  const begun = path === undefined || begins.length === 0 ? begins.length : begunIn(path, beginTimes)
  if (!terms.has(begun)) terms.set(begun, termsOf(matchers, begins.slice(0, begun)))
  return terms.get(begun)
}

/** How many of the moments are over when the last record of the file was made. */
const begunIn = (path: string, beginTimes: readonly number[]): number => {
  const last = lastRecordAt(path)
  return beginTimes.reduce((begun, from) => (from <= last ? begun + 1 : begun), 0)
}

/** Who undid something: `withUndoneByOthers` asks. */
const isAboutUndoing = ({ principal }: Question): boolean => principal.kind === 'resource'

const termsOfTargets = (targets: Iterable<Target>): TermsOfTargets => {
  const begins = [...new Set([...targets].flatMap(({ since = [] }) => since).sort())]
  return { begins, beginTimes: begins.map(epochOf), terms: new Map() }
}

const mayConcernResource = (eventName: string): boolean => mayBeUndoEvent(eventName) || mayWriteDocument(eventName)

const termsOf = <State>({ targets, asked }: Matchers<State>, begins: readonly Instant[]): SearchTerms | undefined => {
  const searched = [...targets.values()].filter(({ since }) => since === undefined || begins.includes(since))
  const terms = searchTermsFor(principalsOf(searched), principalsOf(asked.questions))
  return terms && asked.questions.every(isAboutUndoing) ? { ...terms, mayCount: mayConcernResource } : terms
}

const principalsOf = (named: Iterable<{ readonly principal: PrincipalRef }>): readonly PrincipalRef[] =>
  [...named].map(({ principal }) => principal)

/** Counts a record for each question that it belongs to. Gives the new targets that it leads to. */
export const countRecord = <State>(matchers: Matchers<State>, record: CloudTrailRecord): readonly Target[] => {
  if (!isWithin(matchers.asked.range, record.at)) return NO_TARGETS
  const found: Target[] = []
  const counted: string[] = []
  matchers.groups ??= groupsOf(matchers.targets.values())
  const { callers, atAddress, about } = matchers.groups
  for (const target of callers) {
    if (!isCallOf(target.principal, record) || isBeforeIssue(target, record)) continue
    if (!counted.includes(target.question)) count(matchers, target.question, record)
    counted.push(target.question)
    if (target.question === principalName(target.principal)) found.push(...newTargetsOf(matchers, target, record))
  }
  for (const target of atAddress.get(rawText(record.source)) ?? []) found.push(...countContext(matchers, target, record))
  if (about.length > 0 && mayBeAbout(record)) for (const target of about) found.push(...countContext(matchers, target, record))
  if (matchers.isEveryRecordCounted) countForWholeAccount(matchers, counted, record)
  return found.length > 0 ? addTargets(matchers, found) : NO_TARGETS
}

const NO_TARGETS: readonly Target[] = []

/** Counts a record of somebody else that is about the principal. Who obtained it is looked for in turn. */
const countContext = <State>(matchers: Matchers<State>, target: Target, record: CloudTrailRecord): readonly Target[] => {
  const matcher = matchers.states.get(target.question)
  if (
    !matcher ||
    isBeforeIssue(target, record) ||
    !isAbout(target.principal, record) ||
    isCallOf(matcher.question.principal, record)
  )
    return NO_TARGETS
  matcher.fold.addContext?.(matcher.state, record, target.principal)
  const { accessKeyId } = record
  if (target.principal.kind !== 'access-key-id' || keyIssuedBy(record) !== target.principal.value || !accessKeyId)
    return NO_TARGETS
  return [contextTarget(target.question, { kind: 'access-key-id', value: accessKeyId })]
}

const contextTarget = (question: string, principal: PrincipalRef, since?: Instant): Target => ({
  ...{ question, principal, isContext: true },
  ...given({ since }),
})

const countForWholeAccount = <State>(matchers: Matchers<State>, counted: readonly string[], record: CloudTrailRecord): void => {
  for (const [name, { question }] of matchers.states)
    if (question.wholeAccount && !counted.includes(name)) count(matchers, name, record)
}

const count = <State>({ states }: Matchers<State>, name: string, record: CloudTrailRecord): void => {
  const matcher = states.get(name)
  matcher?.fold.add(matcher.state, record)
}

const newTargetsOf = <State>(matchers: Matchers<State>, target: Target, record: CloudTrailRecord): Target[] => {
  const { question } = matchers.states.get(target.question) ?? {}
  if (!question) return []
  const isCompared = target.isChainedSession || question.wholeAccount || question.baselinePrincipal
  const baselinePrincipal = isCompared ? undefined : baselineFor(target.principal, record)
  const isFollowed = matchers.asked.followChainedSessions && isWithin(question.scope, record.at)
  return [
    ...(baselinePrincipal ? [{ question: target.question, principal: baselinePrincipal }] : []),
    ...(isFollowed ? chainedSessionsOf(matchers, target, record) : []),
    ...(isWithin(question.scope, record.at) ? changesOfTrails(matchers, target, record) : []),
    ...(target.isChainedSession || !isWithin(question.scope, record.at) ? [] : contextTargetsOf(matchers, target, record)),
  ]
}

/** A role, a user or an address is compared with itself. */
const baselineFor = ({ kind }: PrincipalRef, record: CloudTrailRecord): PrincipalRef | undefined =>
  kind === 'access-key-id' || kind === 'session' || kind === 'instance-id' ? baselinePrincipalOf(record) : undefined

const contextTargetsOf = <State>(
  { targets, contextKnown }: Matchers<State>,
  { question, principal }: Target,
  record: CloudTrailRecord,
): readonly Target[] => {
  const { accessKeyId, roleName, sessionName, userName, invokedBy, source } = record
  const name = [question, accessKeyId, roleName, sessionName, userName, invokedBy, rawText(source)].join('\n')
  const known = contextKnown.size
  if (addKey(contextKnown, hash64(name)) < known) return NO_TARGETS
  const found = contextOf(principal, record)
    .map((about) => contextTarget(question, about, contextSince(about, principal, record)))
    .filter((target) => !targets.has(targetName(target)))
  if (found.every(({ principal: { kind } }) => kind !== 'ip')) return found
  const addresses = [...targets.values()].filter((target) => target.isContext && target.principal.kind === 'ip')
  return addresses.length > MOST_ADDRESSES ? found.filter(({ principal: { kind } }) => kind !== 'ip') : found
}

/**
 * Who has changed a trail: who else did since, from that day on? Changes on several days are looked for in all files: each earlier day
 * would have files read again.
 */
const changesOfTrails = <State>(
  { targets }: Matchers<State>,
  { question, principal }: Target,
  record: CloudTrailRecord,
): readonly Target[] => {
  if (principal.kind === 'resource' || !isTrailChange(record)) return NO_TARGETS
  const always = contextTarget(question, CHANGES_OF_TRAILS)
  const target = contextTarget(question, CHANGES_OF_TRAILS, dayOf(record.at))
  if (targets.has(targetName(always)) || targets.has(targetName(target))) return NO_TARGETS
  const isAnotherDay = [...targets.values()].some((each) => each.question === question && each.principal.kind === 'trail-changes')
  return [isAnotherDay ? always : target]
}

const chainedSessionsOf = <State>(matchers: Matchers<State>, parent: Target, record: CloudTrailRecord): Target[] => {
  if (!isWriteEvent(record)) return []
  const { states, asked, unfollowed } = matchers
  const since = parent.isChainedSession ? parent.since : sinceOf(parent.principal, record)
  const chainedSession = { isChainedSession: true, from: record.at, ...given({ since }) } as const
  const found = obtainedCredentials([record])
    .filter(({ succeeded }) => succeeded)
    .map(principalOfChainedSession)
    .filter((principal) => principal !== undefined && !states.has(principalName(principal)))
    .flatMap((principal) => (principal ? [{ question: principalName(principal), principal, ...chainedSession }] : []))
  if (states.size - asked.questions.length < MOST_CHAINED_SESSIONS) return found
  for (const { question } of found) addKey(unfollowed, hash64(question))
  return []
}

/** How many of the sessions that some workers did not follow no worker followed. */
export const countUnfollowed = (unfollowed: readonly KeyTable[], states: ReadonlyMap<string, unknown>): number => {
  const followed = [...states.keys()].map(hash64)
  const [first, ...others] = unfollowed
  if (!first) return 0
  const all = others.reduce(withKeys, withKeys(keyTable(2), first))
  return all.size - followed.filter((key) => indexOfKey(all, key) >= 0).length
}

const withKeys = (into: KeyTable, { size, width, keys }: KeyTable): KeyTable => {
  for (let index = 0; index < size; index += 1) addKey(into, keys.subarray(index * width, (index + 1) * width))
  return into
}

/** All records of a key name the same time of issue; a role, a user or an instance has many sessions. */
const sinceOf = ({ kind }: PrincipalRef, { issuedAt }: CloudTrailRecord): Instant | undefined =>
  kind === 'access-key-id' ? issuedAt : undefined

const isBeforeIssue = ({ since }: Target, { at }: CloudTrailRecord): boolean => since !== undefined && isBefore(at, since)
