import { HOUR_MS, HOUR_SECONDS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import type { EcsService, EcsTask, TaskDefinition } from '../account/compute.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'
import { issueSession } from '../issue-credentials.ts'
import { hexFrom } from '../random.ts'
import { recordIssue } from '../records/record.ts'

const SESSION_SECONDS = 6 * HOUR_SECONDS
/** ECS hands a task another set about an hour before the old one runs out. */
const RENEWED_AFTER = 5 * HOUR_MS

/** Seconds from a new deployment until its tasks run, and until the old ones are stopped then; and until a stopped task is replaced. */
const STARTS_AFTER = 40
const OLD_STOP_AFTER = 70
const REPLACED_AFTER = 30

interface Launch {
  readonly cluster: string
  readonly taskDefinition: TaskDefinition
  readonly service?: EcsService
  readonly id?: string
}

/** Runs a task, of a service or of its own. Its id is new unless it is prescribed. */
export const startTask = (account: Account, { cluster, taskDefinition, service, id }: Launch): EcsTask => {
  const task: EcsTask = {
    ...{ id: id ?? hexFrom(account.random, 32), cluster, taskDefinition, startedAt: timeIn(account) },
    ...given({ service: service?.name, deploymentId: service?.deployment.id }),
  }
  account.ecsTasks.set(task.id, task)
  return task
}

export const isRunning = ({ stoppedAt }: EcsTask): boolean => stoppedAt === undefined

const tasksOf = (account: Account, { name, cluster }: EcsService): EcsTask[] =>
  [...account.ecsTasks.values()].filter((task) => task.service === name && task.cluster === cluster && isRunning(task))

/** Starts what a service lacks, and stops what belongs to an older deployment or is too much. */
const settleService = (account: Account, service: EcsService): void => {
  const isCurrent = ({ deploymentId }: EcsTask): boolean => deploymentId === service.deployment.id
  const current = tasksOf(account, service).filter(isCurrent)
  for (let count = current.length; count < service.desiredCount; count += 1) {
    startTask(account, { cluster: service.cluster, taskDefinition: service.taskDefinition, service })
  }
  const stopOld = (): void => {
    const running = tasksOf(account, service)
    const tooMany = running.filter(isCurrent).slice(service.desiredCount)
    for (const task of [...running.filter((one) => !isCurrent(one)), ...tooMany]) {
      stopRunning(account, task, 'Scaling activity initiated by deployment')
    }
  }
  account.agenda.add(timeIn(account) + (OLD_STOP_AFTER - STARTS_AFTER) * SECOND_MS, stopOld)
}

const stopRunning = (account: Account, task: EcsTask, reason: string): void => {
  if (!isRunning(task)) return
  task.stoppedAt = timeIn(account)
  task.stoppedReason = reason
}

/** A new deployment of a service: new tasks first, then the old ones are stopped. */
export const deploy = (account: Account, service: EcsService): void => {
  service.deployment = { id: `ecs-svc/${hexFrom(account.random, 19)}`, createdAt: timeIn(account) }
  scale(account, service)
}

/** Brings a service to its desired count within its deployment: the tasks that stay keep running, and keep their credentials. */
export const scale = (account: Account, service: EcsService): void => {
  account.agenda.add(timeIn(account) + STARTS_AFTER * SECOND_MS, () => settleService(account, service))
}

/** Stops a task; a service's is replaced. */
export const stopTaskNow = (account: Account, task: EcsTask, reason: string): void => {
  stopRunning(account, task, reason)
  const service = account.ecsServices.get(`${task.cluster}/${task.service ?? ''}`)
  if (service) account.agenda.add(timeIn(account) + REPLACED_AFTER * SECOND_MS, () => settleService(account, service))
}

/**
 * What the task's credential endpoint hands out now: its first set from the start on, another after some hours. Undefined once it is
 * stopped, or without a task role.
 */
export const taskCredentials = (account: Account, task: EcsTask): IssuedCredential | undefined => {
  const now = timeIn(account)
  const role = account.roles.get(task.taskDefinition.taskRoleName ?? '')
  if (!isRunning(task) || !role) return undefined
  const held = task.credentialKey
  if (held && now < held.issuedAt + RENEWED_AFTER) return account.credentials.find(held.accessKeyId)
  const session = issueSession(account, role, task.id, SESSION_SECONDS, now)
  task.credentialKey = { accessKeyId: session.accessKeyId, issuedAt: now }
  recordIssue(account, session, 'ecs-tasks.amazonaws.com')
  return session
}

/** The newest running task of a service. */
export const newestTask = (account: Account, service: EcsService): EcsTask | undefined =>
  tasksOf(account, service).sort((a, b) => b.startedAt - a.startedAt)[0]
