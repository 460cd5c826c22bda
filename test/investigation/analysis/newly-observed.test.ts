import { describe, expect, it } from 'vitest'
import type { LocateAddress } from '../../../src/incident/facts/activity.ts'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { newlyObserved } from '../../../src/investigation/analysis/newly-observed.ts'
import { counted, many, recordOf, workload } from './records.ts'

const THEFT = '2026-03-01T12:00:00Z'

const locate: LocateAddress = (ip) =>
  ({
    '203.0.113.10': { country: 'Ireland', network: 'AS64500 Home' },
    '203.0.113.11': { country: 'Ireland', network: 'AS64501 Other' },
    '198.51.100.7': { country: 'Netherlands', network: 'AS64502 Hosting' },
  })[ip]

describe('what the baseline does not know is new', () => {
  const theft = [
    recordOf({ at: THEFT, event: 'iam:CreateUser' }),
    recordOf({ at: '2026-03-01T12:05:00Z', event: 'iam:CreateUser' }),
    recordOf({ at: '2026-03-01T12:01:00Z' }),
  ]

  it('API calls, user agents, addresses, countries and networks, with their first sight and their number', () => {
    const news = newlyObserved(counted([...workload(45), ...theft]), locate)
    expect(news.apis).toEqual([
      { eventSource: 'iam.amazonaws.com', service: 'iam', api: 'CreateUser', firstSeen: THEFT, events: 2, newFor: 'role' },
    ])
    expect(news.userAgents.map(({ userAgent, events }) => [rawText(userAgent), events])).toEqual([['aws-cli/2.15.0', 3]])
    expect(news.ips.map(({ ip, firstSeen }) => [rawText(ip), firstSeen])).toEqual([['198.51.100.7', THEFT]])
    expect(news.countries.map(({ country }) => rawText(country))).toEqual(['Netherlands'])
    expect(news.networks.map(({ network }) => rawText(network))).toEqual(['AS64502 Hosting'])
  })

  it('the workload’s own calls are not new', () => {
    const own = { ip: '203.0.113.10', agent: 'workload/1.0', event: 's3:ListBuckets' }
    const news = newlyObserved(
      counted([...workload(45), ...many(24, (h) => ({ ...own, at: `2026-03-01T${String(h).padStart(2, '0')}:00:00Z` }))]),
      locate,
    )
    expect([news.apis, news.userAgents, news.ips, news.countries, news.networks, news.increased]).toEqual([
      [],
      [],
      [],
      [],
      [],
      [],
    ])
  })

  it('a new address in a known country is a new address only', () => {
    const news = newlyObserved(counted([...workload(45), recordOf({ at: THEFT, ip: '203.0.113.11' })]), locate)
    expect([news.ips.length, news.countries.length, news.networks.length]).toEqual([1, 0, 1])
  })

  it('a service is no address', () => {
    expect(newlyObserved(counted([...workload(45), recordOf({ at: THEFT, ip: 'ec2.amazonaws.com' })])).ips).toEqual([])
  })

  it('without a baseline nothing is called new, and that is said', () => {
    expect(newlyObserved(counted(theft))).toMatchObject({ compared: false, apis: [], userAgents: [], ips: [] })
  })

  it('calls of the hour in which the scope begins are not baseline', () => {
    const sibling = recordOf({ at: '2026-03-01T12:00:01Z', key: 'ASIAOTHER', event: 'iam:CreateUser' })
    const all = counted([...workload(45), sibling, recordOf({ at: '2026-03-01T12:30:00Z', event: 'iam:CreateUser' })])
    expect(newlyObserved(all).apis.map(({ api }) => api)).toEqual(['CreateUser'])
  })
})

describe('new for the role may be old for the account', () => {
  const theft = recordOf({ at: THEFT, event: 'iam:CreateUser' })
  const admin = recordOf({
    at: '2026-02-01T00:00:00Z',
    role: 'admin',
    key: 'ASIAADMIN',
    event: 'iam:CreateUser',
    ip: '192.0.2.9',
  })

  it.each([
    ['the account knows the call from somebody else', [admin], 'role'],
    ['nobody in the account made the call', [], 'account'],
    [
      'somebody made it only after the theft',
      [recordOf({ at: '2026-03-02T00:00:00Z', role: 'admin', event: 'iam:CreateUser', key: 'ASIAADMIN' })],
      'account',
    ],
  ])('%s', (_, others, newFor) => {
    for (const records of [
      [...workload(45), ...others, theft],
      [theft, ...others, ...workload(45)],
    ]) {
      const news = newlyObserved(counted(records, { wholeAccount: true }))
      expect(news).toMatchObject({ accountRead: true, apis: [{ newFor }] })
    }
  })

  it('a user agent that only the account knew, too', () => {
    const { userAgents, ips } = newlyObserved(counted([...workload(45), admin, theft], { wholeAccount: true }))
    expect([userAgents[0]?.newFor, ips[0]?.newFor]).toEqual(['role', 'account'])
  })

  it('an API is new for the role only, if the account was not read', () => {
    expect(newlyObserved(counted([...workload(45), theft]))).toMatchObject({ accountRead: false, apis: [{ newFor: 'role' }] })
  })
})

describe('an API call has increased when its busiest hour is ten calls and three times the busiest before', () => {
  const theft = (times: number) => many(times, (n) => ({ at: `2026-03-01T12:${String(n % 60).padStart(2, '0')}:00Z` }))

  it.each([
    [9, 0],
    [10, 1],
  ])('%i calls in an hour, where it was one', (times, rows) => {
    expect(newlyObserved(counted([...workload(45), ...theft(times)])).increased).toHaveLength(rows)
  })

  it('a job that always made its calls in one hour has not', () => {
    const job = many(45 * 8, (n) => ({
      key: 'ASIAJOB',
      at: new Date(Date.UTC(2026, 1, 28 - (n % 45), 3, n % 60)).toISOString().replace('.000Z', 'Z'),
    }))
    expect(newlyObserved(counted([...job, ...theft(20)])).increased).toEqual([])
    expect(newlyObserved(counted([...job, ...theft(24)])).increased).toMatchObject([{ busiestHour: 24, busiestHourBefore: 8 }])
  })

  it('a call that is new has not increased: it is new', () => {
    const news = newlyObserved(
      counted([...workload(45), ...many(50, (n) => ({ at: THEFT, event: 'iam:ListUsers', id: `n${n}` }))]),
    )
    expect(news.increased).toEqual([])
    expect(news.apis).toHaveLength(1)
  })
})
