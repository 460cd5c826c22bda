import { issueSession } from '../../../src/simulator/issue-credentials.ts'
import { recordIssue } from '../../../src/simulator/records/record.ts'
import { sts } from '../../../src/simulator/services/sts.ts'
import { buildQuick } from '../../laws/whole-run.ts'
import { call, callsOn, ELSEWHERE, keyIn, makesKey, newCredentials, records, THEFT, widen } from '../../support/attacker-acts.ts'
import { passes, subjectInstanceOf } from '../../support/scenario.ts'
import { respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

/** What still lets the attacker in after the deny. */
export const waysInTraps: readonly Trap[] = [
  {
    id: 'R12',
    situation: 'GetCallerIdentity answers under every deny',
    naive: 'Takes its answer for a key that still works',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { skip: [], proofWait: 1800 })
      const { closure } = ran.result.incident.facts
      return {
        did: `${ran.deeds}; ${closure?.refused} refused, ${closure?.successesAfterGrace} succeeded`,
        checks: {
          'its answers are no success': closure?.successesAfterGrace === 0,
          'the refused calls are counted': (closure?.refused ?? 0) > 0,
          'the run is confirmed': ran.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/close-incident/verdict.ts',
      find: "eventName !== 'GetCallerIdentity'",
      replace: "eventName !== ''",
    },
  },
  {
    id: 'R13',
    situation: 'The attacker assumed another role with the stolen key',
    naive: 'The stolen key is refused, so the attacker is out',
    meet: async () => {
      const built = await smallAccount()
      widen(built)
      const input = { RoleArn: 'arn:aws:iam::111122223333:role/deploy', RoleSessionName: 'x', DurationSeconds: 3600 }
      const key = keyIn(call(built, built.cast.attacker, ['sts', sts, 'AssumeRole'], input))
      passes(built, 600)
      const ran = await respondTo(built, { skip: [] })
      const alarms = ran.result.alarms.join('\n')
      return {
        did: ran.deeds,
        checks: {
          'the session is an alarm': alarms.includes(`A CHAINED SESSION IS ALIVE: AssumeRole ${key}`),
          'the command that denies it is named': alarms.includes('put-role-policy --role-name deploy'),
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/hunt-persistence/live-sessions.ts',
      find: 'if (!chainedSession.succeeded || chainedSession.revoked',
      replace: 'if (chainedSession.succeeded || chainedSession.revoked',
    },
  },
  {
    id: 'N1',
    situation: 'The new key is used from the attacker’s address: the hole is still open',
    naive: 'Looks at the stolen key only: “out”',
    meet: async () => {
      const built = await smallAccount()
      callsOn(built, newCredentials(built), THEFT)
      const ran = await respondTo(built, { skip: [], proofWait: 1800 })
      return {
        did: ran.deeds,
        checks: {
          'it is an alarm': /THE ATTACKER HAS NEW CREDENTIALS/.test(ran.result.alarms.join()),
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/close-incident/verdict.ts',
      find: "kind === 'new' || kind === 'other-session')\n",
      replace: "kind === 'other-session')\n",
    },
  },
  {
    id: 'N3',
    situation: 'The chained session was taken at the STS endpoint of another Region',
    naive: 'Reads the event history of one Region',
    meet: async () => {
      const built = await buildQuick(undefined, { historyDays: 3 })
      widen(built)
      const input = { RoleArn: 'arn:aws:iam::111122223333:role/deploy', RoleSessionName: 'x', DurationSeconds: 3600 }
      const key = keyIn(call(built, built.cast.attacker, ['sts', sts, 'AssumeRole'], input, { region: 'eu-west-1' }))
      passes(built, 600)
      const ran = await respondTo(built, { skip: ['investigate-session'] })
      return {
        did: ran.deeds,
        checks: { 'it is an alarm': ran.result.alarms.join().includes(`A CHAINED SESSION IS ALIVE: AssumeRole ${key}`) },
      }
    },
    mutation: {
      file: 'src/response/stages/cloudtrail-regions.ts',
      find: '...new Set([region, ...globalRegions(region), ...regions]),',
      replace: 'region,',
    },
  },
  {
    id: 'N7',
    situation: 'The workload is refused by the deny, from its own address',
    naive: 'Counts its refusals as the attacker’s: “out”',
    meet: async () => {
      const built = await smallAccount()
      const stolen = { ...built.cast.attacker }
      Object.assign(built.cast.attacker, { expiresAt: built.account.clock.now() })
      callsOn(built, () => stolen, subjectInstanceOf(built).publicIp ?? '')
      const ran = await respondTo(built, { skip: ['investigate-session', 'hunt-persistence'], proofWait: 1800 })
      const { refused = 0, workloadRefused = 0 } = ran.result.incident.facts.closure ?? {}
      return {
        did: `${ran.deeds}; ${workloadRefused} calls of the workload refused, ${refused} of the attacker`,
        checks: {
          'they are the workload’s': workloadRefused > 0 && refused === 0,
          'nobody is called out': !/The attacker is out/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/close-incident/theft.ts',
      find: "if (marks.ownAddresses.some((ip) => isSameAddress(ip, source)))\n    return { owner: 'workload', why: 'from an address of the account' }",
      replace: "if (marks.ownAddresses.length > 0)\n    return { owner: 'attacker', why: 'refused' }",
    },
  },
  {
    id: 'N24',
    situation: 'A user’s key that the session made works from elsewhere',
    naive: 'Follows STS only: “the stolen key is refused”',
    meet: async () => {
      const built = await smallAccount()
      const key = makesKey(built)
      callsOn(built, () => key, ELSEWHERE)
      const ran = await respondTo(built, { skip: ['investigate-session'], proofWait: 1800 })
      return {
        did: ran.deeds,
        checks: {
          'it is an alarm': ran.result.alarms.join().includes(`A KEY OF THE ATTACKER IS IN USE: ${key.accessKeyId}`),
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/close-incident/verdict.ts',
      find: '...madeCredentials(seen),',
      replace: '',
    },
  },
  {
    id: 'N36',
    situation: 'Code of the attacker’s in a function, under another role',
    naive: 'Follows STS only',
    meet: async () => {
      const built = await smallAccount()
      widen(built)
      records(built, 'lambda.amazonaws.com', 'UpdateFunctionCode20150331v2', { functionName: 'resize-images' })
      const deploy = built.account.roles.get('deploy')
      if (!deploy) throw new Error('there is no role deploy')
      passes(built, 30)
      recordIssue(built.account, issueSession(built.account, deploy, 'resize-images', 3600), 'lambda.amazonaws.com')
      passes(built, 600)
      const ran = await respondTo(built, { skip: ['investigate-session'] })
      return {
        did: ran.deeds,
        checks: {
          'it is an alarm': /CODE OF THE ATTACKER HOLDS CREDENTIALS/.test(ran.result.alarms.join()),
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: { file: 'src/response/stages/close-incident/verdict.ts', find: '...compute(seen),', replace: '' },
  },
]
