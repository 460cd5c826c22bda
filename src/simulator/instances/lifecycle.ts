import { HOUR_SECONDS, MINUTE_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Account, EbsVolume, Instance, InstanceState } from '../account/account.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { floorToSecond } from '../clock.ts'
import { handedOut, issueAtRefresh, issueAtStart, issueInstanceCredentials, roleOfInstance } from '../issue-credentials.ts'
import { between, hexFrom } from '../random.ts'
import { forgetRegistration, schedulePing, startAgent, stopAgent } from './agent.ts'

/** Researchers saw the metadata service get new credentials about every hour (Uptycs, 2023). */
const REFRESH_SECONDS = [3300, 3900] as const

/** A stop with Force of an instance that hangs in `stopping`. */
const FORCED_STOP_SECONDS = 15

/** Auto Scaling's health check, then the replacement. */
const HEALTH_CHECK_SECONDS = 60
const TERMINATION_SECONDS = 30

/** "Terminate your instance": it stays visible for a short while, about an hour. */
const VISIBLE_AFTER_TERMINATION_SECONDS = HOUR_SECONDS

const userInitiated = (ms: number): string =>
  `User initiated (${instantOf(new Date(floorToSecond(ms)))
    .replace('T', ' ')
    .replace('Z', ' GMT')})`

const shutdownReason = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
}

const moveIn = (account: Account, instance: Instance, seconds: number, to: InstanceState, arrive: () => void): void => {
  const transition = { to, at: timeIn(account) + seconds * SECOND_MS }
  instance.transition = transition
  account.agenda.add(transition.at, () => {
    if (instance.transition !== transition) return
    delete instance.transition
    instance.state = to
    arrive()
  })
}

const freshAddress = (account: Account, former: string): string => {
  const taken = new Set([former, ...[...account.instances.values()].map(({ publicIp }) => publicIp)])
  const free = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 50}`).filter((address) => !taken.has(address))
  return free[Math.floor(between(account.random, 0, free.length))] ?? '203.0.113.150'
}

/** Only an instance that had an automatically assigned address gets one again. */
const assignAddress = (account: Account, instance: Instance): void => {
  if (instance.formerPublicIp === undefined) return
  instance.publicIp = freshAddress(account, instance.formerPublicIp)
  delete instance.formerPublicIp
}

const releaseAddress = (instance: Instance): void => {
  if (instance.elasticIp === true || instance.publicIp === undefined) return
  instance.formerPublicIp = instance.publicIp
  delete instance.publicIp
}

const scheduleRefresh = (account: Account, instance: Instance, at: number): void => {
  instance.nextRotationAt = at
  account.agenda.add(at, () => {
    if (instance.nextRotationAt !== at) return
    if (roleOfInstance(account, instance)) issueAtRefresh(account, instance, at)
    scheduleRefresh(account, instance, at + between(account.random, ...REFRESH_SECONDS) * SECOND_MS)
  })
}

/** What every start brings: both credential sets anew, and in time the agent. */
const becomeRunning = (account: Account, instance: Instance): void => {
  const now = timeIn(account)
  instance.runningSince = now
  if (roleOfInstance(account, instance)) issueAtStart(account, instance, now)
  scheduleRefresh(account, instance, now + between(account.random, ...REFRESH_SECONDS) * SECOND_MS)
  startAgent(account, instance)
}

/** "Stop and start your instance": the automatically assigned address goes, an Elastic IP stays. */
const becomeStopped = (account: Account, instance: Instance): void => {
  forgetRegistration(instance)
  releaseAddress(instance)
  if (instance.autoScalingGroup === undefined) return
  account.agenda.add(timeIn(account) + HEALTH_CHECK_SECONDS * SECOND_MS, () => {
    if (instance.state !== 'stopped' || instance.inStandby || leavesUnhealthy(account, instance)) return
    terminateAndReplace(account, instance)
  })
}

/** Processes without which a group does not end an unhealthy member ("Suspend and resume Amazon EC2 Auto Scaling processes"). */
const ENDING = ['HealthCheck', 'ReplaceUnhealthy', 'Terminate']

const leavesUnhealthy = (account: Account, { autoScalingGroup = '' }: Instance): boolean => {
  const suspended = account.autoScalingGroups.get(autoScalingGroup)?.suspended
  return ENDING.some((process) => suspended?.has(process) === true)
}

/** Ends a member, and launches one like it in its place. */
export const terminateAndReplace = (account: Account, instance: Instance): void => {
  terminate(account, instance)
  replaceMember(account, instance, (member) => launch(account, member))
}

const leaveRunning = (account: Account, instance: Instance, state: 'stopping' | 'shutting-down'): void => {
  instance.state = state
  instance.stateReason = shutdownReason
  instance.transitionReason = userInitiated(timeIn(account))
  stopAgent(instance)
  delete instance.nextRotationAt
  delete instance.runningSince
}

/** Ends an instance for good: gone from sight an hour later, and its volumes with it where they are to go. */
export const terminate = (account: Account, instance: Instance): void => {
  leaveRunning(account, instance, 'shutting-down')
  moveIn(account, instance, TERMINATION_SECONDS, 'terminated', () => {
    forgetRegistration(instance)
    delete instance.publicIp
    const goneAt = timeIn(account) + VISIBLE_AFTER_TERMINATION_SECONDS * SECOND_MS
    account.agenda.add(goneAt, () => account.instances.delete(instance.id))
    for (const id of instance.volumeIds) if (account.volumes.get(id)?.deleteOnTermination) account.volumes.delete(id)
  })
}

/** Asks for a stop: `stopping` now, `stopped` after `behaviour.stopTakes`. `force` ends a stop that hangs. */
export const beginStop = (account: Account, instance: Instance, force: boolean): void => {
  if (instance.state === 'running') leaveRunning(account, instance, 'stopping')
  const { state, transition, stopHangs = false } = instance
  if (state !== 'stopping' || transition !== undefined || (stopHangs && !force)) return
  const seconds = stopHangs ? FORCED_STOP_SECONDS : account.behaviour.stopTakes
  moveIn(account, instance, seconds, 'stopped', () => becomeStopped(account, instance))
}

/** KMS refused the volume's key: "Why won't my EC2 instance start", Client.InternalError. */
const fallBackToStopped = (account: Account, instance: Instance): void => {
  const message = 'Client.InternalError: Client error on launch'
  instance.stateReason = { code: 'Client.InternalError', message }
  instance.transitionReason = message
  becomeStopped(account, instance)
}

const takeFailure = (instance: Instance): 'capacity' | 'kms' | undefined => {
  const failure = instance.startFails
  if (!failure || failure.times <= 0) return undefined
  failure.times -= 1
  return failure.how
}

/** Begins a new instance, or a stopped one again: `running` after `behaviour.startTakes`. */
export const launch = (account: Account, instance: Instance, comesUp = true): void => {
  instance.state = 'pending'
  instance.launchTime = floorToSecond(timeIn(account))
  instance.transitionReason = ''
  delete instance.stateReason
  assignAddress(account, instance)
  const { startTakes } = account.behaviour
  if (comesUp) moveIn(account, instance, startTakes, 'running', () => becomeRunning(account, instance))
  else moveIn(account, instance, startTakes, 'stopped', () => fallBackToStopped(account, instance))
}

/**
 * Asks for a start of a stopped instance: LaunchTime becomes the request's time; `running` after `behaviour.startTakes`.
 * Throws ServiceError InsufficientInstanceCapacity when the scenario says so.
 */
export const beginStart = (account: Account, instance: Instance): void => {
  const failure = takeFailure(instance)
  if (failure === 'capacity') {
    const what = `We currently do not have sufficient ${instance.type} capacity in the Availability Zone you requested`
    throw new ServiceError('InsufficientInstanceCapacity', `${what} (${instance.availabilityZone}).`, 500)
  }
  launch(account, instance, failure !== 'kms')
}

/** A reboot: state, LaunchTime, addresses and credentials stay as they are; only the agent starts anew with the same set. */
export const reboot = (account: Account, instance: Instance): void => {
  if (instance.state === 'running') startAgent(account, instance)
}

const issueBefore = (account: Account, instance: Instance, now: number): void => {
  const issuedAt = Math.max(instance.launchTime, now - between(account.random, 300, 3000) * SECOND_MS)
  const lag = Math.min(account.behaviour.lastUpdatedLag * SECOND_MS, now - issuedAt)
  const handOut = floorToSecond(issuedAt + between(account.random, 0, lag))
  for (const delivery of ['1.0', '2.0'] as const) {
    issueInstanceCredentials(account, instance, delivery, issuedAt, { from: handOut, lastUpdated: handOut })
  }
}

/**
 * For scenarios: an instance that they built as running lives on from the account's time. Without credentials it gets
 * both sets (issued within the last hour); their refresh and the agent's pings go onto the agenda.
 */
export const bringToLife = (account: Account, instance: Instance): void => {
  if (instance.state !== 'running') return
  const now = timeIn(account)
  if (roleOfInstance(account, instance) && !handedOut(account, instance, '2.0', now)) issueBefore(account, instance, now)
  instance.runningSince ??= instance.launchTime
  const issuedAt = handedOut(account, instance, '2.0', now)?.issuedAt ?? now
  const due = issuedAt + between(account.random, ...REFRESH_SECONDS) * SECOND_MS
  scheduleRefresh(account, instance, Math.max(due, now + MINUTE_MS))
  if (!instance.agent.installed) return
  const pingMs = account.behaviour.agentPingEvery * SECOND_MS
  instance.agent.lastPingAt ??= now - between(account.random, 0.1, 0.9) * pingMs
  schedulePing(account, instance, Math.max(now, instance.agent.lastPingAt + pingMs))
}

const copyVolume = (account: Account, volume: EbsVolume, instanceId: string): string => {
  const id = `vol-0${hexFrom(account.random, 16)}`
  account.volumes.set(id, { ...volume, id, instanceId })
  return id
}

/** What a replacement takes over from its group's launch template; everything that belongs to one machine is new. */
const memberLike = (account: Account, { agent, delivered, publicIp, formerPublicIp = publicIp, ...old }: Instance): Instance => {
  const id = `i-0${hexFrom(account.random, 16)}`
  const volumes = old.volumeIds.flatMap((volumeId) => account.volumes.get(volumeId) ?? [])
  const { startFails, stopHangs, transition, nextRotationAt, inStandby, terminationProtection, ...template } = old
  return {
    ...template,
    id,
    privateIp: template.privateIp.replace(/\d+$/, String(Math.floor(between(account.random, 4, 250)))),
    volumeIds: volumes.map((volume) => copyVolume(account, volume, id)),
    agent: { installed: agent.installed, platform: agent.platform },
    tags: { ...template.tags },
    delivered: { v1: [], v2: [] },
    ...given({ formerPublicIp }),
  }
}

/** Auto Scaling replaces a member that it found stopped ("Health checks for instances in an Auto Scaling group"). */
const replaceMember = (account: Account, instance: Instance, launch: (member: Instance) => void): void => {
  const member = memberLike(account, instance)
  account.instances.set(member.id, member)
  launch(member)
}
