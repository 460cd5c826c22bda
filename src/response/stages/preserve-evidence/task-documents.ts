import type { ContainerDefinition, Service, Task, TaskDefinition } from '@aws-sdk/client-ecs'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import type { Line } from '../../../incident/values/block.ts'
import { lastPart } from '../../../incident/values/identifiers.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { isServiceTask, taskIdOf, tasksOfRole } from '../renew-workload/tasks.ts'
import type { EvidenceRead } from './evidence-read.ts'

/** The services and running tasks of the task role, with their task definitions. What is on a task's disk is not in it. */
export const taskDocuments = async (
  { role, region, sessionName }: RoleSession,
  context: Context,
  unread: Unread,
): Promise<readonly EvidenceRead[]> => {
  const listed = { what: `what runs under task role ${role.name}`, operation: 'a read of ECS', otherwise: undefined }
  const found = await readOr(unread, listed, () => tasksOfRole(role, region, context))
  if (!found) return []
  const { services, tasks, definitions } = found
  if (services.length === 0 && tasks.length === 0) return []
  return [
    {
      of: `ECS tasks of role ${role.name}`,
      name: `ecs-tasks-of-${role.name}`,
      points: [
        ...services.map((one): readonly [string, Line] => ['service', serviceLine(one)]),
        ...definitions.map((one): readonly [string, Line] => ['task definition', definitionLine(one)]),
        ...tasks.map((one): readonly [string, Line] => ['task', taskLine(one, sessionName)]),
      ],
      content: { services, taskDefinitions: definitions.map(withoutValues), tasks: tasks.map(withoutOverrides) },
    },
  ]
}

const serviceLine = ({ serviceArn = 'unnamed', runningCount = 0, desiredCount = 0 }: Service): Line => [
  untrusted(serviceArn),
  `, ${runningCount} of ${desiredCount} tasks run`,
]

const definitionLine = ({ family = 'unnamed', revision, containerDefinitions = [] }: TaskDefinition): Line => [
  untrusted(`${family}:${revision ?? 'unknown'}`),
  ...containerDefinitions.flatMap(({ image = 'not given' }) => [', image ', untrusted(image)]),
]

const taskLine = (task: Task, sessionName: string): Line => {
  const { clusterArn = 'unnamed', lastStatus = 'unknown', startedAt, launchType } = task
  return [
    untrusted(`${lastPart(clusterArn)}/${taskIdOf(task)}`),
    `, ${lastStatus}`,
    ...(launchType ? [`, ${launchType}`] : []),
    ...(startedAt ? [', since ', { at: instantOf(startedAt) }] : []),
    isServiceTask(task) ? '' : ', of no service',
    taskIdOf(task) === sessionName ? ': the credentials were its own' : '',
  ]
}

const namesIn = (
  pairs: readonly { readonly name?: string | undefined }[] | undefined,
): readonly (string | undefined)[] | undefined => pairs?.map(({ name }) => name)

const withoutValues = (definition: TaskDefinition): object => ({
  ...definition,
  containerDefinitions: definition.containerDefinitions?.map((one: ContainerDefinition) => ({
    ...one,
    environment: namesIn(one.environment),
  })),
})

/** RunTask can give a container other values than its task definition has. */
const withoutOverrides = ({ overrides, ...task }: Task): object => ({
  ...task,
  overrides: overrides && {
    ...overrides,
    containerOverrides: overrides.containerOverrides?.map((one) => ({ ...one, environment: namesIn(one.environment) })),
  },
})
