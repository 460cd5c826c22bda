import { HOUR_SECONDS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account, Instance } from '../account/account.ts'
import { timeIn } from '../agenda.ts'
import { recordCall } from '../records/record.ts'
import { isHostManaged, type Reach, reachOf } from './agent-reach.ts'
import { takeUpCommands } from './run-command.ts'

/** Field reports of amazon-ssm-agent after AccessDenied: it hibernates, and its retries grow from 5 minutes to an hour. */
const FIRST_RETRY_SECONDS = 300
const LONGEST_RETRY_SECONDS = HOUR_SECONDS

const retrySeconds = (failures: number): number => Math.min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), LONGEST_RETRY_SECONDS)

const report = (account: Account, { call, credential, refusal }: Reach): void => {
  recordCall(account, { call, credential, writes: true, output: {}, ...given({ error: refusal }) })
  const event = {
    who: 'agent',
    at: timeIn(account),
    action: 'ssm:UpdateInstanceInformation',
    outcome: refusal ? 'refused' : 'ok',
    explicit: refusal?.message.includes('with an explicit deny') ?? false,
  } as const
  for (const listener of account.actorListeners) listener(event)
}

const beHeard = (account: Account, instance: Instance): void => {
  const now = timeIn(account)
  instance.agent.lastPingAt = now
  instance.agent.failures = 0
  schedulePing(account, instance, now + account.behaviour.agentPingEvery * SECOND_MS)
  takeUpCommands(account, instance)
}

const waitLonger = (account: Account, instance: Instance): void => {
  const failures = (instance.agent.failures ?? 0) + 1
  instance.agent.failures = failures
  schedulePing(account, instance, timeIn(account) + retrySeconds(failures) * SECOND_MS)
}

/** One ping: evaluated and recorded like everybody's call, so that a revocation cuts the agent off. */
const ping = (account: Account, instance: Instance): void => {
  const reach = reachOf(account, instance)
  if (reach) report(account, reach)
  const isAllowed = reach !== undefined && reach.refusal === undefined
  if (isAllowed || isHostManaged(account, instance)) beHeard(account, instance)
  else waitLonger(account, instance)
}

/** Lets the agent ping at a time (ms) and from then on; replaces any ping that was due. */
export const schedulePing = (account: Account, instance: Instance, at: number): void => {
  if (!instance.agent.installed) return
  instance.agent.nextPingAt = at
  account.agenda.add(at, () => {
    if (instance.agent.nextPingAt === at) ping(account, instance)
  })
}

/** The agent starts with the instance and registers once it has fetched credentials, `behaviour.agentTakes` later. */
export const startAgent = (account: Account, instance: Instance): void => {
  instance.agent.failures = 0
  schedulePing(account, instance, timeIn(account) + account.behaviour.agentTakes * SECOND_MS)
}

/** The agent goes down with the instance; Systems Manager still shows its last ping until the instance has stopped. */
export const stopAgent = ({ agent }: Instance): void => {
  delete agent.nextPingAt
}

/** A stopped instance is not in DescribeInstanceInformation, and no stale registration comes back with it. */
export const forgetRegistration = ({ agent }: Instance): void => {
  delete agent.lastPingAt
}
