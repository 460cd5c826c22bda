import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2'
import { GetRoleCommand, IAMClient, ListInstanceProfilesForRoleCommand } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { consumersOf } from '../../../../src/response/stages/scope-blast-radius/role.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ ec2: EC2Client, iam: IAMClient })
const subject = subjectLike()
/** Ways in which a read fails, and what is then said of it. */
const FAILURES = [
  ['UnauthorizedOperation', 'is denied'],
  ['Throttling', 'is throttled'],
  ['NotImplemented', 'answers NotImplemented'],
] as const
const PROFILE = 'arn:aws:iam::111122223333:instance-profile/web'

beforeEach(() => {
  ec2.reset()
  iam.reset()
  iam.on(ListInstanceProfilesForRoleCommand).resolves({ InstanceProfiles: [] })
  iam.on(GetRoleCommand).resolves({ Role: {} as never })
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] })
})

const consumers = (remarks: string[] = [], regions = ['us-east-1']) => consumersOf(subject, contextLike({ regions }), remarks)

const trusting = (...Statement: readonly object[]): void => {
  const document = encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement }))
  iam.on(GetRoleCommand).resolves({ Role: { AssumeRolePolicyDocument: document } as never })
}

const allow = (Principal: unknown) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })

const running = (...instances: readonly Instance[]) => ({ Reservations: [{ Instances: [...instances] }] })

describe('instances on the role', () => {
  beforeEach(() => void iam.on(ListInstanceProfilesForRoleCommand).resolves({ InstanceProfiles: [{ Arn: PROFILE } as never] }))

  it('are those with one of its instance profiles, without the compromised one', async () => {
    const Tags = [{ Key: 'Name', Value: 'web-2' }]
    ec2
      .on(DescribeInstancesCommand)
      .resolves(running({ InstanceId: subject.instanceId }, { InstanceId: 'i-2', Tags }, { InstanceId: 'i-3' }))
    expect(await consumers()).toEqual([
      {
        kind: 'instance',
        name: 'i-2',
        label: { untrusted: 'web-2' },
        remedy: expect.stringContaining('stop and start'),
        region: 'us-east-1',
      },
      { kind: 'instance', name: 'i-3', remedy: expect.stringContaining('stop and start'), region: 'us-east-1' },
    ])
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [
        { Name: 'iam-instance-profile.arn', Values: [PROFILE] },
        { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
      ],
    })
  })

  it('have their launch time, and whether an Auto Scaling group would terminate them', async () => {
    const Tags = [{ Key: 'aws:autoscaling:groupName', Value: 'web' }]
    const LaunchTime = new Date('2026-11-25T03:00:00Z')
    ec2.on(DescribeInstancesCommand).resolves(running({ InstanceId: 'i-2', Tags, LaunchTime }))
    expect(await consumers()).toMatchObject([
      { autoScaled: true, launchTime: '2026-11-25T03:00:00Z', remedy: expect.stringContaining('Auto Scaling group') },
    ])
  })

  it('are looked for in every Region, once each', async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(running({ InstanceId: 'i-2' }))
      .resolvesOnce(running({ InstanceId: 'i-3' }))
    const found = await consumers([], ['us-east-1', 'eu-central-1', 'us-east-1'])
    expect(found.map(({ name }) => name)).toEqual(['i-2', 'i-3'])
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 2)
  })

  it('are read on all pages, of profiles and of instances', async () => {
    iam
      .on(ListInstanceProfilesForRoleCommand)
      .resolves({ InstanceProfiles: [{ Arn: PROFILE } as never], IsTruncated: true, Marker: 'more' })
      .on(ListInstanceProfilesForRoleCommand, { Marker: 'more' })
      .resolves({ InstanceProfiles: [{ Arn: `${PROFILE}-2` } as never], IsTruncated: false, Marker: 'ignored' })
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ ...running({ InstanceId: 'i-2' }), NextToken: 'more' })
      .on(DescribeInstancesCommand, { NextToken: 'more' })
      .resolves(running({ InstanceId: 'i-3' }))
    expect((await consumers()).map(({ name }) => name)).toEqual(['i-2', 'i-3'])
    const [first] = ec2.commandCalls(DescribeInstancesCommand).map(({ args }) => args[0].input)
    expect(first?.Filters?.[0]?.Values).toEqual([PROFILE, `${PROFILE}-2`])
  })

  it('are remarked on when not all can be read', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ ...running({ InstanceId: 'i-2' }), NextToken: 'again' })
    const remarks: string[] = []
    await consumers(remarks)
    expect(remarks).toEqual(['the list of instances in us-east-1 on the role is incomplete: the service repeated a page token'])
  })

  it.each(FAILURES)('are remarked on as not known when EC2 answers %s, and other Regions are still read', async (code, why) => {
    ec2
      .on(DescribeInstancesCommand)
      .rejectsOnce(awsError(code))
      .resolvesOnce(running({ InstanceId: 'i-3' }))
    const remarks: string[] = []
    const found = await consumers(remarks, ['us-east-1', 'eu-central-1'])
    expect(found.map(({ name }) => name)).toEqual(['i-3'])
    expect(remarks).toEqual([`which instances in us-east-1 use the role is not known: ec2:DescribeInstances ${why}`])
  })

  it.each(FAILURES)('are remarked on as not known when IAM answers %s to the question for the profiles', async (code, why) => {
    iam.on(ListInstanceProfilesForRoleCommand).rejects(awsError(code))
    const remarks: string[] = []
    expect(await consumers(remarks)).toEqual([])
    expect(remarks).toEqual([`which other instances use the role is not known: iam:ListInstanceProfilesForRole ${why}`])
  })

  it('end the assessment when the responder’s own credentials have ended', async () => {
    ec2.on(DescribeInstancesCommand).rejects(awsError('ExpiredToken'))
    await expect(consumers()).rejects.toThrow('ExpiredToken')
  })
})

it('a role without an instance profile has no instances, and EC2 is not asked', async () => {
  expect(await consumers()).toEqual([])
  expect(ec2).not.toHaveReceivedAnyCommand()
})

describe('the principals that a role trusts', () => {
  const seen = async () => (await consumers()).map(({ kind, name }) => `${kind} ${name}`)

  it('do not include EC2, whose instances are known', async () => {
    trusting(allow({ Service: 'ec2.amazonaws.com' }))
    expect(await seen()).toEqual([])
  })

  it.each([
    ['a service', { Service: 'lambda.amazonaws.com' }, ['service lambda.amazonaws.com']],
    [
      'include several services',
      { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com'] },
      ['service lambda.amazonaws.com', 'service ecs-tasks.amazonaws.com'],
    ],
    ['an account', { AWS: 'arn:aws:iam::444455556666:root' }, ['session arn:aws:iam::444455556666:root']],
    [
      'people',
      { AWS: ['arn:aws:iam::111122223333:user/alice', '444455556666'] },
      ['session arn:aws:iam::111122223333:user/alice', 'session 444455556666'],
    ],
    ['everybody', { AWS: '*' }, ['session *']],
    ['everybody, in one word', '*', ['session *']],
    [
      'include an identity provider',
      { Federated: 'arn:aws:iam::111122223333:saml-provider/corp' },
      ['session arn:aws:iam::111122223333:saml-provider/corp'],
    ],
    [
      'include all kinds at once',
      { Service: 'codebuild.amazonaws.com', AWS: '444455556666', Federated: 'cognito-identity.amazonaws.com' },
      ['service codebuild.amazonaws.com', 'session 444455556666', 'session cognito-identity.amazonaws.com'],
    ],
    ['nobody', {}, []],
    ['nobody, by mistake', null, []],
  ])('include %s', async (_, Principal, names) => {
    trusting(allow(Principal))
    expect(await seen()).toEqual(names)
  })

  it('do not include those that a statement denies', async () => {
    trusting({ ...allow({ AWS: '444455556666' }), Effect: 'Deny' })
    expect(await seen()).toEqual([])
  })

  it('are read from several statements', async () => {
    trusting(allow({ Service: 'lambda.amazonaws.com' }), allow({ AWS: '444455556666' }))
    expect(await seen()).toEqual(['service lambda.amazonaws.com', 'session 444455556666'])
  })

  it.each(FAILURES)('are remarked on as not known when IAM answers %s', async (code, why) => {
    iam.on(GetRoleCommand).rejects(awsError(code))
    const remarks: string[] = []
    expect(await consumers(remarks)).toEqual([])
    expect(remarks).toEqual([`which services and people may assume the role is not known: iam:GetRole ${why}`])
  })

  it('are none when the role shows no trust policy, or an unreadable one', async () => {
    expect(await seen()).toEqual([])
    iam.on(GetRoleCommand).resolves({ Role: { AssumeRolePolicyDocument: '%7B' } as never })
    expect(await seen()).toEqual([])
  })

  it.each([
    ['lambda.amazonaws.com', /configuration/],
    ['ecs-tasks.amazonaws.com', /new deployment/],
    ['pods.eks.amazonaws.com', /pods/],
    ['codebuild.amazonaws.com', /builds/],
    ['glue.amazonaws.com', /restart what the service runs/],
    ['constructor', /restart what the service runs/],
  ])('have a remedy of their own: %s', async (Service, remedy) => {
    trusting(allow({ Service }))
    expect((await consumers())[0]?.remedy).toMatch(remedy)
  })
})
