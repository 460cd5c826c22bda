import type { Entry } from '../incident/entry.ts'
import { type ByHand, openSteps } from '../incident/facts/by-hand.ts'
import type { FactName, Facts, Rotation } from '../incident/facts/facts.ts'
import { countOf, type Persistence } from '../incident/facts/persistence.ts'
import { isRenewed } from '../incident/facts/renewal-fact.ts'
import { given } from '../incident/values/given.ts'

/** How a statement of the report is known, and from which source. Every statement has one. */
export type Claim =
  | 'planned'
  | 'skipped'
  | 'declined'
  | 'failed'
  | 'attempted-unknown'
  | 'incomplete'
  | 'attested-by-human'
  | 'reported-by-instance'
  | 'confirmed-by-readback'
  | 'corroborated-by-CloudTrail'

/** An entry with its number in the journal, counted from 1, by which the report cites it. */
export interface Numbered<E> {
  readonly number: number
  readonly entry: E
}

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

/** A change, with all entries on it. */
export interface Change {
  readonly intent: Numbered<EntryOf<'intended'>>
  readonly sent?: Numbered<EntryOf<'sent'>>
  /** The stage's fact, when it was established after the sending: the change was read back. */
  readonly readBack?: Numbered<EntryOf<'established'>>
  /** The last re-check after that. */
  readonly recheck?: Numbered<EntryOf<'rechecked'>>
  readonly claim: Claim
}

/** All changes that were intended, in the journal's order. */
export const changesOf = (entries: readonly Entry[]): readonly Change[] => {
  const numbered = entries.map((entry, index) => ({ number: index + 1, entry }))
  return numbered.filter(isOf('intended')).map((intent) => changeOf(intent, numbered))
}

const changeOf = (intent: Numbered<EntryOf<'intended'>>, numbered: readonly Numbered<Entry>[]): Change => {
  const { stage } = intent.entry
  const sent = answerTo(intent, numbered)
  const after = numbered.filter(({ number }) => number > (sent ?? intent).number)
  const again = after.filter(isOf('intended')).find(({ entry }) => isSameChange(entry, intent.entry))
  const readBack = after
    .filter(isOf('established'))
    .find(
      ({ entry, number }) =>
        entry.stage === stage && number < (again?.number ?? Number.POSITIVE_INFINITY) && shows(entry, intent.entry),
    )
  const recheck = after
    .filter(isOf('rechecked'))
    .filter(({ entry, number }) => entry.stage === stage && readBack !== undefined && number > readBack.number)
    .at(-1)
  return {
    intent,
    ...given({ sent, readBack, recheck }),
    claim: claimOfChange(sent?.entry, readBack !== undefined, recheck?.entry.stands),
  }
}

const isSameChange = (one: EntryOf<'intended'>, other: EntryOf<'intended'>): boolean =>
  one.stage === other.stage && one.effect.operation === other.effect.operation && one.effect.resource === other.effect.resource

/** Whether a fact is the read-back of this very change: of a deny that was sent several times, the one that has its cut-off. */
const shows = ({ fact: { revocation } }: EntryOf<'established'>, { planned }: EntryOf<'intended'>): boolean =>
  revocation === undefined || planned?.cutoff === undefined || revocation.cutoff === planned.cutoff

/** The answer to this intent: a nonce may be used again after a refusal, so its next intent ends the search. */
const answerTo = ({ number, entry }: Change['intent'], numbered: readonly Numbered<Entry>[]): Change['sent'] => {
  const next = numbered.filter(isOf('intended')).find((later) => later.number > number && later.entry.nonce === entry.nonce)
  const answers = numbered.filter(isOf('sent')).filter((sent) => sent.number > number && sent.entry.nonce === entry.nonce)
  return answers.find((sent) => sent.number < (next?.number ?? Number.POSITIVE_INFINITY))
}

/** An accepted call alone is no success: only what was read back afterwards is. */
const claimOfChange = (sent: EntryOf<'sent'> | undefined, readBack: boolean, stands: boolean | undefined): Claim => {
  if (sent?.outcome === 'refused') return 'failed'
  if (!readBack) return 'attempted-unknown'
  return stands === false ? 'incomplete' : 'confirmed-by-readback'
}

/** How a fact stands at the journal's end. */
export interface FactStanding {
  readonly established: Numbered<EntryOf<'established'>>
  readonly claim: Claim
}

/** The newest claim on a fact; undefined when it was never established. A re-check that failed makes the claim incomplete. */
export const standingOf = (name: FactName, entries: readonly Entry[]): FactStanding | undefined => {
  const numbered = entries.map((entry, index) => ({ number: index + 1, entry }))
  const established = numbered.filter(isOf('established')).findLast(({ entry }) => name in entry.fact)
  const fact = established?.entry.fact[name]
  if (!established || fact === undefined) return undefined
  const { number, entry } = established
  const recheck = numbered.filter(isOf('rechecked')).findLast((one) => one.number > number && one.entry.stage === entry.stage)
  return { established, claim: recheck?.entry.stands === false ? 'incomplete' : claimOfFact(name, fact) }
}

/** The claim of a fact by itself, by the source that it comes from. */
const claimOfFact = <F extends FactName>(name: F, fact: Facts[F]): Claim => {
  const claims: { readonly [N in FactName]?: (fact: Facts[N]) => Claim } = FACT_CLAIMS
  return claims[name]?.(fact) ?? 'confirmed-by-readback'
}

const FACT_CLAIMS: { readonly [N in FactName]?: (fact: Facts[N]) => Claim } = {
  finding: ({ source }) => (source === 'file' ? 'attested-by-human' : 'confirmed-by-readback'),
  evidence: ({ snapshots, deleted, unread }) =>
    deleted || unread || snapshots.some(({ state }) => state === 'error') ? 'incomplete' : 'confirmed-by-readback',
  renewal: (renewal) => (isRenewed(renewal) ? 'confirmed-by-readback' : 'incomplete'),
  rotation: (rotation) => claimOfRotation(rotation),
  byHand: (byHand) => claimOfByHand(byHand),
  investigation: ({ incomplete }) => (incomplete.length > 0 ? 'incomplete' : 'confirmed-by-readback'),
  activity: ({ incomplete }) => (incomplete.length > 0 ? 'incomplete' : 'corroborated-by-CloudTrail'),
  persistence: (persistence) => claimOfPersistence(persistence),
  closure: ({ unproven, alarms }) => (unproven.length + alarms.length > 0 ? 'incomplete' : 'corroborated-by-CloudTrail'),
}

/** A declaration is a person's word. */
const claimOfByHand = (byHand: ByHand): Claim => {
  if (openSteps(byHand).length > 0) return 'incomplete'
  return byHand.steps.some(({ knownBy }) => knownBy === 'declared') ? 'attested-by-human' : 'confirmed-by-readback'
}

/** Complete only when AWS answered every live look. */
const claimOfPersistence = (persistence: Persistence): Claim =>
  countOf(persistence, 'unknown') + persistence.incomplete.length > 0 ? 'incomplete' : 'confirmed-by-readback'

/** What the instance reports stays reported: the agent's call supports it, and only CloudTrail makes the claim corroborated. */
const claimOfRotation = ({ verdict, corroboration, newAccessKeyId }: Rotation): Claim => {
  if (newAccessKeyId === undefined || verdict === 'unverifiable') return 'incomplete'
  const seenByCloudTrail = verdict === 'rotated' && corroboration.some(({ kind }) => kind === 'cloudtrail')
  return seenByCloudTrail ? 'corroborated-by-CloudTrail' : 'reported-by-instance'
}

/** Narrows numbered entries to those of one type. */
const isOf =
  <T extends Entry['type']>(type: T) =>
  (one: Numbered<Entry>): one is Numbered<EntryOf<T>> =>
    one.entry.type === type
