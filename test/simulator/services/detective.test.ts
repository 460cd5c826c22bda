import { describe, expect, test } from 'vitest'
import type { GraphAdministrator } from '../../../src/simulator/account/detection.ts'
import type { ServiceName } from '../../../src/simulator/call.ts'
import { NOW, type QuietAccount, quietAccount } from '../../support/trail.ts'

const HOUR = 3_600_000
const ROLE = 'arn:aws:iam::111122223333:role/service/web-app'

const graphed = () => {
  const quiet = quietAccount({ investigationTakes: 180 })
  return { ...quiet, GraphArn: quiet.account.graphArn ?? '' }
}

type Graphed = QuietAccount & { readonly GraphArn: string }

const start = async ({ ask, GraphArn }: Graphed, more: object = {}): Promise<string> => {
  const input = { GraphArn, EntityArn: ROLE, ScopeStartTime: new Date(NOW - 2 * HOUR), ScopeEndTime: new Date(NOW), ...more }
  return (await ask<{ InvestigationId: string }>('detective', 'StartInvestigation', input)).InvestigationId
}

const investigations = async ({ ask, GraphArn }: Graphed, more: object = {}): Promise<string[]> => {
  type Answer = { InvestigationDetails: { InvestigationId: string }[] }
  const answer = await ask<Answer>('detective', 'ListInvestigations', { GraphArn, ...more })
  return answer.InvestigationDetails.map(({ InvestigationId }) => InvestigationId)
}

test('the graph is listed in its Region only', async () => {
  const { ask, GraphArn } = graphed()
  expect(await ask('detective', 'ListGraphs')).toMatchObject({ GraphList: [{ Arn: GraphArn }] })
  expect(await ask('detective', 'ListGraphs', {}, 'eu-west-1')).toEqual({ GraphList: [] })
})

describe('an investigation', () => {
  test.each([
    ['of a role session', { EntityArn: 'arn:aws:sts::111122223333:assumed-role/web-app/i-08faaaafb15777f5a' }],
    ['of an instance', { EntityArn: 'arn:aws:ec2:us-east-1:111122223333:instance/i-08faaaafb15777f5a' }],
    ['of less than an hour', { ScopeStartTime: new Date(NOW - HOUR + 1000) }],
    ['that ends before it starts', { ScopeStartTime: new Date(NOW + HOUR) }],
    ['of more than a year', { ScopeStartTime: new Date(NOW - 367 * 24 * HOUR) }],
  ])('%s is refused', async (_, more) => {
    await expect(start(graphed(), more)).rejects.toMatchObject({ code: 'ValidationException' })
  })

  test('an investigation in a graph that does not exist is refused', async () => {
    const elsewhere = { GraphArn: 'arn:aws:detective:us-east-1:111122223333:graph:00000000000000000000000000000000' }
    await expect(start(graphed(), elsewhere)).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 })
  })

  test('has an id of 21 digits, runs for a while, and shows its indicators when it is done', async () => {
    const { account, ask, GraphArn, ...rest } = graphed()
    const indicators = [{ IndicatorType: 'NEW_ASO', IndicatorDetail: { NewAsoDetail: { Aso: 'Example Hosting' } } }]
    Object.assign(account, { indicators })
    const InvestigationId = await start({ account, ask, GraphArn, ...rest })
    expect(InvestigationId).toMatch(/^\d{21}$/)
    expect(await ask('detective', 'GetInvestigation', { GraphArn, InvestigationId })).toMatchObject({
      Status: 'RUNNING',
      EntityType: 'IAM_ROLE',
      ScopeEndTime: new Date(NOW),
    })
    expect(await ask('detective', 'ListIndicators', { GraphArn, InvestigationId })).toMatchObject({ Indicators: [] })
    account.clock.advance(180)
    expect(await ask('detective', 'GetInvestigation', { GraphArn, InvestigationId })).toMatchObject({
      Status: 'SUCCESSFUL',
      Severity: 'HIGH',
      State: 'ACTIVE',
    })
    expect(await ask('detective', 'ListIndicators', { GraphArn, InvestigationId })).toMatchObject({ Indicators: indicators })
  })
})

describe('ListInvestigations', () => {
  test('filters by entity, status and time, newest first', async () => {
    const graph = graphed()
    const first = await start(graph)
    graph.account.clock.advance(600)
    const other = await start(graph, { EntityArn: 'arn:aws:iam::111122223333:user/build-bot' })
    expect(await investigations(graph)).toEqual([other, first])
    expect(await investigations(graph, { FilterCriteria: { EntityArn: { Value: ROLE } } })).toEqual([first])
    expect(await investigations(graph, { FilterCriteria: { Status: { Value: 'RUNNING' } } })).toEqual([other])
    const CreatedTime = { StartInclusive: new Date(NOW), EndInclusive: new Date(NOW + 60_000) }
    expect(await investigations(graph, { FilterCriteria: { CreatedTime } })).toEqual([first])
    expect(await investigations(graph, { SortCriteria: { Field: 'CREATED_TIME', SortOrder: 'ASC' } })).toEqual([first, other])
  })

  test('refuses a token that is not its own', async () => {
    await expect(investigations(graphed(), { NextToken: 'x' })).rejects.toMatchObject({ code: 'ValidationException' })
  })
})

test('indicators are paged and can be asked for by type', async () => {
  const { account, ask, GraphArn, ...rest } = graphed()
  const asos = ['A', 'B', 'C'].map((Aso) => ({ IndicatorType: 'NEW_ASO', IndicatorDetail: { NewAsoDetail: { Aso } } }))
  const group = { IndicatorType: 'RELATED_FINDING_GROUP', IndicatorDetail: { RelatedFindingGroupDetail: { Id: 'g' } } }
  Object.assign(account, { indicators: [...asos, group] })
  const InvestigationId = await start({ account, ask, GraphArn, ...rest })
  account.clock.advance(180)
  const first = await ask<{ NextToken: string }>('detective', 'ListIndicators', { GraphArn, InvestigationId, MaxResults: 3 })
  expect(first).toMatchObject({ Indicators: asos })
  const next = { GraphArn, InvestigationId, MaxResults: 3, NextToken: first.NextToken }
  expect(await ask('detective', 'ListIndicators', next)).toMatchObject({ Indicators: [group] })
  const ofType = { GraphArn, InvestigationId, IndicatorType: 'RELATED_FINDING_GROUP' }
  expect(await ask('detective', 'ListIndicators', ofType)).toMatchObject({ Indicators: [group] })
})

describe('a graph of another account', () => {
  const elsewhere = (membership: GraphAdministrator['membership']) => {
    const quiet = graphed()
    Object.assign(quiet.account, { graphAdministrator: { accountId: '444455556666', membership } })
    const { issuedAt, principal } = quiet.auditor
    const credential = quiet.account.credentials.register({
      ...{ accessKeyId: 'ASIAADMINISTRATOR000', secretAccessKey: 's', sessionToken: 't' },
      ...{ principal, issuedAt, accountId: '444455556666' },
    })
    const origin = { region: 'us-east-1', sourceIp: '192.0.2.1', userAgent: 'test', requestId: 'r' }
    const { accessKeyId, sessionToken = '' } = credential
    const asAdministrator = (service: ServiceName, operation: string, input: Readonly<Record<string, unknown>> = {}) =>
      quiet.open.answer({ service, operation, input, accessKeyId, sessionToken, ...origin })
    return { ...quiet, asAdministrator }
  }

  test('is listed for the account that administers it, which is told of its member', async () => {
    const { GraphArn, ask, asAdministrator } = elsewhere('ENABLED')
    expect(await ask('detective', 'ListGraphs')).toEqual({ GraphList: [] })
    expect(await asAdministrator('detective', 'ListGraphs')).toMatchObject({ GraphList: [{ Arn: GraphArn }] })
    const AccountIds = ['111122223333', '999988887777']
    expect(await asAdministrator('detective', 'GetMembers', { GraphArn, AccountIds })).toMatchObject({
      MemberDetails: [{ AccountId: '111122223333', AdministratorId: '444455556666', Status: 'ENABLED' }],
      UnprocessedAccounts: [{ AccountId: '999988887777' }],
    })
    await expect(ask('detective', 'GetMembers', { GraphArn, AccountIds })).rejects.toMatchObject({ status: 404 })
  })

  test('is told to its member as an invitation; the administrator has none', async () => {
    const { ask, asAdministrator } = elsewhere('INVITED')
    const invitation = { AccountId: '111122223333', AdministratorId: '444455556666', Status: 'INVITED' }
    expect(await ask('detective', 'ListInvitations')).toMatchObject({ Invitations: [invitation] })
    expect(await asAdministrator('detective', 'ListInvitations')).toEqual({ Invitations: [] })
    expect(await elsewhere('NONE').ask('detective', 'ListInvitations')).toEqual({ Invitations: [] })
  })

  test('is all that its administrator is let into, and its calls stand in its own trail', async () => {
    const { account, asAdministrator } = elsewhere('ENABLED')
    expect(await asAdministrator('sts', 'GetCallerIdentity')).toMatchObject({ Account: '444455556666' })
    await expect(asAdministrator('iam', 'GetRole', { RoleName: 'auditor' })).rejects.toMatchObject({ code: 'AccessDenied' })
    expect(account.trail.all().filter(({ accessKeyId }) => accessKeyId === 'ASIAADMINISTRATOR000')).toEqual([])
  })
})
