import type { Entry } from '../../../src/incident/entry.ts'
import type { Instance } from '../../../src/simulator/account/account.ts'
import { flagResponder } from '../../../src/terminal/flag-responder.ts'
import { answers } from '../../faults/kinds.ts'
import { nobody } from '../../support/run-in-memory.ts'
import { subjectInstanceOf } from '../../support/scenario.ts'
import { withVictim } from '../situations.ts'
import { inShort, replacing, respondTo, smallAccount } from './runs.ts'
import type { Mutation, Seen, Trap } from './trap.ts'

const PREFLIGHT = 'src/response/stages/scope-blast-radius/instance.ts'
const GUARDS = 'src/response/guards.ts'

/** An instance that a stop would destroy, or that cannot be stopped: denied, left running, with the way by hand. */
const notStopped = (special: Partial<Instance>, remedy: RegExp) => async (): Promise<Seen> => {
  const ran = await respondTo(withVictim(smallAccount(), special))
  return {
    did: ran.deeds,
    checks: {
      'what is stolen is denied': ran.changes.PutRolePolicy === 1,
      'the instance is not stopped': ran.changes.StopInstances === undefined,
      'the way by hand is named': remedy.test(ran.result.failure?.remedy ?? ''),
    },
  }
}

const guard = (find: string): Mutation => ({ file: GUARDS, find, replace: 'if (false) {' })

/** What is known before the stop, and kept from it. */
export const stoppingTraps: readonly Trap[] = [
  {
    id: 'S1',
    situation: 'New credentials are wanted on the instance',
    naive: 'Reboots it: the same credentials',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const before = ran.result.incident.facts.subject?.accessKeyId
      const now = ran.built.newCredentials()?.accessKeyId
      return {
        did: ran.deeds,
        checks: {
          'no reboot is sent': !ran.calls.some((name) => /Reboot/.test(name)),
          'the instance has another key': now !== undefined && now !== before,
          'it was stopped and started': ran.changes.StopInstances === 1 && ran.changes.StartInstances === 1,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/restart-instance.ts',
      find: "if (seen.state === 'running' && isBefore(revocation.cutoff, launchTime) &&",
      replace: "if (seen.state === 'running' &&",
    },
  },
  {
    id: 'S2',
    situation: 'A member of an Auto Scaling group, which terminates a stopped member',
    naive: 'Stops it: the group destroys the evidence',
    meet: notStopped({ autoScalingGroup: 'web-asg' }, /enter-standby/),
    mutation: guard('if (instance.autoScalingGroup) {'),
  },
  {
    id: 'S3',
    situation: 'An instance-store root volume',
    naive: 'Stops it, which EC2 refuses after the revocation',
    meet: notStopped({ rootDeviceType: 'instance-store' }, /replace-iam-instance-profile-association/),
    mutation: guard("if (instance.rootDeviceType === 'instance-store') {"),
  },
  {
    id: 'C07',
    situation: 'A one-time Spot instance',
    naive: 'Stops it, which EC2 refuses after the revocation',
    meet: notStopped({ lifecycle: 'spot', spotRequestType: 'one-time' }, /start a replacement/),
    mutation: guard("if (instance.lifecycle === 'spot' && !['persistent', 'unread'].includes(instance.spotRequestType ?? '')) {"),
  },
  {
    id: 'C08',
    situation: 'Stop protection',
    naive: 'OperationNotPermitted in the middle of the run',
    meet: notStopped({ stopProtection: true }, /no-disable-api-stop/),
    mutation: guard('if (instance.stopProtection) {'),
  },
  {
    id: 'S5',
    situation: 'The stop changes the public address',
    naive: 'A surprise for whoever has the address in a list',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const { publicIpBefore, publicIpAfter } = ran.result.incident.facts.restart ?? {}
      return {
        did: `${ran.deeds}; ${publicIpBefore} → ${publicIpAfter}`,
        checks: {
          'it is said before the stop': /change its public address 203\.0\.113\.25/.test(ran.shown),
          'both addresses are kept': publicIpBefore === '203.0.113.25' && publicIpAfter !== publicIpBefore,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/restart-instance.ts',
      find: 'publicIp && !hasElasticIp\n    ? `The stop',
      replace: "publicIp === ''\n    ? `The stop",
    },
  },
  {
    id: 'S7',
    situation: 'The instance hibernates: the stolen key would survive in memory',
    naive: 'Stops it with hibernation',
    meet: async () => {
      const built = await withVictim(smallAccount(), { hibernation: true })
      const flags: unknown[] = []
      const fault = answers('ec2:StopInstances', async ({ input }, next) => {
        flags.push(input.Hibernate)
        return next()
      })
      const ran = await respondTo(built, { fault })
      return {
        did: ran.deeds,
        checks: {
          'it is stopped without hibernation': flags.length === 1 && flags[0] !== true,
          'it is said before': /stops the instance without it/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/restart-instance.ts',
      find: 'const stop = new StopInstancesCommand(instancesInput(subject.instanceId))',
      replace: 'const stop = new StopInstancesCommand({ ...instancesInput(subject.instanceId), Hibernate: true })',
    },
  },
  {
    id: 'N10',
    situation: 'Declined at night; by the morning the instance has joined an Auto Scaling group',
    naive: 'Goes on with the facts of the night, and stops it',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      await respondTo(built, { journal, responder: nobody })
      built.account.autoScalingGroups.set('web', { name: 'web', minSize: 1, desired: 1 })
      Object.assign(subjectInstanceOf(built), { autoScalingGroup: 'web' })
      const ran = await respondTo(built, { journal })
      return {
        did: ran.deeds,
        checks: {
          'what is stolen is denied': ran.changes.PutRolePolicy === 1,
          'the instance is not stopped': ran.changes.StopInstances === undefined,
          'the change is shown': /changed since the last run/.test(ran.shown),
        },
      }
    },
    mutation: { file: PREFLIGHT, find: '...(await group(instanceId, region, instance, context, unread)),', replace: '' },
  },
  {
    id: 'N20',
    situation: 'Systems Manager has never known the instance',
    naive: 'Waits half an hour after the start, and gives an untrue reason',
    meet: async () => {
      const built = await withVictim(smallAccount(), { agent: { installed: false, platform: 'Linux' } })
      const ran = await respondTo(built)
      const asked = ran.events.findIndex((event) => 'stage' in event && event.stage === 'restart-instance')
      const before = JSON.stringify(ran.events.slice(0, asked + 4))
      return {
        did: ran.deeds,
        checks: {
          'it is known before the stop': /Systems Manager does not list it/.test(before),
          'the issue record proves the rotation':
            ran.result.incident.facts.rotation?.verdict === 'rotated' && ran.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/scope-blast-radius/ssm.ts',
      find: "if (!node) return { state: 'not-managed' }",
      replace: "if (!node) return { state: 'online' }",
    },
  },
  {
    id: 'E1',
    situation: 'The instance has two volumes',
    naive: 'A snapshot of one after the other: two moments',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const taken = [...ran.built.account.snapshots.values()]
      return {
        did: `${ran.deeds}; ${taken.length} snapshots`,
        checks: {
          'each volume has one': taken.length === subjectInstanceOf(ran.built).volumeIds.length && taken.length > 1,
          'all are of one moment': new Set(taken.map(({ startedAt }) => startedAt)).size === 1,
          'they are older than the stop': taken.every(({ startedAt }) => startedAt < subjectInstanceOf(ran.built).launchTime),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/preserve-evidence.ts',
      find: 'if (volumes.length === 0) return notApplicable',
      replace: 'if (volumes.length > 0) return notApplicable',
    },
  },
  {
    id: 'E2',
    situation: 'The snapshots are still pending at the end',
    naive: 'Counts them as taken',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const last = ran.result.incident.rechecks.findLast(({ stage }) => stage === 'preserve-evidence')
      return {
        did: `${ran.deeds}; ${last?.says}`,
        checks: {
          'their state is named at the end': /snap-\w+ (pending|completed), snap-\w+ (pending|completed)/.test(last?.says ?? ''),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/preserve-evidence.ts',
      find: "return { stands: states.every((state) => !state.endsWith('error')), says: states.join(', ') }",
      replace: "return { stands: true, says: 'taken' }",
    },
  },
  {
    id: 'N46',
    situation: 'The attacker deletes a snapshot of the incident',
    naive: 'Takes a new one, and calls it the evidence',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      await respondTo(built, { journal })
      const [first = ''] = built.account.snapshots.keys()
      const count = built.account.snapshots.size
      built.account.snapshots.delete(first)
      const ran = await respondTo(built, { journal })
      return {
        did: ran.deeds,
        checks: {
          'it is an alarm': ran.result.alarms.join().includes(`EVIDENCE DELETED: snapshot ${first}`),
          'no new one takes its place': built.account.snapshots.size === count - 1,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/preserve-evidence.ts',
      find: 'if (!isNotFound(error)) throw error\n      missing.push(snapshot)',
      replace: 'if (!isNotFound(error)) throw error',
    },
  },
  {
    id: 'N47',
    situation: 'The list of snapshots answers empty after the sending was accepted',
    naive: 'Takes them three times',
    meet: async () => {
      const empty = (body: string) => body.replace(/<snapshotSet>.*<\/snapshotSet>/s, '<snapshotSet/>')
      const ran = await respondTo(smallAccount(), { fault: replacing('ec2:DescribeSnapshots', empty) })
      return {
        did: ran.deeds,
        checks: {
          'they are taken once': ran.changes.CreateSnapshots === 1,
          'what was accepted is said': /AWS accepted ec2:CreateSnapshots/.test(ran.result.failure?.why ?? ''),
        },
      }
    },
    mutation: {
      file: 'src/response/accepted-unseen.ts',
      find: '!intent.seen &&',
      replace: 'intent.seen === true &&',
    },
  },
  {
    id: 'N22',
    situation: 'Instance-store volumes with data, behind an EBS root',
    naive: 'Stops it, and the data is gone: --yes said so',
    meet: async () => {
      const ran = await respondTo(withVictim(smallAccount(), { type: 'm5d.large' }))
      const { why = '' } = ran.result.incident.decided['restart-instance'] ?? {}
      const named = await respondTo(withVictim(smallAccount(), { type: 'm5d.large' }), {
        responder: flagResponder({ yes: true, approve: ['restart-instance'], skip: [] }),
      })
      return {
        did: `${ran.deeds}; ${inShort(why)}; with --approve restart-instance: ${named.deeds}`,
        checks: {
          'what is stolen is denied': ran.changes.PutRolePolicy === 1,
          'it is not stopped under --yes alone': ran.changes.StopInstances === undefined,
          'what would be lost is named, and how it is approved': /up to 75 GB.*--approve restart-instance/.test(why),
          'it is restarted where that is approved by name': named.changes.StopInstances === 1 && named.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/restart-instance.ts',
      find: '...given({ byName: lostWithTheStop(blastRadius) }),',
      replace: '',
    },
  },
]
