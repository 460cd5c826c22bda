import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activityLine } from '../../../src/investigation/activity-json.ts'
import { type ActivityState, activityFold, type Counted } from '../../../src/investigation/analysis/activity-fold.ts'
import { attributeCalls } from '../../../src/investigation/analysis/attributed-calls.ts'
import { attributionBy } from '../../../src/investigation/analysis/call-attribution.ts'
import { addCounted } from '../../../src/investigation/analysis/counter.ts'
import { failedCalls } from '../../../src/investigation/analysis/failed-calls.ts'
import { newlyObserved } from '../../../src/investigation/analysis/newly-observed.ts'
import { principalIdentity } from '../../../src/investigation/analysis/principal-identity.ts'
import { sessionSummary } from '../../../src/investigation/analysis/session-summary.ts'
import { siblingKeys, userKeys } from '../../../src/investigation/analysis/sibling-keys.ts'
import { touchedObjects } from '../../../src/investigation/analysis/touched-objects.ts'
import { volumeOf } from '../../../src/investigation/analysis/volume.ts'
import { windowActivity } from '../../../src/investigation/analysis/window-activity.ts'
import { artefactsIn } from '../../../src/investigation/persistence/artefacts.ts'
import { type Question, questionOf } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { type Call, counted, instant, many, recordOf, STOLEN, stateOf, theKey, workload } from './records.ts'

const minute = fc.integer({ min: 0, max: 60 * 24 * 3 })
const at = minute.map((offset) => new Date(Date.UTC(2026, 1, 27) + offset * 60_000 + 7000).toISOString().replace('.000Z', 'Z'))

/** A key is one role's only. */
const holder: fc.Arbitrary<Call> = fc.constantFrom(
  { key: STOLEN, role: 'web-app' },
  { key: 'ASIASIBLING000000001', role: 'web-app' },
  { key: 'ASIAOTHER00000000001', role: 'other-role' },
)

const parts: fc.Arbitrary<Call> = fc.record(
  {
    id: fc.integer({ min: 1, max: 40 }).map(String),
    at,
    event: fc.constantFrom(
      's3:ListBuckets',
      's3:GetObject',
      's3:DeleteObject',
      'iam:CreateUser',
      'iam:DeleteUser',
      'sts:AssumeRole',
      'ec2:DescribeInstances',
    ),
    ip: fc.constantFrom('198.51.100.7', '203.0.113.10', 'ec2.amazonaws.com'),
    agent: fc.constantFrom('aws-cli/2', 'Boto3/1'),
    errorCode: fc.constantFrom('AccessDenied', 'ThrottlingException', 'NoSuchBucket'),
    request: fc.constantFrom<object>({ userName: 'eve' }, { bucketName: 'data', key: 'a' }, { bucketName: 'data', key: 'b' }),
    more: fc.constantFrom({}, { additionalEventData: { bytesTransferredOut: 10 } }, { eventCategory: 'Data' }),
  },
  { requiredKeys: ['id', 'at'] },
)

const call = fc.tuple(holder, parts).map(([held, made]) => ({ ...held, ...made }))

const question = fc.record({
  scope: fc.constantFrom({}, { from: instant('2026-02-28T11:30:00Z') }, { until: instant('2026-02-28T11:30:00Z') }),
  wholeAccount: fc.boolean(),
  baselinePrincipal: fc.constantFrom(undefined, { kind: 'role' as const, value: 'web-app' }),
})

const questionFrom = ({
  baselinePrincipal,
  ...told
}: {
  scope: object
  wholeAccount: boolean
  baselinePrincipal: unknown
}): Question =>
  questionOf(theKey, { ...told, ...(baselinePrincipal ? { baselinePrincipal: { kind: 'role', value: 'web-app' } } : {}) })

/** Everything that can be asked of what was counted. */
const allAnswers = (all: Counted): unknown => [
  activityLine(all, { chain: [], persistence: artefactsIn(all.writeEvents), incomplete: [] }),
  sessionSummary(all),
  volumeOf(all),
  windowActivity(all, {}),
  siblingKeys(all),
  userKeys(all),
  principalIdentity(all),
  newlyObserved(all),
  failedCalls(all),
  attributeCalls(all, attributionBy(all, { addresses: ['203.0.113.10'] })),
]

const answersOf = (asked: Question, state: ActivityState): unknown => [
  allAnswers(activityFold(asked).finish(structuredClone(state), asked)),
  JSON.parse(JSON.stringify(touchedObjects([structuredClone(state).counter.touches]))),
]

/** The first record with an id is the one that counts: logs do not say different things under one id. */
const recordsFrom = (calls: readonly Call[]): readonly CloudTrailRecord[] => {
  const byId = new Map<string, CloudTrailRecord>()
  for (const each of calls) if (each.id && !byId.has(each.id)) byId.set(each.id, recordOf(each))
  return [...byId.values()]
}

describe('records are counted exactly, wherever and however often they were met', () => {
  it('two halves merged are the whole, in either order', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), fc.nat(60), question, (calls, cut, told) => {
        const asked = questionFrom(told)
        const records = recordsFrom(calls)
        const whole = answersOf(asked, stateOf(asked, records))
        const halves = () => [stateOf(asked, records.slice(0, cut)), stateOf(asked, records.slice(cut))] as const
        const [a, b] = halves()
        activityFold(asked).merge(a, b)
        expect(answersOf(asked, a)).toEqual(whole)
        const [c, d] = halves()
        activityFold(asked).merge(d, c)
        expect(answersOf(asked, d)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('duplicates count once, whether one thread met them or two', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), fc.array(fc.nat(39)), question, (calls, again, told) => {
        const asked = questionFrom(told)
        const records = recordsFrom(calls)
        const copies = again.flatMap((index) => records[index] ?? [])
        const whole = answersOf(asked, stateOf(asked, records))
        expect(answersOf(asked, stateOf(asked, [...copies, ...records, ...copies]))).toEqual(whole)
        const state = stateOf(asked, records)
        activityFold(asked).merge(state, stateOf(asked, copies))
        expect(answersOf(asked, state)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('the order of records does not matter', () => {
    const shuffled = fc
      .array(call, { maxLength: 40 })
      .map(recordsFrom)
      .chain((records) => fc.tuple(fc.constant(records), fc.shuffledSubarray([...records], { minLength: records.length })))
    fc.assert(
      fc.property(shuffled, question, ([records, others], told) => {
        const asked = questionFrom(told)
        expect(answersOf(asked, stateOf(asked, others))).toEqual(answersOf(asked, stateOf(asked, records)))
      }),
      { numRuns: 60 },
    )
  })

  it('what is counted is what is there', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const records = recordsFrom(calls)
        const own = records.filter(({ accessKeyId }) => accessKeyId === STOLEN)
        expect(sessionSummary(counted(records))).toMatchObject({
          events: own.length,
          succeeded: own.filter(({ outcome }) => outcome === 'ok').length,
          denied: own.filter(({ outcome }) => outcome === 'denied').length,
          throttled: own.filter(({ outcome }) => outcome === 'throttled').length,
        })
      }),
    )
  })

  it('one id under two names is two records: some logs have made-up ids', () => {
    expect(sessionSummary(counted([recordOf({ id: 'x' }), recordOf({ id: 'x', event: 'iam:ListUsers' })])).events).toBe(2)
  })

  it('one id with a success and a refusal is two records too, in either order', () => {
    const [ok, denied] = [recordOf({ id: 'x' }), recordOf({ id: 'x', errorCode: 'AccessDenied' })]
    for (const records of [
      [ok, denied, ok],
      [denied, ok, denied],
    ])
      expect(sessionSummary(counted(records))).toMatchObject({ events: 2, succeeded: 1, denied: 1 })
  })

  it('a million calls of the same kind take no more room than a few', () => {
    const asked = questionOf(theKey)
    const few = stateOf(
      asked,
      many(10, (n) => ({ id: String(n) })),
    )
    const more = stateOf(
      asked,
      many(5000, (n) => ({ id: String(n) })),
    )
    expect(more.counter.timeBuckets.events.length).toBe(few.counter.timeBuckets.events.length)
    expect(sessionSummary(activityFold(asked).finish(more, asked)).events).toBe(5000)
  })
})

describe('the scope parts what is asked about from what it is compared with', () => {
  it('the same key’s earlier calls are baseline when the scope begins later', () => {
    const records = [recordOf({ at: '2026-02-20T00:00:00Z' }), recordOf({ at: '2026-03-01T12:00:00Z' })]
    const all = counted(records, { scope: { from: instant('2026-03-01T00:00:00Z') } })
    expect(sessionSummary(all).events).toBe(1)
    expect([...all.baseline]).toHaveLength(1)
  })

  it('the end of the scope is not in it', () => {
    const scope = { from: instant('2026-03-01T12:00:00Z'), until: instant('2026-03-01T12:30:00Z') }
    const records = ['11:59:59', '12:00:00', '12:29:59', '12:30:00'].map((time) => recordOf({ at: `2026-03-01T${time}Z` }))
    expect(sessionSummary(counted(records, { scope })).events).toBe(2)
  })

  it('the population is found out from the key’s own records', () => {
    const all = counted([...workload(20), recordOf(), recordOf({ role: 'other-role', key: 'ASIAX', at: '2026-02-20T00:00:00Z' })])
    expect(all.baselinePrincipal?.value).toBe('arn:aws:iam::111122223333:role/app/web-app')
    expect([...all.baseline].reduce((sum, { events }) => sum + events, 0)).toBe(20 * 24)
  })

  it('records older than the baseline are not in it', () => {
    const old = recordOf({ key: 'ASIAOLD', at: '2026-01-14T11:59:59Z' })
    const justIn = recordOf({ key: 'ASIAOLD', at: '2026-01-15T12:00:00Z' })
    expect([...counted([old, justIn, recordOf()]).baseline]).toHaveLength(1)
    const scope = { from: instant('2026-03-01T12:00:00Z') }
    expect([...counted([old, justIn, recordOf()], { scope }).baseline]).toHaveLength(1)
  })
})

describe('the first calls that leave something are kept, and all are counted', () => {
  it('the first 20,000 of 41,000 calls are kept in any order of reading', () => {
    const asked = questionOf(theKey)
    const made = recordOf({ event: 'iam:CreateUser', request: { userName: 'eve' } })
    const numbered = Array.from({ length: 41_000 }, (_, n) => ({ ...made, eventId: `event-${String(n).padStart(5, '0')}` }))
    const kept = (records: readonly CloudTrailRecord[]) => {
      const state = stateOf(asked, records.slice(0, 30_000))
      activityFold(asked).merge(state, stateOf(asked, records.slice(30_000)))
      const { writeEvents, writeEventsLeftOut } = activityFold(asked).finish(state, asked)
      return [writeEvents.length, writeEventsLeftOut, writeEvents[0]?.eventId, writeEvents.at(-1)?.eventId]
    }
    const expected = [20_000, 21_000, 'event-00000', 'event-19999']
    expect(kept(numbered)).toEqual(expected)
    expect(kept(numbered.toReversed())).toEqual(expected)
  })
})

describe('numbers that a database has counted can be taken in', () => {
  it('counted numbers are still there after a merge', () => {
    const asked = questionOf(theKey)
    const state = stateOf(asked, [recordOf()])
    const first = Date.parse('2026-03-01T12:00:10Z')
    addCounted(state.counter, recordOf(), 'scope', { events: 41, first, last: first + 5000 })
    const into = stateOf(asked, [])
    activityFold(asked).merge(into, state)
    const summary = sessionSummary(activityFold(asked).finish(into, asked))
    expect(summary).toMatchObject({ events: 42, firstSeen: '2026-03-01T12:00:00Z', lastSeen: '2026-03-01T12:00:15Z' })
  })
})

it('a flood of one call does not hide a rare one, however late it comes', () => {
  const flood = Array.from({ length: 45_000 }, (_, at) => at).map((at) =>
    recordOf({
      at: new Date(Date.parse('2026-03-01T00:00:00Z') + 1000 * at).toISOString().replace('.000', ''),
      event: 'secretsmanager:GetSecretValue',
      request: { secretId: 'app/db' },
      id: `flood-${at}`,
    }),
  )
  const rare = recordOf({ at: '2026-03-02T00:00:00Z', event: 'iam:CreateUser', request: { userName: 'eve' }, id: 'rare' })
  const { writeEvents, writeEventsLeftOut } = counted([...flood, rare])
  expect(writeEvents).toHaveLength(20_000)
  expect(writeEvents.at(-1)?.eventId).toBe('rare')
  expect(writeEventsLeftOut).toBe(25_001)
})

describe('very many objects', () => {
  it('are counted exactly, with the calls whose names are not kept apart', () => {
    const records = many(20_010, (index) => ({ event: 's3:GetObject', request: { bucketName: 'data', key: `k-${index}` } }))
    const [bucket] = touchedObjects([stateOf(questionOf(theKey), records).counter.touches]).rows
    expect(bucket).toMatchObject({ read: 20_010, itemsAll: 20_000, unnamedCalls: 10 })
  })
})
