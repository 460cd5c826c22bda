import type { Entry } from '../../../src/incident/entry.ts'
import { POLICY_NAME, revocationDocument } from '../../../src/incident/revocation-document.ts'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import { instantOf, plus } from '../../../src/incident/values/instant.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import { cutoffOf } from '../../../src/response/stages/revoke-sessions/policy.ts'
import { decide } from '../../../src/simulator/authorization/authorize.ts'
import { issueInstanceCredentials } from '../../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { answers, breaks } from '../../faults/kinds.ts'
import { askedBy } from '../../faults/operation.ts'
import { nobody } from '../../support/run-in-memory.ts'
import { passes, subjectInstanceOf } from '../../support/scenario.ts'
import { allow, webAppOf } from '../situations.ts'
import { respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

const REVOKE = 'src/response/stages/revoke-sessions'

const documentIn = (built: BuiltScenario): string | undefined => webAppOf(built).inline.get(POLICY_NAME)?.document
const cutoffIn = (built: BuiltScenario): string | undefined => cutoffOf(documentIn(built))
const timeIn = ({ account }: BuiltScenario) => instantOf(new Date(account.clock.now()))

/** Puts another answer's Date in the place of a service's own. */
const wrongDates =
  (service: string, seconds: number): Fault =>
  async (request, next) => {
    const response = await next(request)
    const { operation } = await askedBy(request)
    const { date } = response.headers
    if (!operation.startsWith(service) || date === undefined) return response
    return { ...response, headers: { ...response.headers, date: new Date(Date.parse(date) + seconds * 1000).toUTCString() } }
  }

/** When older sessions end, by whose clock, and what stands there already. */
export const cutoffTraps: readonly Trap[] = [
  {
    id: 'R1',
    situation: 'The responder’s machine is in Los Angeles, Tokyo, Kathmandu',
    naive: 'Local time with a Z: the stolen session stays valid, or fresh ones are denied for hours',
    meet: async () => {
      const before = process.env.TZ
      const cutoffs = new Set<string | undefined>()
      try {
        for (const zone of ['America/Los_Angeles', 'Asia/Tokyo', 'Asia/Kathmandu']) {
          process.env.TZ = zone
          const { built } = await respondTo(smallAccount(), { skip: ['restart-instance', 'trace-activity'] })
          cutoffs.add(cutoffIn(built))
        }
      } finally {
        if (before === undefined) delete process.env.TZ
        else process.env.TZ = before
      }
      return {
        did: `cut-off ${[...cutoffs].join(' and ')} in all three`,
        checks: {
          'the cut-off is the same, in UTC': cutoffs.size === 1 && /^2026-11-25T02:0\d:\d\dZ$/.test([...cutoffs].join()),
        },
      }
    },
    mutation: {
      file: 'src/incident/revocation-document.ts',
      find: "DateLessThan: { 'aws:TokenIssueTime': cutoff },",
      replace:
        "DateLessThan: { 'aws:TokenIssueTime': new Date(Date.parse(cutoff) - new Date(cutoff).getTimezoneOffset() * 60000).toISOString().replace('.000', '') },",
    },
  },
  {
    id: 'R2',
    situation: 'The machine’s clock is 90 seconds behind AWS’s time',
    naive: 'Takes Date.now(): sessions of the last 90 seconds survive',
    meet: async () => {
      const built = await smallAccount()
      const now = Date.now
      Date.now = () => built.account.clock.now() - 90_000
      try {
        const ran = await respondTo(built, { skip: ['restart-instance', 'trace-activity'] })
        const intent = ran.journal.find((entry) => entry.type === 'sent' && entry.stage === 'revoke-sessions')
        const ahead = (Date.parse(cutoffIn(built) ?? '') - Date.parse(intent?.at ?? '')) / 1000
        const truth = ran.account.calls().find(({ operation }) => operation === 'PutRolePolicy')
        return {
          did: `${ran.deeds}; cut-off ${cutoffIn(built)}`,
          checks: {
            'the cut-off is ahead of AWS’s time': Math.abs(ahead - 29) < 5 && truth !== undefined,
            'it is that of a machine whose clock is right': cutoffIn(built)?.startsWith('2026-11-25T02:00') === true,
          },
        }
      } finally {
        Date.now = now
      }
    },
    mutation: {
      file: `${REVOKE}/cutoff.ts`,
      find: 'export const cutoffFrom = (now: Instant): Instant => plus(wholeSecond(now), AHEAD)',
      replace:
        "export const cutoffFrom = (_: Instant): Instant => plus(new Date(Date.now()).toISOString().replace(/\\.\\d+/, '') as Instant, AHEAD)",
    },
  },
  {
    id: 'N45',
    situation: 'IAM’s answers have a Date that is ten minutes ahead',
    naive: 'A cut-off ten minutes ahead, which denies the renewed credentials, too',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { fault: wrongDates('iam:', 600) })
      return {
        did: `${ran.deeds}; cut-off ${cutoffIn(ran.built)}`,
        checks: {
          'the cut-off is that of the other services’ time': cutoffIn(ran.built)?.startsWith('2026-11-25T02:0') === true,
          'the run comes to its end': ran.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: 'src/aws/clock/agreement.ts',
      find: 'return Math.max(agreed, ...dates.map(({ offset }) => offset).filter((offset) => offset <= agreed + CUT_OFF_MS))',
      replace: 'return Math.max(agreed, ...dates.map(({ offset }) => offset))',
    },
  },
  {
    id: 'R10',
    situation: 'PutRolePolicy answers 200, and the policy is not there',
    naive: 'Takes the 200 for a revocation',
    meet: async () => {
      const built = await smallAccount()
      const fault = answers('iam:PutRolePolicy', async (_, next) => {
        const response = await next()
        webAppOf(built).inline.delete(POLICY_NAME)
        return response
      })
      const ran = await respondTo(built, { fault })
      return {
        did: ran.deeds,
        checks: {
          'no revocation is established': ran.result.incident.facts.revocation === undefined,
          'the exit code is not 0': ran.result.exitCode !== 0,
          'the instance is not stopped': ran.changes.StopInstances === undefined,
        },
      }
    },
    mutation: {
      file: 'src/response/establish.ts',
      find: 'assessment = await readingBack(stage, run, () => assessPatiently(stage, run, before))',
      replace: 'assessment = established(assessment.expected)',
    },
  },
  {
    id: 'R15',
    situation: 'The role has an AWSRevokeOlderSessions of last night',
    naive: 'Overwrites it without a trace, or takes it for enough',
    meet: async () => {
      const built = await smallAccount()
      const before = revocationDocument(plus(timeIn(built), -7200))
      webAppOf(built).inline.set(POLICY_NAME, { document: before, writtenAt: 0 })
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'the cut-off moves forward': (cutoffIn(built) ?? '') > (cutoffOf(before) ?? ''),
          'the document before is kept': ran.journal.some(
            (entry) => entry.type === 'kept' && entry.name === `prior-${POLICY_NAME}`,
          ),
        },
      }
    },
    mutation: {
      file: `${REVOKE}/deny.ts`,
      find: 'document === undefined ? undefined : keep(',
      replace: 'document !== null ? undefined : keep(',
    },
  },
  {
    id: 'R24',
    situation: 'A policy of the deny’s name that does something else',
    naive: 'The name is there, so the role is denied',
    meet: async () => {
      const built = await smallAccount()
      webAppOf(built).inline.set(POLICY_NAME, { document: allow('s3:*'), writtenAt: 0 })
      const ran = await respondTo(built)
      return {
        did: `${ran.deeds}; cut-off ${cutoffIn(built)}`,
        checks: { 'the deny is written': cutoffIn(built) !== undefined && ran.changes.PutRolePolicy === 1 },
      }
    },
    mutation: {
      file: `${REVOKE}/policy.ts`,
      find: "if (Effect !== 'Deny' || !valuesOf(Action).includes('*') || !valuesOf(Resource).includes('*')) return undefined",
      replace: "if (Effect !== 'Deny') return '2026-12-01T00:00:00Z' as Instant",
    },
  },
  {
    id: 'R25',
    situation: 'The attacker fetches a session while the policy spreads',
    naive: 'A cut-off of now: that session survives for hours',
    meet: async () => {
      const built = await smallAccount()
      const ran = await respondTo(built)
      passes(built, 60)
      const sent = ran.journal.find((entry) => entry.type === 'sent' && entry.stage === 'revoke-sessions')
      const taken = issueInstanceCredentials(built.account, subjectInstanceOf(built), '2.0', Date.parse(sent?.at ?? '') + 15_000)
      const origin = { sourceIp: '198.51.100.1', userAgent: 'x', region: 'us-east-1' }
      const { decision } = decide(built.account, taken, { action: 'ec2:DescribeInstances', resource: '*' }, origin)
      return {
        did: `${ran.deeds}; a session of 15 seconds after the sending: ${decision}`,
        checks: { 'it is denied, too': decision === 'explicitDeny' },
      }
    },
    mutation: { file: `${REVOKE}/cutoff.ts`, find: 'const AHEAD = 30', replace: 'const AHEAD = 0' },
  },
  {
    id: 'R27',
    situation: 'The deny that was sent never arrived, and the run goes on the next day',
    naive: 'Sends yesterday’s cut-off: the night’s sessions survive',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      const lost = breaks('connection lost before', { operation: 'iam:PutRolePolicy', times: Number.POSITIVE_INFINITY })
      await respondTo(built, { journal, fault: lost })
      passes(built, 8 * 3600)
      const morning = timeIn(built)
      const ran = await respondTo(built, { journal })
      return {
        did: `${ran.deeds}; cut-off ${cutoffIn(built)}`,
        checks: { 'the cut-off is of this morning': (cutoffIn(built) ?? '') > morning },
      }
    },
    mutation: {
      file: `${REVOKE}/deny.ts`,
      find: 'const cutoff = cutoffFrom(context.now())',
      replace:
        'const cutoff = incident.intents.find(({ planned }) => planned.cutoff)?.planned.cutoff ?? cutoffFrom(context.now())',
    },
  },
  {
    id: 'N11',
    situation: 'The incident is continued hours after the deny',
    naive: 'The latest look becomes the time of the containment',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      const first = await respondTo(built, { journal })
      passes(built, 4 * 3600)
      const ran = await respondTo(built, { journal })
      const times = [first, ran].map(({ result }) => result.incident.facts.revocation?.readBackAt)
      return {
        did: `${ran.deeds}; read back at ${times.join(' and ')}`,
        checks: { 'the first time stays': times[0] !== undefined && times[0] === times[1] },
      }
    },
    mutation: {
      file: 'src/response/stages/revoke-sessions.ts',
      find: 'readBackAt: same ? before.readBackAt : context.now(),',
      replace: 'readBackAt: context.now(),',
    },
  },
  {
    id: 'N43',
    situation: 'The deny is taken away between two runs, and the attacker calls meanwhile',
    naive: '“It stood at the last look”',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      await respondTo(built, { journal })
      webAppOf(built).inline.delete(POLICY_NAME)
      passes(built, 900)
      const ran = await respondTo(built, { journal, proofWait: 1200 })
      return {
        did: ran.deeds,
        checks: {
          'the deny is written again': webAppOf(built).inline.has(POLICY_NAME),
          'the gap is named': (ran.result.incident.facts.closure?.gaps ?? []).length > 0,
          'what succeeded meanwhile is an alarm': ran.result.alarms.join().includes('STILL GETS IN') && ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/close-incident/verdict.ts',
      find: 'revocation.firstCutoff ?? revocation.cutoff',
      replace: 'revocation.cutoff',
    },
  },
  {
    id: 'N44',
    situation: 'A finished incident is continued after the deny was removed',
    naive: 'Repeats the last look of before: “out”',
    meet: async () => {
      const built = await smallAccount()
      const journal: Entry[] = []
      await respondTo(built, { journal })
      webAppOf(built).inline.delete(POLICY_NAME)
      const ran = await respondTo(built, { journal, responder: nobody })
      return {
        did: ran.deeds,
        checks: {
          'it is not called contained': ran.result.exitCode !== 0,
          'the key is called not denied': stillToDo(ran.result.incident, { alarms: [], unproven: [] }).some(
            ({ kind, sentence }) => kind === 'not-denied' && rawLine(sentence).includes('NOT DENIED'),
          ),
        },
      }
    },
    mutation: {
      file: 'src/incident/incident.ts',
      find: 'return { ...incident, sightings: withSighting(incident, { ...entry, stands: false }) }',
      replace: 'return incident',
    },
  },
]
