import {
  GetCommandInvocationCommand,
  type GetCommandInvocationResult,
  ListCommandsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm'
import { codeOf } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import { type Effect, SET_AT_SENDING } from '../../../incident/entry.ts'
import type { FailedCommand } from '../../../incident/facts/facts.ts'
import type { Intent } from '../../../incident/incident.ts'
import { isOfCaller } from '../../../incident/values/aws-error-codes.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { isBefore, plus, secondsBetween } from '../../../incident/values/instant.ts'
import { untrustedOrNone } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import type { OnInstance } from '../on-instance.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type ChosenDocument, chooseDocument, documentInput, documentName, runsTheSame, stepAsked } from './document.ts'
import { type Answer, readAnswer } from './script.ts'

export type VerifyIncident = OnInstance<'revocation' | 'restart'>

/** What came of asking the instance over SSM since it was started. */
export type Asked =
  | { readonly as: 'not-asked' }
  | { readonly as: 'answered'; readonly commandId: string; readonly answer: Answer }
  /** The command was seen, and ended without an answer or not at all. */
  | {
      readonly as: 'failed'
      readonly why: string
      readonly failed: FailedCommand
      /** The script ran and says itself what failed: the instance answered, and has no credentials to show. */
      readonly byScript?: true
    }
  /** The command was sent, and Systems Manager does not list it. */
  | { readonly as: 'unseen'; readonly why: string }
  /** Systems Manager does not take the command, or does not say what became of it: asking again now changes nothing. */
  | { readonly as: 'impossible'; readonly why: string }

/** Systems Manager takes 100 characters ("SendCommand", Comment): an id of 40, a nonce of 16 and the journal's head of 16 are 90. */
const COMMENT_LIMIT = 100

const commentWith = (incidentId: string, nonce: string): string => `ir-cred ${incidentId} ${nonce}`.slice(0, COMMENT_LIMIT)

/** The head differs from sending to sending, the nonce does not: a command is known by what stands before the head. */
const hasNonce = (comment: string, incidentId: string, nonce: string): boolean => {
  const ours = commentWith(incidentId, nonce)
  return comment === ours || comment.startsWith(`${ours} `)
}

/** Seconds in which a command that got no answer may still appear in the list. */
const MAY_APPEAR = 60

/** Seconds after its sending in which a command that is not listed is waited for. */
const LISTED = 30

/** The IAM action by which the script is sent. */
const SEND = 'ssm:SendCommand'

/** What came of the commands that intents of this incident sent since the start. Throws what concerns the whole run. */
export const askedSoFar = async (incident: VerifyIncident, context: Context): Promise<Asked> => {
  const { restart } = incident.facts
  const ours = incident.intents.filter(
    ({ stage, effect, at }) => stage === 'verify-rotation' && effect.operation === SEND && !isBefore(at, restart.launchTime),
  )
  const last = incident.intents.slice(incident.earlierIntents).findLast((intent) => ours.includes(intent))
  if (last?.outcome === 'refused') {
    return {
      as: 'impossible',
      why: `Systems Manager does not take the command: ssm:SendCommand answers ${last.why ?? 'an error'}`,
    }
  }
  const sent = ours.filter(({ outcome }) => outcome !== 'refused')
  if (sent.length === 0) return { as: 'not-asked' }
  const unread: Unread = []
  const asked = await readOr(
    unread,
    { what: 'what became of the command', operation: 'ssm:ListCommands', otherwise: undefined },
    async () => outcomeOf(sent, await listedLately(sent, incident, context), incident, context, unread),
  )
  return unread[0] === undefined && asked
    ? asked
    : { as: 'impossible', why: unread[0] ?? 'what became of the command is not known' }
}

interface ListedCommand {
  readonly commandId: string
  readonly comment: string
  readonly documentName: string | undefined
}

/** The commands on the instance since its start, the newest first. */
const listed = async ({ facts: { subject, restart } }: VerifyIncident, context: Context): Promise<readonly ListedCommand[]> => {
  const Filters = [{ key: 'InvokedAfter' as const, value: restart.launchTime.replace(/\.\d+Z$/, 'Z') }]
  const items = await wholeList('commands on the instance', async (NextToken) => {
    const answer = await context
      .aws(subject.region)
      .ssm.send(new ListCommandsCommand({ InstanceId: subject.instanceId, Filters, NextToken }))
    return { items: answer.Commands, next: answer.NextToken }
  })
  const when = ({ RequestedDateTime }: (typeof items)[number]): number => RequestedDateTime?.getTime() ?? 0
  return [...items]
    .sort((a, b) => when(b) - when(a))
    .flatMap(({ CommandId, Comment = '', DocumentName }) =>
      CommandId === undefined ? [] : [{ commandId: CommandId, comment: Comment, documentName: DocumentName }],
    )
}

/** The same, once the latest of these sendings is among them: right after it was sent a command may not be listed yet. */
const listedLately = async (
  sent: readonly Intent[],
  incident: VerifyIncident,
  context: Context,
): Promise<readonly ListedCommand[]> => {
  const latest = sent.at(-1)
  const left = latest && !context.dryRun ? secondsBetween(context.now(), plus(latest.at, LISTED)) : 0
  let commands: readonly ListedCommand[] = []
  await context.settle({ what: 'the command to be listed', kind: 'command', within: Math.max(0, left) }, async () => {
    commands = await listed(incident, context)
    return latest && commands.some(isOf(latest, incident)) ? true : undefined
  })
  return commands
}

const isOf =
  ({ nonce }: Intent, { id }: VerifyIncident) =>
  ({ comment }: ListedCommand): boolean =>
    hasNonce(comment, id, nonce)

const outcomeOf = async (
  sent: readonly Intent[],
  commands: readonly ListedCommand[],
  incident: VerifyIncident,
  context: Context,
  unread: Unread,
): Promise<Asked> => {
  let failure: Asked | undefined
  for (const command of commands.filter((one) => sent.some((intent) => isOf(intent, incident)(one)))) {
    const asked = await answerOf(command, incident, context, unread)
    if (asked.as === 'answered') return asked
    failure ??= asked
  }
  const missing = sent.find(
    (intent) =>
      !commands.some(isOf(intent, incident)) &&
      (intent.outcome === 'accepted' || isBefore(context.now(), plus(intent.at, MAY_APPEAR))),
  )
  if (failure && !missing) return failure
  return { as: 'unseen', why: 'the command was sent, and Systems Manager does not list it' }
}

/** The input of the command, with what its comment ends in. */
const scriptInput = (
  { id, facts: { subject, blastRadius } }: VerifyIncident,
  document: ChosenDocument,
  nonce: string,
  journalHead: string,
) => ({
  ...documentInput(document, blastRadius.instance.platform),
  InstanceIds: [subject.instanceId],
  Comment: `${commentWith(id, nonce)} journal/${journalHead}`.slice(0, COMMENT_LIMIT),
  TimeoutSeconds: 120,
})

/** The sending of the script, as the responder sees it before. */
export const sendEffect = (incident: VerifyIncident, document: ChosenDocument, nonce = SET_AT_SENDING): Effect => {
  const { subject, blastRadius } = incident.facts
  const { platform } = blastRadius.instance
  return {
    operation: SEND,
    resource: `instance/${subject.instanceId}`,
    sentence: `run the fixed read-only script on ${subject.instanceId} (${platform}) with ${documentName(document, platform)}; it prints the key id and its times, never the secret`,
    parameters: scriptInput(incident, document, nonce, SET_AT_SENDING),
    undo: 'there is nothing to undo: the script only reads',
  }
}

/**
 * Sends the fixed script. Its nonce stands in the comment, so that a lost answer does not make a second command. A refusal stands in
 * the journal, and the next assessment goes on with it. Sends nothing where another document would run than the one that was approved:
 * the next assessment shows it. Throws Failure when the responder's own credentials are refused.
 */
export const sendScript = async (incident: VerifyIncident, context: Context): Promise<void> => {
  const { subject } = incident.facts
  const document = await chooseDocument(subject.region, context)
  const nonce = context.nonce()
  const effect = sendEffect(incident, document, nonce)
  const approved = incident.approved['verify-rotation']?.effects.find(({ operation }) => operation === SEND)
  if (approved && !runsTheSame(approved.parameters ?? {}, effect.parameters ?? {})) return
  const command = (journalHead: string) => new SendCommandCommand(scriptInput(incident, document, nonce, journalHead))
  try {
    await context.write(context.aws(subject.region).ssm, command, effect, { nonce })
  } catch (error) {
    if (!(error instanceof Failure) || isOfCaller(error.meaning)) throw error
  }
}

const UNFINISHED = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])

/** What SSM answers about a command right after it was sent. */
const NOT_YET = 'InvocationDoesNotExist'

/** The instance's answer once the command has ended, or why there is none. */
const answerOf = async (
  { commandId, documentName: sentWith }: ListedCommand,
  { facts: { subject, blastRadius } }: VerifyIncident,
  context: Context,
  unread: Unread,
): Promise<Asked> => {
  const PluginName = stepAsked(sentWith, blastRadius.instance.platform)
  const asked = { CommandId: commandId, InstanceId: subject.instanceId, ...given({ PluginName }) }
  let last: GetCommandInvocationResult | undefined
  const read = { what: 'what the instance answered', operation: 'ssm:GetCommandInvocation', otherwise: undefined }
  const look = async () => {
    try {
      last = await context.aws(subject.region).ssm.send(new GetCommandInvocationCommand(asked))
      return UNFINISHED.has(last.Status ?? 'Pending') ? undefined : last
    } catch (error) {
      if (codeOf(error) === NOT_YET) return undefined
      throw error
    }
  }
  const ended = await readOr(unread, read, () =>
    context.settle({ what: 'the instance’s answer', kind: 'command', within: 240 }, look),
  )
  if (!ended) {
    const failed = { status: plainStatus(last) ?? 'no invocation' }
    return { as: 'failed', why: 'the instance did not answer within 4 minutes', failed }
  }
  return outcomeOfInvocation(commandId, ended, context)
}

const outcomeOfInvocation = async (commandId: string, ended: GetCommandInvocationResult, context: Context): Promise<Asked> => {
  const { StandardOutputContent, StandardErrorContent, Status, StatusDetails, ResponseCode } = ended
  await context.keep('instance-answer', { StandardOutputContent, StandardErrorContent, Status, StatusDetails, ResponseCode })
  const answer = readAnswer(StandardOutputContent ?? '')
  if (Status === 'Success') return { as: 'answered', commandId, answer }
  const status = plainStatus(ended) ?? 'unknown'
  // SSM answers -1 where nothing ran.
  const exitCode = ResponseCode === undefined || ResponseCode < 0 ? undefined : ResponseCode
  const byScript = answer.wellFormed ? undefined : answer.fromScript
  const why = answer.wellFormed || !byScript ? 'the command ended without an answer' : answer.why
  return {
    as: 'failed',
    why: `${why} (status ${status}${exitCode === undefined ? '' : `, exit code ${exitCode}`})`,
    failed: { status, ...given({ exitCode, errorLine: untrustedOrNone(firstLineOf(StandardErrorContent)) }) },
    ...given({ byScript }),
  }
}

const plainStatus = (invocation: GetCommandInvocationResult | undefined): string | undefined =>
  (invocation?.StatusDetails || invocation?.Status)?.replace(/[^\w -]/g, '?').slice(0, 40)

const LONGEST_LINE = 300

const firstLineOf = (output: string | undefined): string | undefined =>
  output
    ?.split(/\r?\n/)
    .map((line) => line.trim())
    .find((line) => line !== '')
    ?.slice(0, LONGEST_LINE)
