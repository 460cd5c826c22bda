import { describe, expect, it } from 'vitest'
import type { Entry, Request } from '../../src/incident/entry.ts'
import { emptyIncident, type Incident, learn, replay } from '../../src/incident/incident.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { at, journal, revokeEffect, setting } from '../support/sample-incident.ts'

const stage = 'revoke-sessions'
const request: Request = { by: 'list' }
const opened: Entry = { type: 'opened', at: at('02:00:00'), incident: 'web-app-1', version: '0', request, setting }
const revocation = {
  policyName: 'AWSRevokeOlderSessions',
  cutoff: at('02:03:41'),
  readBackAt: at('02:03:13'),
  writtenBy: 'ours',
  simulation: { unavailable: 'AccessDenied' },
} as const
const established: Entry = { type: 'established', at: at('02:05:00'), stage, fact: { revocation } }
const approved: Entry = { type: 'approved', at: at('02:02:00'), stage, effects: [revokeEffect], by: 'alice' }
const intended = (nonce: string): Entry => ({ type: 'intended', at: at('02:03:00'), stage, nonce, effect: revokeEffect })
const accepted = (nonce: string): Entry => ({
  type: 'sent',
  at: at('02:03:01'),
  stage,
  nonce,
  outcome: 'accepted',
  requestId: 'r',
})
const refused = (nonce: string): Entry => ({
  type: 'sent',
  at: at('02:03:01'),
  stage,
  nonce,
  outcome: 'refused',
  code: 'AccessDenied',
  message: untrusted('no'),
})
const unknown = (nonce: string): Entry => ({ type: 'sent', at: at('02:03:01'), stage, nonce, outcome: 'unknown', why: 'lost' })
const ended: Entry = { type: 'ended', at: at('02:30:00'), ending: 'declined', exitCode: 3, unproven: [], alarms: [] }

/** What an entry changes in an incident, besides the time of its newest entry. */
const changed = (before: Incident, entry: Entry): string[] => {
  const after = learn(before, entry)
  return (Object.keys(after) as (keyof Incident)[]).filter((name) => name !== 'lastAt' && after[name] !== before[name])
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

describe('a resumed incident', () => {
  const resumed = (more: object = {}): Entry => ({
    type: 'resumed',
    at: at('03:00:00'),
    responderArn: setting.responderArn,
    ...more,
  })

  it('has the profile by which Detective is asked since then', () => {
    expect(replay([opened, resumed({ detectiveProfile: 'security' }), resumed()]).setting).toEqual({
      ...setting,
      detectiveProfile: 'security',
    })
    expect(replay([opened, resumed()]).setting).toEqual(setting)
  })
})

describe('an entry of the journal', () => {
  it('gives the incident its name, setting and time when it opens it', () => {
    expect(replay([opened])).toMatchObject({ id: 'web-app-1', setting, openedAt: at('02:00:00'), lastAt: at('02:00:00') })
  })

  it('puts its fact and time into the incident', () => {
    const { facts, establishedAt } = replay([opened, established])
    expect(facts).toEqual({ revocation })
    expect(establishedAt).toEqual({ revocation: at('02:05:00') })
  })

  it('replaces an earlier fact and its time', () => {
    const again: Entry = { ...established, at: at('03:00:00'), fact: { revocation: { ...revocation, cutoff: at('02:59:00') } } }
    const { facts, establishedAt } = replay([opened, established, again])
    expect(facts.revocation?.cutoff).toBe(at('02:59:00'))
    expect(establishedAt).toEqual({ revocation: at('03:00:00') })
  })

  it('approves until the stage is established, and no longer', () => {
    expect(replay([opened, approved]).approved).toMatchObject({ [stage]: { effects: [revokeEffect] } })
    expect(replay([opened, approved, established]).approved).toEqual({})
  })

  it('approves one stage beyond the fact of another', () => {
    const other: Entry = { ...established, stage: 'restart-instance' }
    expect(replay([opened, approved, other]).approved).toMatchObject({ [stage]: { effects: [revokeEffect] } })
  })

  it.each([
    { type: 'skipped', at: at('02:04:00'), stage, by: 'alice' },
    { type: 'notApplicable', at: at('02:04:00'), stage, why: 'no role' },
  ] satisfies Entry[])('an entry that decides a stage without a fact ($type) is forgotten once there is one', (entry) => {
    expect(Object.keys(replay([opened, entry]).decided)).toEqual([stage])
    expect(replay([opened, entry, established]).decided).toEqual({})
  })

  it('names who skipped a stage, and why a stage is not applicable', () => {
    const skipped: Entry = { type: 'skipped', at: at('02:04:00'), stage, by: 'alice' }
    const idle: Entry = { type: 'notApplicable', at: at('02:04:00'), stage: 'investigate-session', why: 'no graph' }
    expect(replay([skipped, idle]).decided).toEqual({
      [stage]: { how: 'skipped', why: 'skipped by alice' },
      'investigate-session': { how: 'notApplicable', why: 'no graph' },
    })
  })

  it('keeps its re-check in the order in which they were made', () => {
    const stands: Entry = { type: 'rechecked', at: at('02:06:00'), stage, stands: true, says: 'stands' }
    const gone: Entry = { type: 'rechecked', at: at('02:07:00'), stage, stands: false, says: 'GONE' }
    expect(replay([stands, gone]).rechecks.map(({ says }) => says)).toEqual(['stands', 'GONE'])
  })

  it.each([
    { type: 'kept', at: at('02:01:00'), stage, name: 'finding', ref: { file: 'f', sha256: 'a', bytes: 1 } },
    { type: 'blocked', at: at('02:01:00'), stage, why: 'w', remedy: 'r' },
    { type: 'interrupted', at: at('02:01:00'), by: 'SIGINT' },
    { type: 'recovered', at: at('02:01:00'), why: 'a torn line' },
  ] satisfies Entry[])('an entry of type $type is only a record: it changes nothing but the time of the newest', (entry) => {
    const before = replay([opened, approved])
    expect(changed(before, entry)).toEqual([])
    expect(learn(before, entry).lastAt).toBe(entry.at)
  })

  it('shows that the deny does not stand where a new one is declined', () => {
    const before = replay([opened, approved])
    const declined: Entry = { type: 'declined', at: at('02:01:00'), stage: 'revoke-sessions', why: 'nobody there' }
    expect(changed(before, declined)).toEqual(['sightings'])
    expect(learn(before, declined).sightings.at(-1)).toMatchObject({ at: declined.at, stands: false })
    expect(changed(before, { ...declined, stage: 'preserve-evidence' })).toEqual([])
  })

  it('resumes an incident that an earlier entry ended', () => {
    const closed = replay([opened, ended])
    expect(closed.ended).toEqual({ ending: 'declined', exitCode: 3, at: at('02:30:00') })
    const resumed = learn(closed, { type: 'resumed', at: at('03:00:00'), responderArn: setting.responderArn })
    expect('ended' in resumed).toBe(false)
  })
})

describe('the intent of a change', () => {
  const outcomes = (entries: readonly Entry[]) => replay(entries).intents.map(({ outcome }) => outcome)

  it('has no outcome until one is written down', () => {
    expect(outcomes([intended('a')])).toEqual([undefined])
  })

  it.each([
    ['accepted', accepted],
    ['refused', refused],
    ['unknown', unknown],
  ])('becomes %s when it is sent', (outcome, sent) => {
    expect(outcomes([intended('a'), sent('a')])).toEqual([outcome])
  })

  it('takes the outcome of its own nonce, not of its neighbour’s', () => {
    expect(outcomes([intended('a'), intended('b'), refused('a')])).toEqual(['refused', undefined])
  })

  it('is a second intent when sent again under its nonce, and the first keeps its outcome', () => {
    expect(outcomes([intended('a'), refused('a'), intended('a'), accepted('a')])).toEqual(['refused', 'accepted'])
  })

  it('gets no outcome when it is not in the journal', () => {
    expect(replay([opened, accepted('a')]).intents).toEqual([])
  })

  it('keeps what was planned, for a later run to read back', () => {
    const cutoff = at('02:03:41')
    const entry: Entry = { ...intended('a'), planned: { cutoff } } as Entry
    expect(replay([entry, intended('b')]).intents.map(({ planned }) => planned)).toEqual([{ cutoff }, {}])
  })

  it('outlives the fact that follows from it', () => {
    expect(replay([intended('a'), accepted('a'), established]).intents).toHaveLength(1)
  })
})

describe('a replay', () => {
  it('a replay of no entries is the empty incident', () => {
    expect(replay([])).toEqual(emptyIncident)
  })

  it('changes neither the incident before nor the entry', () => {
    const entries = deepFreeze(structuredClone(journal))
    let incident = deepFreeze(structuredClone(emptyIncident))
    for (const entry of entries) incident = deepFreeze(learn(incident, entry))
    expect(incident).toEqual(replay(journal))
  })

  it('can be cut anywhere and continued', () => {
    for (let cut = 0; cut <= journal.length; cut += 1) {
      const incident = journal.slice(cut).reduce(learn, replay(journal.slice(0, cut)))
      expect(incident).toEqual(replay(journal))
    }
  })

  it('a replay of a whole response holds every fact, every decision and the ending', () => {
    const incident = replay(journal)
    expect(Object.keys(incident.facts)).toEqual(['finding', 'revocation', 'restart', 'rotation', 'closure'])
    expect(Object.keys(incident.decided)).toEqual(['preserve-evidence', 'investigate-session'])
    expect(incident.intents.map(({ outcome }) => outcome)).toEqual(['accepted', 'unknown'])
    expect(incident.approved).toEqual({})
    expect(incident.ended?.ending).toBe('completed')
  })
})
