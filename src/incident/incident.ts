import type { Effect, EndedEntry, Entry, FalseAlarmEntry, LiftingEntry, Planned, RevokeForm, Setting } from './entry.ts'
import type { EvidenceRef } from './facts/evidence.ts'
import type { FactName, Facts } from './facts/facts.ts'
import type { LiftedChange, LiftReason } from './facts/lift.ts'
import { given } from './values/given.ts'
import { type Instant, isBefore } from './values/instant.ts'

/** A write that was intended. Without `outcome` the run ended before the answer was journaled. */
export interface Intent {
  readonly stage: string
  readonly nonce: string
  readonly effect: Effect
  readonly at: Instant
  readonly planned: Planned
  readonly outcome?: 'accepted' | 'refused' | 'unknown'
  /** Why the outcome is unknown; of a refused write, AWS's error code. */
  readonly why?: string
  /** Set once the stage was established after it: the change was seen. Or a later cut-off makes it a thing of the past. */
  readonly seen?: true
}

export interface Recheck {
  readonly stage: string
  readonly at: Instant
  readonly stands: boolean
  readonly says: string
}

/** Effects that were approved, and a digest of what was shown with them. */
export interface Approved {
  readonly at: Instant
  readonly effects: readonly Effect[]
  readonly acknowledged?: string
}

/** What is known of one incident: the replay of its journal, and nothing else. */
export interface Incident {
  readonly id: string
  readonly setting?: Setting
  readonly openedAt?: Instant
  /** What the deny is to reach, as it was asked for last. Absent: every older session. */
  readonly revoke?: RevokeForm
  /** The first incident on another actor of the same attack sequence. */
  readonly linkedTo?: string
  /** The time of the newest entry. */
  readonly lastAt?: Instant
  readonly facts: { readonly [F in FactName]?: Facts[F] }
  /** When each fact was established. */
  readonly establishedAt: { readonly [F in FactName]?: Instant }
  /** What earlier runs established. A run looks again (`lookAgain`): it compares with these facts and does not rely on them. */
  readonly earlier: { readonly [F in FactName]?: Facts[F] }
  /** When each fact was last established, by any run. */
  readonly lastSeenAt: { readonly [F in FactName]?: Instant }
  /** Facts that a dry run only assumes. Never in a journal. */
  readonly assumed: readonly FactName[]
  readonly intents: readonly Intent[]
  /** How many of these intents are of earlier runs. */
  readonly earlierIntents: number
  readonly approved: Readonly<Record<string, Approved>>
  readonly rechecks: readonly Recheck[]
  /** Every time that the deny was seen to stand, or not to stand, by any run. */
  readonly sightings: readonly { readonly at: Instant; readonly stands: boolean }[]
  /** Stages decided without a fact: not applicable or skipped, with the reason. */
  readonly decided: Readonly<Record<string, { readonly how: 'notApplicable' | 'skipped'; readonly why: string }>>
  /** How far readings have come that did not end, by stage; and where what they had read is kept, in order. */
  readonly checkpoints: Readonly<Record<string, { readonly cursor: unknown; readonly refs: readonly EvidenceRef[] }>>
  /** The last time that the finding was declared a false alarm. A later run may have gone on all the same. */
  readonly falseAlarm?: FalseAlarm
  /** Why the last lift goes ahead although something speaks against it. Absent where nothing does, or nothing was lifted. */
  readonly liftDespite?: LiftReason
  /** How the last run of the runbook ended. */
  readonly ended?: { readonly ending: string; readonly exitCode: number; readonly at: Instant }
}

export type FalseAlarm = Pick<FalseAlarmEntry, 'at' | 'by' | 'responderArn' | 'reason'>

/** An incident of which some facts are known for sure: what a stage that needs them gets. */
export type IncidentWith<N extends FactName> = Incident & { readonly facts: { readonly [F in N]: Facts[F] } }

/** Those of the facts that the incident does not hold, in the order asked. */
export const missingFacts = <N extends FactName>({ facts }: Incident, needs: readonly N[]): readonly N[] =>
  needs.filter((need) => facts[need] === undefined)

/** Whether the incident holds all of these facts. */
export const holdsFacts = <N extends FactName>(incident: Incident, needs: readonly N[]): incident is IncidentWith<N> =>
  missingFacts(incident, needs).length === 0

/** A fact as it was established last: by this run, or by an earlier one. */
export const newestFact = <F extends FactName>({ facts, earlier }: Incident, name: F): Facts[F] | undefined =>
  facts[name] ?? earlier[name]

/** When the changes of the response were seen to be lifted. Undefined where they were not, or older sessions were denied again since. */
export const liftedAt = (incident: Incident): Instant | undefined => {
  const { lift, revocation } = incident.lastSeenAt
  const isLast = lift !== undefined && (revocation === undefined || isBefore(revocation, lift))
  return isLast ? newestFact(incident, 'lift')?.seenAt : undefined
}

/** Whether the deny on older sessions was lifted, and was not made again since. */
export const isDenyLifted = (incident: Incident): boolean =>
  liftedAt(incident) !== undefined && areLifted(denies(newestFact(incident, 'lift')?.changes ?? []))

const areLifted = (changes: readonly LiftedChange[]): boolean =>
  changes.length > 0 && changes.every(({ state }) => state === 'lifted' || state === 'gone')

const denies = (changes: readonly LiftedChange[]): readonly LiftedChange[] =>
  changes.filter(({ operation }) => DENIES.has(operation))

const DENIES: ReadonlySet<string> = new Set(['iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:PutUserPolicy'])

export const emptyIncident: Incident = {
  id: '',
  facts: {},
  establishedAt: {},
  earlier: {},
  lastSeenAt: {},
  assumed: [],
  intents: [],
  earlierIntents: 0,
  approved: {},
  rechecks: [],
  sightings: [],
  decided: {},
  checkpoints: {},
}

/**
 * The incident as a run begins with it: nothing that an earlier run saw or decided counts as known, because the world may have
 * changed since. Nor does what was approved: an approval counts in the process that got it. What was intended and re-checked stays,
 * and so does what was seen, as `earlier`.
 */
export const lookAgain = (incident: Incident): Incident => ({
  ...incident,
  facts: {},
  establishedAt: {},
  decided: {},
  approved: {},
  earlier: { ...incident.earlier, ...incident.facts },
  earlierIntents: incident.intents.length,
})

/** The incident after one more entry. Pure. */
export const learn = (incident: Incident, entry: Entry): Incident => ({ ...after(incident, entry), lastAt: entry.at })

const after = (incident: Incident, entry: Entry): Incident => {
  switch (entry.type) {
    case 'opened':
      return {
        ...incident,
        ...{ id: entry.incident, setting: entry.setting, openedAt: entry.at },
        ...given({ linkedTo: entry.linkedTo, revoke: entry.revoke }),
      }
    case 'established':
      return withFact(incident, entry)
    case 'approved': {
      const { at, stage, effects, acknowledged } = entry
      return { ...incident, approved: { ...incident.approved, [stage]: { at, effects, ...given({ acknowledged }) } } }
    }
    case 'intended':
      // A deny that has to be written was not there, whatever was seen before.
      return {
        ...incident,
        intents: [...incident.intents, intentOf(entry)],
        sightings: withSighting(incident, { ...entry, stands: false }),
      }
    case 'sent':
      return { ...incident, intents: withOutcome(incident.intents, entry) }
    case 'rechecked':
      return { ...incident, rechecks: [...incident.rechecks, entry], sightings: withSighting(incident, entry) }
    case 'checkpoint': {
      const { cursor, ref, stage } = entry
      const refs = [...(incident.checkpoints[stage]?.refs ?? []), ref]
      return { ...incident, checkpoints: { ...incident.checkpoints, [stage]: { cursor, refs } } }
    }
    case 'notApplicable':
      return { ...incident, decided: { ...incident.decided, [entry.stage]: { how: 'notApplicable', why: entry.why } } }
    case 'skipped':
      return { ...incident, decided: { ...incident.decided, [entry.stage]: { how: 'skipped', why: `skipped by ${entry.by}` } } }
    case 'falseAlarm': {
      const { at, by, responderArn, reason } = entry
      return { ...incident, falseAlarm: { at, by, responderArn, reason } }
    }
    case 'lifting':
      return beingLifted(incident, entry)
    case 'ended':
      if (entry.of === 'lift') return incident
      return { ...incident, ended: { ending: entry.ending, exitCode: entry.exitCode, at: entry.at } }
    case 'resumed': {
      const { detectiveProfile, revoke } = entry
      const { ended: _, ...open } = { ...incident, ...given({ revoke }) }
      if (open.setting === undefined || detectiveProfile === undefined) return open
      return { ...open, setting: { ...open.setting, detectiveProfile } }
    }
    case 'declined':
      // It is asked for only where it does not stand.
      return { ...incident, sightings: withSighting(incident, { ...entry, stands: false }) }
    case 'kept':
    case 'blocked':
    case 'interrupted':
    case 'recovered':
      return incident
  }
}

const beingLifted = ({ liftDespite: _, ...incident }: Incident, { despite }: LiftingEntry): Incident => ({
  ...incident,
  ...given({ liftDespite: despite }),
})

/** What the journal says: the incident after all its entries. */
export const replay = (entries: Iterable<Entry>): Incident => {
  let incident = emptyIncident
  for (const entry of entries) incident = learn(incident, entry)
  return incident
}

/** How the last run of the runbook ended: a lift leaves that as it is. */
export const endOfResponse = (entries: readonly Entry[]): EndedEntry | undefined =>
  entries.findLast((entry) => entry.type === 'ended' && entry.of === undefined) as EndedEntry | undefined

/** The answer belongs to the newest intent of its nonce: after a rejection for clock skew there are two. */
const withOutcome = (intents: readonly Intent[], sent: Entry & { type: 'sent' }): readonly Intent[] => {
  const { nonce, outcome } = sent
  const index = intents.findLastIndex((intent) => intent.nonce === nonce)
  const why = sent.outcome === 'unknown' ? { why: sent.why } : sent.outcome === 'refused' ? { why: sent.code } : {}
  return intents.map((intent, at) => (at === index ? { ...intent, outcome, ...why } : intent))
}

const withFact = (incident: Incident, entry: Entry & { type: 'established' }): Incident => {
  const { [entry.stage]: _, ...decided } = incident.decided
  const { [entry.stage]: __, ...approved } = incident.approved
  const { [entry.stage]: ___, ...checkpoints } = incident.checkpoints
  const times = Object.fromEntries(Object.keys(entry.fact).map((name) => [name, entry.at]))
  return {
    ...incident,
    facts: { ...incident.facts, ...entry.fact },
    intents: incident.intents.map((intent) =>
      intent.stage === entry.stage || isLaterCutoff(incident, entry) ? { ...intent, seen: true } : intent,
    ),
    establishedAt: { ...incident.establishedAt, ...times },
    lastSeenAt: { ...incident.lastSeenAt, ...times },
    sightings: entry.fact.revocation ? [...incident.sightings, { at: entry.at, stands: true }] : incident.sightings,
    decided,
    approved,
    checkpoints,
  }
}

/** With another cut-off what was done before it has to be done again: it was seen, and does not count. */
const isLaterCutoff = ({ facts, earlier }: Incident, { fact: { revocation } }: Entry & { type: 'established' }): boolean => {
  const before = facts.revocation ?? earlier.revocation
  return revocation !== undefined && before !== undefined && before.cutoff !== revocation.cutoff
}

/** The stage whose re-checks are about the deny. */
const DENY = 'revoke-sessions'

const withSighting = ({ sightings }: Incident, { stage, at, stands }: Omit<Recheck, 'says'>): Incident['sightings'] =>
  stage === DENY ? [...sightings, { at, stands }] : sightings

const intentOf = (entry: Entry & { type: 'intended' }): Intent => ({
  stage: entry.stage,
  nonce: entry.nonce,
  effect: entry.effect,
  at: entry.at,
  planned: entry.planned ?? {},
})
