import { GetCommandInvocationCommand, ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm'
import { codeOf } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { isRoleName, isTemporaryKeyId } from '../../../incident/values/identifiers.ts'
import { isBefore } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'

/**
 * What runs on a Linux instance: fixed text. It fetches an IMDSv2 token, reads the role's credentials and lets only
 * AccessKeyId, LastUpdated and Expiration out; secret and token never leave the instance, since SSM keeps command output.
 */
const SHELL = [
  'set -eu',
  "B='http://169.254.169.254/latest'",
  'T=$(curl -sS -f -m 5 -X PUT -H \'X-aws-ec2-metadata-token-ttl-seconds: 60\' "$B/api/token") || { echo FAILED=token; exit 10; }',
  'R=$(curl -sS -f -m 5 -H "X-aws-ec2-metadata-token: $T" "$B/meta-data/iam/security-credentials/" | head -n 1) || { echo FAILED=role; exit 11; }',
  '[ -n "$R" ] || { echo FAILED=role; exit 11; }',
  'echo "Role=$R"',
  'curl -sS -f -m 5 --max-filesize 65536 -H "X-aws-ec2-metadata-token: $T" "$B/meta-data/iam/security-credentials/$R" | head -c 65536 | tr \',{}\' \'\\n\\n\\n\' | sed -n ' +
    '-e \'s/^.*"\\(AccessKeyId\\)"[[:space:]]*:[[:space:]]*"\\([A-Z0-9]\\{16,128\\}\\)".*$/\\1=\\2/p\' ' +
    '-e \'s/^.*"\\(LastUpdated\\)"[[:space:]]*:[[:space:]]*"\\([0-9TZ:.-]\\{20,30\\}\\)".*$/\\1=\\2/p\' ' +
    '-e \'s/^.*"\\(Expiration\\)"[[:space:]]*:[[:space:]]*"\\([0-9TZ:.-]\\{20,30\\}\\)".*$/\\1=\\2/p\'',
] as const

/** The same for Windows, in PowerShell. Not run against a real Windows instance yet. */
const POWERSHELL = [
  "$ErrorActionPreference = 'Stop'",
  "$B = 'http://169.254.169.254/latest'",
  "try { $T = Invoke-RestMethod -Method Put -TimeoutSec 5 -Headers @{'X-aws-ec2-metadata-token-ttl-seconds' = '60'} -Uri \"$B/api/token\" } catch { Write-Output 'FAILED=token'; exit 10 }",
  "$H = @{'X-aws-ec2-metadata-token' = $T}",
  'try { $R = (Invoke-RestMethod -TimeoutSec 5 -Headers $H -Uri "$B/meta-data/iam/security-credentials/").Split("`n")[0].Trim() } catch { Write-Output \'FAILED=role\'; exit 11 }',
  '$C = Invoke-RestMethod -TimeoutSec 5 -Headers $H -Uri "$B/meta-data/iam/security-credentials/$R"',
  'Write-Output "Role=$R"',
  'Write-Output "AccessKeyId=$($C.AccessKeyId)"',
  'Write-Output "LastUpdated=$($C.LastUpdated)"',
  'Write-Output "Expiration=$($C.Expiration)"',
] as const

/** The document and the lines to run for a platform. */
export const scriptFor = (platform: 'linux' | 'windows'): { readonly document: string; readonly commands: readonly string[] } =>
  platform === 'windows'
    ? { document: 'AWS-RunPowerShellScript', commands: POWERSHELL }
    : { document: 'AWS-RunShellScript', commands: SHELL }

/** The instance's answer when it is well-formed; or why it is not. Every byte of it may be an attacker's. */
export type Answer =
  | {
      readonly wellFormed: true
      readonly roleName: string
      readonly accessKeyId: string
      readonly lastUpdated: string
      readonly expiration: string
    }
  | { readonly wellFormed: false; readonly why: string }

const FAILURES = new Map([
  ['token', 'the metadata service gave no token (IMDS switched off, hop limit, or curl missing)'],
  ['role', 'the metadata service lists no role: the instance profile has none, or was removed'],
])

const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)

const malformed = (why: string): Answer => ({ wellFormed: false, why })

/** Reads the answer by its grammar: each of the four lines exactly once. Other lines count for nothing. */
export const readAnswer = (stdout: string): Answer => {
  const lines = stdout.slice(0, 24_000).split(/\r?\n/)
  const failed = /^FAILED=(\w+)$/.exec(lines.find((line) => line.startsWith('FAILED=')) ?? '')?.[1]
  if (failed) return malformed(FAILURES.get(failed) ?? 'the script failed on the instance')
  const one = (name: string, isWellFormed: (text: string) => boolean): string | undefined => {
    const values = lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1))
    return values.length === 1 && values[0] !== undefined && isWellFormed(values[0]) ? values[0] : undefined
  }
  const roleName = one('Role', isRoleName)
  const accessKeyId = one('AccessKeyId', isTemporaryKeyId)
  const lastUpdated = one('LastUpdated', isTime)
  const expiration = one('Expiration', isTime)
  if (!roleName || !accessKeyId || !lastUpdated || !expiration)
    return malformed('the instance’s answer is not what the script prints')
  return { wellFormed: true, roleName, accessKeyId, lastUpdated, expiration }
}

type VerifyIncident = IncidentWith<'subject' | 'blastRadius' | 'revocation' | 'restart'>

export interface SentCommand {
  readonly commandId: string
}

/** Systems Manager takes 100 characters ("SendCommand", Comment): an id of 40, a nonce of 16 and the journal's head of 16 are 90. */
const COMMENT_LIMIT = 100

const commentWith = (incidentId: string, nonce: string): string => `ir-cred ${incidentId} ${nonce}`.slice(0, COMMENT_LIMIT)

/** The head differs from sending to sending, the nonce does not: a command is known by what stands before the head. */
const hasNonce = (comment: string, incidentId: string, nonce: string): boolean => {
  const ours = commentWith(incidentId, nonce)
  return comment === ours || comment.startsWith(`${ours} `)
}

/** The command that an intent of this stage sent since the start, found again by the nonce in its comment. */
export const sentCommand = async (incident: VerifyIncident, context: Context): Promise<SentCommand | undefined> => {
  const { subject, restart } = incident.facts
  const since = incident.intents.filter(({ stage, at }) => stage === 'verify-rotation' && !isBefore(at, restart.launchTime))
  if (since.length === 0) return undefined
  const Filters = [{ key: 'InvokedAfter' as const, value: restart.launchTime.replace(/\.\d+Z$/, 'Z') }]
  const items = await wholeList('commands on the instance', async (NextToken) => {
    const answer = await context
      .aws(subject.region)
      .ssm.send(new ListCommandsCommand({ InstanceId: subject.instanceId, Filters, NextToken }))
    return { items: answer.Commands, next: answer.NextToken }
  })
  const ours = items.find(
    ({ Comment = '', CommandId }) => CommandId !== undefined && since.some(({ nonce }) => hasNonce(Comment, incident.id, nonce)),
  )
  return ours?.CommandId === undefined ? undefined : { commandId: ours.CommandId }
}

/** Sends the fixed script. Its nonce stands in the comment, so that a lost answer does not make a second command. */
export const sendScript = async (incident: VerifyIncident, context: Context): Promise<void> => {
  const { subject, blastRadius } = incident.facts
  const { document, commands } = scriptFor(blastRadius.instance.platform)
  const nonce = context.nonce()
  const command = (journalHead: string) =>
    new SendCommandCommand({
      DocumentName: document,
      InstanceIds: [subject.instanceId],
      Comment: `${commentWith(incident.id, nonce)} journal/${journalHead}`.slice(0, COMMENT_LIMIT),
      TimeoutSeconds: 120,
      Parameters: { commands: [...commands], executionTimeout: ['60'] },
    })
  const effect = {
    operation: 'ssm:SendCommand',
    resource: `instance/${subject.instanceId}`,
    sentence: `run the fixed read-only script on ${subject.instanceId}`,
    undo: 'there is nothing to undo: the script only reads',
  }
  await context.write(context.aws(subject.region).ssm, command, effect, { nonce })
}

const UNFINISHED = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])

/** What SSM answers about a command right after it was sent. */
const NOT_YET = 'InvocationDoesNotExist'

/** The instance's answer, once the command has ended. */
export const answerOf = async (
  { commandId }: SentCommand,
  { instanceId, region }: InstanceRoleSession,
  context: Context,
): Promise<Answer> => {
  const invocation = await context.settle({ what: 'the instance’s answer', every: 3, within: 240 }, async () => {
    try {
      const answer = await context
        .aws(region)
        .ssm.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }))
      return UNFINISHED.has(answer.Status ?? 'Pending') ? undefined : answer
    } catch (error) {
      if (codeOf(error) === NOT_YET) return undefined
      throw error
    }
  })
  if (!invocation) return { wellFormed: false, why: 'the instance did not answer within 4 minutes' }
  const { StandardOutputContent, StandardErrorContent, Status, StatusDetails, ResponseCode } = invocation
  await context.keep('instance-answer', { StandardOutputContent, StandardErrorContent, Status, StatusDetails, ResponseCode })
  const answer = readAnswer(StandardOutputContent ?? '')
  if (answer.wellFormed && invocation.Status !== 'Success') {
    return { wellFormed: false, why: `the command ended as ${invocation.StatusDetails ?? invocation.Status}` }
  }
  if (answer.wellFormed || invocation.Status === 'Success') return answer
  return { wellFormed: false, why: `${answer.why} (status ${invocation.StatusDetails ?? invocation.Status})` }
}
