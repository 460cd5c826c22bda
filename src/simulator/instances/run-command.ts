import { SECOND_MS } from '../../incident/values/duration.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Account, Instance } from '../account/account.ts'
import type { SsmCommand } from '../account/ssm-command.ts'
import { timeIn } from '../agenda.ts'
import { between } from '../random.ts'
import { runScript, type ScriptResult } from '../shell/script.ts'
import { isReachable } from './agent-reach.ts'
import { metadataAnswer } from './metadata.ts'

/** How long a command that has been sent takes to reach an agent that listens. */
const DELIVERY_SECONDS = [2.5, 5] as const
const RUN_SECONDS = [0.8, 2] as const

const isWaiting = ({ status, takenUpAt }: SsmCommand): boolean =>
  takenUpAt === undefined && (status === 'Pending' || status === 'InProgress')

/** The simulated agent has a POSIX shell, and no PowerShell: it says so instead of pretending. */
const noPowerShell: ScriptResult = {
  exitCode: 1,
  stdout: '',
  stderr: 'The simulated account cannot run PowerShell: this script was not executed.\n',
}

const resultOf = (account: Account, instance: Instance, command: SsmCommand): ScriptResult => {
  if (instance.agent.platform === 'Windows') return noPowerShell
  const now = timeIn(account)
  return runScript(command.commands, {
    http: (request) => metadataAnswer(account, instance, request),
    now: instantOf(new Date(now)),
    hostname: `ip-${instance.privateIp.replaceAll('.', '-')}`,
  })
}

const takeUp = (account: Account, instance: Instance, command: SsmCommand): void => {
  const now = timeIn(account)
  command.status = 'InProgress'
  command.takenUpAt = now
  const { exitCode, stdout, stderr } = resultOf(account, instance, command)
  const finishedAt = now + between(account.random, ...RUN_SECONDS) * SECOND_MS
  account.agenda.add(finishedAt, () => {
    if (command.status !== 'InProgress') return
    Object.assign(command, { status: exitCode === 0 ? 'Success' : 'Failed', finishedAt, responseCode: exitCode, stdout, stderr })
  })
}

/** The agent takes up what waits for it: when it is heard again after it was cut off or down. */
export const takeUpCommands = (account: Account, instance: Instance): void => {
  for (const command of account.commands.values()) {
    if (command.instanceId === instance.id && isWaiting(command)) takeUp(account, instance, command)
  }
}

const tryToDeliver = (account: Account, command: SsmCommand): void => {
  const instance = account.instances.get(command.instanceId)
  if (!isWaiting(command)) return
  command.status = 'InProgress'
  if (instance && isReachable(account, instance)) takeUp(account, instance, command)
}

const giveUp = (account: Account, command: SsmCommand): void => {
  if (isWaiting(command)) Object.assign(command, { status: 'TimedOut', finishedAt: timeIn(account) })
}

/**
 * Sends a command on its way: the agent takes it up some seconds later if its credentials are allowed at that moment,
 * else when it is heard again; after `timeoutSeconds` undelivered it is TimedOut.
 */
export const send = (account: Account, command: SsmCommand): void => {
  account.commands.set(`${command.id}/${command.instanceId}`, command)
  const { requestedAt, timeoutSeconds } = command
  account.agenda.add(requestedAt + between(account.random, ...DELIVERY_SECONDS) * SECOND_MS, () => tryToDeliver(account, command))
  account.agenda.add(requestedAt + timeoutSeconds * SECOND_MS, () => giveUp(account, command))
}

/** "Understanding command statuses": the second word, where the first does not say everything. */
export const statusDetails = ({ status, takenUpAt }: SsmCommand): string => {
  if (status !== 'TimedOut') return status
  return takenUpAt === undefined ? 'DeliveryTimedOut' : 'ExecutionTimedOut'
}
