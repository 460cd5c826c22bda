import { describe, expect, it } from 'vitest'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { rawText, untrusted } from '../../../src/incident/values/untrusted.ts'
import { ACCOUNT, apiFinding, type Document, FINDING_ID, having, INSTANCE, KEY, placeholder, ROLE_ID } from './findings.ts'

const REMOTE = 'Service.Action.AwsApiCallAction.RemoteIpDetails'
const DETAILS = 'Resource.AccessKeyDetails'
const changed = (...changes: readonly (readonly [path: string, value: unknown])[]): Document =>
  changes.reduce((finding, [path, value]) => having(finding, path, value), apiFinding)

describe('a finding is narrowed to what a response needs', () => {
  it('has plain identifiers and untrusted free text', () => {
    expect(narrowFinding(apiFinding)).toEqual({
      id: FINDING_ID,
      arn: `arn:aws:guardduty:eu-central-1:${ACCOUNT}:detector/12ab34cd56ef/finding/${FINDING_ID}`,
      type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
      title: untrusted('The API ListBuckets was called from an address on a custom threat list.'),
      description: untrusted('API ListBuckets was called from an IP address on the custom threat list.'),
      accountId: ACCOUNT,
      partition: 'aws',
      region: 'eu-central-1',
      severity: 5,
      createdAt: '2026-11-25T01:40:09.989Z',
      updatedAt: '2026-11-25T02:14:07Z',
      firstSeen: '2026-11-25T01:30:00Z',
      lastSeen: '2026-11-25T02:10:00Z',
      count: 7,
      archived: false,
      detectorId: '12ab34cd56ef',
      sampleMarks: [],
      userType: 'AssumedRole',
      accessKeyId: KEY,
      principalId: `${ROLE_ID}:${INSTANCE}`,
      userName: 'web-app',
      instanceId: INSTANCE,
      instancePublicIps: ['203.0.113.10'],
      action: {
        type: 'AWS_API_CALL',
        api: untrusted('ListBuckets'),
        service: untrusted('s3.amazonaws.com'),
        callerType: untrusted('Remote IP'),
        userAgent: untrusted(`aws-cli/2.17 ${placeholder('jndi:x')} <b>`),
        remote: {
          ip: '203.0.113.77',
          country: untrusted('Iceland'),
          city: untrusted('Reykjavík'),
          asn: '64500',
          network: untrusted('EXAMPLE-NET'),
          isp: untrusted('Example ISP'),
        },
      },
      threatLists: [untrusted('our-list'), untrusted('second-list')],
      remarks: [],
    })
  })

  it('leaves out what a finding may lack', () => {
    const bare = changed(
      ['Resource', undefined],
      ['Service', undefined],
      ['Arn', undefined],
      ['Partition', undefined],
      ['Title', undefined],
    )
    const finding = narrowFinding(bare)
    expect(finding).toMatchObject({ partition: 'aws', userType: 'Unknown', count: 1, archived: false, instancePublicIps: [] })
    expect(Object.keys(finding)).not.toContain('accessKeyId')
    expect(Object.values(finding)).not.toContain(undefined)
    expect(finding.remarks).toEqual([])
  })

  it('treats empty and null members as missing', () => {
    const anonymous = changed(
      [`${DETAILS}.AccessKeyId`, ''],
      [`${DETAILS}.PrincipalId`, null],
      ['Resource.InstanceDetails', null],
    )
    expect(narrowFinding(anonymous)).not.toHaveProperty('accessKeyId')
    expect(narrowFinding(anonymous)).not.toHaveProperty('principalId')
    expect(narrowFinding(anonymous)).not.toHaveProperty('instanceId')
  })

  it('finds the threat list in additional information of either form', () => {
    const asObject = changed(['Service.AdditionalInfo', { threatListName: 'object-list' }], ['Service.Evidence', null])
    expect(narrowFinding(asObject).threatLists.map(rawText)).toEqual(['object-list'])
    const asText = changed(['Service.AdditionalInfo', '{"threatListName":"text-list"}'], ['Service.Evidence', null])
    expect(narrowFinding(asText).threatLists.map(rawText)).toEqual(['text-list'])
  })

  it.each([
    ['root', 'Root'],
    ['IAM_USER', 'IAMUser'],
    ['ASSUMED_ROLE', 'AssumedRole'],
    ['FederatedUser', 'FederatedUser'],
    ['AWSAccount', 'AWSAccount'],
    ['AWS_SERVICE', 'AWSService'],
    ['Role', 'Role'],
  ])('reads the user type %s as %s', (written, userType) => {
    expect(narrowFinding(changed([`${DETAILS}.UserType`, written]))).toMatchObject({ userType })
  })

  it('keeps an unknown user type as it was written', () => {
    for (const written of ['IdentityCenterUser', 'constructor', 'toString'])
      expect(narrowFinding(changed([`${DETAILS}.UserType`, written]))).toMatchObject({
        userType: 'Unknown',
        userTypeAsWritten: untrusted(written),
      })
  })

  it.each([
    ['us-gov-west-1', 'aws-us-gov'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['mx-central-1', 'aws'],
  ])('puts Region %s into partition %s', (region, partition) => {
    expect(narrowFinding(changed(['Region', region], ['Partition', undefined], ['Arn', undefined])).partition).toBe(partition)
  })

  it.each([
    ['203.0.113.5', '203.0.113.5'],
    ['::ffff:203.0.113.5', '203.0.113.5'],
    ['2001:0DB8:0:0::0001', '2001:db8::1'],
  ])('reads the remote address %s as %s', (written, ip) => {
    expect(narrowFinding(changed([`${REMOTE}.IpAddressV4`, written])).action?.remote?.ip).toBe(ip)
  })

  it('finds the address of another kind of action too', () => {
    const probe = {
      ActionType: 'PORT_PROBE',
      PortProbeAction: { PortProbeDetails: [{ RemoteIpDetails: { IpAddressV4: '203.0.113.9' } }] },
    }
    expect(narrowFinding(changed(['Service.Action', probe])).action).toEqual({
      type: 'PORT_PROBE',
      remote: { ip: '203.0.113.9' },
    })
  })
})

describe('what is odd but harmless is remarked on', () => {
  it.each<[string, readonly (readonly [string, unknown])[], string]>([
    ['severity as text', [['Severity', '8']], 'The severity is written as text, "8"'],
    ['severity below the scale', [['Severity', -1]], 'The severity -1 lies outside'],
    ['severity above the scale', [['Severity', 11]], 'The severity 11 lies outside'],
    [
      'a count beyond 2^53',
      [['Service.Count', Number('9007199254740993')]],
      'The count of occurrences is not usable (9007199254740992)',
    ],
    ['a negative count', [['Service.Count', -3]], 'not usable (-3) and is taken as 1'],
    ['a count as text', [['Service.Count', '7']], 'not usable ("7")'],
    ['archived as a word', [['Service.Archived', 'yes']], 'written as "yes", and was read as no'],
    ['times in the wrong order', [['UpdatedAt', '2026-11-25T01:00:00Z']], 'was updated (2026-11-25T01:00:00Z) before'],
    ['seen in the wrong order', [['Service.EventLastSeen', '2026-11-25T01:00:00Z']], 'before it was first seen'],
    ['a finding older than GuardDuty', [['CreatedAt', '2015-01-01T00:00:00Z']], 'before GuardDuty existed'],
    [
      'another Region in the ARN',
      [['Region', 'us-east-1']],
      'ARN names the Region eu-central-1, the finding itself says us-east-1',
    ],
    ['another account in the ARN', [['AccountId', '210987654320']], `ARN names the account ${ACCOUNT}`],
    ['another id in the ARN', [['Id', 'abc']], `ARN names the id ${FINDING_ID}`],
    ['a malformed ARN', [['Arn', 'arn:aws:guardduty:...']], 'is left out: "arn:aws:guardduty:..."'],
    ['a malformed detector id', [['Service.DetectorId', 'a/b']], 'detector id is not well formed'],
    ['a key of 19 characters', [[`${DETAILS}.AccessKeyId`, 'ASIA4EXMPLABCDEFGH1']], '(19 characters), is unusual'],
    ['a key in lower case', [[`${DETAILS}.AccessKeyId`, KEY.toLowerCase()]], 'is unusual'],
    ['a bearer token', [[`${DETAILS}.AccessKeyId`, 'ABIA4EXMPLABCDEFGH12']], 'is an STS service bearer token'],
    ['a context-specific key', [[`${DETAILS}.AccessKeyId`, 'ACCA4EXMPLABCDEFGH12']], 'is a context-specific credential'],
    ['a role id for a user', [[`${DETAILS}.UserType`, 'IAMUser']], 'The user type is IAMUser, but the principal id'],
    [
      'an instance id in odd case',
      [[`${DETAILS}.PrincipalId`, `${ROLE_ID}:i-786a3A8B5C0d92eF4`]],
      'i-786a3A8B5C0d92eF4 looks like an instance id',
    ],
    [
      'two instances',
      [['Resource.InstanceDetails.InstanceId', 'i-12345678']],
      `belongs to instance ${INSTANCE} (principal id), but`,
    ],
    ['an address that is none', [[`${REMOTE}.IpAddressV4`, 'somewhere']], 'not an IP address and is left out: "somewhere"'],
    ['a private address', [[`${REMOTE}.IpAddressV4`, '10.1.2.3']], '10.1.2.3 is not a public one'],
    ['damaged additional information', [['Service.AdditionalInfo.Value', '{"threat']], 'AdditionalInfo.Value is cut off'],
    ["an account of AWS's documentation", [['AccountId', '123456789012']], "is the account id of AWS's documentation"],
    ['feedback', [['Service.UserFeedback', 'NOT_USEFUL']], 'marked the finding as not useful'],
    [
      'an attack sequence around it',
      [['AssociatedAttackSequenceArn', 'arn:aws:guardduty:eu-central-1:1:detector/a/finding/b']],
      'is part of the attack sequence arn:aws',
    ],
    [
      'a strange name of a strange principal',
      [
        [`${DETAILS}.UserType`, 'AWSService'],
        [`${DETAILS}.UserName`, 'AWS Internal'],
      ],
      'is left out',
    ],
  ])('%s', (_, changes, sentence) => {
    const { remarks } = narrowFinding(changed(...changes))
    expect(remarks.filter((remark) => remark.includes(sentence))).toHaveLength(1)
    for (const remark of remarks) expect(remark).toMatch(/^[A-Z0-9][ -~]*\.$/)
  })
})

describe('a finding says which account and VPC endpoint a call came through', () => {
  const CALL = 'Service.Action.AwsApiCallAction'
  const actionOf = (name: string, value: unknown) => narrowFinding(changed([`${CALL}.${name}`, value])).action

  it.each([
    [
      { AccountId: '444455556666', Affiliated: false },
      { accountId: '444455556666', affiliated: false },
    ],
    [
      { accountId: '444455556666', affiliated: true },
      { accountId: '444455556666', affiliated: true },
    ],
    [{ AccountId: '444455556666' }, { accountId: '444455556666' }],
    [{ AccountId: 'somebody', Affiliated: true }, undefined],
    [{}, undefined],
  ])('the remote account: %j', (details, account) => {
    expect(actionOf('RemoteAccountDetails', details)?.remoteAccount).toEqual(account)
  })

  it('the endpoint and its owner', () => {
    expect(actionOf('VpcEndpointId', 'vpce-0a1b2c3d4e5f60718')).toMatchObject({ vpcEndpointId: 'vpce-0a1b2c3d4e5f60718' })
    expect(actionOf('VpcEndpointAccountId', '444455556666')).toMatchObject({ vpcEndpointAccountId: '444455556666' })
    expect(actionOf('VpcEndpointId', 'endpoint')).not.toHaveProperty('vpcEndpointId')
  })

  it.each(['AssumedRole', 'Role', undefined])(
    'has the name of what EC2 itself uses for an instance, which is no role’s, of user type %s',
    (type) => {
      const document = changed([`${DETAILS}.UserName`, 'aws:ec2-instance'], [`${DETAILS}.UserType`, type])
      expect(narrowFinding(document)).toMatchObject({ userName: 'aws:ec2-instance', remarks: [] })
    },
  )

  it.each([
    ['AssumedRole', 'aws:lambda-x'],
    ['AssumedRole', 'aws:ec2-`id`'],
    ['IAMUser', 'aws:ec2-instance'],
    ['FederatedUser', 'aws:ec2-instance'],
  ])('of user type %s is refused with the name %s', (type, name) => {
    const document = changed([`${DETAILS}.UserName`, name], [`${DETAILS}.UserType`, type])
    expect(() => narrowFinding(document)).toThrow('is not the name of a user or role')
  })
})
