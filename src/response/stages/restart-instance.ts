import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import type { Effect } from '../../incident/entry.ts'
import type { BlastRadius, Restart } from '../../incident/facts/facts.ts'
import { fields, type Line, text } from '../../incident/values/block.ts'
import { duration } from '../../incident/values/duration.ts'
import { isBefore, secondsBetween } from '../../incident/values/instant.ts'
import { evidenceDecided } from '../guards.ts'
import { blocked, defineStage, established } from '../stage.ts'
import {
  beforeTheCutoff,
  CUTOFF_PATIENCE,
  settledInstance,
  startUntilRunning,
  waitUntilStopped,
} from './restart-instance/life.ts'

/**
 * Restarts the instance by a stop and a start: the metadata service then hands out credentials issued after the cut-off.
 * A reboot does not change them, and waiting takes up to hours ("Stop and start your instance", "IAM roles for Amazon EC2").
 */
export const restartInstance = defineStage({
  id: 'restart-instance',
  phase: 'contain',
  title: 'Stop and start the instance',
  needs: ['subject', 'blastRadius', 'revocation'],
  establishes: 'restart',

  async assess(incident, context) {
    const { subject, blastRadius, revocation } = incident.facts
    const { instance: before } = blastRadius
    const seen = await settledInstance(subject, context)
    if (!seen || seen.state === 'terminated') {
      return blocked(
        `${subject.instanceId} was terminated`,
        'go on without it: --skip restart-instance; the snapshots of this incident hold its disks',
        'unconfirmed',
      )
    }
    if (seen.state === 'running' && isBefore(revocation.cutoff, seen.launchTime) && !incident.assumed.includes('revocation')) {
      return established<Restart>({
        instanceId: subject.instanceId,
        previousLaunchTime: before.launchTime,
        launchTime: seen.launchTime,
        ...(before.publicIp ? { publicIpBefore: before.publicIp } : {}),
        ...(seen.publicIp ? { publicIpAfter: seen.publicIp } : {}),
      })
    }
    if (!evidenceDecided(incident) && !context.dryRun) {
      return blocked(
        'the stop destroys evidence, and it is not decided whether to preserve it',
        'run preserve-evidence, or skip it: --skip preserve-evidence',
      )
    }
    const ahead = secondsBetween(context.now(), revocation.cutoff)
    if (ahead > CUTOFF_PATIENCE && !incident.assumed.includes('revocation')) {
      return blocked(
        `the cut-off ${revocation.cutoff} lies ${duration(ahead)} ahead, and whatever is started before it gets credentials that are denied`,
        'continue after it; nothing older than it works until then, on any instance of the role',
      )
    }
    const effects = [stopEffect(blastRadius), startEffect(blastRadius)]
    return {
      status: 'needed',
      effects: seen.state === 'stopped' ? effects.slice(1) : effects,
      expected: { instanceId: subject.instanceId, previousLaunchTime: before.launchTime, launchTime: context.now() },
      acknowledgement: [
        text('A stop and a start, never a reboot: a reboot keeps the same credentials.'),
        text(addressCost(blastRadius)),
      ],
      typed: subject.instanceId,
    }
  },

  async act(incident, context) {
    const { subject, blastRadius, revocation } = incident.facts
    const { ec2 } = context.aws(subject.region)
    const InstanceIds = [subject.instanceId]
    const seen = await settledInstance(subject, context)
    if (seen?.state === 'running') {
      await context.write(ec2, new StopInstancesCommand({ InstanceIds }), stopEffect(blastRadius))
      // Not stopped: nobody knows whether the stop arrived. The next assessment finds out.
      if (!(await waitUntilStopped(subject, context))) return
    }
    await beforeTheCutoff(revocation.cutoff, context)
    const start = () => context.write(ec2, new StartInstancesCommand({ InstanceIds }), startEffect(blastRadius))
    await startUntilRunning(subject, start, context)
  },

  describe: (restart) => [
    fields(
      ['launch time', [{ at: restart.previousLaunchTime }, ' before, ', { at: restart.launchTime }, ' now, after the cut-off']],
      ['public address', addressLine(restart)],
    ),
  ],
})

const stopEffect = ({ instance }: BlastRadius): Effect => ({
  operation: 'ec2:StopInstances',
  resource: `instance/${instance.id}`,
  sentence: `stop ${instance.id}`,
  cost: 'the service on it is down for some minutes; memory and instance-store contents are lost',
})

const startEffect = ({ instance }: BlastRadius): Effect => ({
  operation: 'ec2:StartInstances',
  resource: `instance/${instance.id}`,
  sentence: `start ${instance.id} again, once the cut-off has passed`,
  cost: 'it may fail for lack of capacity; then it stays stopped, which is safe, and you continue later',
})

const addressCost = ({ instance: { publicIp, hasElasticIp } }: BlastRadius): string =>
  publicIp && !hasElasticIp
    ? `Its public address ${publicIp} will change; names and allow-lists that use it break.`
    : 'Its addresses stay.'

const addressLine = ({ publicIpBefore, publicIpAfter }: Restart): Line =>
  publicIpBefore === publicIpAfter
    ? (publicIpBefore ?? 'none')
    : `${publicIpBefore ?? 'none'} before, ${publicIpAfter ?? 'none'} now`
