import {
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound } from '../../../aws/failure.ts'
import { decodePolicy, isSamePolicy, plainPolicy } from '../../../aws/policy-document.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { CallParameters, Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { isOfLift } from '../../../incident/response-changes.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { inlinePolicyOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { type LiftedKind, type LiftLook, liftCost } from './lifted-kind.ts'

/** A call that changes a document, as it is shown and as it is sent. */
interface DocumentCall {
  readonly operation: string
  readonly input: CallParameters
  readonly command: object
}

/** A policy document of IAM that the response replaced or put there. */
interface DocumentKind {
  /** The operation that writes it. */
  readonly operation: string
  /** What the journal's call is about, in words. */
  what(of: CallParameters): string
  /** The document as it stands; undefined where there is none, or its holder is gone. */
  read(of: CallParameters, iam: IAMClient): Promise<string | undefined>
  put(of: CallParameters, document: string): DocumentCall
  /** Absent where the document cannot be deleted. */
  remove?(of: CallParameters): DocumentCall
  /** The AWS CLI's words that put the document in a file there, or one that is given as a word. */
  putWords(of: CallParameters, document: string): string
  removeWords?(of: CallParameters): string
}

const named = (of: CallParameters, member: string): string => {
  const name = of[member]
  if (typeof name === 'string' && name !== '') return name
  throw new Error(`the journal’s call has no ${member}`)
}

const orMissing = async (operation: string, look: () => Promise<string | undefined>): Promise<string | undefined> => {
  try {
    const document = await look()
    if (document === undefined) throw emptyAnswer(operation, 'a document')
    return plainPolicy(document)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const inlinePolicy = (of: 'Role' | 'User'): DocumentKind => {
  const word = of === 'Role' ? 'role' : 'user'
  const member = `${of}Name`
  const target = (call: CallParameters) => ({ [member]: named(call, member), PolicyName: named(call, 'PolicyName') })
  const words = (call: CallParameters) =>
    `--${word}-name ${shellWord(named(call, member))} --policy-name ${shellWord(named(call, 'PolicyName'))}`
  return {
    operation: `iam:Put${of}Policy`,
    what: (call) => `inline policy ${named(call, 'PolicyName')} of ${word} ${named(call, member)}`,
    read: (call, iam) =>
      orMissing(`iam:Get${of}Policy`, () => inlinePolicyOf(iam, of, named(call, member), named(call, 'PolicyName'))),
    put: (call, PolicyDocument) => {
      const input = { ...target(call), PolicyDocument }
      return {
        operation: `iam:Put${of}Policy`,
        input,
        command: of === 'Role' ? new PutRolePolicyCommand(input as never) : new PutUserPolicyCommand(input as never),
      }
    },
    remove: (call) => {
      const input = target(call)
      return {
        operation: `iam:Delete${of}Policy`,
        input,
        command: of === 'Role' ? new DeleteRolePolicyCommand(input as never) : new DeleteUserPolicyCommand(input as never),
      }
    },
    putWords: (call, document) => `iam put-${word}-policy ${words(call)} --policy-document ${document}`,
    removeWords: (call) => `iam delete-${word}-policy ${words(call)}`,
  }
}

const trustPolicy: DocumentKind = {
  operation: 'iam:UpdateAssumeRolePolicy',
  what: (call) => `the trust policy of role ${named(call, 'RoleName')}`,
  read: (call, iam) =>
    orMissing('iam:GetRole', async () => {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: named(call, 'RoleName') }))
      return Role?.AssumeRolePolicyDocument
    }),
  put: (call, PolicyDocument) => {
    const input = { RoleName: named(call, 'RoleName'), PolicyDocument }
    return { operation: 'iam:UpdateAssumeRolePolicy', input, command: new UpdateAssumeRolePolicyCommand(input) }
  },
  putWords: (call, document) =>
    `iam update-assume-role-policy --role-name ${shellWord(named(call, 'RoleName'))} --policy-document ${document}`,
}

/** What stood before the response: a document, none, or one that is lost. */
type Before = { readonly document: string | undefined; readonly file?: string } | { readonly lost: string }

/**
 * What stood before the response wrote. A later write of the response replaced its own earlier document: then what that one replaced
 * counts. What somebody else wrote in between is theirs, and comes back.
 */
const beforeResponse = async (made: readonly Intent[], context: Context): Promise<Before> => {
  const last = made.at(-1)
  const ref = last?.planned.priorDocument
  if (last === undefined || ref === undefined) return { document: undefined }
  if (ref.redacted) return { lost: `something that looks like a secret was redacted from its copy, ${ref.file}` }
  const document = await context.recall(ref)
  if (document === undefined) return { lost: `its copy, ${ref.file}, is missing or was changed` }
  const earlier = made.slice(0, -1)
  const own = earlier.findLastIndex(({ effect }) => isSamePolicy(document, effect.parameters?.PolicyDocument))
  return own < 0 ? { document, file: ref.file } : beforeResponse(earlier.slice(0, own + 1), context)
}

const documentKind = (kind: DocumentKind): LiftedKind => ({
  operations: [kind.operation],
  look: async (made, incident, context) => {
    const call = made.at(-1)?.effect.parameters ?? {}
    const { iam } = context.aws(context.setting.region)
    const [standing, before] = await Promise.all([kind.read(call, iam), beforeResponse(made, context)])
    const look = { kind, made, call, incident, standing, before, context }
    return { change: changeOf(look), steps: isOurs(look) && restorable(look) ? [stepOf(look)] : [] }
  },
})

/** Inline policies and the trust policy: the document that stood there before comes back byte for byte. */
export const inlinePolicyOfRole = documentKind(inlinePolicy('Role'))
export const inlinePolicyOfUser = documentKind(inlinePolicy('User'))
export const trustPolicyOfRole = documentKind(trustPolicy)

interface DocumentLook {
  readonly kind: DocumentKind
  readonly made: readonly Intent[]
  readonly call: CallParameters
  readonly incident: Incident
  readonly standing: string | undefined
  readonly before: Before
  readonly context: Context
}

const isAsBefore = ({ standing, before }: DocumentLook): boolean => !('lost' in before) && standing === before.document

/** Whether the response wrote what stands. */
const isOurs = (look: DocumentLook): boolean =>
  !isAsBefore(look) && look.made.some(({ effect }) => isSamePolicy(look.standing, effect.parameters?.PolicyDocument))

const restorable = ({ before, kind }: DocumentLook): boolean =>
  !('lost' in before) && (before.document !== undefined || kind.remove !== undefined)

const changeOf = (look: DocumentLook): LiftedChange => {
  const { kind, call, made, standing, before } = look
  const { operation = '', resource = '' } = made.at(-1)?.effect ?? {}
  const change = { operation, resource, what: kind.what(call) }
  const command = byHand(look)
  const withCommand = command === undefined ? {} : { command }
  if (isAsBefore(look)) return { ...change, ...asBefore(look) }
  if (standing === undefined)
    return { ...change, state: 'gone', why: 'it is not there any more, and ir-cred did not remove it', ...withCommand }
  if (!isOurs(look))
    return { ...change, state: 'changed', why: 'somebody changed it after the response, and it is theirs', ...withCommand }
  if (restorable(look)) return { ...change, state: 'lifted', why: liftedWords(look) }
  const why =
    'lost' in before
      ? `what stood there before cannot be put back: ${before.lost}`
      : 'the journal does not hold what stood there before'
  return { ...change, state: 'kept', why, ...withCommand }
}

const liftedWords = ({ before }: DocumentLook): string =>
  'document' in before && before.document !== undefined
    ? 'the document that stood there before the response is back'
    : 'it was not there before the response, and is deleted'

/** It stands as before the response: by a lift, or because somebody else did it, or the response’s write never arrived. */
const asBefore = (look: DocumentLook): Pick<LiftedChange, 'state' | 'why'> => {
  const { incident, made, call } = look
  const target = made.at(-1)?.effect.resource
  const isLifted = incident.intents.some(
    (intent) =>
      isOfLift(intent) &&
      intent.outcome !== 'refused' &&
      intent.effect.resource === target &&
      intent.effect.parameters?.PolicyName === call.PolicyName,
  )
  return isLifted
    ? { state: 'lifted', why: liftedWords(look) }
    : { state: 'gone', why: 'it is as it was before the response, and ir-cred did not lift it' }
}

/** How a person lifts it, in the incident’s directory. */
const byHand = ({ kind, call, before, context: { setting } }: DocumentLook): string | undefined => {
  const aws = awsCommandFor(setting)
  if ('lost' in before) return kind.removeWords && aws(kind.removeWords(call))
  if (before.file !== undefined) return aws(kind.putWords(call, shellWord(`file://${before.file}`)))
  return kind.removeWords && aws(kind.removeWords(call))
}

const stepOf = (look: DocumentLook): LiftLook['steps'][number] => {
  const { kind, call, before, context } = look
  const document = 'document' in before ? before.document : undefined
  const sent = document === undefined ? kind.remove?.(call) : kind.put(call, document)
  if (!sent) throw new Error(`${kind.operation} has nothing that lifts it`)
  return { client: context.aws(context.setting.region).iam, command: sent.command, effect: effectOf(look, sent) }
}

const effectOf = (look: DocumentLook, { operation, input }: DocumentCall): Effect => {
  const { kind, call, made, standing, incident, context } = look
  const { PolicyDocument } = input
  const again = kind.putWords(call, shellWord(standing ?? ''))
  return {
    operation,
    resource: made.at(-1)?.effect.resource ?? '',
    parameters: { ...input, ...(typeof PolicyDocument === 'string' ? { PolicyDocument: decodePolicy(PolicyDocument) } : {}) },
    sentence:
      PolicyDocument === undefined
        ? `delete ${kind.what(call)}, which the response put there`
        : `put the earlier document of ${kind.what(call)} back`,
    cost: liftCost(incident),
    undo: 'put the document of the response there again',
    undoCommand: awsCommandFor(context.setting)(again),
  }
}
