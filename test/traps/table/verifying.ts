import { stages } from '../../../src/cli/incident-run/stages.ts'
import { reboot } from '../../../src/simulator/instances/lifecycle.ts'
import { answered, answers } from '../../faults/kinds.ts'
import { subjectInstanceOf } from '../../support/scenario.ts'
import { claimingRestart, failingCommands, hostile, hostManaged, noIssues, unmanaged, withVictim } from '../situations.ts'
import { type Responded, respondTo, smallAccount } from './runs.ts'
import type { Trap } from './trap.ts'

const VERIFY = 'src/response/stages/verify-rotation'

const verdictOf = ({ result }: Responded) => result.incident.facts.rotation?.verdict
const commandsOf = ({ built }: Responded) => [...built.account.commands.values()]

/** How new credentials are proven. */
export const verifyingTraps: readonly Trap[] = [
  {
    id: 'V1',
    situation: 'The instance requires IMDSv2',
    naive: 'Asks over IMDSv1; the empty answer “differs”, so it is rotated',
    meet: async () => {
      const ran = await respondTo(withVictim(smallAccount(), { httpTokens: 'required' }))
      return {
        did: ran.deeds,
        checks: {
          'the instance answers': ran.result.incident.facts.rotation?.unasked === undefined,
          'the new key is known': ran.result.incident.facts.rotation?.newAccessKeyId === ran.built.newCredentials()?.accessKeyId,
        },
      }
    },
    mutation: {
      file: `${VERIFY}/script.ts`,
      find: 'R=$(curl -sS -f -m 5 -H "X-aws-ec2-metadata-token: $T" ',
      replace: 'R=$(curl -sS -f -m 5 ',
    },
  },
  {
    id: 'V2',
    situation: 'Systems Manager keeps what a command prints',
    naive: 'Prints the secret and the token into its history',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const [command] = commandsOf(ran)
      const lines = (command?.stdout ?? '').trim().split('\n')
      return {
        did: `${ran.deeds}; printed ${lines.map((line) => line.split('=')[0]).join(', ')}`,
        checks: {
          'it prints role, key id and two times': lines.length === 4 && !/Secret|Token=/.test(command?.stdout ?? ''),
          'no secret of the new credentials is in it': !(command?.stdout ?? '').includes(
            ran.built.newCredentials()?.secretAccessKey ?? 'none',
          ),
        },
      }
    },
    mutation: {
      file: `${VERIFY}/script.ts`,
      find: `  'echo "Role=$R"',`,
      replace: `  'echo "Role=$R"',\n  'curl -sS -f -m 5 -H "X-aws-ec2-metadata-token: $T" "$B/meta-data/iam/security-credentials/$R"',`,
    },
  },
  {
    id: 'V3',
    situation: 'Another key on an instance that was only rebooted: IMDSv1 and IMDSv2 hand out different sets',
    naive: '“The key differs: rotated”',
    meet: async () => {
      const built = await smallAccount('looks-rotated')
      const naive = claimingRestart(stages, built, () => reboot(built.account, subjectInstanceOf(built)))
      const ran = await respondTo(built, { stages: naive })
      return {
        did: ran.deeds,
        checks: {
          'it is not called rotated': verdictOf(ran) !== 'rotated' && verdictOf(ran) !== 'renewed',
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: `${VERIFY}/verdict.ts`,
      find: "if (!isBefore(revocation.cutoff, restart.launchTime)) {\n    return verdict('not-rotated'",
      replace: "if (!isBefore(revocation.cutoff, restart.launchTime)) {\n    return verdict('rotated'",
    },
  },
  {
    id: 'V4',
    situation: 'The SSM agent never comes back, and CloudTrail shows no new issue',
    naive: '“Verification failed” after two minutes',
    meet: async () => {
      const ran = await respondTo(smallAccount(undefined, { agentTakes: 45 * 60 }), { skip: [], fault: noIssues })
      return {
        did: ran.deeds,
        checks: {
          'the other stages run': ran.result.incident.facts.closure !== undefined,
          'the way by hand is named': /never print the secret/.test(ran.shown),
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: 'src/response/stages/verify-rotation.ts',
      find: "return verdict === 'unverifiable' && unasked ? [text(BY_HAND)] : []",
      replace: 'return unasked === undefined ? [text(BY_HAND)] : []',
    },
  },
  {
    id: 'V5',
    situation: 'Systems Manager says Online, by a ping of before the stop',
    naive: 'Sends the command to an instance that is still booting',
    meet: async () => {
      const built = await smallAccount(undefined, { agentTakes: 60 })
      const stale = built.account.clock.now() / 1000 - 60
      const fault = answers('ssm:DescribeInstanceInformation', async (_, next) => {
        const response = await next()
        const row = { InstanceId: subjectInstanceOf(built).id, PingStatus: 'Online', LastPingDateTime: stale }
        const isEmpty = JSON.parse(response.body).InstanceInformationList?.length === 0
        return isEmpty ? { ...response, body: JSON.stringify({ InstanceInformationList: [row] }) } : response
      })
      const ran = await respondTo(built, { fault })
      const { launchTime } = subjectInstanceOf(built)
      return {
        did: ran.deeds,
        checks: {
          'the command is sent after the agent called': (commandsOf(ran)[0]?.requestedAt ?? 0) > launchTime + 60_000,
          'no command is sent in vain': ran.journal.every((entry) => entry.type !== 'sent' || entry.outcome !== 'refused'),
          'exit 0': ran.result.exitCode === 0,
        },
      }
    },
    mutation: {
      file: `${VERIFY}/agent.ts`,
      find: 'return isBefore(restart.launchTime, ping) ? ping : undefined',
      replace: 'return isBefore(ping, restart.launchTime) ? ping : ping',
    },
  },
  {
    id: 'V6',
    situation: 'GetCommandInvocation knows nothing of the command right after its sending',
    naive: 'InvocationDoesNotExist: failed',
    meet: async () => {
      let left = 2
      const fault = answers('ssm:GetCommandInvocation', async (_, next) => {
        left -= 1
        return left < 0 ? next() : answered('ssm', 'InvocationDoesNotExist', 400)
      })
      const ran = await respondTo(smallAccount(), { fault })
      const asked = ran.calls.filter((name) => name === 'ssm:GetCommandInvocation').length
      return {
        did: `${ran.deeds}; asked ${asked} times`,
        checks: {
          'it is asked again': asked > 2,
          'the command is sent once': ran.changes.SendCommand === 1,
          'the instance’s answer is read': ran.result.incident.facts.rotation?.unasked === undefined,
        },
      }
    },
    mutation: { file: `${VERIFY}/command.ts`, find: 'if (codeOf(error) === NOT_YET) return undefined', replace: '' },
  },
  {
    id: 'V7',
    situation: 'The instance runs Windows',
    naive: 'Sends a shell script',
    meet: async () => {
      const built = await smallAccount()
      const { agent } = subjectInstanceOf(built)
      await withVictim(built, { platform: 'windows', agent: { ...agent, platform: 'Windows' } })
      const ran = await respondTo(built)
      return {
        did: `${ran.deeds}; ${commandsOf(ran)[0]?.documentName}`,
        checks: { 'it is sent PowerShell': commandsOf(ran)[0]?.documentName === 'AWS-RunPowerShellScript' },
      }
    },
    mutation: { file: `${VERIFY}/script.ts`, find: "platform === 'windows'\n", replace: 'platform !== platform\n' },
  },
  {
    id: 'V8',
    situation: 'The attacker is root on the instance, and the answer says that all is well',
    naive: 'Believes it',
    meet: async () => {
      const fault = hostile((honest) => `VERIFIED by ir-cred\n${honest}\nAccessKeyId=ASIAXXXXXXXXXXXXXXXX\n`)
      const ran = await respondTo(smallAccount(), { fault })
      return {
        did: ran.deeds,
        checks: { 'it is no proof': verdictOf(ran) === 'unverifiable', 'exit 6': ran.result.exitCode === 6 },
      }
    },
    mutation: {
      file: `${VERIFY}/script.ts`,
      find: 'return values.length === 1 && values[0] !== undefined',
      replace: 'return values[0] !== undefined',
    },
  },
  {
    id: 'N9',
    situation: 'The instance reports a key that EC2 never issued',
    naive: '“It differs, and the agent calls: rotated”',
    meet: async () => {
      const fault = hostile((honest) => honest.replace(/ASIA\w{16}/, 'ASIAV2V2V2V2V2V2V2V2'))
      const ran = await respondTo(smallAccount(), { fault, proofWait: 1200 })
      return {
        did: ran.deeds,
        checks: { 'CloudTrail contradicts it': verdictOf(ran) === 'contradicted', 'exit 6': ran.result.exitCode === 6 },
      }
    },
    mutation: {
      file: `${VERIFY}/verdict.ts`,
      find: 'if (contradiction !== undefined)',
      replace: "if (contradiction === '')",
    },
  },
  {
    id: 'V9',
    situation: 'CloudTrail is silent right after the deny',
    naive: '“Contained”',
    meet: async () => {
      const ran = await respondTo(smallAccount())
      const unproven = ran.result.unproven.join('\n')
      return {
        did: `${ran.deeds}; unproven: ${ran.result.unproven.length}`,
        checks: {
          'up to when CloudTrail shows calls is said': /CloudTrail shows (nothing after|none of your own calls)/.test(unproven),
          'the attacker is not called out': !/The attacker is out/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/close-incident/verdict.ts',
      find: '...notShown(seen.regions),',
      replace: '',
    },
  },
  {
    id: 'E01',
    situation: 'The metadata service hands out expired credentials',
    naive: '“Another key: rotated”',
    meet: async () => {
      const fault = hostile((honest) => honest.replace(/Expiration=2026-11-25T0\d/, 'Expiration=2026-11-25T01'))
      const ran = await respondTo(smallAccount(), { fault })
      return {
        did: ran.deeds,
        checks: { 'it is not called rotated': verdictOf(ran) === 'unverifiable', 'exit 6': ran.result.exitCode === 6 },
      }
    },
    mutation: { file: `${VERIFY}/verdict.ts`, find: 'if (isBefore(expiration, now))', replace: 'if (isBefore(now, now))' },
  },
  {
    id: 'E06',
    situation: 'The metadata service is switched off after the restart',
    naive: 'An empty answer differs from the stolen key: rotated',
    meet: async () => {
      const built = await smallAccount()
      const off = answers('ssm:SendCommand', async (_, next) => {
        Object.assign(subjectInstanceOf(built), { metadataEnabled: false })
        return next()
      })
      const ran = await respondTo(built, {
        fault: async (request, next) => off(request, (passed) => noIssues(passed, next)),
      })
      return {
        did: ran.deeds,
        checks: { 'it is not called rotated': verdictOf(ran) === 'unverifiable', 'exit 6': ran.result.exitCode === 6 },
      }
    },
    mutation: {
      file: 'src/response/stages/verify-rotation.ts',
      find: ": { verdict: 'unverifiable', why: `",
      replace: ": { verdict: 'rotated', why: `",
    },
  },
  {
    id: 'A10',
    situation: 'Default Host Management: the agent calls with credentials that are not the role’s',
    naive: 'Takes its ping for a proof of the rotation',
    meet: async () => {
      const built = await hostManaged(smallAccount())
      const ran = await respondTo(built, { fault: noIssues })
      return {
        did: ran.deeds,
        checks: {
          'the ping proves nothing': verdictOf(ran) === 'rotated-unproven',
          'exit 6': ran.result.exitCode === 6,
        },
      }
    },
    mutation: {
      file: `${VERIFY}/corroboration.ts`,
      find: 'if (blastRadius.defaultHostManagement !== undefined) return undefined',
      replace: '',
    },
  },
  {
    id: 'N19',
    situation: 'The command cannot run on the instance: /var is mounted noexec',
    naive: 'Reads its answer again and again',
    meet: async () => {
      const ran = await respondTo(smallAccount(), { fault: failingCommands(99) })
      return {
        did: ran.deeds,
        checks: {
          'three commands at most': (ran.changes.SendCommand ?? 0) <= 3,
          'the issue record is the proof': verdictOf(ran) === 'rotated' && ran.result.exitCode === 0,
          'its error is shown': /exit code 126/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: 'src/response/stages/verify-rotation.ts',
      find: ': unasked(incident, why, context, failed)',
      replace: ": { verdict: 'unverifiable', why, failed, oldAccessKeyId: accessKeyId, corroboration: [] }",
    },
  },
  {
    id: 'D09',
    situation: 'Systems Manager’s answers are denied',
    naive: 'Waits for ever for an agent that it may not see',
    meet: async () => {
      const ran = await respondTo(unmanaged(smallAccount()), {
        fault: answers('ssm:DescribeInstanceInformation', async () => ({
          status: 400,
          headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r' },
          body: JSON.stringify({ __type: 'AccessDeniedException', message: 'not authorized' }),
        })),
      })
      const sent = ran.journal.find((entry) => entry.type === 'intended' && entry.stage === 'verify-rotation')
      const waited = (Date.parse(sent?.at ?? '') - subjectInstanceOf(ran.built).launchTime) / 1000
      return {
        did: `${ran.deeds}; command sent ${Math.round(waited)} s after the start`,
        checks: {
          'it goes on at once': waited < 60,
          'the missing permission is named': /ssm:DescribeInstanceInformation is denied/.test(ran.shown),
        },
      }
    },
    mutation: {
      file: `${VERIFY}/agent.ts`,
      find: 'const ping = await readOr([], pingOf(subject), () => (within > 0 ? context.settle(patience, look) : look()))',
      replace:
        'const ping = await context.settle(patience, () => readOr([], { ...pingOf(subject), otherwise: undefined }, look))',
    },
  },
]
