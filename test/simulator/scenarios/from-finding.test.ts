import { describe, expect, test } from 'vitest'
import { steppingClock } from '../../../src/simulator/clock.ts'
import { scenarioFromFinding } from '../../../src/simulator/scenario-kit/from-finding.ts'
import { NOW } from '../../support/trail.ts'

const eventBridge = (change: object = {}, keyDetails: object = {}) => ({
  id: '30bf285e52a1e405084ff6ec28e06e17',
  type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
  accountId: '444455556666',
  region: 'eu-central-1',
  partition: 'aws',
  severity: 8,
  title: 'Credentials were used outside AWS.',
  resource: {
    resourceType: 'AccessKey',
    accessKeyDetails: {
      accessKeyId: 'ASIAEXAMPLEEXAMPLE77',
      principalId: 'AROAEXAMPLEEXAMPLE777:i-0123456789abcdef0',
      userType: 'AssumedRole',
      userName: 'payments',
      ...keyDetails,
    },
    instanceDetails: null,
  },
  service: {
    count: 3,
    additionalInfo: { recentApiCalls: [{ api: 'ListBuckets', count: 3 }] },
    action: { actionType: 'AWS_API_CALL', awsApiCallAction: { remoteIpDetails: { ipAddressV4: '192.0.2.99' } } },
  },
  ...change,
})

const build = (parsed: unknown) => scenarioFromFinding(parsed).build({ clock: steppingClock(NOW) })

describe('an account around a finding file', () => {
  test.each([
    ['bare', (finding: object) => finding],
    ['in an EventBridge event', (finding: object) => ({ 'detail-type': 'GuardDuty Finding', detail: finding })],
    ['in an answer of GetFindings', (finding: object) => ({ Findings: [finding] })],
    ['in a list', (finding: object) => [finding]],
  ])('has the account, Region, role, key and instance of a finding %s', (_, wrap) => {
    const { account, cast, findingId } = build(wrap(eventBridge()))
    expect(account).toMatchObject({ id: '444455556666', region: 'eu-central-1' })
    expect(account.roles.get('payments')).toMatchObject({ id: 'AROAEXAMPLEEXAMPLE777' })
    expect(account.instances.has('i-0123456789abcdef0')).toBe(true)
    expect(cast.attacker).toMatchObject({ accessKeyId: 'ASIAEXAMPLEEXAMPLE77', instanceId: 'i-0123456789abcdef0' })
    expect(account.findings.get(findingId)).toMatchObject({
      Id: '30bf285e52a1e405084ff6ec28e06e17',
      Type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
      Severity: 8,
      Service: {
        DetectorId: account.detectorId,
        AdditionalInfo: { Type: 'default', Value: '{"recentApiCalls":[{"api":"ListBuckets","count":3}]}' },
      },
    })
  })

  test('has an attacker at the finding’s remote address, seen within the last hour', () => {
    const { account, cast, findingId } = build(eventBridge())
    const [first] = account.trail.all().filter(({ accessKeyId }) => accessKeyId === cast.attacker.accessKeyId)
    expect(first?.document().sourceIPAddress).toBe('192.0.2.99')
    expect(Date.parse(account.findings.get(findingId)?.UpdatedAt ?? '')).toBeGreaterThan(NOW - 3_600_000)
  })

  test('fills in what the finding leaves out', () => {
    const { cast, account } = build({ Type: 'Recon:IAMUser/TorIPCaller', Resource: { AccessKeyDetails: {} } })
    expect(cast.attacker.accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/)
    expect(account.roles.has('web-app')).toBe(true)
    expect(account.findings.size).toBeGreaterThan(5)
  })

  test('takes the instance from its details when there is no principal', () => {
    const resource = { accessKeyDetails: { userType: 'AssumedRole' }, instanceDetails: { instanceId: 'i-01234567' } }
    expect(build(eventBridge({ resource })).account.instances.has('i-01234567')).toBe(true)
  })
})

describe('an account around a finding keeps what the file says', () => {
  test('of a session that is named after an instance of another role: somebody obtained it under that name', () => {
    const key = {
      accessKeyId: 'ASIAEXAMPLEEXAMPLE77',
      principalId: 'AROAEXAMPLEEXAMPLE777:i-0aa1b2c3d4e5f6071',
      userName: 'deploy',
    }
    const { account, findingId, cast } = build(eventBridge({}, key))
    expect(cast.attacker).toMatchObject({ accessKeyId: key.accessKeyId, principal: { sessionName: 'i-0aa1b2c3d4e5f6071' } })
    expect(account.instanceProfiles.get(account.instances.get('i-0aa1b2c3d4e5f6071')?.profileName ?? '')?.roleName).toBe(
      'web-app',
    )
    expect(account.findings.get(findingId)).toMatchObject({
      Resource: { AccessKeyDetails: { AccessKeyId: key.accessKeyId, PrincipalId: key.principalId, UserName: 'deploy' } },
    })
    const issue = account.trail.all().find(({ resources }) => resources.some(({ name }) => name === key.accessKeyId))
    expect(issue?.document()).toMatchObject({ eventName: 'AssumeRole', userIdentity: { userName: 'deploy-pipeline' } })
  })

  test('of a session of one of its other instances: that is the compromised one', () => {
    const key = { principalId: 'AROAEXAMPLEEXAMPLE777:i-0aa1b2c3d4e5f6071', userName: 'web-app' }
    const { account, cast } = build(eventBridge({}, key))
    expect(cast.attacker.instanceId).toBe('i-0aa1b2c3d4e5f6071')
    expect(account.instances.get('i-0aa1b2c3d4e5f6071')?.publicIp).toBeDefined()
  })

  test('of the account that a call came from', () => {
    const call = { api: 'ListBuckets', remoteAccountDetails: { accountId: '777788889999', affiliated: false } }
    const service = { action: { actionType: 'AWS_API_CALL', awsApiCallAction: call } }
    const { account, findingId } = build(eventBridge({ service }))
    const details = { RemoteAccountDetails: { AccountId: '777788889999', Affiliated: false } }
    expect(account.findings.get(findingId)).toMatchObject({ Service: { Action: { AwsApiCallAction: details } } })
  })

  test('of an attack sequence: its actor, its role and its endpoint', () => {
    const Actors = [
      {
        User: {
          Name: 'x',
          Uid: 'AROAEXAMPLEEXAMPLE777:i-0123456789abcdef0',
          Type: 'AssumedRole',
          CredentialUid: 'ASIAEXAMPLEEXAMPLE77',
        },
        Session: { CreatedTime: '2026-11-25T01:07:00Z', Issuer: 'arn:aws:iam::444455556666:role/service/payments' },
      },
    ]
    const Service = { Detection: { Sequence: { Actors, Endpoints: [{ Ip: '192.0.2.99' }] } } }
    const type = 'AttackSequence:IAM/CompromisedCredentials'
    const { account, cast, findingId } = build({ Type: type, AccountId: '444455556666', Resource: {}, Service })
    expect(cast.attacker).toMatchObject({ accessKeyId: 'ASIAEXAMPLEEXAMPLE77', principal: { roleName: 'payments' } })
    expect(account.findings.get(findingId)).toMatchObject({
      Type: type,
      Service: { Detection: { Sequence: { Actors: [{ Session: { CreatedTime: new Date('2026-11-25T01:07:00Z') } }] } } },
    })
    const [first] = account.trail.all().filter(({ accessKeyId }) => accessKeyId === cast.attacker.accessKeyId)
    expect(first?.document().sourceIPAddress).toBe('192.0.2.99')
  })
})

describe('no account is built around', () => {
  test.each<[string, unknown, string]>([
    ['nothing', 'text', 'no finding'],
    ['a document without a type', {}, 'no type'],
    ['a sample', eventBridge({ title: '[SAMPLE] x' }), 'sample'],
    ['placeholders', eventBridge({}, { accessKeyId: 'GeneratedFindingAccessKeyId' }), 'sample'],
    ['an attack sequence', { type: 'AttackSequence:IAM/CompromisedCredentials', resource: {} }, 'no access key'],
    ['a user’s key', eventBridge({}, { userType: 'IAMUser' }), 'IAMUser'],
    ['a long-term key', eventBridge({}, { accessKeyId: 'AKIAEXAMPLEEXAMPLE77' }), 'not a temporary'],
    ['a person’s session', eventBridge({}, { principalId: 'AROAEXAMPLE:alice@example.com' }), 'not that of an EC2'],
    ['no Region', eventBridge({ region: 'cn-north-x' }), 'partition'],
    ['the responder’s own role', eventBridge({}, { userName: 'ir-responder' }), 'responder'],
  ])('%s', (_, parsed, why) => {
    expect(() => build(parsed)).toThrow(expect.objectContaining({ kind: 'usage', why: expect.stringContaining(why) }))
  })
})
