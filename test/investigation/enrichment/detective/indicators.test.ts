import { DetectiveClient, type Indicator, ListIndicatorsCommand } from '@aws-sdk/client-detective'
import { beforeEach, describe, expect, it } from 'vitest'
import { readIndicators } from '../../../../src/investigation/enrichment/detective/investigations.ts'
import { connectionLike, graphOf, OWN } from '../../../support/detective-connection.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError } from '../../../support/stage-context.ts'

const detective = mockClient(DetectiveClient)
const started = { graphArn: graphOf(OWN), investigationId: '000000000000000000001' }

beforeEach(() => void detective.reset())

describe('an indicator', () => {
  const read = async (...Indicators: Indicator[]) => {
    detective.on(ListIndicatorsCommand).resolves({ Indicators })
    return (await readIndicators(started, connectionLike().connection)).indicators
  }
  const detail = (members: object) => Object.entries(members).map(([name, value]) => [name, { untrusted: String(value) }])

  it.each<[string, Indicator['IndicatorDetail'], object]>([
    [
      'TTP_OBSERVED',
      {
        TTPsObservedDetail: {
          Tactic: 'Discovery',
          Technique: 'T1580',
          IpAddress: '198.51.100.23',
          APISuccessCount: 4,
          APIFailureCount: 0,
        },
      },
      { Tactic: 'Discovery', Technique: 'T1580', IpAddress: '198.51.100.23', APISuccessCount: 4, APIFailureCount: 0 },
    ],
    [
      'IMPOSSIBLE_TRAVEL',
      { ImpossibleTravelDetail: { StartingIpAddress: '203.0.113.20', EndingIpAddress: '198.51.100.23', HourlyTimeDelta: 1 } },
      { StartingIpAddress: '203.0.113.20', EndingIpAddress: '198.51.100.23', HourlyTimeDelta: 1 },
    ],
    [
      'FLAGGED_IP_ADDRESS',
      { FlaggedIpAddressDetail: { IpAddress: '198.51.100.23', Reason: 'AWS_THREAT_INTELLIGENCE' } },
      { IpAddress: '198.51.100.23', Reason: 'AWS_THREAT_INTELLIGENCE' },
    ],
    [
      'NEW_GEOLOCATION',
      { NewGeolocationDetail: { Location: 'Amsterdam', IpAddress: '198.51.100.23', IsNewForEntireAccount: true } },
      { Location: 'Amsterdam', IpAddress: '198.51.100.23', IsNewForEntireAccount: true },
    ],
    [
      'NEW_ASO',
      { NewAsoDetail: { Aso: 'AS64496', IsNewForEntireAccount: false } },
      { Aso: 'AS64496', IsNewForEntireAccount: false },
    ],
    ['NEW_USER_AGENT', { NewUserAgentDetail: { UserAgent: 'kali' } }, { UserAgent: 'kali' }],
    [
      'RELATED_FINDING',
      { RelatedFindingDetail: { Arn: 'arn:aws:guardduty:x', Type: 'Recon:IAMUser/X', IpAddress: '198.51.100.23' } },
      { Arn: 'arn:aws:guardduty:x', Type: 'Recon:IAMUser/X', IpAddress: '198.51.100.23' },
    ],
    ['RELATED_FINDING_GROUP', { RelatedFindingGroupDetail: { Id: 'group-1' } }, { Id: 'group-1' }],
  ])('an indicator of type %s has its details', async (type, IndicatorDetail, members) => {
    expect(await read({ IndicatorType: type as never, IndicatorDetail })).toEqual([{ type, detail: detail(members) }])
  })

  it('an indicator of a type that AWS adds later keeps everything in it, nested things by their path', async () => {
    const IndicatorDetail = {
      NewKindDetail: { Score: 0, Nested: { a: 1 }, List: ['x'], None: null, Missing: undefined },
    } as never
    expect(await read({ IndicatorType: 'NEW_KIND' as never, IndicatorDetail })).toEqual([
      { type: 'NEW_KIND', detail: detail({ Score: 0, 'Nested.a': 1, 'List.1': 'x' }) },
    ])
  })

  it('an indicator without a type or details is one all the same', async () => {
    expect(await read({}, { IndicatorType: 'NEW_ASO' }, { IndicatorDetail: {} })).toEqual([
      { type: 'unknown', detail: [] },
      { type: 'NEW_ASO', detail: [] },
      { type: 'unknown', detail: [] },
    ])
  })

  it('is read from all pages, and what is missing is said', async () => {
    detective
      .on(ListIndicatorsCommand)
      .resolves({ Indicators: [{ IndicatorType: 'NEW_ASO' }], NextToken: 'more' })
      .on(ListIndicatorsCommand, { NextToken: 'more' })
      .resolves({ Indicators: [{ IndicatorType: 'NEW_USER_AGENT' }], NextToken: 'more' })
    const { indicators, incomplete } = await readIndicators(started, connectionLike().connection)
    expect(indicators.map(({ type }) => type)).toEqual(['NEW_ASO', 'NEW_USER_AGENT'])
    expect(incomplete).toEqual(['indicators: the service repeated a page token'])
  })
  const page = (token: string | undefined, Indicators: object[], NextToken?: string) =>
    detective
      .on(ListIndicatorsCommand, token === undefined ? {} : { NextToken: token })
      .resolves({ Indicators: Indicators as Indicator[], ...(NextToken ? { NextToken } : {}) })

  it('is read from the first page again when a token was older than 24 hours', async () => {
    page(undefined, [{ IndicatorType: 'NEW_ASO' }], 'more')
    detective
      .on(ListIndicatorsCommand, { NextToken: 'more' })
      .rejectsOnce(awsError('ValidationException'))
      .resolves({ Indicators: [{ IndicatorType: 'NEW_USER_AGENT' }] })
    expect(await readIndicators(started, connectionLike().connection)).toEqual({
      indicators: [
        { type: 'NEW_ASO', detail: [] },
        { type: 'NEW_USER_AGENT', detail: [] },
      ],
      incomplete: [],
    })
  })

  it('is told as far as it was read when Detective refuses the rest, and what is missing is said', async () => {
    page(undefined, [{ IndicatorType: 'NEW_ASO' }], 'more')
    detective.on(ListIndicatorsCommand, { NextToken: 'more' }).rejects(awsError('ValidationException'))
    const { indicators, incomplete } = await readIndicators(started, connectionLike().connection)
    expect(indicators).toHaveLength(1)
    expect(incomplete).toEqual(['indicators: Detective refused detective:ListIndicators: ValidationException'])
  })
})
