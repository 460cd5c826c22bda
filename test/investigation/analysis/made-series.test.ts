import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { baselineOf } from '../../../src/investigation/analysis/baseline.ts'
import { newlyObserved } from '../../../src/investigation/analysis/newly-observed.ts'
import { sessionSummary } from '../../../src/investigation/analysis/session-summary.ts'
import { volumeOf } from '../../../src/investigation/analysis/volume.ts'
import type { PrincipalRef } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { type Call, counted, recordOf, STOLEN, theKey } from './records.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Monday: the day on which the stolen key calls. */
const TODAY = Date.UTC(2026, 2, 2)
const timeOf = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')

/** So many calls in one hour, a second apart. */
const burst = (at: number, calls: number, call: Call = {}): readonly CloudTrailRecord[] =>
  Array.from({ length: calls }, (_, n) => recordOf({ at: timeOf(at + n * 1000), key: 'ASIAEARLIER000000001', ...call }))

/** Bursts on the days before today, `calls(day, hour)` in each hour; day 1 is yesterday. */
const daysBefore = (days: number, calls: (day: number, hour: number) => number, call: Call = {}): readonly CloudTrailRecord[] =>
  Array.from({ length: days * 24 }, (_, index) => {
    const [day, hour] = [1 + Math.floor(index / 24), index % 24]
    return burst(TODAY - day * DAY + hour * HOUR, calls(day, hour), call)
  }).flat()

const spikesIn = (records: readonly CloudTrailRecord[], principal: PrincipalRef = theKey) =>
  volumeOf(counted(records, {}, principal)).buckets.filter(({ spikes }) => spikes.length > 0)

const stolen = (at: number, calls: number, call: Call = {}) => burst(at, calls, { key: STOLEN, ...call })

describe('bursts that recur are no spikes', () => {
  it('a job that makes 20 calls in the first minute of every hour', () => {
    expect(spikesIn([...daysBefore(15, () => 20), ...stolen(TODAY, 20), ...stolen(TODAY + HOUR, 20)])).toEqual([])
  })

  it('a job that runs every seventh hour, whatever the hour of the day', () => {
    const calls = (day: number, hour: number) => ((day * 24 - hour) % 7 === 0 ? 60 : 0)
    expect(spikesIn([...daysBefore(30, calls), ...stolen(TODAY + 5 * HOUR, 60)])).toEqual([])
  })

  it('a job of every night that begins an hour late today', () => {
    expect(spikesIn([...daysBefore(20, (_, hour) => (hour === 3 ? 200 : 0)), ...stolen(TODAY + 4 * HOUR, 200)])).toEqual([])
  })

  it('a job of every Monday', () => {
    expect(
      spikesIn([...daysBefore(28, (day, hour) => (day % 7 === 0 && hour === 6 ? 300 : 1)), ...stolen(TODAY + 6 * HOUR, 300)]),
    ).toEqual([])
  })

  it('calls that become more from day to day', () => {
    const grown = (day: number, hour: number) => (hour === 9 ? Math.max(1, 60 - 2 * day) : 0)
    expect(spikesIn([...daysBefore(28, grown), ...stolen(TODAY + 9 * HOUR, 60)])).toEqual([])
  })

  it('three times as many as ever is one all the same', () => {
    expect(spikesIn([...daysBefore(15, () => 20), ...stolen(TODAY, 80)])).toHaveLength(2)
  })
})

describe('weekends are compared with weekends', () => {
  const workdays = (day: number, hour: number) => {
    const weekday = new Date(TODAY - day * DAY).getUTCDay()
    return weekday % 6 !== 0 && hour >= 8 && hour < 18 ? 50 : 0
  }
  const saturday = TODAY + 5 * DAY

  it('as many calls as on a workday are a spike on a Saturday without calls', () => {
    const week = [1, 2, 3, 4, 5].flatMap((day) =>
      Array.from({ length: 10 }, (_, hour) => burst(saturday - day * DAY + (8 + hour) * HOUR, 50)).flat(),
    )
    expect(spikesIn([...daysBefore(28, workdays), ...week, ...stolen(saturday + 10 * HOUR, 50)]).length).toBeGreaterThan(0)
  })

  it('on a workday they are usual', () => {
    expect(spikesIn([...daysBefore(28, workdays), ...stolen(TODAY + 10 * HOUR, 50)])).toEqual([])
  })
})

describe('like is compared with like', () => {
  const atMidnight = (calls: number) => (_: number, hour: number) => (hour < 2 ? calls : 0)
  const sessions = Array.from({ length: 10 }, (_, n) => `i-0000000000000000${n}`)
  const tenKeys = (days: number) =>
    sessions.flatMap((session, n) => daysBefore(days, atMidnight(10), { session, key: `ASIAWORKER000000000${n}` }))
  const role = { kind: 'role', value: 'web-app' } as const
  const one = sessions[3] ?? ''

  it('one key in ten with ten times its calls is a spike, though the role makes no more than twice as many', () => {
    const records = [...tenKeys(16), ...stolen(TODAY, 100, { session: one })]
    expect(spikesIn(records).length).toBeGreaterThan(0)
  })

  it('a busy role does not hide it, and the session is named', () => {
    const today = sessions.flatMap((session, n) => burst(TODAY, 10, { session, key: `ASIAWORKER000000000${n}` }))
    const spikes = spikesIn([...tenKeys(16), ...today, ...stolen(TODAY, 100, { session: one })], role)
    expect(spikes.map(({ start, spikeOf = [] }) => [start, spikeOf.map(rawText)])).toEqual([
      ['2026-03-02T00:00:00Z', [`AROAEXAMPLEWEBAPP:${one}`]],
    ])
  })

  it('a busy session of the same role is usual for itself alone', () => {
    const busy = daysBefore(16, atMidnight(100), { session: 'i-0busy', key: 'ASIABUSY000000000001' })
    const quiet = daysBefore(16, atMidnight(5), { session: one })
    expect(spikesIn([...busy, ...quiet, ...stolen(TODAY, 100, { session: one })]).length).toBeGreaterThan(0)
    expect(spikesIn([...busy, ...quiet, ...stolen(TODAY, 100, { session: 'i-0busy' })])).toEqual([])
  })

  it('a session that is new is compared with the others', () => {
    expect(spikesIn([...tenKeys(16), ...stolen(TODAY, 14, { session: 'i-0new' })])).toEqual([])
    expect(spikesIn([...tenKeys(16), ...stolen(TODAY, 40, { session: 'i-0new' })]).length).toBeGreaterThan(0)
  })
})

describe('a role, a user and a long-term key have a baseline without a scope', () => {
  const role = { kind: 'role', value: 'web-app' } as const
  const attack = burst(TODAY, 3, { event: 'iam:CreateUser', ip: '203.0.113.66' })

  it('their latest days are compared with those before; all calls are counted', () => {
    const all = counted([...daysBefore(30, () => 1), ...attack], {}, role)
    expect(all.comparedFrom).toBe('2026-02-23T00:00:00Z')
    expect(baselineOf(all)).toMatchObject({ days: 23, inTraining: false })
    expect(newlyObserved(all).apis.map(({ api, events }) => [api, events])).toEqual([['CreateUser', 3]])
    expect(sessionSummary(all).events).toBe(30 * 24 + 3)
  })

  it.each([
    [20, '2026-02-24T00:00:00Z'],
    [10, '2026-03-01T00:00:00Z'],
  ])('with %i days, fewer of them are compared', (days, from) => {
    expect(counted([...daysBefore(days, () => 1), ...attack], {}, role).comparedFrom).toBe(from)
  })

  it('a day alone has none, and nothing is new', () => {
    const all = counted([...daysBefore(1, () => 1), ...attack], {}, role)
    expect([all.comparedFrom, newlyObserved(all).compared]).toEqual([undefined, false])
  })

  it('a long-term key has one, a temporary one has its role’s', () => {
    const key = { kind: 'access-key-id', value: 'AKIALONGTERM00000001' } as const
    expect(
      counted(
        daysBefore(30, () => 1, { key: key.value }),
        {},
        key,
      ).comparedFrom,
    ).toBeDefined()
    expect(counted(daysBefore(30, () => 1, { key: STOLEN })).comparedFrom).toBeUndefined()
  })

  it('a scope that was named stands', () => {
    expect(
      counted(
        daysBefore(30, () => 1),
        { scope: { from: '2026-02-20T00:00:00Z' as never } },
        role,
      ).comparedFrom,
    ).toBeUndefined()
  })
})
