import { describe, expect, test } from 'vitest'
import type { FindingDocument } from '../../../src/simulator/account/detection.ts'
import { NOW, type QuietAccount, quietAccount } from '../../support/trail.ts'

const KEY = 'resource.accessKeyDetails.accessKeyId'

interface Traits {
  readonly id: string
  readonly type?: string
  readonly severity?: number
  readonly key?: string
  readonly archived?: boolean
  readonly minutesAgo?: number
}

const finding = ({ id, type = 'Recon:IAMUser/MaliciousIPCaller.Custom', ...traits }: Traits): FindingDocument => ({
  Id: id,
  Type: type,
  AccountId: '111122223333',
  Severity: traits.severity ?? 5,
  UpdatedAt: new Date(NOW - (traits.minutesAgo ?? 0) * 60_000).toISOString(),
  Resource: {
    AccessKeyDetails: { AccessKeyId: traits.key ?? 'ASIA1', PrincipalId: 'AROA1:i-1' },
    InstanceDetails: { Tags: [{ Key: 'Name', Value: 'web' }], NetworkInterfaces: [{ PublicIp: '203.0.113.25' }] },
  },
  Service: {
    Archived: traits.archived ?? false,
    AdditionalInfo: { Type: 'default', Value: '{"threatListName":"acme-bad-ips"}' },
    Action: { AwsApiCallAction: { RemoteIpDetails: { Organization: { AsnOrg: 'Example Hosting' } } } },
  },
})

const withFindings = (...traits: readonly Traits[]): QuietAccount & { readonly DetectorId: string } => {
  const quiet = quietAccount()
  for (const one of traits) quiet.account.findings.set(one.id, finding(one))
  return { ...quiet, DetectorId: quiet.account.detectorId ?? '' }
}

type Criterion = Readonly<Record<string, object>>

const list = async (
  guarded: ReturnType<typeof withFindings>,
  Criterion: Criterion = {},
  more: object = {},
): Promise<string[]> => {
  const { DetectorId } = guarded
  const answer = await guarded.ask<{ FindingIds: string[] }>('guardduty', 'ListFindings', {
    DetectorId,
    FindingCriteria: { Criterion },
    ...more,
  })
  return answer.FindingIds
}

describe('ListFindings', () => {
  const three = () =>
    withFindings(
      { id: 'a', key: 'ASIA1', severity: 2, minutesAgo: 30 },
      { id: 'b', key: 'ASIA1', severity: 5, minutesAgo: 20, archived: true, type: 'PenTest:IAMUser/KaliLinux' },
      { id: 'c', key: 'ASIA2', severity: 8, minutesAgo: 10 },
    )

  test.each<[string, Criterion, string[]]>([
    ['everything without criteria', {}, ['a', 'b', 'c']],
    ['any of several values', { [KEY]: { Equals: ['ASIA2', 'ASIA3'] } }, ['c']],
    ['none of several values', { [KEY]: { NotEquals: ['ASIA2'] } }, ['a', 'b']],
    ['the deprecated short names', { [KEY]: { Eq: ['ASIA1'] }, type: { Neq: ['PenTest:IAMUser/KaliLinux'] } }, ['a']],
    ['what fits several fields at once', { [KEY]: { Equals: ['ASIA1'] }, severity: { GreaterThan: 4 } }, ['b']],
    ['what lies between two bounds', { severity: { Gte: 5, Lt: 8 } }, ['b']],
    ['numbers as text', { severity: { Equals: ['8'] } }, ['c']],
    ['times in epoch milliseconds', { updatedAt: { GreaterThanOrEqual: NOW - 20 * 60_000, Lte: NOW - 15 * 60_000 } }, ['b']],
    ['archived findings on demand', { 'service.archived': { Equals: ['true'] } }, ['b']],
    [
      'a name inside AdditionalInfo’s text',
      { 'service.additionalInfo.threatListName': { Equals: ['acme-bad-ips'] } },
      ['a', 'b', 'c'],
    ],
    [
      'values inside lists',
      { 'resource.instanceDetails.networkInterfaces.publicIp': { Equals: ['203.0.113.25'] } },
      ['a', 'b', 'c'],
    ],
    ['nothing where the field is absent', { 'resource.instanceDetails.imageId': { Equals: ['ami-1'] } }, []],
  ])('finds %s', async (_, criterion, expected) => {
    expect(await list(three(), criterion)).toEqual(expected)
  })

  test.each([
    ['a field it does not know', { 'resource.accessKey': { Equals: ['ASIA1'] } }],
    ['a condition that only filters have', { type: { Matches: ['Recon*'] } }],
  ])('refuses %s', async (_, criterion) => {
    await expect(list(three(), criterion)).rejects.toMatchObject({ code: 'BadRequestException' })
  })

  test.each([
    ['severity', 'DESC', ['c', 'b', 'a']],
    ['updatedAt', 'ASC', ['a', 'b', 'c']],
    ['updatedAt', 'DESC', ['c', 'b', 'a']],
  ])('sorts by %s %s', async (AttributeName, OrderBy, expected) => {
    expect(await list(three(), {}, { SortCriteria: { AttributeName, OrderBy } })).toEqual(expected)
  })

  test('ends its pages with an empty token', async () => {
    const { ask, DetectorId } = three()
    const first = await ask<{ NextToken: string }>('guardduty', 'ListFindings', { DetectorId, MaxResults: 2 })
    const last = await ask('guardduty', 'ListFindings', { DetectorId, MaxResults: 2, NextToken: first.NextToken })
    expect(first).toMatchObject({ FindingIds: ['a', 'b'], NextToken: expect.stringMatching(/./) })
    expect(last).toEqual({ FindingIds: ['c'], NextToken: '' })
  })
})

test('a detector belongs to its Region: elsewhere there is none, and its id is not known', async () => {
  const { ask, DetectorId } = withFindings({ id: 'a' })
  expect(await ask('guardduty', 'ListDetectors')).toEqual({ DetectorIds: [DetectorId] })
  expect(await ask('guardduty', 'ListDetectors', {}, 'eu-west-1')).toEqual({ DetectorIds: [] })
  expect(await ask('guardduty', 'GetDetector', { DetectorId })).toMatchObject({ Status: 'ENABLED' })
  const elsewhere = ask('guardduty', 'ListFindings', { DetectorId }, 'eu-west-1')
  await expect(elsewhere).rejects.toMatchObject({ code: 'BadRequestException', message: expect.stringContaining('not owned') })
})

test('GetFindings leaves out ids that there are not and refuses more than 50', async () => {
  const { ask, DetectorId } = withFindings({ id: 'a' })
  const answer = await ask('guardduty', 'GetFindings', { DetectorId, FindingIds: ['none', 'a'] })
  expect(answer).toMatchObject({ Findings: [{ Id: 'a' }] })
  const FindingIds = Array.from({ length: 51 }, (_, index) => `id-${index}`)
  await expect(ask('guardduty', 'GetFindings', { DetectorId, FindingIds })).rejects.toMatchObject({ code: 'BadRequestException' })
})

test('archiving, unarchiving and feedback change the finding and nothing else of it', async () => {
  const guarded = withFindings({ id: 'a' })
  const { ask, account, DetectorId } = guarded
  const before = account.findings.get('a')
  await ask('guardduty', 'ArchiveFindings', { DetectorId, FindingIds: ['a'] })
  expect(await list(guarded, { 'service.archived': { Equals: ['true'] } })).toEqual(['a'])
  await ask('guardduty', 'UnarchiveFindings', { DetectorId, FindingIds: ['a'] })
  expect(account.findings.get('a')).toEqual(before)
  await ask('guardduty', 'UpdateFindingsFeedback', { DetectorId, FindingIds: ['a'], Feedback: 'USEFUL' })
  expect(account.findings.get('a')).toMatchObject({ Service: { UserFeedback: 'USEFUL' } })
  await expect(ask('guardduty', 'ArchiveFindings', { DetectorId, FindingIds: ['none'] })).rejects.toMatchObject({
    code: 'BadRequestException',
  })
})

test('sample findings carry every mark of a sample', async () => {
  const { ask, account, DetectorId } = withFindings()
  await ask('guardduty', 'CreateSampleFindings', { DetectorId, FindingTypes: ['Recon:IAMUser/TorIPCaller'] })
  const [sample] = account.findings.values()
  expect(sample).toMatchObject({
    Type: 'Recon:IAMUser/TorIPCaller',
    Title: expect.stringMatching(/^\[SAMPLE\]/),
    Resource: { AccessKeyDetails: { AccessKeyId: 'GeneratedFindingAccessKeyId' } },
    Service: { AdditionalInfo: { Value: expect.stringContaining('"sample":true') } },
  })
})

test('a threat list can be read by its id', async () => {
  const { ask, account, DetectorId } = withFindings()
  account.threatIntelSets.set('list', { id: 'list', name: 'acme-bad-ips', location: 's3://acme/list.txt' })
  expect(await ask('guardduty', 'ListThreatIntelSets', { DetectorId })).toEqual({ ThreatIntelSetIds: ['list'] })
  const answer = await ask('guardduty', 'GetThreatIntelSet', { DetectorId, ThreatIntelSetId: 'list' })
  expect(answer).toMatchObject({ Name: 'acme-bad-ips', Status: 'ACTIVE', Format: 'TXT' })
})
