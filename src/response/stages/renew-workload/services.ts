import { type Deployment, type Service, type Task, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { type AwsCommand, awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import type { RenewalByHand, RenewedWorkload } from '../../../incident/facts/renewal-fact.ts'
import { duration } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { lastPart } from '../../../incident/values/identifiers.ts'
import { type Instant, instantOf, isBefore, secondsBetween } from '../../../incident/values/instant.ts'
import { untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { isServiceTask, type RoleTasks, taskIdOf, tasksOfRole } from './tasks.ts'
import { type DueRenewal, type SeeWorkloads, type WorkloadIncident, workloadRegions } from './workload.ts'

/** Seconds that a deployment is waited for. A service with health checks and draining takes longer: it is looked at again at the end. */
const DEPLOYMENT_TAKES = 600

/** The services and tasks of the task role, and what renews them ("UpdateService", forceNewDeployment). */
export const seeServices: SeeWorkloads = async (incident, context) => {
  const { subject, revocation } = incident.facts
  const { cutoff } = revocation
  const aws = awsCommandFor(context.setting)
  const [workloads, byHand, due, remarks]: [RenewedWorkload[], RenewalByHand[], DueRenewal[], string[]] = [[], [], [], []]
  for (const region of workloadRegions(subject)) {
    const { services, tasks } = await settledTasks(incident, region, context)
    for (const service of services) {
      const primary = primaryOf(service)
      const own = tasks.filter((task) => isServiceTask(task) && isTaskOf(task, service))
      if (!isDeployedByEcs(service)) byHand.push(deployedElsewhere(service, own, cutoff))
      else if ((service.desiredCount ?? 0) === 0 && (service.runningCount ?? 0) === 0)
        remarks.push(`${wordsOf(service)} has no tasks: it needs no renewal`)
      else if (isAfter(primary?.createdAt, cutoff)) workloads.push(renewedService(service, own, cutoff, region))
      else due.push(dueService(service, region, context))
    }
    byHand.push(...tasks.filter((task) => !isServiceTask(task)).flatMap((task) => standAlone(task, cutoff, aws, region)))
    if (services.length + tasks.length === 0)
      remarks.push(`ECS shows no service and no task with role ${subject.role.name} in ${region}`)
  }
  remarks.push(`ir-cred looked in ${workloadRegions(subject).join(' and ')} only`)
  remarks.push('On EC2 container instances every task of the host could reach the host’s own role and the other tasks’')
  return { renewal: { of: 'services', workloads, byHand, remarks, unread: [] }, due }
}

/** Services and tasks once no deployment from after the cut-off is under way. */
const settledTasks = async (
  { facts: { subject, revocation } }: WorkloadIncident,
  region: string,
  context: Context,
): Promise<RoleTasks> => {
  let seen = await tasksOfRole(subject.role, region, context)
  const isUnderWay = (service: Service): boolean =>
    isDeployedByEcs(service) &&
    isAfter(primaryOf(service)?.createdAt, revocation.cutoff) &&
    stateOf(service, seen.tasks, revocation.cutoff) === 'under-way'
  if (context.dryRun || !seen.services.some(isUnderWay)) return seen
  const began = context.now()
  await context.settle({ what: 'the deployments', kind: 'instance-state', within: DEPLOYMENT_TAKES }, async () => {
    seen = await tasksOfRole(subject.role, region, context)
    if (!seen.services.some(isUnderWay)) return true
    const waited = duration(secondsBetween(began, context.now()))
    context.progress(
      `waiting until the new tasks run and the old ones are stopped, at most ${duration(DEPLOYMENT_TAKES)}; waited ${waited}`,
    )
    return undefined
  })
  return seen
}

const isAfter = (time: Date | undefined, cutoff: Instant): boolean => time !== undefined && !isBefore(instantOf(time), cutoff)

const primaryOf = ({ deployments = [] }: Service): Deployment | undefined =>
  deployments.find(({ status }) => status === 'PRIMARY')

/** CodeDeploy and external controllers refuse a forced deployment ("UpdateService"). */
const isDeployedByEcs = ({ deploymentController }: Service): boolean => (deploymentController?.type ?? 'ECS') === 'ECS'

const nameOf = ({ clusterArn = '', serviceName = '' }: Service): string => `${lastPart(clusterArn)}/${serviceName}`
const wordsOf = (service: Service): string => `service ${nameOf(service).replace(/[^\w/-]/g, '?')}`

const isTaskOf = ({ clusterArn, group }: Task, service: Service): boolean =>
  clusterArn === service.clusterArn && group === `service:${service.serviceName}`

/** When a task began to take credentials. */
const beganAt = ({ createdAt, startedAt }: Task): Date | undefined => createdAt ?? startedAt

/** Renewed when the deployment is over and no older task runs; services of before 2020 have no rollout state. */
const stateOf = (service: Service, tasks: readonly Task[], cutoff: Instant): RenewedWorkload['state'] => {
  const { deployments = [], runningCount = 0, desiredCount = 0 } = service
  const rollout = primaryOf(service)?.rolloutState
  if (rollout === 'FAILED') return 'failed'
  const isOver = rollout === undefined ? deployments.length === 1 && runningCount >= desiredCount : rollout === 'COMPLETED'
  const hasOld = tasks.some((task) => isTaskOf(task, service) && !isAfter(beganAt(task), cutoff))
  return isOver && !hasOld ? 'renewed' : 'under-way'
}

const renewedService = (service: Service, tasks: readonly Task[], cutoff: Instant, region: string): RenewedWorkload => {
  const primary = primaryOf(service)
  return {
    kind: 'service',
    name: nameOf(service).replace(/[^\w/-]/g, '?'),
    region,
    state: stateOf(service, tasks, cutoff),
    changedAt: instantOf(primary?.createdAt ?? new Date(0)),
    sessions: tasks.filter((task) => isAfter(beganAt(task), cutoff)).map(taskIdOf),
    own: true,
    ...given({ reason: untrustedOrNone(primary?.rolloutStateReason) }),
  }
}

const dueService = (service: Service, region: string, context: Context): DueRenewal => {
  const input = {
    cluster: service.clusterArn,
    service: service.serviceArn,
    forceNewDeployment: true,
  }
  return {
    effect: serviceEffect(service, input),
    client: context.aws(region).ecs,
    command: () => new UpdateServiceCommand(input),
  }
}

const serviceEffect = (service: Service, parameters: Effect['parameters'] & object): Effect => ({
  operation: 'ecs:UpdateService',
  resource: service.serviceArn ?? nameOf(service),
  sentence: `start a new deployment of ${wordsOf(service)}, with the same task definition: new tasks with new credentials take the place of those that run`,
  parameters,
  cost: `every task that runs now is stopped (${service.runningCount ?? 0}), and what is on its disk and in its memory is gone`,
  undo: 'there is nothing to undo: the service has the same task definition',
})

const deployedElsewhere = (service: Service, tasks: readonly Task[], cutoff: Instant): RenewalByHand => {
  const type = service.deploymentController?.type ?? 'unknown'
  const how =
    type === 'CODE_DEPLOY' ? 'create a deployment of it in CodeDeploy' : `let its ${type} deployment controller replace the tasks`
  const isDone = tasks.length > 0 && tasks.every((task) => isAfter(beganAt(task), cutoff))
  return {
    sentence: isDone
      ? `All tasks of ${wordsOf(service)} began after the cut-off.`
      : `ECS does not deploy ${wordsOf(service)} itself: ${how}. Its tasks from before the cut-off keep credentials that are denied.`,
    state: isDone ? 'done' : 'to-do',
  }
}

/** A task of no service: nobody replaces it, and with it goes its disk. */
const standAlone = (task: Task, cutoff: Instant, aws: AwsCommand, region: string): readonly RenewalByHand[] => {
  if (isAfter(beganAt(task), cutoff)) return []
  const [id, cluster] = [taskIdOf(task), lastPart(task.clusterArn ?? '')]
  const isPlain = /^[\w-]+$/.test(id) && /^[\w-]+$/.test(cluster)
  return [
    {
      sentence: [
        'Task ',
        untrusted(`${cluster}/${id}`),
        ' belongs to no service and keeps credentials that are denied. Secure what you need of its disk, stop it, and let whoever started it start it again:',
      ],
      ...given({
        command: isPlain
          ? aws(`ecs stop-task --cluster ${cluster} --task ${id} --reason 'stolen credentials'`, region)
          : undefined,
      }),
      state: 'to-do',
    },
  ]
}
