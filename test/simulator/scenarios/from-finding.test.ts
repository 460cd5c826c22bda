import { describe, expect, test } from 'vitest'
import { given } from '../../../src/incident/values/given.ts'
import { steppingClock } from '../../../src/simulator/clock.ts'
import { scenarioFromFinding } from '../../../src/simulator/scenario-kit/from-finding.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
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
    const { cast, account } = build({
      Type: 'Recon:IAMUser/TorIPCaller',
      Resource: { AccessKeyDetails: { UserName: 'web-app' } },
    })
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

  test.each<[string, string, object]>([
    ['the finding’s own account: somebody of it took the session', '444455556666', { userName: 'deploy-pipeline' }],
    ['another account: a principal of that one took the session', '777788889999', { accountId: '777788889999' }],
  ])('of a caller in %s', (_, accountId, userIdentity) => {
    const call = { api: 'PutObject', remoteAccountDetails: { accountId, affiliated: true } }
    const service = { action: { actionType: 'AWS_API_CALL', awsApiCallAction: call } }
    const details = { userName: 'deploy', principalId: 'AROAEXAMPLEEXAMPLE777:alice' }
    const { account, cast } = build(eventBridge({ service }, details))
    const issue = account.trail.all().find(({ resources }) => resources.some(({ name }) => name === cast.attacker.accessKeyId))
    expect(issue?.document()).toMatchObject({ eventName: 'AssumeRole', userIdentity })
  })

  test('of a function’s credentials that another account uses: they are the function’s', () => {
    const call = { api: 'ListBuckets', remoteAccountDetails: { accountId: '777788889999', affiliated: false } }
    const service = { action: { actionType: 'AWS_API_CALL', awsApiCallAction: call } }
    const type = 'UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.InsideAWS'
    const details = { userName: 'worker', principalId: 'AROAEXAMPLEEXAMPLE777:thumbnails' }
    const { account, cast } = build(eventBridge({ type, service }, details))
    const issue = account.trail.all().find(({ resources }) => resources.some(({ name }) => name === cast.attacker.accessKeyId))
    expect(issue?.document()).toMatchObject({ userIdentity: { invokedBy: 'lambda.amazonaws.com' } })
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

describe('an account around a finding about other credentials than an instance’s', () => {
  const key = (parts: object) => eventBridge({}, { principalId: undefined, userName: undefined, ...parts })

  test.each<[string, unknown, string]>([
    [
      'a user’s long-term key',
      key({
        userType: 'IAMUser',
        accessKeyId: 'AKIAEXAMPLEEXAMPLE77',
        userName: 'build-bot',
        principalId: 'AIDAEXAMPLEEXAMPLE777',
      }),
      'arn:aws:iam::444455556666:user/build-bot',
    ],
    ['a user’s session', key({ userType: 'IAMUser', userName: 'build-bot' }), 'arn:aws:iam::444455556666:user/build-bot'],
    ['a federated user', key({ userType: 'FederatedUser', userName: 'bob' }), 'arn:aws:sts::444455556666:federated-user/bob'],
    ['root', key({ userType: 'Root', principalId: '444455556666' }), 'arn:aws:iam::444455556666:root'],
    [
      'a person of IAM Identity Center',
      key({ userName: 'AWSReservedSSO_Admin_0123456789abcdef', principalId: 'AROAEXAMPLEEXAMPLE777:alice@acme.example' }),
      'arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@acme.example',
    ],
    [
      'a service-linked role',
      key({ userName: 'AWSServiceRoleForAutoScaling', principalId: 'AROAEXAMPLEEXAMPLE777:AutoScaling' }),
      'arn:aws:sts::444455556666:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling',
    ],
    [
      'a task',
      key({ userName: 'orders', principalId: 'AROAEXAMPLEEXAMPLE777:5f2e4c0c9b0a4d0f8f4b7f1d2c3e4a5b' }),
      'arn:aws:sts::444455556666:assumed-role/orders/5f2e4c0c9b0a4d0f8f4b7f1d2c3e4a5b',
    ],
    [
      'a pod’s web identity',
      key({ userName: 'payments', principalId: 'AROAEXAMPLEEXAMPLE777:botocore-session-1764300000' }),
      'arn:aws:sts::444455556666:assumed-role/payments/botocore-session-1764300000',
    ],
    [
      'a session that somebody obtained',
      key({ userName: 'deploy', principalId: 'AROAEXAMPLEEXAMPLE777:alice' }),
      'arn:aws:sts::444455556666:assumed-role/deploy/alice',
    ],
  ])('%s: the stolen credential works, and the finding is about it', async (_, parsed, arn) => {
    const built = build(parsed)
    const { accessKeyId, sessionToken } = built.cast.attacker
    const open = openAccount(built)
    const call = (service: 'sts' | 'ec2', operation: string) =>
      open.answer({
        ...{ service, operation, input: {}, accessKeyId, region: 'eu-central-1', sourceIp: '192.0.2.99' },
        ...{ userAgent: 'test', requestId: 'r', ...given({ sessionToken }) },
      })
    await expect(call('sts', 'GetCallerIdentity')).resolves.toMatchObject({ Arn: arn })
    await expect(call('ec2', 'DescribeInstances')).resolves.toHaveProperty('Reservations')
    expect(built.account.findings.get(built.findingId)).toMatchObject({
      Resource: { AccessKeyDetails: { AccessKeyId: accessKeyId } },
    })
    const calls = built.account.trail.all().filter((record) => record.accessKeyId === accessKeyId)
    expect(calls.filter((record) => record.document().sourceIPAddress === '192.0.2.99').length).toBeGreaterThan(5)
  })

  test.each([
    ['lambda.amazonaws.com', 'thumbnails'],
    ['ecs-tasks.amazonaws.com', '5f2e4c0c9b0a4d0f8f4b7f1d2c3e4a5b'],
    ['pods.eks.amazonaws.com', 'eks-shop-cluster-orders-7d9c5b6f4-4f2b7c1e-9a3d-4c58-b7e6-0d1f2a3b4c5d'],
  ])('%s’s record of the issue names the key', (service, session) => {
    const type = 'UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS'
    const details = { userName: 'worker', principalId: `AROAEXAMPLEEXAMPLE777:${session}` }
    const { account, cast } = build(eventBridge({ type }, details))
    const issue = account.trail.all().find(({ resources }) => resources.some(({ name }) => name === cast.attacker.accessKeyId))
    expect(issue?.document()).toMatchObject({ eventName: 'AssumeRole', userIdentity: { type: 'AWSService', invokedBy: service } })
  })

  test('an id and an account id that are none are replaced, and that is said', () => {
    const { account, findingId, notes = [] } = build(eventBridge({ id: 'e2e-finding', accountId: '1234567891234' }))
    expect(findingId).toMatch(/^[0-9a-f]{32}$/)
    expect(account.findings.get(findingId)).toMatchObject({ Id: findingId, AccountId: '111122223333' })
    expect(notes.join(' ')).toContain(`The finding’s id "e2e-finding" is not one of GuardDuty’s. Here it is ${findingId}.`)
    expect(notes.join(' ')).toContain('The finding’s account id "1234567891234" does not have 12 digits.')
  })

  test('a finding about an instance alone: the attacker has its credentials, and that is said', () => {
    const resource = { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0123456789abcdef0' } }
    const { account, cast, findingId, notes } = build(eventBridge({ type: 'Backdoor:EC2/C&CActivity.B!DNS', resource }))
    expect(cast.attacker.instanceId).toBe('i-0123456789abcdef0')
    expect(account.findings.get(findingId)?.Resource).not.toHaveProperty('AccessKeyDetails')
    expect(notes?.join(' ')).toContain('names no access key')
  })

  test('a member of an Auto Scaling group by its tag, and a terminated instance by its state', () => {
    const withInstance = (details: object) => {
      const { resource } = eventBridge()
      const instanceDetails = { instanceId: 'i-0123456789abcdef0', ...details }
      const { account } = build(eventBridge({ resource: { ...resource, instanceDetails } }))
      return account.instances.get('i-0123456789abcdef0')
    }
    const tags = [{ key: 'aws:autoscaling:groupName', value: 'web-asg' }]
    expect(withInstance({ tags })).toMatchObject({ autoScalingGroup: 'web-asg', state: 'running' })
    expect(withInstance({ instanceState: 'terminated' })).toMatchObject({ state: 'terminated' })
  })
})

describe('a sample or a template', () => {
  const sample = () =>
    eventBridge(
      {
        title: '[SAMPLE] APIs were called by GeneratedFindingUserName.',
        service: {
          additionalInfo: { type: 'default', value: '{"sample":true}' },
          action: {
            awsApiCallAction: {
              remoteIpDetails: { ipAddressV4: '198.51.100.0', city: { cityName: 'GeneratedFindingCityName' } },
            },
          },
        },
      },
      {
        accessKeyId: 'GeneratedFindingAccessKeyId',
        principalId: 'GeneratedFindingPrincipalId',
        userName: 'GeneratedFindingUserName',
        userType: 'IAMUser',
      },
    )

  test('gets the account’s own names in the place of placeholders, and that is said', () => {
    const { account, cast, findingId, notes = [] } = build(sample())
    const finding = account.findings.get(findingId)
    expect(cast.attacker.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
    expect(finding).toMatchObject({
      Title: 'APIs were called by deploy-bot.',
      Resource: { AccessKeyDetails: { AccessKeyId: cast.attacker.accessKeyId, UserName: 'deploy-bot' } },
    })
    expect(JSON.stringify(finding)).not.toMatch(/GeneratedFinding|sample|198\.51\.100\.0\b/i)
    expect(notes[0]).toContain('GeneratedFindingAccessKeyId')
    expect(notes[0]).toContain(cast.attacker.accessKeyId)
    expect(notes.join(' ')).toContain('It is a sample')
  })

  test('a template’s names are placeholders too, and a key that is none is replaced', () => {
    const details = { accessKeyId: 'ASIA_DUMMY_KEY', principalId: '{{principal_id}}', userName: `$${'{role_name}'}` }
    const { account, findingId, cast } = build(eventBridge({ accountId: '1234567891234' }, details))
    expect(account.id).toBe('111122223333')
    expect(cast.attacker.accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/)
    expect(JSON.stringify(account.findings.get(findingId))).not.toMatch(/[$]\{|\{\{/)
  })
})

describe('no account is built around', () => {
  test.each<[string, unknown, string]>([
    ['a finding about a key that names nobody', { type: 'Recon:IAMUser/TorIPCaller', resource: {} }, 'no access key'],
    [
      'key details that say no more than a kind',
      eventBridge({ resource: { accessKeyDetails: { userType: 'AssumedRole', userName: '' } } }),
      'no access key',
    ],
    ['nothing', 'text', 'no finding'],
    ['a document without a type', {}, 'no type'],
    [
      'an attack sequence that names nobody',
      { type: 'AttackSequence:IAM/CompromisedCredentials', resource: {} },
      'no access key',
    ],
    ['another account’s principal', eventBridge({}, { userType: 'AWSAccount' }), 'AWSAccount'],
    ['a role’s long-term key', eventBridge({}, { accessKeyId: 'AKIAEXAMPLEEXAMPLE77' }), 'not a temporary'],
    ['no Region', eventBridge({ region: 'cn-north-x' }), 'partition'],
    ['the responder’s own role', eventBridge({}, { userName: 'ir-responder' }), 'responder'],
  ])('%s', (_, parsed, why) => {
    expect(() => build(parsed)).toThrow(expect.objectContaining({ kind: 'usage', why: expect.stringContaining(why) }))
  })
})
