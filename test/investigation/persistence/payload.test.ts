import { describe, expect, it } from 'vitest'
import { rawLine } from '../../../src/incident/values/show.ts'
import { ACCOUNT, type Call, leftBy } from '../analysis/records.ts'

const payloadOf = (call: Call): string => {
  const [artefact] = leftBy(call)
  return artefact ? rawLine(artefact.payload ?? []) : 'no artefact'
}
const gravityOf = (...calls: readonly Call[]): string | undefined => leftBy(...calls).at(-1)?.gravity

const trusting = (principal: unknown): string =>
  JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }] })
const allowing = (action: unknown, resource: unknown = '*'): string =>
  JSON.stringify({ Statement: { Effect: 'Allow', Action: action, Resource: resource } })

describe('who a policy lets in', () => {
  it.each([
    [{ AWS: 'arn:aws:iam::999988887777:root' }, ', which lets in arn:aws:iam::999988887777:root (outside the account)', 'trust'],
    [{ AWS: '*' }, ', which lets in everybody (*)', 'trust'],
    [{ AWS: ACCOUNT }, `, which lets in ${ACCOUNT} (the account itself)`, 'trust'],
    [{ Service: 'ec2.amazonaws.com' }, ', which lets in the AWS service ec2.amazonaws.com', 'trust'],
  ])('a trust policy with %j', (principal, words, gravity) => {
    const request = { roleName: 'door', policyDocument: trusting(principal) }
    expect(payloadOf({ event: 'iam:UpdateAssumeRolePolicy', request })).toBe(words)
    expect(gravityOf({ event: 'iam:UpdateAssumeRolePolicy', request })).toBe(gravity)
  })

  it('a new role is as grave as its trust', () => {
    const created = (principal: object): Call => ({
      event: 'iam:CreateRole',
      request: { roleName: 'door', assumeRolePolicyDocument: trusting(principal) },
    })
    expect(gravityOf(created({ AWS: 'arn:aws:iam::999988887777:user/eve' }))).toBe('trust')
    expect(gravityOf(created({ Service: 'lambda.amazonaws.com' }))).toBe('identity')
  })

  it('a bucket policy, which CloudTrail writes as an object, with what it allows', () => {
    const open = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }] }
    const call = { event: 's3:PutBucketPolicy', request: { bucketName: 'b-orders', bucketPolicy: open, policy: '' } }
    expect(payloadOf(call)).toBe(', which lets in everybody (*) for s3:GetObject')
    expect(gravityOf(call)).toBe('exposure')
  })

  it('a bucket policy for a service of AWS alone opens nothing to others', () => {
    const Statement = [{ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 's3:PutObject' }]
    const call = { event: 's3:PutBucketPolicy', request: { bucketName: 'b-trail', bucketPolicy: { Statement } } }
    expect(gravityOf(call)).toBe('permission')
  })

  it('an access list of everybody, and a permission on a function', () => {
    expect(payloadOf({ event: 's3:PutBucketAcl', request: { bucketName: 'b-orders', 'x-amz-acl': ['public-read'] } })).toBe(
      ', which lets in everybody (AllUsers)',
    )
    const request = { functionName: 'door', statementId: 's', principal: '999988887777', action: 'lambda:InvokeFunction' }
    expect(payloadOf({ event: 'lambda:AddPermission20150331v2', request })).toBe(
      ', which lets in 999988887777 (outside the account) for lambda:InvokeFunction',
    )
  })
})

describe('which rights a policy gives', () => {
  const inline = (document: string): Call => ({
    event: 'iam:PutUserPolicy',
    request: { userName: 'eve', policyName: 'p', policyDocument: document },
  })
  it.each([
    ['*', '*', 'administrator'],
    ['iam:*', '*', 'administrator'],
    [['s3:GetObject', 'iam:PutUserPolicy'], '*', 'administrator'],
    ['*', 'arn:aws:s3:::b/*', 'permission'],
    ['s3:GetObject', '*', 'permission'],
  ])('%j on %j makes its holder: %s', (action, resource, gravity) => {
    expect(gravityOf(inline(allowing(action, resource)))).toBe(gravity)
  })

  it('an inline policy says what it allows, and on what', () => {
    expect(payloadOf(inline(allowing(['s3:Get*', 'kms:Decrypt'], ['arn:aws:s3:::b/*'])))).toBe(
      ', which allows s3:Get*, kms:Decrypt on arn:aws:s3:::b/*',
    )
    expect(payloadOf(inline(allowing('*')))).toBe(', which allows every action on every resource')
  })

  it('a long list of actions says how many more there are', () => {
    expect(payloadOf(inline(allowing(Array.from({ length: 30 }, (_, at) => `s3:Action${at}`))))).toContain(' and 22 more on ')
  })

  it('a policy of AWS that makes an administrator is one wherever it is put, and not where it is taken away', () => {
    const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
    expect(gravityOf({ event: 'iam:AttachUserPolicy', request: { userName: 'eve', policyArn } })).toBe('administrator')
    expect(gravityOf({ event: 'iam:DetachUserPolicy', request: { userName: 'eve', policyArn } })).toBe('permission')
  })

  it('whoever is given a policy, or put into a group, that the session made an administrator’s is one', () => {
    const policyArn = `arn:aws:iam::${ACCOUNT}:policy/helper`
    const made = {
      event: 'iam:CreatePolicy',
      request: { policyName: 'helper', policyDocument: allowing('*') },
      response: { policy: { arn: policyArn } },
    }
    const attached = { event: 'iam:AttachGroupPolicy', request: { groupName: 'ops', policyArn } }
    const added = { event: 'iam:AddUserToGroup', request: { groupName: 'ops', userName: 'eve' } }
    expect(gravityOf(made, attached)).toBe('administrator')
    const admins = { event: 'iam:PutGroupPolicy', request: { groupName: 'ops', policyName: 'p', policyDocument: allowing('*') } }
    expect(gravityOf(admins, added)).toBe('administrator')
    expect(gravityOf(added)).toBe('permission')
  })
})

describe('which ports are open, and who to', () => {
  const opened = (ipPermissions: object, more: object = {}): Call => ({
    event: 'ec2:AuthorizeSecurityGroupIngress',
    request: { groupId: 'sg-0123456789abcdef0', ipPermissions, ...more },
  })

  it('in the list of rules, with addresses of both versions', () => {
    const items = [
      {
        ...{ ipProtocol: 'tcp', fromPort: 22, toPort: 22 },
        ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] },
        ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] },
      },
      { ipProtocol: '-1', groups: { items: [{ groupId: 'sg-0aaaaaaaaaaaaaaaa' }] } },
    ]
    expect(payloadOf(opened({ items }))).toBe(
      ': tcp 22 from anywhere (0.0.0.0/0), tcp 22 from anywhere (::/0), every protocol and port from sg-0aaaaaaaaaaaaaaaa',
    )
  })

  it('in the flat form of older tools, and the remedy names the rule where the record has no id of it', () => {
    const call = opened({}, { ipProtocol: 'tcp', fromPort: 3389, toPort: 3390, cidrIp: '198.51.100.0/24' })
    expect(payloadOf(call)).toBe(': tcp 3389-3390 from 198.51.100.0/24')
    expect(leftBy(call)[0]?.remedy).toEqual({
      command:
        'aws ec2 revoke-security-group-ingress --group-id sg-0123456789abcdef0 --ip-permissions \'[{"IpProtocol":"tcp","FromPort":3389,"ToPort":3390,"IpRanges":[{"CidrIp":"198.51.100.0/24"}]}]\' --region eu-west-1',
    })
  })

  it('a command holds nothing that has another form than a rule', () => {
    const call = opened({}, { ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: "0.0.0.0/0'; id #" })
    expect(leftBy(call)[0]?.remedy).toHaveProperty('sentence')
  })
})

describe('what is still recorded', () => {
  const selectors = (eventSelectors: object): Call => ({
    event: 'cloudtrail:PutEventSelectors',
    request: { trailName: 'audit', eventSelectors: [eventSelectors] },
  })
  it('selectors that were switched off', () => {
    const call = selectors({ readWriteType: 'ReadOnly', includeManagementEvents: false, dataResources: [] })
    expect(payloadOf(call)).toBe(': management events OFF, ReadOnly, data events OFF')
    expect(gravityOf(call)).toBe('defence')
  })

  it('selectors that were switched on leave nothing to switch on again', () => {
    const dataResources = [{ type: 'AWS::S3::Object', values: ['arn:aws:s3'] }]
    const call = selectors({ readWriteType: 'All', includeManagementEvents: true, dataResources })
    expect(payloadOf(call)).toBe(': management events ON, all of them, data events of AWS::S3::Object')
    expect(leftBy(call)[0]).toMatchObject({
      gravity: 'identity',
      remedy: { sentence: expect.stringContaining('Nothing to switch on') },
    })
  })

  it.each([
    [[{ field: 'eventCategory', equals: ['Management'] }], 'management events ON, all of them, data events OFF'],
    [
      [
        { field: 'eventCategory', equals: ['Management'] },
        { field: 'readOnly', equals: ['true'] },
      ],
      'management events ON in part only, data events OFF',
    ],
    [
      [
        { field: 'eventCategory', equals: ['Data'] },
        { field: 'resources.type', equals: ['AWS::S3::Object'] },
      ],
      'management events OFF, data events of AWS::S3::Object',
    ],
  ])('advanced selectors %j', (fieldSelectors, words) => {
    const request = { trailName: 'audit', advancedEventSelectors: [{ name: 'n', fieldSelectors }] }
    expect(payloadOf({ event: 'cloudtrail:PutEventSelectors', request })).toBe(`: ${words}`)
  })

  it('a trail that moves to another bucket', () => {
    const request = { name: 'audit', isMultiRegionTrail: false, s3BucketName: 'elsewhere' }
    expect(payloadOf({ event: 'cloudtrail:UpdateTrail', request })).toBe(': other Regions OFF, bucket now elsewhere')
  })
})
