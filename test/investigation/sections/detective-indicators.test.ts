import { describe, expect, it } from 'vitest'
import type { Indicator } from '../../../src/incident/facts/facts.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { readIndicator } from '../../../src/investigation/enrichment/detective/investigations.ts'
import { indicatorLine, indicatorTitle } from '../../../src/investigation/sections/detective-indicators.ts'

const indicator = (type: string, name: string, members: object): Indicator =>
  readIndicator({ IndicatorType: type, IndicatorDetail: { [name]: members } } as never)

const said = (type: string, name: string, members: object): string => {
  const read = indicator(type, name, members)
  return `${rawLine(indicatorTitle(read))}: ${rawLine(indicatorLine(read, 'role'))}`
}

const IP = '198.51.100.23'

describe('an indicator is shown in words, with every detail', () => {
  it.each<[string, string, object, string]>([
    [
      'TTP_OBSERVED',
      'TTPsObservedDetail',
      {
        Tactic: 'Discovery',
        Technique: 'Cloud Account Discovery',
        Procedure: 'Listing of users',
        IpAddress: IP,
        APIName: 'ListUsers',
        APISuccessCount: 1,
        APIFailureCount: 3,
      },
      `tactic, technique or procedure: tactic Discovery, technique Cloud Account Discovery, procedure Listing of users, API ListUsers, 1 successful call, 3 failed calls, from ${IP}`,
    ],
    [
      'IMPOSSIBLE_TRAVEL',
      'ImpossibleTravelDetail',
      {
        StartingIpAddress: '203.0.113.20',
        EndingIpAddress: IP,
        StartingLocation: 'Ashburn, United States',
        EndingLocation: 'Amsterdam, Netherlands',
        HourlyTimeDelta: 2,
      },
      `impossible travel: from 203.0.113.20 (Ashburn, United States), to ${IP} (Amsterdam, Netherlands), within 2 hours`,
    ],
    [
      'FLAGGED_IP_ADDRESS',
      'FlaggedIpAddressDetail',
      { IpAddress: IP, Reason: 'AWS_THREAT_INTELLIGENCE' },
      `flagged address: ${IP}, flagged by AWS’s threat intelligence`,
    ],
    ['FLAGGED_IP_ADDRESS', 'FlaggedIpAddressDetail', { Reason: 'OTHER' }, 'flagged address: flagged: OTHER'],
    [
      'NEW_GEOLOCATION',
      'NewGeolocationDetail',
      { Location: 'Amsterdam', IpAddress: IP, IsNewForEntireAccount: true },
      `new location: Amsterdam, from ${IP}, new for the whole account`,
    ],
    ['NEW_ASO', 'NewAsoDetail', { Aso: 'Example', IsNewForEntireAccount: false }, 'new network: Example, new for this role only'],
    ['NEW_USER_AGENT', 'NewUserAgentDetail', { UserAgent: 'Boto3' }, 'new user agent: Boto3'],
    [
      'RELATED_FINDING',
      'RelatedFindingDetail',
      { Arn: 'arn:aws:guardduty:x', Type: 'Recon:IAMUser/X', IpAddress: IP },
      `related finding: Recon:IAMUser/X, from ${IP}, arn:aws:guardduty:x`,
    ],
    ['RELATED_FINDING_GROUP', 'RelatedFindingGroupDetail', { Id: 'group-1' }, 'related finding group: group-1'],
  ])('an indicator of type %s is shown in words', (type, name, members, words) => {
    expect(said(type, name, members)).toBe(words)
  })

  it('details that AWS adds to a known type are shown by their names', () => {
    expect(said('NEW_ASO', 'NewAsoDetail', { Aso: 'Example', Since: { Day: 'Monday' } })).toBe(
      'new network: Example, Since.Day Monday',
    )
  })

  it('an indicator of a type that this version does not know shows its type and details by their names', () => {
    expect(said('NEW_KIND', 'NewKindDetail', { Score: 7, Places: ['a', 'b'] })).toBe('NEW_KIND: Score 7, Places.1 a, Places.2 b')
  })

  it('an indicator without details says so', () => {
    expect(said('NEW_ASO', 'NewAsoDetail', {})).toBe('new network: no details')
  })

  it('an indicator is new for a user where a user was investigated', () => {
    const read = indicator('NEW_ASO', 'NewAsoDetail', { Aso: 'Example', IsNewForEntireAccount: false })
    expect(rawLine(indicatorLine(read, 'user'))).toBe('Example, new for this user only')
  })
})

it('a text that somebody else chose stays marked as that', () => {
  const line = indicatorLine(indicator('NEW_USER_AGENT', 'NewUserAgentDetail', { UserAgent: '\u001b[2J' }), 'role')
  expect(line).toEqual([untrusted('\u001b[2J')])
  expect(indicatorTitle({ type: '\u001b[2J', detail: [] })).toEqual(untrusted('\u001b[2J'))
})
