import {
  CreateImageCommand,
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSnapshotAttributeCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import {
  DescribePodIdentityAssociationCommand,
  EKSClient,
  ListPodIdentityAssociationsCommand,
  UpdatePodIdentityAssociationCommand,
} from '@aws-sdk/client-eks'
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
} from '@aws-sdk/client-iam'
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { expect, it } from 'vitest'
import { buildSubjectTheft } from '../../../src/simulator/scenario-kit/subjects/subject-scenario.ts'
import { customThreatList } from '../../../src/simulator/scenarios/custom-threat-list.ts'
import { functionRoleScenario } from '../../../src/simulator/scenarios/function-role.ts'
import { allowing } from '../../support/account.ts'
import { servedScenario } from '../../support/served-scenario.ts'

const opened = (scenario: Parameters<typeof servedScenario>[0] = customThreatList) =>
  servedScenario(scenario, { mayDoAnything: true })

it('a function has the handler, runtime and layers that its configuration was changed to', async () => {
  const client = new LambdaClient(opened(functionRoleScenario).config)
  const changed = {
    Handler: 'other.main',
    Runtime: 'nodejs20.x',
    Layers: ['arn:aws:lambda:us-east-1:111122223333:layer:l:1'],
  } as const
  await expect(
    client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'make-thumbnails', ...changed, Layers: [...changed.Layers] }),
    ),
  ).resolves.toMatchObject({ Handler: 'other.main', Runtime: 'nodejs20.x', Layers: [{ Arn: changed.Layers[0] }] })
})

it('a function keeps its configuration when a parameter is not known here', async () => {
  const { config, account } = opened(functionRoleScenario)
  const before = account.functions.get('make-thumbnails')?.revisionId
  const asked = new UpdateFunctionConfigurationCommand({ FunctionName: 'make-thumbnails', EphemeralStorage: { Size: 1024 } })
  await expect(new LambdaClient(config).send(asked)).rejects.toThrow('does not know the parameter EphemeralStorage')
  expect(account.functions.get('make-thumbnails')?.revisionId).toBe(before)
})

it('an association’s target role is the one whose sessions its pods get', async () => {
  const { config, account, built, passes } = opened({ build: (options) => buildSubjectTheft(options, 'pod-identity', []) })
  const client = new EKSClient(config)
  const clusterName = 'shop-cluster'
  const { associations: [found] = [] } = await client.send(new ListPodIdentityAssociationsCommand({ clusterName }))
  const named = { clusterName, associationId: found?.associationId }
  const targetRoleArn = 'arn:aws:iam::111122223333:role/service/web-app'
  await client.send(new UpdatePodIdentityAssociationCommand({ ...named, targetRoleArn }))
  const { association } = await client.send(new DescribePodIdentityAssociationCommand(named))
  expect(association?.targetRoleArn).toBe(targetRoleArn)
  passes(3700)
  expect(built.newCredentials()?.principal).toMatchObject({ roleName: 'web-app' })
  await client.send(new UpdatePodIdentityAssociationCommand({ ...named, targetRoleArn: '' }))
  expect([...account.podIdentityAssociations.values()][0]).not.toHaveProperty('targetRoleArn')
})

it('IAM’s lists of policies keep to the path and the use that are asked for', async () => {
  const client = new IAMClient(opened().config)
  const policy = { PolicyDocument: allowing('s3:GetObject') }
  await client.send(new CreatePolicyCommand({ PolicyName: 'plain', ...policy }))
  const { Policy } = await client.send(new CreatePolicyCommand({ PolicyName: 'limit', Path: '/limits/', ...policy }))
  await client.send(new CreateUserCommand({ UserName: 'limited', PermissionsBoundary: Policy?.Arn }))
  const namesOf = async (asked: ConstructorParameters<typeof ListPoliciesCommand>[0]) =>
    (await client.send(new ListPoliciesCommand({ Scope: 'Local', ...asked }))).Policies?.map(({ PolicyName }) => PolicyName)
  expect(await namesOf({ PathPrefix: '/limits/' })).toEqual(['limit'])
  expect(await namesOf({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['limit'])
  expect(await namesOf({ PolicyUsageFilter: 'PermissionsPolicy', PathPrefix: '/limits/' })).toEqual([])
  const attached = { RoleName: 'web-app', PathPrefix: '/limits/' }
  expect((await client.send(new ListAttachedRolePoliciesCommand(attached))).AttachedPolicies).toEqual([])
})

it('a role and a user are made with the boundary, tags and description that are given', async () => {
  const client = new IAMClient(opened().config)
  const parts = { PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess', Tags: [{ Key: 'team', Value: 'ir' }] }
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  })
  await client.send(
    new CreateRoleCommand({ RoleName: 'quarantine', AssumeRolePolicyDocument: trust, Description: 'only SSM', ...parts }),
  )
  await client.send(new CreateUserCommand({ UserName: 'eve', ...parts }))
  const boundary = { PermissionsBoundaryArn: parts.PermissionsBoundary }
  const { Role } = await client.send(new GetRoleCommand({ RoleName: 'quarantine' }))
  expect(Role).toMatchObject({ Description: 'only SSM', Tags: parts.Tags, PermissionsBoundary: boundary })
  const { User } = await client.send(new GetUserCommand({ UserName: 'eve' }))
  expect(User).toMatchObject({ Tags: parts.Tags, PermissionsBoundary: boundary })
})

it.each([
  ['DescribeImages', new DescribeImagesCommand({ DryRun: true })],
  ['DescribeKeyPairs', new DescribeKeyPairsCommand({ DryRun: true })],
  ['DescribeSecurityGroupRules', new DescribeSecurityGroupRulesCommand({ DryRun: true })],
])('%s says that it would have succeeded, with DryRun', async (_, command) => {
  await expect(new EC2Client(opened().config).send(command as DescribeImagesCommand)).rejects.toMatchObject({
    name: 'DryRunOperation',
  })
})

it('the images of other owners are none of the account’s', async () => {
  const client = new EC2Client(opened().config)
  await client.send(new CreateImageCommand({ InstanceId: 'i-08faaaafb15777f5a', Name: 'copy' }))
  const countOf = async (owner: string) => (await client.send(new DescribeImagesCommand({ Owners: [owner] }))).Images?.length
  expect([await countOf('self'), await countOf('amazon')]).toEqual([1, 0])
})

it('an attribute of a snapshot that is not known here is refused by its name', async () => {
  const asked = new DescribeSnapshotAttributeCommand({ SnapshotId: 'snap-0123456789abcdef0', Attribute: 'productCodes' })
  await expect(new EC2Client(opened().config).send(asked)).rejects.toThrow('not productCodes')
})

it('an instance that is to be terminated by force is not terminated without it', async () => {
  const { config, built } = opened()
  const asked = new TerminateInstancesCommand({ InstanceIds: ['i-08faaaafb15777f5a'], Force: true })
  await expect(new EC2Client(config).send(asked)).rejects.toMatchObject({ name: 'UnknownParameter' })
  expect(built.account.instances.get('i-08faaaafb15777f5a')?.state).toBe('running')
})
