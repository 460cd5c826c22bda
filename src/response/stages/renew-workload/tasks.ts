import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
  type Service,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import { wholeList } from '../../../aws/pager.ts'
import type { Role } from '../../../incident/facts/subject.ts'
import { lastPart } from '../../../incident/values/identifiers.ts'
import type { Context } from '../../stage.ts'

/** What runs under a task role in one Region. */
export interface RoleTasks {
  /** Services of which a deployment's task definition names the role. */
  readonly services: readonly Service[]
  /** Tasks that run under the role, of a service or of their own. */
  readonly tasks: readonly Task[]
  /** The task definitions of these. */
  readonly definitions: readonly TaskDefinition[]
}

/** "DescribeServices" takes 10 services, "DescribeTasks" 100 tasks. */
const SERVICES_AT_ONCE = 10
const TASKS_AT_ONCE = 100

const inParts = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))

/** The services and tasks of a Region that use this task role. Throws what the SDK throws, and Failure where a list is not whole. */
export const tasksOfRole = async (role: Pick<Role, 'arn' | 'name'>, region: string, context: Context): Promise<RoleTasks> => {
  const { ecs } = context.aws(region)
  const clusters = await wholeList('clusters', async (nextToken) => {
    const answer = await ecs.send(new ListClustersCommand({ nextToken }))
    return { items: answer.clusterArns, next: answer.nextToken }
  })
  const definitions = new Map<string, Promise<TaskDefinition | undefined>>()
  const definitionOf = (taskDefinition = ''): Promise<TaskDefinition | undefined> => {
    const read =
      definitions.get(taskDefinition) ??
      ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition })).then((answer) => answer.taskDefinition)
    definitions.set(taskDefinition, read)
    return read
  }
  const services: Service[] = []
  const tasks: Task[] = []
  for (const cluster of clusters) {
    for (const service of await servicesIn(cluster, region, context)) {
      const roles = await Promise.all(definitionsOf(service).map(async (one) => (await definitionOf(one))?.taskRoleArn))
      if (roles.some((one) => isRole(one, role))) services.push(service)
    }
    for (const task of await tasksIn(cluster, region, context)) {
      // RunTask can name another role than the task definition does ("TaskOverride").
      const named = task.overrides?.taskRoleArn ?? (await definitionOf(task.taskDefinitionArn))?.taskRoleArn
      if (isRole(named, role)) tasks.push(task)
    }
  }
  const read = await Promise.all(definitions.values())
  const used = new Set([...services.flatMap(definitionsOf), ...tasks.map(({ taskDefinitionArn }) => taskDefinitionArn)])
  return {
    services,
    tasks,
    definitions: read.filter((one) => one !== undefined && used.has(one.taskDefinitionArn)) as TaskDefinition[],
  }
}

/** The task definitions of the deployments of a service: of the one that is under way, and of those before it. */
const definitionsOf = ({ taskDefinition, deployments = [] }: Service): readonly string[] => [
  ...new Set([taskDefinition, ...deployments.map((one) => one.taskDefinition)].filter((one) => one !== undefined)),
]

/** A task definition names its role by ARN or by its short name ("RegisterTaskDefinition", taskRoleArn). */
const isRole = (named: string | undefined, { arn, name }: Pick<Role, 'arn' | 'name'>): boolean => named === arn || named === name

const servicesIn = async (cluster: string, region: string, context: Context): Promise<readonly Service[]> => {
  const { ecs } = context.aws(region)
  const arns = await wholeList('services', async (nextToken) => {
    const answer = await ecs.send(new ListServicesCommand({ cluster, nextToken }))
    return { items: answer.serviceArns, next: answer.nextToken }
  })
  const found: Service[] = []
  for (const part of inParts(arns, SERVICES_AT_ONCE)) {
    const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: [...part] }))
    found.push(...(answer.services ?? []))
  }
  return found
}

const tasksIn = async (cluster: string, region: string, context: Context): Promise<readonly Task[]> => {
  const { ecs } = context.aws(region)
  const arns = await wholeList('tasks', async (nextToken) => {
    const answer = await ecs.send(new ListTasksCommand({ cluster, nextToken }))
    return { items: answer.taskArns, next: answer.nextToken }
  })
  const found: Task[] = []
  for (const part of inParts(arns, TASKS_AT_ONCE)) {
    const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [...part] }))
    found.push(...(answer.tasks ?? []))
  }
  return found
}

/** The id of a task: its session is named after it. */
export const taskIdOf = ({ taskArn = '' }: Task): string => lastPart(taskArn)

/** Whether a task belongs to a service, and is replaced by it. */
export const isServiceTask = ({ group }: Task): boolean => group?.startsWith('service:') === true
