import {
  DetectiveClient,
  GetInvestigationCommand,
  type Indicator,
  ListGraphsCommand,
  ListIndicatorsCommand,
  ListInvestigationsCommand,
} from '@aws-sdk/client-detective'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import 'aws-sdk-client-mock-vitest/extend'
import { plus } from '../../../src/incident/instant.ts'
import {
  finishedInvestigation,
  graphIn,
  indicatorsOf,
  standingInvestigation,
} from '../../../src/stages/investigate-session/detective.ts'
import { NOON } from '../../support/noon.ts'
import { contextsOf } from '../../support/stage-context.ts'

const detective = mockClient(DetectiveClient)
const { contextLike, lentContext } = contextsOf({ detective: DetectiveClient })
const graphArn = 'arn:aws:detective:us-east-1:111122223333:graph:4e6f81a3b5c7d9e0f1a2b3c4d7ab2c0d'
const roleArn = 'arn:aws:iam::111122223333:role/service/web-app'
const investigationId = '000000000000000000001'
const region = 'us-east-1'
const started = { graphArn, investigationId, region }

beforeEach(() => void detective.reset())

describe('the behaviour graph', () => {
  it('is the Region’s, where this account administers one', async () => {
    detective
      .on(ListGraphsCommand)
      .resolvesOnce({ GraphList: [{ Arn: graphArn }] })
      .resolvesOnce({ GraphList: [] })
    expect(await graphIn(region, contextLike())).toBe(graphArn)
    expect(await graphIn(region, contextLike())).toBeUndefined()
  })
})

describe('an investigation that stands already', () => {
  const listed = (...InvestigationDetails: object[]) =>
    detective.on(ListInvestigationsCommand).resolves({ InvestigationDetails: InvestigationDetails as never })
  const standing = () => standingInvestigation({ graphArn, roleArn, region, since: plus(NOON, -600) }, contextLike())

  it('is the newest of the role that did not fail', async () => {
    listed(
      { InvestigationId: 'old', Status: 'SUCCESSFUL', CreatedTime: new Date(plus(NOON, -500)) },
      { InvestigationId: 'new', Status: 'RUNNING', CreatedTime: new Date(plus(NOON, -100)) },
      { InvestigationId: 'failed', Status: 'FAILED', CreatedTime: new Date(plus(NOON, -50)) },
      { Status: 'SUCCESSFUL', CreatedTime: new Date(NOON) },
    )
    expect(await standing()).toEqual({ investigationId: 'new' })
  })

  it('was started within the hour before the incident, or later', async () => {
    listed()
    expect(await standing()).toBeUndefined()
    expect(detective).toHaveReceivedCommandWith(ListInvestigationsCommand, {
      GraphArn: graphArn,
      FilterCriteria: {
        EntityArn: { Value: roleArn },
        CreatedTime: { StartInclusive: new Date(plus(NOON, -4_200)), EndInclusive: new Date(plus(NOON, 60)) },
      },
      SortCriteria: { Field: 'CREATED_TIME', SortOrder: 'DESC' },
    })
  })

  it('may stand on a later page', async () => {
    detective
      .on(ListInvestigationsCommand)
      .resolves({ InvestigationDetails: [], NextToken: 'more' })
      .on(ListInvestigationsCommand, { NextToken: 'more' })
      .resolves({ InvestigationDetails: [{ InvestigationId: 'one', Status: 'RUNNING' }] })
    expect(await standing()).toEqual({ investigationId: 'one' })
  })

  it('that cannot be looked for to the end is an error: a second one is not started on a guess', async () => {
    detective.on(ListInvestigationsCommand).resolves({ InvestigationDetails: [], NextToken: 'again' })
    await expect(standing()).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

describe('an investigation', () => {
  const running = { Status: 'RUNNING' as const }
  const done = {
    Status: 'SUCCESSFUL' as const,
    Severity: 'HIGH' as const,
    State: 'ACTIVE' as const,
    ScopeStartTime: new Date('2026-11-25T01:00:00Z'),
    ScopeEndTime: new Date('2026-11-25T02:00:00Z'),
  }

  it('is waited for until it is done', async () => {
    detective.on(GetInvestigationCommand).resolvesOnce(running).resolvesOnce(running).resolves(done)
    const { context, progress } = lentContext()
    expect(await finishedInvestigation(started, context)).toEqual({
      status: 'SUCCESSFUL',
      severity: 'HIGH',
      state: 'ACTIVE',
      scopeStart: '2026-11-25T01:00:00Z',
      scopeEnd: '2026-11-25T02:00:00Z',
      incomplete: [],
    })
    expect(progress).toHaveLength(2)
    expect(context.now()).toBe(plus(NOON, 30))
  })

  it('that does not end within 15 minutes is told as it is then', async () => {
    detective.on(GetInvestigationCommand).resolves(running)
    const context = contextLike()
    const seen = await finishedInvestigation(started, context)
    expect(seen).toMatchObject({
      status: 'RUNNING',
      incomplete: ['the investigation is still running; continue later for its result'],
    })
    expect(context.now()).toBe(plus(NOON, 900))
  })

  it('is waited for by nobody in a dry run', async () => {
    detective.on(GetInvestigationCommand).resolves(running)
    const context = contextLike({ dryRun: true })
    await finishedInvestigation(started, context)
    expect(context.now()).toBe(NOON)
  })

  it('that failed is told as failed', async () => {
    detective.on(GetInvestigationCommand).resolves({ Status: 'FAILED' })
    expect(await finishedInvestigation(started, contextLike())).toMatchObject({ status: 'FAILED', incomplete: [] })
  })
})

describe('an indicator', () => {
  const read = async (...Indicators: Indicator[]) => {
    detective.on(ListIndicatorsCommand).resolves({ Indicators })
    return (await indicatorsOf(started, contextLike())).indicators
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
  ])('of type %s is told with its details', async (type, IndicatorDetail, members) => {
    expect(await read({ IndicatorType: type as never, IndicatorDetail })).toEqual([{ type, detail: detail(members) }])
  })

  it('of a type that AWS adds later is told as well, its scalars only', async () => {
    const IndicatorDetail = {
      NewKindDetail: { Score: 0, Nested: { a: 1 }, List: ['x'], None: null, Missing: undefined },
    } as never
    expect(await read({ IndicatorType: 'NEW_KIND' as never, IndicatorDetail })).toEqual([
      { type: 'NEW_KIND', detail: detail({ Score: 0 }) },
    ])
  })

  it('without a type or details is one all the same', async () => {
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
    const { indicators, incomplete } = await indicatorsOf(started, contextLike())
    expect(indicators.map(({ type }) => type)).toEqual(['NEW_ASO', 'NEW_USER_AGENT'])
    expect(incomplete).toEqual(['indicators: the service repeated a page token'])
  })
})
