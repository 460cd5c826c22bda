import { GetCommandInvocationCommand, ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm'
import { codeOf } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { isBefore } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { type Answer, readAnswer, scriptFor } from './script.ts'

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
  }
  await context.write(context.aws(subject.region).ssm, command, effect, { nonce })
}

const UNFINISHED = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])

/** What SSM answers about a command right after it was sent. */
const NOT_YET = 'InvocationDoesNotExist'

/** What the instance answered, once the command has ended. */
export const answerOf = async (
  { commandId }: SentCommand,
  { instanceId, region }: Subject,
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
