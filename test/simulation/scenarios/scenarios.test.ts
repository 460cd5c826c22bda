import { describe, expect, test } from 'vitest'
import type { ActorEvent } from '../../../src/simulation/account.ts'
import { steppingClock } from '../../../src/simulation/clock.ts'
import type { FindingDocument } from '../../../src/simulation/detection.ts'
import { handedOut } from '../../../src/simulation/issue.ts'
import { loadScenario, scenarioIds } from '../../../src/simulation/scenarios/catalogue.ts'
import type { BuiltScenario, ScenarioOptions } from '../../../src/simulation/scenarios/scenario.ts'
import { NOW } from '../../support/trail.ts'

const VICTIM = 'i-08faaaafb15777f5a'

const build = async (id: string, options: Partial<ScenarioOptions> = {}): Promise<BuiltScenario> =>
  (await loadScenario(id)).build({ clock: steppingClock(NOW), ...options })

const looked = new Map<string, Promise<BuiltScenario>>()

/** One build for all tests that only look at it. */
const lookAt = (id: string): Promise<BuiltScenario> => {
  const built = looked.get(id) ?? build(id)
  looked.set(id, built)
  return built
}

const mainOf = ({ account, findingId }: BuiltScenario): FindingDocument => {
  const finding = account.findings.get(findingId)
  if (!finding) throw new Error('the finding is not there')
  return finding
}

const victimOf = ({ account }: BuiltScenario) => {
  const victim = account.instances.get(VICTIM)
  if (!victim) throw new Error('no victim')
  return victim
}

const passes = ({ account }: BuiltScenario, seconds: number): ActorEvent[] => {
  const heard: ActorEvent[] = []
  account.hears.push((event) => heard.push(event))
  account.clock.advance(seconds)
  account.agenda.runUntil(account.clock.now())
  return heard
}

const revoke = ({ account }: BuiltScenario): void => {
  const writtenAt = account.clock.now()
  const cutoff = new Date(writtenAt + 30_000).toISOString()
  const Condition = { DateLessThan: { 'aws:TokenIssueTime': cutoff } }
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition }],
  })
  account.roles.get('web-app')?.inline.set('AWSRevokeOlderSessions', { document, writtenAt })
}

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
          AccessKeyId: built.cast.thief.accessKeyId,
          PrincipalId: expect.stringMatching(new RegExp(`^AROA[A-Z0-9]{17}:${VICTIM}$`)),
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
    const times: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const started = performance.now()
      await build(id)
      times.push(performance.now() - started)
    }
    expect(Math.min(...times)).toBeLessThan(150)
    const { account } = await lookAt(id)
    expect(account.trail.all().filter(({ management }) => management).length).toBeLessThanOrEqual(1500)
  })

  test('has a thief with a history of 50 minutes, all of it later than the issue of the credentials', async () => {
    const { account, cast } = await lookAt(id)
    const records = account.trail.all().filter(({ accessKeyId }) => accessKeyId === cast.thief.accessKeyId)
    const first = records[0]?.at ?? NOW
    expect(NOW - first).toBeGreaterThan(40 * 60_000)
    expect(first).toBeGreaterThan(cast.thief.issuedAt)
    const creationDate = `${new Date(cast.thief.issuedAt).toISOString().slice(0, 19)}Z`
    for (const record of records) {
      expect(record.document()).toMatchObject({ userIdentity: { sessionContext: { attributes: { creationDate } } } })
      expect((record.deliveredAt - record.at) / 1000).toBeGreaterThanOrEqual(240)
    }
  })

  test('has a finding that grows with what the thief does', async () => {
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

describe('custom-threat-list', () => {
  test('is the workshop’s finding: type, severity, threat list in both places, remote address', async () => {
    expect(mainOf(await lookAt('custom-threat-list'))).toMatchObject({
      Type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
      Severity: 5,
      Resource: { InstanceDetails: { InstanceId: VICTIM, NetworkInterfaces: [{ PublicIp: '203.0.113.25' }] } },
      Service: {
        AdditionalInfo: { Value: expect.stringContaining('"threatListName":"acme-bad-ips"') },
        Evidence: { ThreatIntelligenceDetails: [{ ThreatListName: 'acme-bad-ips' }] },
        Action: {
          AwsApiCallAction: {
            RemoteIpDetails: {
              IpAddressV4: '198.51.100.23',
              City: { CityName: 'Amsterdam' },
              Country: { CountryCode: 'NL' },
              Organization: { Asn: '64496', AsnOrg: 'Example Hosting' },
            },
          },
        },
      },
    })
  })

  test('has three findings on the stolen key and one more on its principal', async () => {
    const { account, cast } = await lookAt('custom-threat-list')
    const keys = [...account.findings.values()].map((finding) => JSON.stringify(finding.Resource))
    expect(keys.filter((text) => text.includes(cast.thief.accessKeyId))).toHaveLength(3)
    expect(keys.filter((text) => text.includes(`:${VICTIM}"`) && !text.includes(cast.thief.accessKeyId))).toHaveLength(1)
  })

  test('the thief has the instance’s IMDSv2 set, and so the instance’s own calls carry the same key', async () => {
    const built = await lookAt('custom-threat-list')
    expect(handedOut(built.account, victimOf(built), '2.0', NOW)).toEqual(built.cast.thief)
  })

  test('a revocation refuses thief and application alike', async () => {
    const built = await build('custom-threat-list')
    revoke(built)
    const heard = passes(built, 600).filter(({ at, action }) => at > NOW + 8000 && action !== 'sts:GetCallerIdentity')
    for (const who of ['thief', 'workload'] as const) {
      const own = heard.filter((event) => event.who === who)
      expect(own.length).toBeGreaterThan(1)
      expect(own.every(({ outcome, explicit }) => outcome === 'refused' && explicit)).toBe(true)
    }
  })
})

test('no-instance-details names no instance but in the principal', async () => {
  expect(mainOf(await lookAt('no-instance-details')).Resource).not.toHaveProperty('InstanceDetails')
})

test('looks-rotated: what the instance shows over IMDSv2 differs from the stolen key, issued in the same second', async () => {
  const built = await lookAt('looks-rotated')
  const shown = handedOut(built.account, victimOf(built), '2.0', NOW)
  expect(built.cast.thief.ec2RoleDelivery).toBe('1.0')
  expect(shown?.accessKeyId).not.toBe(built.cast.thief.accessKeyId)
  expect(shown?.issuedAt).toBe(built.cast.thief.issuedAt)
})

describe('called-from-the-host', () => {
  test('the remote address is the instance’s own, the user agent is not its application’s', async () => {
    const built = await lookAt('called-from-the-host')
    const action = { RemoteIpDetails: { IpAddressV4: victimOf(built).publicIp }, UserAgent: expect.stringContaining('kali') }
    expect(mainOf(built)).toMatchObject({ Service: { Action: { AwsApiCallAction: action } } })
  })

  test('after a restart the intruder goes on with the new credentials, from the new address', async () => {
    const { beginStart, beginStop } = await import('../../../src/simulation/instance-life.ts')
    const built = await build('called-from-the-host')
    revoke(built)
    expect(passes(built, 120).filter(({ who, explicit }) => who === 'thief' && explicit).length).toBeGreaterThan(0)
    beginStop(built.account, victimOf(built), false)
    expect(passes(built, 60).filter(({ who, at }) => who === 'thief' && at > NOW + 125_000)).toEqual([])
    beginStart(built.account, victimOf(built))
    const later = passes(built, 600).filter(({ who, action }) => who === 'thief' && action !== 'sts:GetCallerIdentity')
    expect(later.length).toBeGreaterThan(3)
    expect(later.every(({ outcome }) => outcome === 'ok')).toBe(true)
    const last = built.account.trail.all().findLast(({ document }) => String(document().userAgent).includes('kali'))
    expect(last?.accessKeyId).not.toBe(built.cast.thief.accessKeyId)
    expect(last?.document().sourceIPAddress).toBe(victimOf(built).publicIp)
  })
})

test('a scenario that there is not is a usage error that names those there are', async () => {
  await expect(loadScenario('toString')).rejects.toMatchObject({
    kind: 'usage',
    remedy: expect.stringContaining('looks-rotated'),
  })
})
