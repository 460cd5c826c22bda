import { describe, expect, test } from 'vitest'
import { loadScenario, scenarioIds } from '../../../src/simulator/scenarios/catalogue.ts'
import { build, lookAt, mainOf, passes, SUBJECT_INSTANCE } from '../../support/scenario.ts'
import { NOW } from '../../support/trail.ts'

const isIso = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/)

describe.each(scenarioIds)('scenario %s', (id) => {
  test('says in two to four plain sentences what a trainee is told', async () => {
    const { story, title } = await loadScenario(id)
    const sentences = story.split(/[.?!](?:\s|$)/).filter((sentence) => sentence !== '')
    expect(sentences.length).toBeGreaterThanOrEqual(2)
    expect(sentences.length).toBeLessThanOrEqual(4)
    expect(title).not.toBe('')
  })

  test('has well-formed findings only, none from the future', async () => {
    const built = await lookAt(id)
    for (const finding of built.account.findings.values()) {
      expect(finding).toMatchObject({
        Id: expect.stringMatching(/^[0-9a-f]{32}$/),
        AccountId: '111122223333',
        Region: 'us-east-1',
        Partition: 'aws',
        SchemaVersion: '2.0',
        Arn: `arn:aws:guardduty:us-east-1:111122223333:detector/${built.account.detectorId}/finding/${finding.Id}`,
        Severity: expect.any(Number),
        CreatedAt: isIso,
        UpdatedAt: isIso,
        Resource: { ResourceType: expect.stringMatching(/^(AccessKey|Instance|S3Bucket)$/) },
        Service: { Count: expect.any(Number), EventFirstSeen: isIso, EventLastSeen: isIso, AdditionalInfo: { Type: 'default' } },
      })
      expect(Date.parse(finding.UpdatedAt)).toBeLessThanOrEqual(NOW)
      expect(Date.parse(finding.UpdatedAt)).toBeGreaterThanOrEqual(Date.parse(String(finding.CreatedAt)))
    }
  })

  test('has its finding on the stolen key of the instance’s session, and more findings than a page', async () => {
    const built = await lookAt(id)
    expect(mainOf(built)).toMatchObject({
      Resource: {
        AccessKeyDetails: {
          AccessKeyId: built.cast.attacker.accessKeyId,
          PrincipalId: expect.stringMatching(new RegExp(`^AROA[A-Z0-9]{17}:${SUBJECT_INSTANCE}$`)),
          UserName: 'web-app',
          UserType: 'AssumedRole',
        },
      },
    })
    expect(built.account.findings.size).toBeGreaterThan(built.account.behaviour.pageSize)
  })

  test('is the same account for the same time and seed', async () => {
    const told = async (): Promise<string> => {
      const { account, findingId, cast } = await build(id)
      return JSON.stringify([
        findingId,
        cast,
        [...account.findings.values()],
        account.trail.all().map((record) => record.document()),
      ])
    }
    expect(await told()).toBe(await told())
  })

  test('has at most 1,500 management records and is built in a moment', async () => {
    // Processor time: the machine may be busy with other tests.
    const milliseconds: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const before = process.cpuUsage()
      await build(id)
      const { user, system } = process.cpuUsage(before)
      milliseconds.push((user + system) / 1000)
    }
    expect(Math.min(...milliseconds)).toBeLessThan(150)
    const { account } = await lookAt(id)
    expect(account.trail.all().filter(({ management }) => management).length).toBeLessThanOrEqual(1500)
  })

  test('has an attacker with a history of 50 minutes, all of it later than the issue of the credentials', async () => {
    const { account, cast } = await lookAt(id)
    const records = account.trail.all().filter(({ accessKeyId }) => accessKeyId === cast.attacker.accessKeyId)
    const first = records[0]?.at ?? NOW
    expect(NOW - first).toBeGreaterThan(40 * 60_000)
    expect(first).toBeGreaterThan(cast.attacker.issuedAt)
    const creationDate = `${new Date(cast.attacker.issuedAt).toISOString().slice(0, 19)}Z`
    for (const record of records) {
      expect(record.document()).toMatchObject({ userIdentity: { sessionContext: { attributes: { creationDate } } } })
      expect((record.deliveredAt - record.at) / 1000).toBeGreaterThanOrEqual(240)
    }
  })

  test('has a finding that grows with what the attacker does', async () => {
    const built = await build(id)
    const before = mainOf(built)
    passes(built, 900)
    const after = mainOf(built)
    const counts = [before, after].map(({ Service }) => (Service as { Count: number }).Count)
    expect(counts[1]).toBeGreaterThan((counts[0] ?? 0) + 5)
    expect(Date.parse(after.UpdatedAt)).toBeGreaterThan(Date.parse(before.UpdatedAt))
  })

  test('shows the finding later when it is asked to', async () => {
    const built = await build(id, { findingAppearsAfter: 240 })
    expect(built.account.findings.has(built.findingId)).toBe(false)
    passes(built, 241)
    expect(mainOf(built).CreatedAt).toBe(new Date(NOW + 240_000).toISOString())
  })

  test('has a responder whose session is not of the revoked role and lasts twelve hours', async () => {
    const { cast } = await lookAt(id)
    expect(cast.responder.principal).toMatchObject({ roleName: 'ir-responder', sessionName: 'alice' })
    expect(((cast.responder.expiresAt ?? 0) - cast.responder.issuedAt) / 3_600_000).toBe(12)
  })

  test('gives Detective something to say, in the API’s shape', async () => {
    const { account } = await lookAt(id)
    expect(account.indicators.map(({ IndicatorType }) => IndicatorType)).toEqual(
      expect.arrayContaining(['TTP_OBSERVED', 'NEW_USER_AGENT', 'RELATED_FINDING', 'RELATED_FINDING_GROUP']),
    )
  })
})

test('a scenario that there is not is a usage error that names those there are', async () => {
  await expect(loadScenario('toString')).rejects.toMatchObject({
    kind: 'usage',
    remedy: expect.stringContaining('looks-rotated'),
  })
})
