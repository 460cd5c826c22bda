import type { Entry } from '../../../src/incident/entry.ts'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import { secondsBetween } from '../../../src/incident/values/instant.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { breaks, refuses } from '../../faults/kinds.ts'
import { askedBy } from '../../faults/operation.ts'
import { subjectInstanceOf } from '../../support/scenario.ts'
import { withVictim } from '../situations.ts'
import { type Responded, replacing, respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

const LIFE = 'src/response/stages/restart-instance/life.ts'

const intents = ({ journal }: Responded, operation: string) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry.at] : []))

/** How a stop and a start come to their end. */
export const startingTraps: readonly Trap[] = [
  {
    id: 'S4',
    situation: 'EC2 has no capacity for the start, twice',
    naive: 'The service stays down',
    meet: async () => {
      const ran = await respondTo(withVictim(smallAccount(), { startFails: { how: 'capacity', times: 2 } }))
      const [first, second, third] = intents(ran, 'ec2:StartInstances')
      return {
        did: ran.deeds,
        checks: {
          'the instance runs': subjectInstanceOf(ran.built).state === 'running',
          'the tries are a minute apart':
            first !== undefined &&
            second !== undefined &&
            third !== undefined &&
            secondsBetween(first, second) >= 60 &&
            secondsBetween(second, third) >= 60,
        },
      }
    },
    mutation: { file: 'src/response/write.ts', find: 'capacity: [60, 60],', replace: '' },
  },
  {
    id: 'C10',
    situation: 'EC2 has no capacity for as long as the run waits',
    naive: 'Ends with an error, and the next run begins from the start',
    meet: async () => {
      const built = await withVictim(smallAccount(), { startFails: { how: 'capacity', times: 3 } })
      const journal: Entry[] = []
      const first = await respondTo(built, { journal })
      const ran = await respondTo(built, { journal })
      return {
        did: `${first.deeds}; then: ${ran.deeds}`,
        checks: {
          'the first run says that it is stopped': /is stopped/.test(first.result.failure?.what ?? ''),
          'the second run starts it': subjectInstanceOf(built).state === 'running' && ran.result.exitCode === 0,
          'nothing is done twice': ran.changes.PutRolePolicy === 1 && ran.changes.StopInstances === 1,
        },
      }
    },
    mutation: { file: LIFE, find: "error.meaning !== 'capacity'", replace: "error.meaning !== 'throttled'" },
  },
  {
    id: 'C03',
    situation: 'The instance falls back to stopped right after the start',
    naive: 'Waits ten minutes for “running”, and gives up without a reason',
    meet: async () => {
      const built = await withVictim(smallAccount(), { startFails: { how: 'kms', times: 1 } })
      const before = built.account.clock.now()
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'the run ends within three minutes': built.account.clock.now() - before < 180_000,
          'EC2’s reason is named': /Client\.InternalError/.test(ran.result.failure?.why ?? ''),
          'the KMS key is named as the cause': /KMS key/.test(ran.result.failure?.remedy ?? ''),
        },
      }
    },
    mutation: { file: LIFE, find: "if (settled?.state === 'stopped') throw fellBack(subject, settled)", replace: '' },
  },
  {
    id: 'S11',
    situation: 'The process dies between the stop and the start',
    naive: 'Production stays down, and nobody knows why',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      const dies = breaks('connection lost before', { operation: 'ec2:StartInstances', times: Number.POSITIVE_INFINITY })
      await respondTo(built, { journal, fault: dies }).catch(() => undefined)
      const stop = journal.findIndex((entry) => entry.type === 'sent' && entry.stage === 'restart-instance')
      const cut = journal.slice(0, stop + 1)
      const ran = await respondTo(built, { journal: cut })
      return {
        did: ran.deeds,
        checks: {
          'the next run starts it': subjectInstanceOf(built).state === 'running' && ran.result.exitCode === 0,
          'nothing is done twice': ran.changes.PutRolePolicy === 1 && ran.changes.StopInstances === 1,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/restart-instance.ts',
      find: "effects: seen.state === 'stopped' ? effects.slice(1) : effects,",
      replace: "effects: seen.state === 'stopped' ? effects.slice(0, 1) : effects,",
    },
  },
  {
    id: 'C05',
    situation: 'Bare metal: the stop takes 14 minutes',
    naive: 'Gives up after ten minutes, and leaves it stopping',
    meet: async () => {
      const ran = await respondTo(smallAccount(undefined, { stopTakes: 14 * 60 }))
      return {
        did: ran.deeds,
        checks: {
          'the run comes to its end': ran.result.exitCode === 0,
          'progress is shown': /is stopping, 10 min/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: LIFE,
      find: 'const STATE_CHANGE = 25 * MINUTE_SECONDS',
      replace: 'const STATE_CHANGE = 10 * MINUTE_SECONDS',
    },
  },
  {
    id: 'C01',
    situation: 'The stop hangs',
    naive: 'Forces it from the start, or waits for ever',
    meet: async () => {
      const ran = await respondTo(withVictim(smallAccount(), { stopHangs: true }))
      return {
        did: ran.deeds,
        checks: {
          'the run ends, and says for how long it waited': /still stopping after 25 min/.test(ran.result.failure?.what ?? ''),
          'the forced stop is named with its risk': /data in flight is lost.*--force/.test(ran.result.failure?.remedy ?? ''),
        },
      }
    },
    mutation: {
      file: LIFE,
      find: 'you can force the stop (data in flight is lost): aws ec2 stop-instances --force',
      replace: 'look at it: aws ec2 describe-instances',
    },
  },
  {
    id: 'N14',
    situation: 'EC2 shows the LaunchTime of before the stop for ever',
    naive: 'Stops and starts again and again',
    meet: async () => {
      let first: string | undefined
      const fault = replacing('ec2:DescribeInstances', (body) =>
        body.replace(/<launchTime>[^<]*<\/launchTime>/g, (time) => {
          first ??= time
          return first
        }),
      )
      const ran = await respondTo(smallAccount(), { fault })
      return {
        did: ran.deeds,
        checks: {
          'one stop, one start': ran.changes.StopInstances === 1 && ran.changes.StartInstances === 1,
          'the run comes to its end': ran.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/restart-instance.ts',
      find: 'return start && isBefore(launchTime, start.at) ? start.at : launchTime',
      replace: 'return start && isBefore(start.at, launchTime) ? start.at : launchTime',
    },
  },
  {
    id: 'N15',
    situation: 'DescribeInstances answers empty for the id of an instance that is there',
    naive: '“The instance is gone”',
    meet: async () => {
      const fault: Fault = async (request, next) => {
        const { operation, input } = await askedBy(request)
        const response = await next(request)
        if (operation !== 'ec2:DescribeInstances' || !('InstanceIds' in input)) return response
        return { ...response, body: String(response.body).replace(/<reservationSet>.*<\/reservationSet>/s, '<reservationSet/>') }
      }
      const ran = await respondTo(smallAccount(), { fault })
      return {
        did: ran.deeds,
        checks: { 'the instance is restarted': ran.changes.StopInstances === 1, 'exit 0': ran.result.exitCode === 0 },
      }
    },
    mutation: {
      file: 'src/response/stages/identify-subject/resources.ts',
      find: '?? (await look(byFilter))',
      replace: '?? (byFilter.Filters.length < 0 ? await look(byFilter) : undefined)',
    },
  },
  {
    id: 'N17',
    situation: 'The responder’s credentials end between the stop and the start',
    naive: '“Give the responder the permission”, and not a word on the stopped instance',
    meet: async () => {
      const fault = refuses(['ExpiredToken', 400, 'The security token included in the request is expired'], {
        operation: 'ec2:StartInstances',
        times: Number.POSITIVE_INFINITY,
      })
      const ran = await respondTo(smallAccount(), { fault })
      const left = stillToDo(ran.result.incident, { alarms: [], unproven: [] })
      return {
        did: ran.deeds,
        checks: {
          'the sign-in is the remedy': /sign in again/.test(ran.result.failure?.remedy ?? ''),
          'the stopped instance is named with its start': left.some(
            ({ kind, sentence, command = '' }) =>
              kind === 'stopped' && rawLine(sentence).includes('STOPPED') && command.includes('start-instances'),
          ),
          'exit 4': ran.result.exitCode === 4,
        },
      }
    },
    mutation: {
      file: 'src/incident/still-cut-off.ts',
      find: "if (power.state !== 'stopped' && power.state !== 'perhaps-stopped') return []",
      replace: 'return []',
    },
  },
]
