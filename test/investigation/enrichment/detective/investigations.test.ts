import { DetectiveClient, GetInvestigationCommand, ListInvestigationsCommand } from '@aws-sdk/client-detective'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { plus } from '../../../../src/incident/values/instant.ts'
import {
  finishedInvestigation,
  standingInvestigation,
} from '../../../../src/investigation/enrichment/detective/investigations.ts'
import { connectionLike, graphOf, OWN, ROLE_ARN } from '../../../support/detective-connection.ts'
import { NOON } from '../../../support/noon.ts'
import { awsError } from '../../../support/stage-context.ts'

const detective = mockClient(DetectiveClient)
const graphArn = graphOf(OWN)
const investigationId = '000000000000000000001'
const started = { graphArn, investigationId }

beforeEach(() => void detective.reset())

describe('an investigation that stands already', () => {
  const listed = (...InvestigationDetails: object[]) =>
    detective.on(ListInvestigationsCommand).resolves({ InvestigationDetails: InvestigationDetails as never })
  const standing = (since = { since: plus(NOON, -4_200) }) =>
    standingInvestigation({ graphArn, entityArn: ROLE_ARN, ...since }, connectionLike().connection)

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
    await standingInvestigation({ graphArn, entityArn: ROLE_ARN }, connectionLike().connection)
    expect(detective).toHaveReceivedCommandWith(ListInvestigationsCommand, { FilterCriteria: { EntityArn: { Value: ROLE_ARN } } })
  })

  it.each([
    ['AccessDeniedException', 403, /^Detective may not be asked: detective:ListInvestigations is denied/],
    ['TooManyRequestsException', 429, /too many requests, 4 times in a row \(detective:ListInvestigations\)/],
    ['ResourceNotFoundException', 404, /Detective refused detective:ListInvestigations: ResourceNotFoundException/],
  ])('cannot be looked for after %s, and none is started', async (name, status, why) => {
    detective.on(ListInvestigationsCommand).rejects(awsError(name, status))
    expect(await standing()).toEqual({ unavailable: { why: expect.stringMatching(why), remedy: expect.stringMatching(/./) } })
  })

  it('may stand on a later page', async () => {
    detective
      .on(ListInvestigationsCommand)
      .resolves({ InvestigationDetails: [], NextToken: 'more' })
      .on(ListInvestigationsCommand, { NextToken: 'more' })
      .resolves({ InvestigationDetails: [{ InvestigationId: 'one', Status: 'RUNNING' }] })
    expect(await standing()).toEqual({ standing: { investigationId: 'one' } })
  })

  it('an investigation that cannot be looked for to the end leaves Detective out: a second one is not started on a guess', async () => {
    detective.on(ListInvestigationsCommand).resolves({ InvestigationDetails: [], NextToken: 'again' })
    expect(await standing()).toMatchObject({
      unavailable: { why: expect.stringMatching(/incomplete, and none is started on a guess/) },
    })
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
    const { connection, progress } = connectionLike()
    expect(await finishedInvestigation(started, connection)).toEqual({
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
    expect(connection.now()).toBe(plus(NOON, 30))
  })

  it('an investigation that does not end within 15 minutes is reported as it is then', async () => {
    detective.on(GetInvestigationCommand).resolves(running)
    const { connection } = connectionLike()
    expect(await finishedInvestigation(started, connection)).toEqual({
      seen: { status: 'RUNNING', incomplete: ['the investigation is still running; continue later for its result'] },
    })
    expect(connection.now()).toBe(plus(NOON, 900))
  })

  it('is waited for by nobody who has no time, as in a dry run', async () => {
    detective.on(GetInvestigationCommand).resolves(running)
    const { connection } = connectionLike({ waits: 0 })
    await finishedInvestigation(started, connection)
    expect(connection.now()).toBe(NOON)
  })

  it('an investigation that failed is reported as failed, and no scope is made up for it', async () => {
    detective.on(GetInvestigationCommand).resolves({ Status: 'FAILED' })
    expect(await finishedInvestigation(started, connectionLike().connection)).toEqual({
      seen: { status: 'FAILED', incomplete: [] },
    })
  })

  it('is asked for again when Detective has too many requests', async () => {
    const busy = awsError('TooManyRequestsException', 429)
    detective.on(GetInvestigationCommand).rejectsOnce(busy).rejectsOnce(busy).resolves(done)
    const { connection } = connectionLike()
    expect(await finishedInvestigation(started, connection)).toMatchObject({ seen: { status: 'SUCCESSFUL' } })
    expect(connection.now()).toBe(plus(NOON, 7))
  })

  it('an investigation that may not be read stands, and that is said', async () => {
    detective.on(GetInvestigationCommand).rejects(awsError('AccessDeniedException', 403))
    const { connection } = connectionLike()
    expect(await finishedInvestigation(started, connection)).toMatchObject({
      unavailable: { why: expect.stringMatching(/^investigation 0{20}1 stands.*detective:GetInvestigation is denied/) },
    })
  })

  it('an investigation whose result was lost stands, and that is said', async () => {
    detective.on(GetInvestigationCommand).rejects(awsError('InternalServerException', 500))
    expect(await finishedInvestigation(started, connectionLike().connection)).toMatchObject({
      unavailable: {
        why: expect.stringMatching(/^investigation 0{20}1 stands.*Detective gives no answer to detective:GetInvestigation/),
      },
    })
  })

  it('a bug is no answer of Detective, and is thrown', async () => {
    detective.on(GetInvestigationCommand).rejects(new TypeError('x'))
    await expect(finishedInvestigation(started, connectionLike().connection)).rejects.toThrow('x')
  })
})
