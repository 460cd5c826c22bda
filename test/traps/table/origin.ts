import { aboutSession, obtain, roleNamed, userWithKey } from '../../support/obtained-session.ts'
import { nobody } from '../../support/run-in-memory.ts'
import { mainOf, SUBJECT_INSTANCE, subjectInstanceOf } from '../../support/scenario.ts'
import { calledFrom, copyOf, findingFile, type Members, spoofed } from '../situations.ts'
import { respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

const STAGES = 'src/response/stages'

/** Who the key was issued to, and from where it was used. */
export const originTraps: readonly Trap[] = [
  {
    id: 'N4',
    situation: 'A user assumed the role under a session name that is an instance’s id',
    naive: 'Stops the instance of that name',
    meet: async () => {
      const { built, key } = await spoofed(smallAccount(), SUBJECT_INSTANCE)
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'the role is denied': ran.changes.PutRolePolicy === 1,
          'the instance is left alone': ran.changes.StopInstances === undefined && ran.changes.CreateSnapshots === undefined,
          'the user’s key is an alarm': ran.result.alarms.join().includes(key.accessKeyId),
        },
      }
    },
    mutation: {
      file: 'src/incident/facts/issue.ts',
      find: "if (issue.to !== 'unknown')",
      replace: 'if (false)',
    },
  },
  {
    id: 'I17',
    situation: 'The stolen session was obtained by another session, and that by a user’s key',
    naive: 'Contains the session alone, while the key obtains the next one',
    meet: async () => {
      const built = await smallAccount()
      roleNamed(built, 'ci')
      const key = userWithKey(built, 'mallory')
      const middle = obtain(built, key, { roleName: 'ci', sessionName: 'build', ago: 3000 })
      aboutSession(built, obtain(built, middle, { sessionName: SUBJECT_INSTANCE }))
      const ran = await respondTo(built)
      const alarms = ran.result.alarms.join('\n')
      return {
        did: ran.deeds,
        checks: {
          'the role in between is an alarm': alarms.includes('--role-name ci'),
          'the user’s key behind it is an alarm': alarms.includes(key.accessKeyId),
          'the run is unconfirmed': ran.result.exitCode === 6,
        },
      }
    },
    mutation: { file: `${STAGES}/identify-subject/sources.ts`, find: 'next = above.record', replace: 'next = undefined' },
  },
  {
    id: 'N5',
    situation: 'The instance’s profile was taken off between the theft and the response',
    naive: 'Stops and starts an instance that gets no credentials of the role any more',
    meet: async () => {
      const built = await smallAccount()
      delete subjectInstanceOf(built).profileName
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'the role is denied': ran.changes.PutRolePolicy === 1,
          'the instance is left alone': ran.changes.StopInstances === undefined,
        },
      }
    },
    mutation: {
      file: 'src/incident/facts/issue.ts',
      find: "case 'no role':",
      replace: "case 'no role':\n      return undefined",
    },
  },
  {
    id: 'R29',
    situation: 'The calls came from the instance itself',
    naive: 'Restarts it, and hands the new credentials to the attacker on it',
    meet: async () => {
      const ran = await respondTo(smallAccount('called-from-the-host'))
      return {
        did: ran.deeds,
        checks: {
          'the role is denied': ran.changes.PutRolePolicy === 1,
          'the instance is not restarted': ran.changes.StopInstances === undefined,
          'its isolation is the next step': /modify-network-interface-attribute/.test(ran.result.alarms.join()),
          'the run is unconfirmed': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: `${STAGES}/restart-instance.ts`,
      find: "if (subject.caller.origin === 'instance') return",
      replace: 'if (subject.caller.origin !== subject.caller.origin) return',
    },
  },
  {
    id: 'R30',
    situation: 'The calls came through the account’s own NAT gateway',
    naive: 'Cuts production off for an entry of a stale threat list',
    meet: async () => {
      const built = await smallAccount()
      const ran = await respondTo(built, { request: calledFrom(built, '203.0.113.10'), responder: nobody })
      return {
        did: ran.deeds,
        checks: {
          'the gateway is named before the question': /your NAT gateway/.test(ran.shown),
          'a false alarm is offered': /may be a false alarm/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: `${STAGES}/identify-subject/own-addresses.ts`,
      find: 'own: [...gateways.own, ...elastic.own]',
      replace: 'own: []',
    },
  },
  {
    id: 'N34',
    situation: 'The role has called from the finding’s address for weeks: its own way out',
    naive: 'Cuts production off',
    meet: async () => {
      const ran = await respondTo(smallAccount('usual-address'), { responder: nobody })
      return {
        did: ran.deeds,
        checks: {
          'the history is shown before the question': /the role called from 192\.0\.2\.80 before the theft/.test(ran.shown),
          'nothing is changed without an answer': ran.deeds.startsWith('no change'),
        },
      }
    },
    mutation: {
      file: `${STAGES}/identify-subject/usual-use.ts`,
      find: 'if (theft.addresses.length === 0) return undefined',
      replace: 'return undefined',
    },
  },
  {
    id: 'A11',
    situation: 'A private address equals the instance’s, in a call from another account',
    naive: 'Takes the call for the instance’s own',
    meet: async () => {
      const built = await smallAccount()
      const service = copyOf(mainOf(built).Service)
      const call = (service.Action as Members).AwsApiCallAction as Members
      Object.assign(call.RemoteIpDetails as Members, { IpAddressV4: subjectInstanceOf(built).privateIp })
      Object.assign(call, { RemoteAccountDetails: { AccountId: '999988887777', Affiliated: false } })
      const ran = await respondTo(built, { request: findingFile(built, {}, { Service: service }) })
      return {
        did: `${ran.deeds}; caller ${ran.result.incident.facts.subject?.caller.origin}`,
        checks: {
          'the caller is another account': ran.result.incident.facts.subject?.caller.origin === 'foreign',
          'the instance is restarted': ran.changes.StopInstances === 1,
        },
      }
    },
    mutation: {
      file: `${STAGES}/identify-subject/caller.ts`,
      find: "if (other) return { ip, origin: 'foreign', account: other }",
      replace: '',
    },
  },
]
