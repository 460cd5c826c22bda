import type { Failure, Service, Task, TaskDefinition as TaskDefinitionAnswer } from '@aws-sdk/client-ecs'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { roleArn } from '../../account/arns.ts'
import type { EcsService, EcsTask, TaskDefinition } from '../../account/compute.ts'
import { ServiceError } from '../../call.ts'
import { isRunning } from '../../compute/tasks.ts'

export const ecsArn = (
  { partition, region, id }: Pick<Account, 'partition' | 'region' | 'id'>,
  kind: 'cluster' | 'service' | 'task' | 'task-definition',
  name: string,
): string => `arn:${partition}:ecs:${region}:${id}:${kind}/${name}`

export const taskArn = (account: Account, { cluster, id }: EcsTask): string => ecsArn(account, 'task', `${cluster}/${id}`)

const lastOf = (name: string): string => name.split('/').at(-1) ?? name

/** A cluster's name out of a name or ARN; `default` where none is given. Throws ClusterNotFoundException. */
export const clusterNamed = (account: Account, name: string | undefined): string => {
  const cluster = lastOf(name ?? 'default')
  if (account.ecsClusters.has(cluster)) return cluster
  throw new ServiceError('ClusterNotFoundException', 'Cluster not found.')
}

export const serviceNamed = (account: Account, cluster: string | undefined, name = ''): EcsService | undefined =>
  account.ecsServices.get(`${clusterNamed(account, cluster)}/${lastOf(name)}`)

export const taskNamed = (account: Account, cluster: string | undefined, name = ''): EcsTask | undefined => {
  const task = account.ecsTasks.get(lastOf(name))
  return task?.cluster === clusterNamed(account, cluster) ? task : undefined
}

/** A task definition by `family:revision`, by its family (then the newest), or by ARN. Throws ClientException. */
export const definitionNamed = (account: Account, name = ''): TaskDefinition => {
  const wanted = lastOf(name)
  const newest = [...account.taskDefinitions.values()]
    .filter(({ family }) => family === wanted)
    .sort((a, b) => b.revision - a.revision)
  const found = account.taskDefinitions.get(wanted) ?? newest[0]
  if (!found) throw new ServiceError('ClientException', 'Unable to describe task definition.')
  return found
}

/** What the Describe operations say of a name that there is nothing behind. */
export const missing = (arn: string): Failure => ({ arn, reason: 'MISSING' })

const definitionArn = (account: Account, { family, revision }: TaskDefinition): string =>
  ecsArn(account, 'task-definition', `${family}:${revision}`)

export const definitionAnswer = (account: Account, definition: TaskDefinition): TaskDefinitionAnswer => {
  const { family, revision, taskRoleName, executionRoleName, image, registeredAt } = definition
  return {
    taskDefinitionArn: definitionArn(account, definition),
    ...{
      family,
      revision,
      status: 'ACTIVE',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
    },
    containerDefinitions: [{ name: family, image, essential: true }],
    registeredAt: new Date(registeredAt),
    ...given({
      taskRoleArn: taskRoleName === undefined ? undefined : roleArn(account, taskRoleName),
      executionRoleArn: executionRoleName === undefined ? undefined : roleArn(account, executionRoleName),
    }),
  }
}

export const serviceAnswer = (account: Account, service: EcsService): Service => {
  const { name, cluster, taskDefinition, desiredCount, controller, createdAt, deployment } = service
  const running = [...account.ecsTasks.values()].filter(
    (task) => task.service === name && task.cluster === cluster && isRunning(task),
  )
  const current = running.filter(({ deploymentId }) => deploymentId === deployment.id).length
  return {
    serviceArn: ecsArn(account, 'service', `${cluster}/${name}`),
    ...{
      serviceName: name,
      clusterArn: ecsArn(account, 'cluster', cluster),
      status: 'ACTIVE',
      launchType: 'FARGATE',
      desiredCount,
    },
    taskDefinition: definitionArn(account, taskDefinition),
    ...{
      runningCount: running.length,
      pendingCount: 0,
      createdAt: new Date(createdAt),
      deploymentController: { type: controller },
    },
    deployments: [
      {
        ...{ id: deployment.id, status: 'PRIMARY', taskDefinition: definitionArn(account, taskDefinition), desiredCount },
        ...{ runningCount: current, createdAt: new Date(deployment.createdAt) },
        rolloutState: current >= desiredCount && running.length === current ? 'COMPLETED' : 'IN_PROGRESS',
      },
    ],
  }
}

export const taskAnswer = (account: Account, task: EcsTask): Task => {
  const { cluster, service, taskDefinition, startedAt, stoppedAt, stoppedReason } = task
  const status = isRunning(task) ? 'RUNNING' : 'STOPPED'
  return {
    ...{ taskArn: taskArn(account, task), clusterArn: ecsArn(account, 'cluster', cluster), launchType: 'FARGATE' },
    ...{ taskDefinitionArn: definitionArn(account, taskDefinition), lastStatus: status, desiredStatus: status },
    ...{
      startedAt: new Date(startedAt),
      group: service === undefined ? `family:${taskDefinition.family}` : `service:${service}`,
    },
    ...given({ stoppedAt: stoppedAt === undefined ? undefined : new Date(stoppedAt), stoppedReason }),
  }
}
