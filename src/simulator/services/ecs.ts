import type {
  DescribeServicesRequest,
  DescribeServicesResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListClustersRequest,
  ListClustersResponse,
  ListServicesRequest,
  ListServicesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  ListTasksRequest,
  ListTasksResponse,
  StopTaskRequest,
  StopTaskResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import { regional } from '../account/regional.ts'
import { ServiceError } from '../call.ts'
import { deploy, isRunning, scale, stopTaskNow } from '../compute/tasks.ts'
import { pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'
import {
  clusterNamed,
  definitionAnswer,
  definitionNamed,
  ecsArn,
  missing,
  serviceAnswer,
  serviceNamed,
  taskAnswer,
  taskArn,
  taskNamed,
} from './ecs/found.ts'

interface Listing {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

const arnPage = (account: Account, arns: readonly string[], { nextToken: token, maxResults = 10 }: Listing, boundTo: unknown) => {
  const { items, nextToken } = pageOf({
    ...{ items: arns, keyOf: (arn: string) => arn, token, size: Math.min(maxResults, account.behaviour.pageSize), boundTo },
    refuse: () => new ServiceError('InvalidParameterException', 'Invalid token'),
  })
  return { arns: [...items], end: given({ nextToken }) }
}

const listClusters = operation<ListClustersRequest, ListClustersResponse>({
  run: (account, input) => {
    const all = [...account.ecsClusters].map((name) => ecsArn(account, 'cluster', name))
    const { arns, end } = arnPage(account, all, input, null)
    return { clusterArns: arns, ...end }
  },
  writes: false,
})

const listServices = operation<ListServicesRequest, ListServicesResponse>({
  run: (account, input) => {
    const cluster = clusterNamed(account, input.cluster)
    const services = [...account.ecsServices.values()].filter((service) => service.cluster === cluster)
    const all = services.map(({ name }) => ecsArn(account, 'service', `${cluster}/${name}`))
    const { arns, end } = arnPage(account, all, input, cluster)
    return { serviceArns: arns, ...end }
  },
  writes: false,
})

const describeServices = operation<DescribeServicesRequest, DescribeServicesResponse>({
  run: (account, { cluster, services = [] }) => {
    const found = services.map((name) => ({ name, service: serviceNamed(account, cluster, name) }))
    return {
      services: found.flatMap(({ service }) => (service ? [serviceAnswer(account, service)] : [])),
      failures: found.filter(({ service }) => !service).map(({ name }) => missing(name)),
    }
  },
  writes: false,
})

const listTasks = operation<ListTasksRequest, ListTasksResponse>({
  run: (account, input) => {
    const { serviceName, family, desiredStatus = 'RUNNING' } = input
    const cluster = clusterNamed(account, input.cluster)
    const tasks = [...account.ecsTasks.values()]
      .filter((task) => task.cluster === cluster && isRunning(task) === (desiredStatus !== 'STOPPED'))
      .filter((task) => serviceName === undefined || task.service === serviceName.split('/').at(-1))
      .filter((task) => family === undefined || task.taskDefinition.family === family)
    const all = tasks.map((task) => taskArn(account, task))
    const { arns, end } = arnPage(account, all, input, [cluster, serviceName, family, desiredStatus])
    return { taskArns: arns, ...end }
  },
  writes: false,
})

const describeTasks = operation<DescribeTasksRequest, DescribeTasksResponse>({
  run: (account, { cluster, tasks = [] }) => {
    const found = tasks.map((name) => ({ name, task: taskNamed(account, cluster, name) }))
    return {
      tasks: found.flatMap(({ task }) => (task ? [taskAnswer(account, task)] : [])),
      failures: found.filter(({ task }) => !task).map(({ name }) => missing(name)),
    }
  },
  writes: false,
})

const listTaskDefinitions = operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>({
  run: (account, input) => {
    const definitions = [...account.taskDefinitions.values()].filter(({ family }) => family.startsWith(input.familyPrefix ?? ''))
    const all = definitions.map(({ family, revision }) => ecsArn(account, 'task-definition', `${family}:${revision}`))
    const { arns, end } = arnPage(account, all, input, input.familyPrefix)
    return { taskDefinitionArns: arns, ...end }
  },
  writes: false,
})

const describeTaskDefinition = operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>({
  run: (account, { taskDefinition }) => ({
    taskDefinition: definitionAnswer(account, definitionNamed(account, taskDefinition)),
  }),
  writes: false,
})

const updateService = operation<UpdateServiceRequest, UpdateServiceResponse>({
  authorize: (account, { cluster, service = '' }) => [
    {
      action: 'ecs:UpdateService',
      resource: ecsArn(account, 'service', `${clusterNamed(account, cluster)}/${service.split('/').at(-1)}`),
    },
  ],
  run: (account, input) => {
    const service = serviceNamed(account, input.cluster, input.service)
    if (!service) throw new ServiceError('ServiceNotFoundException', 'Service not found.')
    if (service.controller !== 'ECS' && input.forceNewDeployment) {
      throw new ServiceError(
        'InvalidParameterException',
        `Unable to update service with a ${service.controller} deployment controller.`,
      )
    }
    service.desiredCount = input.desiredCount ?? service.desiredCount
    if (input.taskDefinition !== undefined) service.taskDefinition = definitionNamed(account, input.taskDefinition)
    if (input.forceNewDeployment || input.taskDefinition !== undefined) deploy(account, service)
    else if (input.desiredCount !== undefined) scale(account, service)
    return { service: serviceAnswer(account, service) }
  },
  writes: true,
})

const stopTask = operation<StopTaskRequest, StopTaskResponse>({
  authorize: (account, { cluster, task = '' }) => [
    { action: 'ecs:StopTask', resource: ecsArn(account, 'task', `${clusterNamed(account, cluster)}/${task.split('/').at(-1)}`) },
  ],
  run: (account, { cluster, task: named, reason = 'Task stopped by user' }) => {
    const task = taskNamed(account, cluster, named)
    if (!task) throw new ServiceError('InvalidParameterException', 'The referenced task was not found.')
    stopTaskNow(account, task, reason)
    return { task: taskAnswer(account, task) }
  },
  writes: true,
})

/** ECS, as far as a responder looks at tasks and replaces them. */
export const ecs: Service = regional({
  ListClusters: listClusters,
  ListServices: listServices,
  DescribeServices: describeServices,
  ListTasks: listTasks,
  DescribeTasks: describeTasks,
  ListTaskDefinitions: listTaskDefinitions,
  DescribeTaskDefinition: describeTaskDefinition,
  UpdateService: updateService,
  StopTask: stopTask,
})
