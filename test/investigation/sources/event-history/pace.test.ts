import { beforeAll, describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { ago, type Happened, type HistoryRan, historyOf } from './virtual-history.ts'

const KEY = 'ASIAEXAMPLEEXAMPLE01'
const HOUR = 3600

/** Calls of one key, one after the other, the last of them ten minutes ago. */
const ofKey = (count: number, within = 6 * HOUR, region = 'eu-central-1'): Happened[] =>
  Array.from({ length: count }, (_, index) => ({
    ago: 600 + (index * within) / count,
    ...{ accessKeyId: KEY, username: 'i-0123456789abcdef0', region },
  }))

const asked = {
  questions: [questionOf({ kind: 'access-key-id', value: KEY }, { scope: { from: ago(7 * HOUR) }, baselineDays: 0 })],
  followChainedSessions: false,
  range: {},
}

/** Only the key's own lookups: nothing is spent on its session. */
const options = { baselineCalls: 0 }

const callsIn = ({ requests }: HistoryRan, region: string) => requests.filter((each) => each.region === region)

/** Windows that the lookups were cut into: different queries. */
const windowsOf = (calls: HistoryRan['requests']): number =>
  new Set(calls.map(({ attribute, start, end }) => `${attribute} ${start}/${end}`)).size

const throttles = ({ received }: HistoryRan): number => received.filter(({ outcome }) => outcome !== 'ok').length

describe('5,000 events of one key', () => {
  let quick: HistoryRan
  beforeAll(async () => {
    quick = historyOf({ events: ofKey(5000), asked, latency: 0.3, options })
    await quick.answer()
  })

  it('take not one call more than their pages where answers are quick, and are read at the rate that is allowed', () => {
    const calls = callsIn(quick, 'eu-central-1')
    expect(calls.filter(({ attribute }) => attribute === 'AccessKeyId')).toHaveLength(100)
    expect(quick.seconds()).toBeLessThanOrEqual((1.02 * calls.length) / 2)
    expect(throttles(quick)).toBe(0)
  })

  it('are read at that rate too where answers are slow, in time windows that are read together', async () => {
    const slow = historyOf({ events: ofKey(5000), asked, latency: 2, options })
    const { states } = await slow.answer()
    const calls = callsIn(slow, 'eu-central-1')
    expect(states.get(`access-key-id ${KEY}`)?.state.counter.ids.size).toBe(5000)
    expect(calls.length).toBeLessThanOrEqual(100 + windowsOf(calls))
    expect(windowsOf(calls)).toBeLessThanOrEqual(17)
    expect(slow.seconds()).toBeLessThanOrEqual((1.15 * calls.length) / 2)
    expect(throttles(slow)).toBe(0)
  })

  it('give a first answer within a second', () => {
    expect(quick.early).toEqual([{ after: expect.toSatisfy((seconds) => seconds < 1), events: 50 }])
  })

  it('are told of with the time that is left', () => {
    const halfway = quick.progress.find(({ events }) => events >= 2500)
    expect(halfway).toMatchObject({ unit: 'page', done: expect.toSatisfy((pages) => pages >= 50) })
    expect(halfway?.secondsLeft).toBeGreaterThan(20)
    expect(halfway?.secondsLeft).toBeLessThan(40)
    expect(quick.progress.at(-1)?.secondsLeft).toBe(0)
    // After the first few pages nobody knows.
    expect(quick.progress.find(({ done }) => done < 10)?.secondsLeft).toBeUndefined()
  })
})

describe('several Regions', () => {
  it('are read together, each at its own rate', async () => {
    const events = [...ofKey(1000, HOUR), ...ofKey(1000, HOUR, 'us-east-1'), ...ofKey(500, HOUR, 'eu-west-1')]
    const history = historyOf({ events, asked, regions: ['eu-central-1', 'eu-west-1'], options })
    const { states, report } = await history.answer()
    expect(states.get(`access-key-id ${KEY}`)?.state.counter.ids.size).toBe(2500)
    // In each Region one more for the key as a resource, and three for what was done to the key, its role and its instance.
    expect(report.calls).toBe(20 + 20 + 10 + 3 + 3 * 3)
    expect(history.seconds()).toBeLessThanOrEqual((1.15 * 24) / 2)
    expect(throttles(history)).toBe(0)
  })

  it('have us-east-1 among them, where global services are recorded', async () => {
    const history = historyOf({ events: [], asked, regions: ['eu-west-1'], options })
    await history.answer()
    expect(new Set(history.requests.map(({ region }) => region))).toEqual(new Set(['eu-west-1', 'us-east-1']))
  })

  it.each([
    ['us-gov-east-1', ['us-gov-west-1']],
    ['cn-northwest-1', ['cn-north-1']],
  ])('the Regions that are read for %s have the one where its partition records global services', async (region, others) => {
    const history = historyOf({ events: [], asked, regions: [region], options })
    await history.answer()
    expect(new Set(history.requests.map((request) => request.region))).toEqual(new Set([region, ...others]))
  })
})

describe('a lookup', () => {
  it('always has a beginning and an end', async () => {
    const endless = { ...asked, questions: [questionOf({ kind: 'access-key-id', value: KEY })] }
    const history = historyOf({ events: ofKey(300), asked: endless })
    await history.answer()
    expect(history.requests.length).toBeGreaterThan(6)
    for (const { start, end } of history.requests) expect([typeof start, typeof end]).toEqual(['number', 'number'])
  })

  it('asks for nothing twice: each second of the range stands in one window', async () => {
    const history = historyOf({ events: ofKey(3000), asked, latency: 4, options })
    await history.answer()
    const starts = callsIn(history, 'eu-central-1').filter(({ attribute }) => attribute === 'AccessKeyId')
    const queries = new Map(starts.map(({ start, end }) => [`${start}/${end}`, { start, end }]))
    expect(queries.size).toBeGreaterThan(4)
    expect(starts.filter(({ token }) => token === undefined)).toHaveLength(queries.size)
  })
})
