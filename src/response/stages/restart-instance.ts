import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { awsCommandFor } from '../../incident/aws-command.ts'
import type { Effect } from '../../incident/entry.ts'
import type { InstanceDescription, InstanceRadius, Restart } from '../../incident/facts/facts.ts'
import { whyNotTheInstance } from '../../incident/facts/issue.ts'
import type { InstanceRoleSession } from '../../incident/facts/subject.ts'
import type { Incident } from '../../incident/incident.ts'
import { type Block, fields, type Line, text, warning } from '../../incident/values/block.ts'
import { duration } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, isBefore, secondsBetween } from '../../incident/values/instant.ts'
import { evidenceDecided, stopHazard } from '../guards.ts'
import { type Blocked, blocked, type Context, defineStage, established, leftOut, notApplicable } from '../stage.ts'
import { profileHolding } from './identify-subject/issue.ts'
import { whyMissing } from './identify-subject/missing-instance.ts'
import { describeInstance } from './identify-subject/resources.ts'
import { isOnInstance, type OnInstance, whyNoInstance } from './on-instance.ts'
import { interfacesOf, isolateInstead } from './restart-instance/isolation.ts'
import {
  CUTOFF_PATIENCE,
  cutoffStandsAndPassed,
  firstStop,
  settledInstance,
  startUntilRunning,
  waitUntilStopped,
} from './restart-instance/life.ts'
import { instanceDescription } from './scope-blast-radius/instance.ts'
import { targetGroupBlocks } from './scope-blast-radius/load-balancing.ts'
import { withoutSsm } from './scope-blast-radius/ssm.ts'
import { lostWithTheStop, storageWarnings } from './scope-blast-radius/storage.ts'

/**
 * Restarts the instance by a stop and a start: the metadata service then delivers credentials issued after the cut-off.
 * A reboot does not change them, and waiting takes hours ("Stop and start your instance", "IAM roles for Amazon EC2").
 */
export const restartInstance = defineStage({
  id: 'restart-instance',
  phase: 'contain',
  title: 'Stop and start the instance',
  needs: ['subject', 'blastRadius', 'revocation'],
  establishes: 'restart',

  async assess(incident, context) {
    if (!isOnInstance(incident)) return notApplicable(whyNoInstance(incident) ?? '')
    const { subject, blastRadius, revocation } = incident.facts
    const before = beforeTheStop(incident)
    const seen = await settledInstance(subject, context)
    if (!seen || seen.state === 'terminated') return notThere(subject, seen !== undefined, context)
    const launchTime = startSeen(incident, seen.launchTime)
    if (seen.state === 'running' && isBefore(revocation.cutoff, launchTime) && !incident.assumed.includes('revocation')) {
      return established<Restart>({
        instanceId: subject.instanceId,
        previousLaunchTime: before.launchTime,
        launchTime,
        ...given({ publicIpBefore: before.publicIp || undefined, publicIpAfter: seen.publicIp || undefined }),
      })
    }
    if (subject.caller.origin === 'instance') return notApplicable(isolateInstead(subject, await interfacesOf(subject, context)))
    if (!evidenceDecided(incident) && !context.dryRun) {
      return leftOut(
        'the stop destroys evidence, and it is not decided whether to preserve it',
        'run preserve-evidence, or decide against it: --skip preserve-evidence',
      )
    }
    const ahead = secondsBetween(context.now(), revocation.cutoff)
    if (ahead > CUTOFF_PATIENCE && !incident.assumed.includes('revocation')) {
      return blocked(
        `the cut-off ${revocation.cutoff} is ${duration(ahead)} ahead, and an instance that starts before it gets credentials that are denied`,
        'continue after it; until then no instance of the role gets credentials that work',
      )
    }
    const isLookedAt = !context.dryRun && seen.state !== 'stopped'
    const swapped = isLookedAt ? await whyNotNow(subject, context) : undefined
    if (swapped !== undefined) return notApplicable(swapped)
    const instance = isLookedAt ? await instanceDescription(subject, context) : blastRadius.instance
    if ('status' in instance) return instance
    // What makes the stop a danger at this moment: minutes may have passed since the blast radius was scoped.
    const hazard = isLookedAt ? stopHazard(instance) : undefined
    if (hazard) return leftOut(hazard.why, hazard.remedy)
    const effects = [stopEffect(blastRadius, context), startEffect(blastRadius, context)]
    return {
      status: 'needed',
      effects: seen.state === 'stopped' ? effects.slice(1) : effects,
      expected: { instanceId: subject.instanceId, previousLaunchTime: before.launchTime, launchTime: context.now() },
      acknowledgement: [
        text('ir-cred stops and starts the instance and never reboots it: a reboot keeps the same credentials.'),
        text(addressCost(blastRadius)),
        ...targetGroupBlocks(blastRadius),
        ...storageWarnings(blastRadius),
        ...notKnown({ ...blastRadius, instance }),
      ],
      typed: subject.instanceId,
      ...given({ byName: lostWithTheStop(blastRadius) }),
      // Started too early for a cut-off that has moved since: that start was seen, and another one is needed.
      sentIsSeen: seen.state === 'running' && launchTime !== before.launchTime,
    }
  },

  async act(incident, context) {
    if (!isOnInstance(incident)) return
    const { subject, blastRadius } = incident.facts
    const { ec2 } = context.aws(subject.region)
    const seen = await settledInstance(subject, context)
    if (seen?.state !== 'running' && seen?.state !== 'stopped') return
    if (seen.state === 'running') {
      const planned = { launchTime: seen.launchTime, ...given({ publicIp: seen.publicIp }) }
      const stop = new StopInstancesCommand(instancesInput(subject.instanceId))
      await context.write(ec2, stop, stopEffect(blastRadius, context), { planned })
      // Not stopped: the stop may never have arrived. The next assessment finds out.
      if (!(await waitUntilStopped(subject, context))) return
    }
    if (!(await cutoffStandsAndPassed(incident, context))) return
    const planned = { wasStopped: true as const }
    const start = () => {
      const command = new StartInstancesCommand(instancesInput(subject.instanceId))
      return context.write(ec2, command, startEffect(blastRadius, context), { planned })
    }
    await startUntilRunning(subject, start, context)
  },

  describe: (restart) => [
    fields(
      ['launch time', [{ at: restart.previousLaunchTime }, ' before, ', { at: restart.launchTime }, ' now, after the cut-off']],
      ['public address', addressLine(restart)],
    ),
  ],
})

/** The instance before this incident first stopped it: the intent of that stop knows, whichever run it was. */
const beforeTheStop = (incident: OnInstance<'blastRadius'>): Pick<InstanceDescription, 'launchTime' | 'publicIp'> => {
  const stop = firstStop(incident)
  const { restart, blastRadius } = incident.earlier
  if (stop?.planned.launchTime !== undefined)
    return { launchTime: stop.planned.launchTime, ...given({ publicIp: stop.planned.publicIp }) }
  if (restart) return { launchTime: restart.previousLaunchTime, ...given({ publicIp: restart.publicIpBefore }) }
  return blastRadius?.instance ?? incident.facts.blastRadius.instance
}

/**
 * When the instance was started last: its LaunchTime, or the moment of this incident's own start where EC2 shows an earlier one. It was
 * seen to be stopped before that start, so running means that it was started since.
 */
const startSeen = ({ intents }: Pick<Incident, 'intents'>, launchTime: Instant): Instant => {
  const start = intents.findLast(({ planned, outcome }) => planned.wasStopped && outcome !== 'refused')
  return start && isBefore(launchTime, start.at) ? start.at : launchTime
}

/** What could not be read and matters for the restart: its dangers, whether you may start it again, whether SSM can ask it then. */
const notKnown = (radius: InstanceRadius): readonly Block[] => {
  const { instance, permitted } = radius
  const start =
    permitted.start === 'unknown'
      ? [`whether you may start ${instance.id} again is not known: EC2 did not say so to a DryRun call`]
      : []
  const unasked = withoutSsm(radius)
  return [
    ...[...(instance.unread ?? []), ...start].map((sentence) =>
      warning(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`),
    ),
    ...(unasked ? [warning(...unasked)] : []),
  ]
}

/** EC2 shows the instance terminated, or not at all. */
const notThere = async (
  { instanceId, region }: InstanceRoleSession,
  isTerminated: boolean,
  context: Context,
): Promise<Blocked> => {
  const why = await whyMissing(instanceId, region, context)
  return blocked(
    isTerminated ? `${instanceId} is terminated: ${why}` : `EC2 does not show ${instanceId}: ${why}`,
    'continue without it: --skip restart-instance; the snapshots of this incident hold its volumes',
    'unconfirmed',
  )
}

/** Why the instance is left alone at this moment: somebody may have changed its profile since the subject was identified. */
const whyNotNow = async (subject: InstanceRoleSession, context: Context): Promise<string | undefined> => {
  const { issue, region, instanceId, role } = subject
  const instance = issue && (await describeInstance(context, region, instanceId))
  if (!issue || !instance) return undefined
  return whyNotTheInstance({
    ...subject,
    issue: { ...issue, profile: await profileHolding({ region, instance }, role, context) },
  })
}

/** The input of the stop, and of the start. */
const instancesInput = (instanceId: string) => ({ InstanceIds: [instanceId] })

const stopEffect = ({ instance }: InstanceRadius, { setting }: Context): Effect => ({
  operation: 'ec2:StopInstances',
  resource: `instance/${instance.id}`,
  sentence: `stop ${instance.id}`,
  parameters: instancesInput(instance.id),
  cost: 'the service on it is down for some minutes; memory and instance-store volumes are lost',
  undo: 'start it again, once the cut-off has passed',
  undoCommand: awsCommandFor(setting)(`ec2 start-instances --instance-ids ${instance.id}`, instance.region),
})

const startEffect = ({ instance }: InstanceRadius, { setting }: Context): Effect => ({
  operation: 'ec2:StartInstances',
  resource: `instance/${instance.id}`,
  sentence: `start ${instance.id} again, once the cut-off has passed`,
  parameters: instancesInput(instance.id),
  cost: 'the start can fail for lack of capacity; the instance then stays stopped, which is safe, and you continue later',
  undo: 'stop it again',
  undoCommand: awsCommandFor(setting)(`ec2 stop-instances --instance-ids ${instance.id}`, instance.region),
})

const addressCost = ({ instance: { publicIp, hasElasticIp } }: InstanceRadius): string =>
  publicIp && !hasElasticIp
    ? `The stop and start change its public address ${publicIp}: names and allow-lists that use it break.`
    : 'Its addresses stay the same.'

const addressLine = ({ publicIpBefore, publicIpAfter }: Restart): Line =>
  publicIpBefore === publicIpAfter
    ? (publicIpBefore ?? 'none')
    : `${publicIpBefore ?? 'none'} before, ${publicIpAfter ?? 'none'} now`
