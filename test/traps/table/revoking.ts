import { POLICY_NAME } from '../../../src/incident/revocation-document.ts'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { answered, answers, breaks } from '../../faults/kinds.ts'
import { askedBy } from '../../faults/operation.ts'
import { nobody } from '../../support/run-in-memory.ts'
import { allow, webAppOf, withoutCloudTrail, withVictim } from '../situations.ts'
import { respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

/** Which role is denied, who else is cut off, and what may not hold the deny up. */
export const revokingTraps: readonly Trap[] = [
  {
    id: 'R3',
    situation: 'The role was deleted and made again under its name',
    naive: 'Goes by the name, and denies the new role',
    meet: async () => {
      const built = await smallAccount()
      built.account.roles.set('web-app', { ...webAppOf(built), id: 'AROAXCSEC6TNANOTHERONE' })
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: { 'nothing is changed': ran.deeds.startsWith('no change'), 'exit 5': ran.result.exitCode === 5 },
      }
    },
    mutation: {
      file: 'src/response/stages/identify-subject/resources.ts',
      find: 'if (role.RoleId !== roleId) {',
      replace: 'if (false) {',
    },
  },
  {
    id: 'R7',
    situation: 'Two other instances and a function use the role',
    naive: 'Revokes without a word on who else is cut off',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { responder: nobody })
      return {
        did: ran.deeds,
        checks: {
          'each of them is named before the question':
            /i-0aa1b2c3d4e5f6071/.test(ran.shown) && /lambda\.amazonaws\.com/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/scope-blast-radius.ts',
      find: 'const consumers = await consumersOf(subject, context, consumersUnread)',
      replace: 'const consumers: Awaited<ReturnType<typeof consumersOf>> = []',
    },
  },
  {
    id: 'R31',
    situation: 'The other consumers stay cut off after the revocation',
    naive: '“They come back in minutes to hours”',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const left = stillToDo(ran.result.incident, { alarms: [], unproven: [] }).filter(({ kind }) => kind === 'cut-off')
      const commands = left.map(({ command = '' }) => command).join('\n')
      return {
        did: `${ran.deeds}; ${left.length} consumers with the command that renews them`,
        checks: {
          'the instances have a stop and a start': /stop-instances[\s\S]*start-instances/.test(commands),
          'the function has a change of its configuration': /update-function-configuration/.test(commands),
        },
      }
    },
    mutation: { file: 'src/incident/still-to-do.ts', find: '...stillCutOff(incident, subject, deny, end, aws)', replace: '' },
  },
  {
    id: 'R9',
    situation: 'The deny cuts off the instance’s SSM agent, too',
    naive: '“SSM is broken”, and the run is aborted half-way',
    meet: async () => {
      const ran = await respondTo(smallAccount(undefined, { agentTakes: 26 * 60 }))
      return {
        did: ran.deeds,
        checks: {
          'the wait says why': /the revocation cut off the SSM agent/.test(ran.shown),
          'the rotation is proven': ran.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/verify-rotation/agent.ts',
      find: 'const SLEEP = 30 * MINUTE_SECONDS',
      replace: 'const SLEEP = 0',
    },
  },
  {
    id: 'R11',
    situation: 'The stolen role may edit IAM, and removes the deny while the instance stops',
    naive: 'Never looks at the policy again',
    meet: async () => {
      const built = await smallAccount()
      webAppOf(built).inline.set('admin', { document: allow('iam:*'), writtenAt: 0 })
      let removed = false
      const fault: Fault = async (request, next) => {
        const { operation } = await askedBy(request)
        if (operation === 'ec2:StartInstances' && !removed) {
          webAppOf(built).inline.delete(POLICY_NAME)
          removed = true
        }
        return next(request)
      }
      const ran = await respondTo(built, { fault })
      return {
        did: ran.deeds,
        checks: {
          'the danger is named before': /may edit IAM/.test(ran.shown),
          'the deny stands at the end': webAppOf(built).inline.has(POLICY_NAME),
          'the gap is named': ran.journal.some((entry) => entry.type === 'rechecked' && !entry.stands),
        },
      }
    },
    mutation: {
      file: `src/response/stages/revoke-sessions.ts`,
      find: 'if (cutoff && !isBefore(cutoff, revocation.cutoff)) return',
      replace: 'if (cutoff !== null) return',
    },
  },
  {
    id: 'R16',
    situation: 'The role’s inline policies fill IAM’s quota',
    naive: 'LimitExceeded in the middle of the run',
    meet: async () => {
      const built = await smallAccount()
      const resources = Array.from({ length: 260 }, (_, index) => `arn:aws:s3:::acme-archive-${String(index).padStart(6, '0')}/*`)
      const document = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resources }],
      })
      webAppOf(built).inline.set('archive', { document, writtenAt: 0 })
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'IAM is not sent what it would refuse': !ran.calls.includes('iam:PutRolePolicy'),
          'the role is denied by a managed policy, once': ran.changes.CreatePolicy === 1 && ran.changes.AttachRolePolicy === 1,
          'the managed policy is read back': ran.result.incident.facts.revocation?.managed?.length === 1,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/revoke-sessions/managed.ts',
      find: 'revocationDocument(A_CUTOFF, form).length > ROLE_QUOTA',
      replace: 'revocationDocument(A_CUTOFF, form).length > ROLE_QUOTA * 9',
    },
  },
  {
    id: 'R17',
    situation: 'A service-linked role, which IAM lets nobody edit',
    naive: 'UnmodifiableEntity in the middle of the run',
    meet: async () => {
      const built = await smallAccount()
      const path = '/aws-service-role/autoscaling.amazonaws.com/'
      built.account.roles.set('web-app', { ...webAppOf(built), path })
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'IAM is not asked to change it': !ran.calls.includes('iam:PutRolePolicy'),
          'the service is named': ran.result.incident.facts.byHand?.of === 'service-linked',
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: 'src/incident/facts/recipient.ts',
      find: "path.startsWith('/aws-service-role/')",
      replace: 'false',
    },
  },
  {
    id: 'A05',
    situation: 'A role of an IAM Identity Center permission set',
    naive: 'Edits it in IAM, which refuses, or whose change is undone',
    meet: async () => {
      const built = await smallAccount()
      built.account.roles.set('web-app', { ...webAppOf(built), path: '/aws-reserved/sso.amazonaws.com/' })
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: {
          'IAM is not asked to change it': !ran.calls.includes('iam:PutRolePolicy'),
          'Identity Center is named': /Identity Center/.test(ran.result.incident.facts.byHand?.why ?? ''),
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: { file: 'src/incident/facts/recipient.ts', find: "path.startsWith('/aws-reserved/')", replace: 'false' },
  },
  {
    id: 'R18',
    situation: 'Terraform owns the role, and its next run removes the deny',
    naive: 'Not a word, and the deny is gone tomorrow',
    meet: async () => {
      const built = await smallAccount()
      built.account.roles.set('web-app', { ...webAppOf(built), tags: { 'managed-by': 'terraform' } })
      const ran = await respondTo(built)
      return {
        did: ran.deeds,
        checks: { 'the owner is named': /managed by/.test(ran.shown) && /may remove the deny/.test(ran.shown) },
      }
    },
    mutation: { file: 'src/response/stages/scope-blast-radius/role.ts', find: "'managed-by': 'its owner',", replace: '' },
  },
  {
    id: 'R21',
    situation: 'A dry run',
    naive: 'The option is parsed, and the change is sent all the same',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { dryRun: true })
      return {
        did: ran.deeds,
        checks: {
          'nothing is changed': ran.deeds.startsWith('no change'),
          'all that would be done is shown':
            /never reboots it/.test(ran.shown) && /inline policy|every session of role/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/establish.ts',
      find: 'if (run.world.dryRun) return assume(stage, assessment, run)',
      replace: '',
    },
  },
  {
    id: 'N12',
    situation: 'A reading that the deny does not need fails: IAM’s simulator is denied',
    naive: 'The run ends, and nothing is revoked',
    meet: async () => {
      const fault = breaks('denied', { operation: 'iam:SimulatePrincipalPolicy', times: Number.POSITIVE_INFINITY })
      const ran = await respondTo(smallAccount(), { fault })
      return {
        did: ran.deeds,
        checks: {
          'the role is denied': ran.changes.PutRolePolicy === 1,
          'the run comes to its end': ran.result.ending === 'completed',
          'what is not known is said': /is not known/.test(ran.shown) || /not available/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/optional-read.ts',
      find: 'if (why === undefined) throw error',
      replace: 'throw error',
    },
  },
  {
    id: 'N13',
    situation: 'CloudTrail’s event history is denied by a service control policy',
    naive: 'The run ends before the revocation',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { skip: [], fault: withoutCloudTrail() })
      return {
        did: ran.deeds,
        checks: {
          'the role is denied': ran.changes.PutRolePolicy === 1,
          'the gap is named': /cloudtrail:LookupEvents/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/investigation/sources/lookup-events.ts',
      find: 'if (why === undefined) throw error',
      replace: 'throw error',
    },
  },
  {
    id: 'N18',
    situation: 'IAM refuses the deny for a concurrent change',
    naive: 'The run ends with an error, and the key works',
    meet: async () => {
      let left = 2
      const fault = answers('iam:PutRolePolicy', async (_, next) => {
        left -= 1
        return left >= 0 ? answered('iam', 'ConcurrentModification', 409) : next()
      })
      const ran = await respondTo(smallAccount(), { fault })
      return {
        did: ran.deeds,
        checks: { 'the role is denied': ran.changes.PutRolePolicy === 1, 'the run comes to its end': ran.result.exitCode === 0 },
      }
    },
    mutation: { file: 'src/response/write.ts', find: 'conflict: MINUTES,', replace: '' },
  },
  {
    id: 'N16',
    situation: 'The instance was terminated before the response',
    naive: 'Refuses, because there is nothing to restart',
    meet: async () => {
      const ran = await respondTo(withVictim(smallAccount(), { state: 'terminated' }))
      return {
        did: ran.deeds,
        checks: {
          'nothing is missing: exit 0': ran.result.exitCode === 0,
          'what it was given is denied': ran.changes.PutRolePolicy === 1,
          'no instance is stopped or started':
            ran.changes.StopInstances === undefined && ran.changes.StartInstances === undefined,
        },
      }
    },
    mutation: {
      file: 'src/incident/facts/issue.ts',
      find: "case 'no role: terminated':\n      return 'is terminated'",
      replace: "case 'no role: terminated':\n      return undefined",
    },
  },
]
