import { describe, expect, test } from 'vitest'
import { writeFunctionHistory, writeHistory, writeRefreshes } from '../../../src/simulator/actors/workload-history.ts'
import { steppingClock } from '../../../src/simulator/clock.ts'
import type { TrailRecord } from '../../../src/simulator/records/trail.ts'
import { buildStandardAccount } from '../../../src/simulator/scenario-kit/standard-account.ts'
import { NOW } from '../../support/trail.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const history = (seed = 1) => {
  const standard = buildStandardAccount({ clock: steppingClock(NOW), seed })
  const { account, role, subjectInstance, neighbours } = standard
  writeRefreshes(account, subjectInstance, NOW - HOUR)
  writeHistory(account, role, [subjectInstance, ...neighbours], NOW)
  return { ...standard, records: account.trail.all() }
}

const byWorkload = (records: readonly TrailRecord[]): TrailRecord[] =>
  records.filter(({ username }) => username?.startsWith('i-'))

describe('the application’s history', () => {
  test('is the same for the same seed, and another for another', () => {
    const told = (seed: number): string => JSON.stringify(history(seed).records.map((record) => record.document()))
    expect(told(1)).toBe(told(1))
    expect(told(1)).not.toBe(told(2))
  })

  test('covers 45 days and ends in the past', () => {
    const { records } = history()
    expect((NOW - (records[0]?.at ?? NOW)) / DAY).toBeGreaterThan(44)
    expect(records.every(({ at }) => at < NOW)).toBe(true)
    expect(records.map(({ at }) => at)).toEqual(records.map(({ at }) => at).sort((a, b) => a - b))
  })

  test('comes from the instances’ own addresses with their own agents, each session named after its instance', () => {
    const { records, subjectInstance, account } = history()
    const [gateway] = account.natGateways.values()
    for (const record of byWorkload(records)) {
      const { sourceIPAddress, userAgent } = record.document()
      expect(sourceIPAddress).toBe(record.username === subjectInstance.id ? subjectInstance.publicIp : gateway?.publicIp)
      expect(userAgent).toMatch(/^aws-(sdk-js|cli\/2)/)
    }
  })

  test('is busier on working days than at weekends, and by day than by night', () => {
    const calls = byWorkload(history().records)
    const count = (fits: (date: Date) => boolean): number => calls.filter(({ at }) => fits(new Date(at))).length
    const weekend = count((date) => [0, 6].includes(date.getUTCDay())) / 2
    const week = count((date) => ![0, 6].includes(date.getUTCDay())) / 5
    expect(week).toBeGreaterThan(1.5 * weekend)
    expect(count((date) => date.getUTCHours() >= 8 && date.getUTCHours() < 18)).toBeGreaterThan(
      1.5 * count((date) => date.getUTCHours() < 7),
    )
  })

  test('the calls of the last two days use the credentials that the metadata service handed out', () => {
    const { records, subjectInstance, account } = history()
    const recent = byWorkload(records).filter(
      ({ at, username }) => username === subjectInstance.id && at > NOW - 2 * DAY + 2 * HOUR,
    )
    expect(recent.length).toBeGreaterThan(3)
    expect(recent.every(({ accessKeyId = '' }) => account.credentials.find(accessKeyId)?.ec2RoleDelivery === '2.0')).toBe(true)
  })
})

test('the metadata service gets two sets every hour for two days, in the same second', () => {
  const standard = buildStandardAccount({ clock: steppingClock(NOW) })
  writeRefreshes(standard.account, standard.subjectInstance, NOW - HOUR)
  const { v1, v2 } = standard.subjectInstance.delivered
  expect(v1).toHaveLength(48)
  expect(v2).toHaveLength(48)
  const issues = standard.account.trail.all().filter(({ eventName }) => eventName === 'AssumeRole')
  expect(issues).toHaveLength(96)
  expect(new Set(issues.map(({ at }) => at)).size).toBe(48)
  expect(v2.map(({ from }) => from)).toEqual(v2.map(({ from }) => from).sort((a, b) => a - b))
})

test('a function takes credentials of the same role every morning', () => {
  const standard = buildStandardAccount({ clock: steppingClock(NOW) })
  writeFunctionHistory(standard.account, standard.role, 'resize-images', NOW)
  const documents = standard.account.trail.all().map((record) => record.document())
  expect(documents.filter(({ sourceIPAddress }) => sourceIPAddress === 'lambda.amazonaws.com')).toHaveLength(7)
  expect(standard.account.trail.all().filter(({ username }) => username === 'resize-images')).toHaveLength(7)
})
