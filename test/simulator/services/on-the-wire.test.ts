import { CloudTrailClient, DescribeTrailsCommand, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  DetectiveClient,
  GetInvestigationCommand,
  ListGraphsCommand,
  ListIndicatorsCommand,
  ListInvestigationsCommand,
  StartInvestigationCommand,
} from '@aws-sdk/client-detective'
import { GetFindingsCommand, GuardDutyClient, ListDetectorsCommand, ListFindingsCommand } from '@aws-sdk/client-guardduty'
import { describe, expect, test } from 'vitest'
import { steppingClock } from '../../../src/simulator/clock.ts'
import { customThreatList } from '../../../src/simulator/scenarios/custom-threat-list.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { cloudtrail } from '../../../src/simulator/services/cloudtrail.ts'
import { detective } from '../../../src/simulator/services/detective.ts'
import { guardduty } from '../../../src/simulator/services/guardduty.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { serviceLoader } from '../../../src/simulator/wire/services.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { NOW } from '../../support/trail.ts'

const overTheWire = () => {
  const built = customThreatList.build({ clock: steppingClock(NOW) })
  const open = openAccount(built)
  const bugs: unknown[] = []
  const dispatch = createDispatcher({
    answer: open.answer,
    now: built.account.clock.now,
    authenticate: verifySignature(open.secretOf),
    onBug: (error) => bugs.push(error),
  })
  const { accessKeyId, secretAccessKey, sessionToken = '' } = built.cast.responder
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  const config = { region: 'us-east-1', credentials, requestHandler: inProcessHandler(dispatch), maxAttempts: 1 }
  return {
    built,
    open,
    bugs,
    guardduty: new GuardDutyClient(config),
    cloudtrail: new CloudTrailClient(config),
    detective: new DetectiveClient(config),
  }
}

test.each([
  ['guardduty', guardduty],
  ['detective', detective],
  ['cloudtrail', cloudtrail],
] as const)('%s serves exactly the operations that the wire can read', async (name, service) => {
  const { operations } = await serviceLoader()(name)
  expect(Object.keys(service).sort()).toEqual([...operations.keys()].sort())
})

describe('calls through the real SDK', () => {
  test('every finding comes back as it was written', async () => {
    const { built, guardduty, bugs } = overTheWire()
    const { DetectorIds: [DetectorId] = [] } = await guardduty.send(new ListDetectorsCommand({}))
    const FindingIds: string[] = []
    let NextToken: string | undefined
    do {
      const page = await guardduty.send(new ListFindingsCommand({ DetectorId, ...(NextToken ? { NextToken } : {}) }))
      FindingIds.push(...(page.FindingIds ?? []))
      NextToken = page.NextToken
    } while (NextToken)
    const { Findings = [] } = await guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds }))
    const written = [...built.account.findings.values()].sort((a, b) => (a.Id < b.Id ? -1 : 1))
    expect(Findings).toEqual(written)
    expect(bugs).toEqual([])
  })

  test('the stolen key’s history comes page by page, each record a whole CloudTrail document', async () => {
    const { built, cloudtrail } = overTheWire()
    const { accessKeyId } = built.cast.attacker
    const LookupAttributes = [{ AttributeKey: 'AccessKeyId' as const, AttributeValue: accessKeyId }]
    const { Events = [], NextToken } = await cloudtrail.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 10 }))
    expect(Events).toHaveLength(10)
    expect(NextToken).toBeDefined()
    for (const event of Events) {
      expect(event).toMatchObject({ AccessKeyId: accessKeyId, Username: 'i-08faaaafb15777f5a', EventTime: expect.any(Date) })
      expect(JSON.parse(event.CloudTrailEvent ?? '')).toMatchObject({ eventID: event.EventId, userIdentity: { accessKeyId } })
    }
    expect((await cloudtrail.send(new DescribeTrailsCommand({}))).trailList).toHaveLength(1)
  })

  test('an investigation of the role ends with indicators of every type that fits', async () => {
    const { built, detective, bugs } = overTheWire()
    const { GraphList: [graph] = [] } = await detective.send(new ListGraphsCommand({}))
    const GraphArn = graph?.Arn ?? ''
    const EntityArn = 'arn:aws:iam::111122223333:role/service/web-app'
    const scope = { ScopeStartTime: new Date(NOW - 7_200_000), ScopeEndTime: new Date(NOW) }
    const { InvestigationId = '' } = await detective.send(new StartInvestigationCommand({ GraphArn, EntityArn, ...scope }))
    built.account.clock.advance(200)
    const investigation = await detective.send(new GetInvestigationCommand({ GraphArn, InvestigationId }))
    expect(investigation).toMatchObject({ Status: 'SUCCESSFUL', EntityArn, ...scope })
    const listed = await detective.send(
      new ListInvestigationsCommand({ GraphArn, FilterCriteria: { EntityArn: { Value: EntityArn } } }),
    )
    expect(listed.InvestigationDetails).toMatchObject([{ InvestigationId }])
    const first = await detective.send(new ListIndicatorsCommand({ GraphArn, InvestigationId }))
    const rest = await detective.send(new ListIndicatorsCommand({ GraphArn, InvestigationId, NextToken: first.NextToken ?? '' }))
    const indicators = [...(first.Indicators ?? []), ...(rest.Indicators ?? [])]
    expect(indicators).toEqual(built.account.indicators)
    expect(new Set(indicators.map(({ IndicatorType }) => IndicatorType)).size).toBe(8)
    expect(bugs).toEqual([])
  })

  test('a refusal of a service is an exception of its own name', async () => {
    const { guardduty, cloudtrail, detective } = overTheWire()
    await expect(guardduty.send(new ListFindingsCommand({ DetectorId: 'of-somebody-else' }))).rejects.toMatchObject({
      name: 'BadRequestException',
    })
    const range = { StartTime: new Date(NOW), EndTime: new Date(NOW - 1000) }
    await expect(cloudtrail.send(new LookupEventsCommand(range))).rejects.toMatchObject({ name: 'InvalidTimeRangeException' })
    const GraphArn = 'arn:aws:detective:us-east-1:111122223333:graph:00000000000000000000000000000000'
    await expect(detective.send(new ListInvestigationsCommand({ GraphArn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })
})
