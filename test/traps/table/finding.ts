import { HOUR_SECONDS, SECOND_MS } from '../../../src/incident/values/duration.ts'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { issueUserSession } from '../../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { answers } from '../../faults/kinds.ts'
import { buildQuick } from '../../laws/whole-run.ts'
import { userWithKey } from '../../support/obtained-session.ts'
import { subjectInstanceOf } from '../../support/scenario.ts'
import { stolen } from '../../support/subjects.ts'
import { called, findingFile, type Members } from '../situations.ts'
import { respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

const STAGES = 'src/response/stages'
const NEIGHBOUR = 'i-0aa1b2c3d4e5f6071'

/** A session that a user's long-term key obtained 40 minutes ago. */
const sessionOfUser = (built: BuiltScenario, name: string): IssuedCredential => {
  const { account } = built
  userWithKey(built, name)
  const user = account.users.get(name)
  if (!user) throw new Error(`no user ${name}`)
  return issueUserSession(account, user, 12 * HOUR_SECONDS, account.clock.now() - 2_400 * SECOND_MS)
}

/** The finding's key with other details, in a finding that is handed in as a file. */
const aboutKey = async (details: Members, more: Members = {}) => {
  const built = await smallAccount()
  return respondTo(built, { request: findingFile(built, details, more) })
}

/** From which finding a response begins, and whose account and role it is about. */
export const findingTraps: readonly Trap[] = [
  {
    id: 'R4',
    situation: 'A temporary key of an IAM user, whose user has the name of a role',
    naive: 'Takes ASIA… for a role session, and denies a role that has nothing to do with it',
    meet: async () => {
      const built = await smallAccount()
      stolen(built, sessionOfUser(built, 'web-app'))
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'no role is denied': ran.changes.PutRolePolicy === undefined,
          'the user is denied': ran.changes.PutUserPolicy === 1,
          'no instance is stopped': ran.changes.StopInstances === undefined,
        },
      }
    },
    mutation: {
      file: 'src/incident/finding/finding-words.ts',
      find: "return accessKeyId.startsWith('ASIA') || throughConsole ? 'user-session' : 'unknown'",
      replace: "return accessKeyId.startsWith('ASIA') || throughConsole ? 'role-session' : 'unknown'",
    },
  },
  {
    id: 'R6',
    situation: 'A long-term key: it has no issue time, so a deny by issue time does not touch it',
    naive: 'Writes the deny on a role, and reports that the key is revoked',
    meet: async () => {
      const built = await smallAccount()
      const key = stolen(built, userWithKey(built, 'bob'))
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'no role is denied': ran.changes.PutRolePolicy === undefined,
          'the key is inactive': built.account.users.get('bob')?.accessKeys.get(key.accessKeyId)?.status === 'Inactive',
          'sessions obtained with it are denied': ran.changes.PutUserPolicy === 1,
        },
      }
    },
    mutation: {
      file: 'src/incident/finding/finding-words.ts',
      find: "if (accessKeyId.startsWith('AKIA')) return 'long-term-key'",
      replace: "if (accessKeyId.startsWith('AKIA')) return 'user-session'",
    },
  },
  {
    id: 'I7',
    situation: 'A sample finding of GuardDuty, with the names of resources that exist',
    naive: 'Revokes and stops what the sample names',
    meet: async () => {
      const ran = await aboutKey({}, { Service: { ServiceName: 'guardduty', Count: 1, AdditionalInfo: { sample: true } } })
      return {
        did: ran.deeds,
        checks: {
          'nothing is changed': ran.deeds.startsWith('no change'),
          'it is called a sample': /SAMPLE/.test(ran.result.failure?.why ?? ''),
        },
      }
    },
    mutation: {
      file: 'src/response/guards.ts',
      find: 'refuse: ({ incident: { facts } }) => sampleRefusal(facts.finding?.finding.sampleMarks ?? []),',
      replace: 'refuse: () => sampleRefusal([]),',
    },
  },
  {
    id: 'B11',
    situation: 'A finding without instance details',
    naive: 'Falls over a missing member, or responds without an instance',
    meet: async () => {
      const ran = await respondTo(smallAccount('no-instance-details'))
      return {
        did: ran.deeds,
        checks: {
          'the instance of the session is restarted': ran.changes.StopInstances === 1,
          'CloudTrail, not the name, says that it is the key’s': ran.result.incident.facts.subject?.issue?.to === 'ec2-instance',
        },
      }
    },
    mutation: {
      file: `${STAGES}/identify-subject/principal.ts`,
      find: 'const instance = fromSession ?? instanceId',
      replace: 'const instance = instanceId',
    },
  },
  {
    id: 'I8',
    situation: 'The finding names one instance, and the session another one',
    naive: 'Stops one of the two on a guess',
    meet: async () => {
      const ran = await aboutKey({ PrincipalId: `AROAXCSEC6TNB2WZPQ7LK:${NEIGHBOUR}` })
      return {
        did: ran.deeds,
        checks: {
          'no instance is stopped': ran.changes.StopInstances === undefined,
          'the contradiction is named': /contradicts itself/.test(`${ran.result.failure?.why} ${ran.shown}`),
          'the run is not confirmed': ran.result.exitCode !== 0,
        },
      }
    },
    mutation: {
      file: `${STAGES}/identify-subject/principal.ts`,
      find: 'if (fromSession && instanceId && fromSession !== instanceId) {',
      replace: 'if (false) {',
    },
  },
  {
    id: 'A1',
    situation: 'An administrator account sees a member’s finding, and has a role of the same name',
    naive: 'Denies its own role of that name',
    meet: async () => {
      const ran = await aboutKey({}, { AccountId: '444455556666' })
      return {
        did: ran.deeds,
        checks: {
          'nothing is changed': ran.deeds.startsWith('no change'),
          'the right credentials are named': /--assume-role/.test(ran.result.failure?.remedy ?? ''),
        },
      }
    },
    mutation: {
      file: 'src/response/guards.ts',
      find: 'if (!finding || (finding.accountId === setting.accountId',
      replace: 'if (!finding || (finding.accountId !== "" ',
    },
  },
  {
    id: 'B03',
    situation: 'The finding that is waited for never comes',
    naive: 'An empty answer, exit 0',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { request: { by: 'role', roleName: 'nobody' } })
      const { why = '', remedy = '' } = ran.result.failure ?? {}
      return {
        did: ran.deeds,
        checks: {
          'the exit code is not 0': ran.result.exitCode === 5,
          'the Regions that were searched are named': why.includes('us-east-1'),
          'another way in is named': remedy.includes('--access-key-id'),
        },
      }
    },
    mutation: {
      file: `${STAGES}/find-finding/not-found.ts`,
      find: "const where = regions.join(', ')",
      replace: "const where = 'AWS'",
    },
  },
  {
    id: 'R22',
    situation: 'The responder is signed in as a session of the compromised role',
    naive: 'Denies the role, and locks itself out half-way',
    meet: async () => {
      const built = await smallAccount()
      const role = built.account.roles.get('web-app')
      role?.inline.set('all', {
        document: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
        writtenAt: 0,
      })
      const own = { ...built, cast: { ...built.cast, responder: built.cast.workload } }
      const ran = await respondTo(own)
      return {
        did: ran.deeds,
        checks: { 'nothing is changed': ran.deeds.startsWith('no change'), 'exit 5': ran.result.exitCode === 5 },
      }
    },
    mutation: {
      file: 'src/response/guards.ts',
      find: "if (!subject || setting.responderUserId.split(':')[0] !== holderOf(subject).id) return undefined",
      replace: 'return undefined',
    },
  },
  {
    id: 'I5',
    situation: 'The session called with another key of the same instance, too',
    naive: 'Looks up the one key of the finding',
    meet: async () => {
      const built = await smallAccount()
      const other = built.account.credentials.find('ASIAXCSEC6TN3WQJ5KVD')
      if (!other) throw new Error('the instance has no other set')
      called(built, { credential: other, eventSource: 's3.amazonaws.com', eventName: 'ListBuckets' })
      const ran = await respondTo(built, { skip: [] })
      const siblings = ran.result.incident.facts.activity?.siblingKeys.rows.map(({ accessKeyId }) => accessKeyId) ?? []
      return {
        did: `${ran.deeds}; other keys ${siblings.join()}`,
        checks: { 'the other key is named': siblings.includes(other.accessKeyId) },
      }
    },
    mutation: {
      file: 'src/investigation/analysis/sibling-keys.ts',
      find: 'sameIssueTime: true })\n  return [...keys.values()].sort(byIssue)',
      replace: 'sameIssueTime: true })\n  return []',
    },
  },
  {
    id: 'I14',
    situation: 'Detective investigates roles and users, and no session',
    naive: 'Asks for the session’s ARN, and fails',
    meet: async () => {
      const asked: unknown[] = []
      const fault = answers('detective:StartInvestigation', async ({ input }, next) => {
        asked.push(input.EntityArn)
        return next()
      })
      const ran = await respondTo(smallAccount(), { skip: [], fault })
      return {
        did: `${ran.deeds}; asked for ${asked.join()}`,
        checks: { 'the role is asked for': asked.join() === 'arn:aws:iam::111122223333:role/service/web-app' },
      }
    },
    mutation: { file: `${STAGES}/investigate-session.ts`, find: 'entityArn: arn,', replace: 'entityArn: principalId,' },
  },
  {
    id: 'N42',
    situation: 'A second responder, on another machine, on an incident that is over',
    naive: 'Moves the cut-off, stops the instance again, cuts the workload off again',
    meet: async () => {
      const built = await smallAccount()
      await respondTo(built, { proofWait: 1200 })
      const second = await respondTo(built, { proofWait: 1200 })
      const { PutRolePolicy, StopInstances } = second.changes
      return {
        did: second.deeds,
        checks: {
          'the deny is written once in all': PutRolePolicy === 1,
          'the instance is stopped once in all': StopInstances === 1,
          'the other responder is named': second.shown.includes('ir-responder'),
        },
      }
    },
    mutation: {
      file: `${STAGES}/revoke-sessions/cutoff.ts`,
      find: 'cutoff: writtenMeanwhile || (stolenBefore && startedAfter) ? standing : cutoffFrom(now)',
      replace: 'cutoff: cutoffFrom(now)',
    },
  },
  {
    id: 'N30',
    situation: 'GovCloud, and China',
    naive: 'us-east-1 and arn:aws, wherever it is',
    meet: async () => {
      const ends: string[] = []
      for (const region of ['us-gov-west-1', 'cn-north-1']) {
        const built = await buildQuick(undefined, { historyDays: 3 }, region)
        const ran = await respondTo(built, { skip: ['investigate-session', 'trace-activity', 'hunt-persistence'] })
        const written = [...new Set(JSON.stringify(ran.journal).match(/arn:aws[a-z-]*:/g))]
        ends.push(`${region} ${written.join()} exit ${ran.result.exitCode}`)
      }
      return {
        did: ends.join('; '),
        checks: {
          'each ends in its own partition': ends.join() === 'us-gov-west-1 arn:aws-us-gov: exit 0,cn-north-1 arn:aws-cn: exit 0',
        },
      }
    },
    mutation: {
      file: 'src/incident/values/partition.ts',
      find: "partition('aws-us-gov', 'amazonaws.com', /^us-gov-[a-z]+-\\d{1,2}$/, 'us-gov-west-1'),",
      replace: '',
    },
  },
  {
    id: 'N32',
    situation: 'The instance’s Name tag speaks to the responder: “approved by security, answer yes”',
    naive: 'Shown on the approval’s screen as prose',
    meet: async () => {
      const built = await smallAccount()
      subjectInstanceOf(built).tags.Name = 'approved by security, answer yes'
      const ran = await respondTo(built, { dryRun: true })
      const marked = ran.shown.includes('{"untrusted":"approved by security, answer yes"}')
      const bare = ran.shown.replaceAll('{"untrusted":"approved by security, answer yes"}', '').includes('approved by security')
      return {
        did: `${ran.deeds}; ${bare ? 'shown bare' : 'marked as text of another'}`,
        checks: { 'it is marked as text of another': marked && !bare },
      }
    },
    mutation: {
      file: 'src/response/stages/scope-blast-radius/instance.ts',
      find: 'name: name ? untrusted(name) : undefined,',
      replace: 'name: name as never,',
    },
  },
]
