import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { Incident, IncidentWith, Intent } from '../../../incident/incident.ts'
import { duration, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, instantOf, isBefore, later, plus, secondsBetween } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'
import { readDeny } from '../revoke-sessions/managed.ts'

/** The first stop that this incident sent and EC2 did not refuse: what is taken of the instance later does not show how it was. */
export const firstStop = ({ intents }: Pick<Incident, 'intents'>): Intent | undefined =>
  intents.find(({ effect, outcome }) => effect.operation === 'ec2:StopInstances' && outcome !== 'refused')

/** The instance's state according to EC2. */
export interface SeenInstance {
  readonly state: string
  readonly launchTime: Instant
  readonly publicIp?: string
  /** StateReason: why it is in this state, such as `Client.InternalError`. */
  readonly reason?: string
}

/** Seconds. Bare metal and Windows take more than ten minutes; a stated limit, not the SDK waiter's. */
const STATE_CHANGE = 25 * MINUTE_SECONDS
/** Seconds in which a change that was sent begins. If it has not, it may never have arrived. */
const BEGINS = MINUTE_SECONDS
const SETTLED = new Set(['running', 'stopped', 'terminated'])

const see = async ({ instanceId, region }: InstanceRoleSession, context: Context): Promise<SeenInstance | undefined> => {
  const instance = await describeInstance(context, region, instanceId)
  if (!instance?.LaunchTime) return undefined
  const { StateReason } = instance
  const reason = StateReason && `${StateReason.Code ?? ''}: ${StateReason.Message ?? ''}`
  return {
    state: instance.State?.Name ?? 'unknown',
    launchTime: instantOf(instance.LaunchTime),
    ...given({ publicIp: instance.PublicIpAddress || undefined, reason: reason || undefined }),
  }
}

/** The instance once it is in no state in between; undefined when EC2 does not know it. Throws Failure when it never settles. */
export const settledInstance = async (subject: InstanceRoleSession, context: Context): Promise<SeenInstance | undefined> => {
  let isFirst = true
  return waitFor(subject, context, (seen) => {
    const isSettled = seen ? SETTLED.has(seen.state) || context.dryRun : isFirst
    isFirst = false
    return isSettled
  })
}

/** The instance after a change that was sent, seen in the tick in which it is there. Undefined when the change has not begun after a minute. */
const afterChange = async (
  subject: InstanceRoleSession,
  hasBegun: (seen: SeenInstance) => boolean,
  context: Context,
): Promise<SeenInstance | undefined> => {
  let began = false
  const seen = await waitFor(subject, context, (now, waited) => {
    began ||= now !== undefined && hasBegun(now)
    return began ? now !== undefined && SETTLED.has(now.state) : waited >= BEGINS
  })
  return began ? seen : undefined
}

/** Waits until it is stopped. False when it still runs after a minute: the stop may never have arrived. */
export const waitUntilStopped = async (subject: InstanceRoleSession, context: Context): Promise<boolean> =>
  (await afterChange(subject, ({ state }) => state !== 'running', context))?.state === 'stopped'

/** Looks at the instance, one call a tick, until it is as it is waited for. Throws Failure when that takes too long. */
const waitFor = async (
  subject: InstanceRoleSession,
  context: Context,
  arrived: (seen: SeenInstance | undefined, waited: number) => boolean,
): Promise<SeenInstance | undefined> => {
  const since = context.now()
  let last: SeenInstance | undefined
  const patience = { what: `${subject.instanceId} to settle`, kind: 'instance-state' as const, within: STATE_CHANGE }
  const arrival = await context.settle(patience, async () => {
    const seen = await see(subject, context)
    const waited = secondsBetween(since, context.now())
    if (arrived(seen, waited)) return { seen }
    last = seen ?? last
    context.progress(`${subject.instanceId} is ${seen?.state ?? 'unknown'}, ${duration(waited)}`)
    return undefined
  })
  return arrival ? arrival.seen : stuck(subject, last?.state ?? 'unknown')
}

const stuck = ({ instanceId }: InstanceRoleSession, state: string): never => {
  throw new Failure({
    kind: 'blocked',
    what: `${instanceId} is still ${state} after ${duration(STATE_CHANGE)}`,
    why: 'EC2 did not finish the state change',
    remedy: `if it hangs in stopping, you can force the stop (data in flight is lost): aws ec2 stop-instances --force --instance-ids ${instanceId}; then continue`,
  })
}

/** Seconds that a start waits for a cut-off. ir-cred's own is 30 s ahead; one that somebody else wrote can be anywhere. */
export const CUTOFF_PATIENCE = 600

/**
 * Waits until a cut-off has passed, and not a poll longer: credentials issued earlier would be denied for their whole life. False
 * when it lies too far ahead.
 */
const cutoffPassed = async (cutoff: Instant, context: Context): Promise<boolean> => {
  const ahead = secondsBetween(context.now(), cutoff)
  if (ahead > CUTOFF_PATIENCE) return false
  await context.settle({ what: 'the cut-off to pass', kind: 'pause', within: ahead + AFTER }, async () => {
    if (isBefore(cutoff, context.now())) return true
    context.progress(`the cut-off passes in ${duration(secondsBetween(context.now(), cutoff))}; starting after it`)
    return undefined
  })
  return isBefore(cutoff, context.now())
}

/**
 * Waits until the cut-off has passed that the policy has at that moment: somebody may have moved it while an instance stopped, or
 * while the cut-off was waited for, this run among them. False when it lies too far ahead: the next assessment says so.
 */
export const cutoffStandsAndPassed = async (
  incident: IncidentWith<'subject' | 'revocation'>,
  context: Context,
): Promise<boolean> => {
  const { subject, revocation } = incident.facts
  const latest = plus(context.now(), CUTOFF_PATIENCE)
  for (;;) {
    const { cutoff = revocation.cutoff } = await readDeny(incident, subject, context)
    const enforced = later(cutoff, revocation.cutoff)
    if (isBefore(enforced, context.now())) return true
    if (isBefore(latest, enforced) || !(await cutoffPassed(enforced, context))) return false
  }
}

/** Seconds. A start in the very moment of the cut-off is not one after it. */
const AFTER = 0.001

/**
 * Starts it and waits until it runs. An instance that falls back to stopped (a KMS key that may not be used) is seen at once and
 * reported with its StateReason: EC2's own waiter would idle.
 */
export const startUntilRunning = async (
  subject: InstanceRoleSession,
  start: () => Promise<unknown>,
  context: Context,
): Promise<void> => {
  try {
    await start()
  } catch (error) {
    throw withAdvice(error)
  }
  const hasBegun = ({ state, reason = '' }: SeenInstance) => state !== 'stopped' || LAUNCH_FAILED.test(reason)
  // Not begun: the start may never have arrived. The next assessment finds out.
  const settled = await afterChange(subject, hasBegun, context)
  if (settled?.state === 'stopped') throw fellBack(subject, settled)
}

/** StateReason codes of an instance that did not come up ("StateReason" in the Amazon EC2 API Reference). */
const LAUNCH_FAILED = /^(Client\.(InternalError|InvalidSnapshot|VolumeLimitExceeded)|Server\.(InternalError|Insufficient))/

const withAdvice = (error: unknown): unknown => {
  if (!(error instanceof Failure) || error.meaning !== 'capacity') return error
  return new Failure({
    kind: 'unavailable',
    what: 'the instance is stopped, and EC2 cannot start it again',
    ...given({ why: error.why }),
    remedy: 'revoked and stopped is a safe state: continue later, or change the instance type while it is stopped',
    meaning: 'capacity',
    cause: error,
  })
}

const fellBack = ({ instanceId }: InstanceRoleSession, { reason }: SeenInstance): Failure =>
  new Failure({
    kind: 'blocked',
    what: `${instanceId} fell back to stopped right after the start`,
    why: reason ?? 'EC2 gives no reason',
    remedy:
      'Client.InternalError mostly means that you may not use the KMS key of the volume (kms:CreateGrant): get that permission, then continue',
  })
