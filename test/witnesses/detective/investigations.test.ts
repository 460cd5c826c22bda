import {
  DetectiveClient,
  GetInvestigationCommand,
  type Indicator,
  ListIndicatorsCommand,
  ListInvestigationsCommand,
} from '@aws-sdk/client-detective'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import 'aws-sdk-client-mock-vitest/extend'
import { plus } from '../../../src/incident/instant.ts'
import { finishedInvestigation, indicatorsOf, standingInvestigation } from '../../../src/witnesses/detective/investigations.ts'
import { deskLike, graphOf, OWN, ROLE_ARN } from '../../support/detective-desk.ts'
import { NOON } from '../../support/noon.ts'
import { awsError } from '../../support/stage-context.ts'

const detective = mockClient(DetectiveClient)
const graphArn = graphOf(OWN)
const investigationId = '000000000000000000001'
const started = { graphArn, investigationId }

beforeEach(() => void detective.reset())

describe('an investigation that stands already', () => {
  const listed = (...InvestigationDetails: object[]) =>
    detective.on(ListInvestigationsCommand).resolves({ InvestigationDetails: InvestigationDetails as never })
  const standing = (since = { since: plus(NOON, -4_200) }) =>
    standingInvestigation({ graphArn, entityArn: ROLE_ARN, ...since }, deskLike().desk)

  it('is the newest of the role that did not fail', async () => {
    listed(
      { InvestigationId: 'old', Status: 'SUCCESSFUL', CreatedTime: new Date(plus(NOON, -500)) },
      { InvestigationId: 'new', Status: 'RUNNING', CreatedTime: new Date(plus(NOON, -100)) },
      { InvestigationId: 'failed', Status: 'FAILED', CreatedTime: new Date(plus(NOON, -50)) },
      { Status: 'SUCCESSFUL', CreatedTime: new Date(NOON) },
    )
    expect(await standing()).toEqual({ standing: { investigationId: 'new', createdAt: plus(NOON, -100) } })
  })

  it('was started within the time that is asked about', async () => {
    listed()
    expect(await standing()).toEqual({ standing: undefined })
    expect(detective).toHaveReceivedCommandWith(ListInvestigationsCommand, {
      GraphArn: graphArn,
      FilterCriteria: {
        EntityArn: { Value: ROLE_ARN },
        CreatedTime: { StartInclusive: new Date(plus(NOON, -4_200)), EndInclusive: new Date(plus(NOON, 60)) },
      },
      SortCriteria: { Field: 'CREATED_TIME', SortOrder: 'DESC' },
    })
  })

  it('is looked for in all times when none is named', async () => {
    listed()
    await standingInvestigation({ graphArn, entityArn: ROLE_ARN }, deskLike().desk)
    expect(detective).toHaveReceivedCommandWith(ListInvestigationsCommand, { FilterCriteria: { EntityArn: { Value: ROLE_ARN } } })
  })

  it.each([
    ['AccessDeniedException', 403, /^Detective may not be asked: detective:ListInvestigations is denied/],
    ['TooManyRequestsException', 429, /too many requests, 4 times in a row \(detective:ListInvestigations\)/],
    ['ResourceNotFoundException', 404, /Detective refused detective:ListInvestigations: ResourceNotFoundException/],
  ])('cannot be looked for after %s, and none is started', async (name, status, why) => {
    detective.on(ListInvestigationsCommand).rejects(awsError(name, status))
    expect(await standing()).toEqual({ silence: { why: expect.stringMatching(why), remedy: expect.stringMatching(/./) } })
  })

  it('may stand on a later page', async () => {
    detective
      .on(ListInvestigationsCommand)
      .resolves({ InvestigationDetails: [], NextToken: 'more' })
      .on(ListInvestigationsCommand, { NextToken: 'more' })
      .resolves({ InvestigationDetails: [{ InvestigationId: 'one', Status: 'RUNNING' }] })
    expect(await standing()).toEqual({ standing: { investigationId: 'one' } })
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
    const { desk, progress } = deskLike()
    expect(await finishedInvestigation(started, desk)).toEqual({
      seen: {
        status: 'SUCCESSFUL',
        severity: 'HIGH',
        state: 'ACTIVE',
        scopeStart: '2026-11-25T01:00:00Z',
        scopeEnd: '2026-11-25T02:00:00Z',
        incomplete: [],
      },
    })
    expect(progress).toHaveLength(2)
    expect(desk.now()).toBe(plus(NOON, 30))
  })

  it('that does not end within 15 minutes is told as it is then', async () => {
    detective.on(GetInvestigationCommand).resolves(running)
    const { desk } = deskLike()
    expect(await finishedInvestigation(started, desk)).toEqual({
      seen: { status: 'RUNNING', incomplete: ['the investigation is still running; continue later for its result'] },
    })
    expect(desk.now()).toBe(plus(NOON, 900))
  })

  it('is waited for by nobody who has no time, as in a dry run', async () => {
    detective.on(GetInvestigationCommand).resolves(running)
    const { desk } = deskLike({ waits: 0 })
    await finishedInvestigation(started, desk)
    expect(desk.now()).toBe(NOON)
  })

  it('that failed is told as failed, and no scope is made up for it', async () => {
    detective.on(GetInvestigationCommand).resolves({ Status: 'FAILED' })
    expect(await finishedInvestigation(started, deskLike().desk)).toEqual({ seen: { status: 'FAILED', incomplete: [] } })
  })

  it('is asked for again when Detective has too many requests', async () => {
    const busy = awsError('TooManyRequestsException', 429)
    detective.on(GetInvestigationCommand).rejectsOnce(busy).rejectsOnce(busy).resolves(done)
    const { desk } = deskLike()
    expect(await finishedInvestigation(started, desk)).toMatchObject({ seen: { status: 'SUCCESSFUL' } })
    expect(desk.now()).toBe(plus(NOON, 7))
  })

  it('that may not be read stands, and that is said', async () => {
    detective.on(GetInvestigationCommand).rejects(awsError('AccessDeniedException', 403))
    const { desk } = deskLike()
    expect(await finishedInvestigation(started, desk)).toMatchObject({
      silence: { why: expect.stringMatching(/^investigation 0{20}1 stands.*detective:GetInvestigation is denied/) },
    })
  })

  it('is no answer when the answer was lost: that ends the run as any lost read does', async () => {
    detective.on(GetInvestigationCommand).rejects(awsError('InternalServerException', 500))
    await expect(finishedInvestigation(started, deskLike().desk)).rejects.toThrow('InternalServerException')
  })
})

describe('an indicator', () => {
  const read = async (...Indicators: Indicator[]) => {
    detective.on(ListIndicatorsCommand).resolves({ Indicators })
    return (await indicatorsOf(started, deskLike().desk)).indicators
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

  it('of a type that AWS adds later is kept with everything in it, nested things by their path', async () => {
    const IndicatorDetail = {
      NewKindDetail: { Score: 0, Nested: { a: 1 }, List: ['x'], None: null, Missing: undefined },
    } as never
    expect(await read({ IndicatorType: 'NEW_KIND' as never, IndicatorDetail })).toEqual([
      { type: 'NEW_KIND', detail: detail({ Score: 0, 'Nested.a': 1, 'List.1': 'x' }) },
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
    const { indicators, incomplete } = await indicatorsOf(started, deskLike().desk)
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
    expect(await indicatorsOf(started, deskLike().desk)).toEqual({
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
    const { indicators, incomplete } = await indicatorsOf(started, deskLike().desk)
    expect(indicators).toHaveLength(1)
    expect(incomplete).toEqual(['indicators: Detective refused detective:ListIndicators: ValidationException'])
  })
})
