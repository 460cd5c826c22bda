import { DescribeServicesCommand, ECSClient, ListTasksCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  DescribePodIdentityAssociationCommand,
  EKSClient,
  ListClustersCommand,
  ListPodIdentityAssociationsCommand,
} from '@aws-sdk/client-eks'
import {
  GetFunctionConfigurationCommand,
  GetFunctionUrlConfigCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { describe, expect, it, test } from 'vitest'
import { steppingClock } from '../../../src/simulator/clock.ts'
import { scenarioFromFinding } from '../../../src/simulator/scenario-kit/from-finding.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import type { Service } from '../../../src/simulator/service.ts'
import { cognitoIdentity } from '../../../src/simulator/services/cognito-identity.ts'
import { ecs } from '../../../src/simulator/services/ecs.ts'
import { eks } from '../../../src/simulator/services/eks.ts'
import { kms } from '../../../src/simulator/services/kms.ts'
import { lambda } from '../../../src/simulator/services/lambda.ts'
import { logs } from '../../../src/simulator/services/logs.ts'
import { rolesAnywhere } from '../../../src/simulator/services/rolesanywhere.ts'
import { s3 } from '../../../src/simulator/services/s3.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { serviceLoader } from '../../../src/simulator/wire/services.ts'
import { allowing } from '../../support/account.ts'
import { NOW } from '../../support/trail.ts'

test.each([
  ['lambda', lambda],
  ['ecs', ecs],
  ['eks', eks],
  ['kms', kms],
  ['logs', logs],
  ['rolesanywhere', rolesAnywhere],
  ['cognito-identity', cognitoIdentity],
  ['s3', s3],
] as const)('%s serves exactly the operations that the wire can read', async (name, service: Service) => {
  const { operations } = await serviceLoader()(name)
  expect(Object.keys(service).sort()).toEqual([...operations.keys()].sort())
})

/** An account in which a session of this name was stolen, and clients of somebody who may do anything in it. */
const around = (sessionName: string) => {
  const type = 'UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS'
  const AccessKeyDetails = { UserName: 'worker', PrincipalId: `AROAEXAMPLEEXAMPLE777:${sessionName}`, UserType: 'AssumedRole' }
  const built = scenarioFromFinding({ Type: type, Resource: { AccessKeyDetails } }).build({ clock: steppingClock(NOW) })
  const { account, cast } = built
  account.roles.get('ir-responder')?.inline.set('all', { document: allowing('*'), writtenAt: 0 })
  const open = openAccount(built)
  const { accessKeyId, secretAccessKey, sessionToken = '' } = cast.responder
  const requestHandler = inProcessHandler(createDispatcher({ answer: open.answer, now: account.clock.now }))
  const config = {
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    requestHandler,
    maxAttempts: 1,
  }
  const passes = (seconds: number): void => {
    account.clock.advance(seconds)
    open.catchUp()
  }
  return { built, account, config, passes }
}

describe('a function', () => {
  it('keeps its environment’s credentials until its configuration is changed; the next invocation has new ones', async () => {
    const { built, config, account, passes } = around('make-thumbnails')
    const client = new LambdaClient(config)
    const { Functions = [] } = await client.send(new ListFunctionsCommand({}))
    expect(Functions).toMatchObject([
      { FunctionName: 'resize-images' },
      { FunctionName: 'make-thumbnails', Role: expect.stringMatching(/:role\/worker$/) },
    ])
    expect(built.newCredentials()).toEqual(built.cast.attacker)
    passes(60)
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'make-thumbnails', Description: 'renewed' }))
    const renewed = built.newCredentials()
    expect(renewed?.accessKeyId).not.toBe(built.cast.attacker.accessKeyId)
    expect(renewed?.issuedAt).toBeGreaterThanOrEqual(NOW + 60_000)
    const issue = account.trail.all().findLast(({ resources }) => resources.some(({ name }) => name === renewed?.accessKeyId))
    expect(issue?.document()).toMatchObject({ userIdentity: { invokedBy: 'lambda.amazonaws.com' } })
    expect(account.trail.all().some(({ eventName }) => eventName === 'UpdateFunctionConfiguration20150331v2')).toBe(true)
  })

  it('runs nothing while its concurrency is 0', async () => {
    const { built, config } = around('make-thumbnails')
    const limit = { FunctionName: 'make-thumbnails', ReservedConcurrentExecutions: 0 }
    await new LambdaClient(config).send(new PutFunctionConcurrencyCommand(limit))
    expect(built.newCredentials()).toBeUndefined()
  })

  it('is found by name, ARN and version, and no other', async () => {
    const { config } = around('make-thumbnails')
    const client = new LambdaClient(config)
    const { Version } = await client.send(new PublishVersionCommand({ FunctionName: 'make-thumbnails' }))
    const FunctionName = 'arn:aws:lambda:us-east-1:111122223333:function:make-thumbnails'
    const byArn = await client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: Version ?? '' }))
    expect(byArn).toMatchObject({ Version: '1', CodeSha256: expect.stringMatching(/^[\w+/]{43}=$/) })
    expect(await client.send(new GetFunctionUrlConfigCommand({ FunctionName }))).toMatchObject({ AuthType: 'NONE' })
    const other = client.send(new GetFunctionConfigurationCommand({ FunctionName: 'other' }))
    await expect(other).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})

describe('a service of tasks', () => {
  const TASK = '5f2e4c0c9b0a4d0f8f4b7f1d2c3e4a5b'

  it('forced to deploy anew, it starts a task with credentials of its own and then stops the old one', async () => {
    const { built, config, passes } = around(TASK)
    const client = new ECSClient(config)
    const { taskArns } = await client.send(new ListTasksCommand({ cluster: 'shop', serviceName: 'orders' }))
    expect(taskArns).toEqual([`arn:aws:ecs:us-east-1:111122223333:task/shop/${TASK}`])
    await client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'orders', forceNewDeployment: true }))
    passes(50)
    expect((await client.send(new ListTasksCommand({ cluster: 'shop' }))).taskArns).toHaveLength(2)
    expect(built.newCredentials()?.accessKeyId).not.toBe(built.cast.attacker.accessKeyId)
    passes(60)
    const { taskArns: left = [] } = await client.send(new ListTasksCommand({ cluster: 'shop' }))
    expect(left).toHaveLength(1)
    expect(left[0]).not.toContain(TASK)
    const { services } = await client.send(new DescribeServicesCommand({ cluster: 'shop', services: ['orders', 'none'] }))
    expect(services).toMatchObject([{ runningCount: 1, deployments: [{ rolloutState: 'COMPLETED' }] }])
  })

  it('given another count only, it keeps its deployment, and the tasks that stay keep their credentials', async () => {
    const { built, config, passes } = around(TASK)
    const client = new ECSClient(config)
    const deployments = async () => {
      const { services = [] } = await client.send(new DescribeServicesCommand({ cluster: 'shop', services: ['orders'] }))
      return services[0]?.deployments?.map(({ id, rolloutState }) => ({ id, rolloutState }))
    }
    const tasks = async () => (await client.send(new ListTasksCommand({ cluster: 'shop' }))).taskArns ?? []
    const before = await deployments()
    const [first] = await tasks()
    for (const [desiredCount, count] of [
      [2, 2],
      [1, 1],
    ] as const) {
      await client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'orders', desiredCount }))
      passes(120)
      expect(await tasks()).toHaveLength(count)
      expect(await tasks()).toContain(first)
      expect(await deployments()).toEqual(before)
    }
    expect(built.newCredentials()?.accessKeyId).toBe(built.cast.attacker.accessKeyId)
    await client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'orders', desiredCount: 0 }))
    passes(120)
    expect(await tasks()).toEqual([])
  })
})

describe('a cluster of EKS', () => {
  it('lists associations without their role, and describes each with it', async () => {
    const { config } = around('eks-shop-cluster-orders-7d9c5b6f4-4f2b7c1e-9a3d-4c58-b7e6-0d1f2a3b4c5d')
    const client = new EKSClient(config)
    const { clusters: [clusterName = ''] = [] } = await client.send(new ListClustersCommand({}))
    const { associations = [] } = await client.send(new ListPodIdentityAssociationsCommand({ clusterName }))
    expect(associations).toMatchObject([{ namespace: 'shop', serviceAccount: 'orders' }])
    expect(JSON.stringify(associations)).not.toContain(':role/')
    const associationId = associations[0]?.associationId ?? ''
    const { association } = await client.send(new DescribePodIdentityAssociationCommand({ clusterName, associationId }))
    expect(association?.roleArn).toBe('arn:aws:iam::111122223333:role/worker')
  })
})
