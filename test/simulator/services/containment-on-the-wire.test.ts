import { AutoScalingClient, DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import {
  CreateSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeRegionsCommand,
  EC2Client,
  paginateDescribeInstances,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2'
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam'
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import type { Service } from '../../../src/simulator/service.ts'
import { autoScaling } from '../../../src/simulator/services/auto-scaling.ts'
import { ec2 } from '../../../src/simulator/services/ec2.ts'
import { iam } from '../../../src/simulator/services/iam.ts'
import { ssm } from '../../../src/simulator/services/ssm.ts'
import { sts } from '../../../src/simulator/services/sts.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { serviceLoader } from '../../../src/simulator/wire/services.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { INSTANCE_ID, instanceLike, REGION, ROLE, revocation, testAccount } from '../../support/account.ts'

const ROLE_ARN = 'arn:aws:iam::111122223333:role/service/web-app'

const overTheWire = (parts: Parameters<typeof testAccount>[0] = {}) => {
  const test = testAccount(parts)
  const { responder } = test
  const open = openAccount({
    account: test.account,
    cast: { responder, attacker: test.onInstance(), workload: test.onInstance() },
  })
  const bugs: unknown[] = []
  const dispatch = createDispatcher({
    answer: open.answer,
    now: test.account.clock.now,
    authenticate: verifySignature(open.secretOf),
    onBug: (error) => bugs.push(error),
  })
  const configFor = ({ accessKeyId, secretAccessKey, sessionToken = '' }: IssuedCredential) => ({
    region: REGION,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    requestHandler: inProcessHandler(dispatch),
    maxAttempts: 1,
  })
  return { ...test, open, bugs, config: configFor(responder), configFor }
}

describe('the services of the containment', () => {
  it.each([
    ['iam', iam],
    ['sts', sts],
    ['ec2', ec2],
    ['ssm', ssm],
    ['autoscaling', autoScaling],
  ] as const)('%s serves exactly the operations that the wire can read', async (name, service: Service) => {
    const { operations } = await serviceLoader()(name)
    expect(Object.keys(service).sort()).toEqual([...operations.keys()].sort())
  })
})

describe('calls through the real SDK', () => {
  it('a revocation is stored, read back, proven in the simulator, and bites', async () => {
    const test = overTheWire()
    const client = new IAMClient(test.config)
    const document = revocation('2026-11-25T02:00:30Z')
    const policy = { RoleName: ROLE, PolicyName: 'AWSRevokeOlderSessions' }
    const attacker = test.configFor(test.onInstance())
    await client.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: document }))
    const { PolicyDocument = '' } = await client.send(new GetRolePolicyCommand(policy))
    expect(decodeURIComponent(PolicyDocument)).toBe(document)
    const { EvaluationResults } = await client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: ROLE_ARN,
        ActionNames: ['ec2:DescribeInstances'],
        ContextEntries: [
          { ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date', ContextKeyValues: ['2026-11-25T01:00:00Z'] },
        ],
      }),
    )
    expect(EvaluationResults).toMatchObject([{ EvalDecision: 'explicitDeny', MissingContextValues: [] }])
    test.wait(30)
    await expect(new EC2Client(attacker).send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    })
    const { Arn } = await new STSClient(attacker).send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe(`arn:aws:sts::111122223333:assumed-role/web-app/${INSTANCE_ID}`)
    expect(test.bugs).toEqual([])
  })

  it('the role comes back with its dates and its encoded trust', async () => {
    const test = overTheWire()
    const { Role } = await new IAMClient(test.config).send(new GetRoleCommand({ RoleName: ROLE }))
    expect(Role).toMatchObject({ Arn: ROLE_ARN, CreateDate: new Date(test.role.createdAt), MaxSessionDuration: 43_200 })
    await expect(new IAMClient(test.config).send(new GetRoleCommand({ RoleName: 'nobody' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      Code: 'NoSuchEntity',
    })
  })

  it('instances come page by page, and a stop answers with both states', async () => {
    const test = overTheWire()
    for (let index = 0; index < 7; index += 1) {
      const other = instanceLike({ id: `i-0${String(index).padStart(16, 'b')}` })
      test.account.instances.set(other.id, other)
    }
    const client = new EC2Client(test.config)
    const found: (string | undefined)[] = []
    for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {})) {
      found.push(...Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)))
    }
    expect(found).toEqual([...test.account.instances.keys()])
    await expect(client.send(new StopInstancesCommand({ InstanceIds: [INSTANCE_ID], DryRun: true }))).rejects.toMatchObject({
      name: 'DryRunOperation',
      $metadata: { httpStatusCode: 412 },
    })
    const { StoppingInstances } = await client.send(new StopInstancesCommand({ InstanceIds: [INSTANCE_ID] }))
    expect(StoppingInstances).toMatchObject([
      { PreviousState: { Name: 'running' }, CurrentState: { Code: 64, Name: 'stopping' } },
    ])
    expect(test.open.writes()).toBe(1)
    expect(test.bugs).toEqual([])
  })

  it('snapshots, Regions and Auto Scaling answer in their own protocols', async () => {
    const test = overTheWire({ volumeIds: ['vol-0123456789abcdef0'], autoScalingGroup: 'web' })
    const client = new EC2Client(test.config)
    const InstanceSpecification = { InstanceId: INSTANCE_ID }
    const { Snapshots } = await client.send(new CreateSnapshotsCommand({ InstanceSpecification, Description: 'evidence' }))
    expect(Snapshots).toMatchObject([{ VolumeId: 'vol-0123456789abcdef0', State: 'pending', VolumeSize: 8 }])
    const { Regions = [] } = await client.send(new DescribeRegionsCommand({}))
    expect(Regions.map(({ RegionName }) => RegionName)).toEqual(['eu-central-1', 'us-east-1', 'eu-west-1'])
    const { AutoScalingInstances } = await new AutoScalingClient(test.config).send(new DescribeAutoScalingInstancesCommand({}))
    expect(AutoScalingInstances).toMatchObject([{ InstanceId: INSTANCE_ID, AutoScalingGroupName: 'web' }])
    expect(test.bugs).toEqual([])
  })

  it('a command has no invocation at first, and an output then', async () => {
    const test = overTheWire()
    const client = new SSMClient(test.config)
    const sent = await client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [INSTANCE_ID],
        Comment: 'ir-cred',
        Parameters: { commands: ['echo hello'] },
      }),
    )
    const asked = { CommandId: sent.Command?.CommandId ?? '', InstanceId: INSTANCE_ID }
    await expect(client.send(new GetCommandInvocationCommand(asked))).rejects.toMatchObject({ name: 'InvocationDoesNotExist' })
    test.wait(15)
    expect(await client.send(new GetCommandInvocationCommand(asked))).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'hello\n',
      Comment: 'ir-cred',
    })
    expect(test.bugs).toEqual([])
  })
})
