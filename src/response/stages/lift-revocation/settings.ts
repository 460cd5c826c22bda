import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { CallParameters, Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { isOfLift } from '../../../incident/response-changes.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf, isBefore, plus } from '../../../incident/values/instant.ts'
import type { Context, SendingClient } from '../../stage.ts'
import type { LiftedKind, LiftStep } from './lifted-kind.ts'

/** A change of the response to a setting of a service, and where it was made. */
export interface SettingChange {
  readonly effect: Effect
  readonly made: readonly Intent[]
  readonly incident: Incident
  readonly context: Context
}

/** How a setting stands: as before the response, as the response left it, as somebody else did, or its holder is gone. */
export type SettingStanding = 'as before' | 'ours' | 'changed' | 'gone'

/** The call that puts a setting back. */
export interface SettingCall {
  readonly operation: string
  readonly parameters: CallParameters
  readonly client: SendingClient
  readonly command: object
  readonly sentence: string
}

/** A setting of a service that the response changed, and that is put back as it was. */
export interface SettingKind {
  /** The operation by which the response changes it. */
  readonly operation: string
  /** What was changed, as a noun phrase. */
  what(change: SettingChange): string
  read(change: SettingChange): Promise<SettingStanding>
  /** What puts it back; a sentence where what stood before is lost. */
  back(change: SettingChange): Promise<SettingCall | string>
  /** What it is after a lift, as a sentence without a full stop. */
  readonly lifted: string
  /** What the lift lets in again. */
  readonly cost: string
  /** Why there is nothing to put it back to, where its holder is gone. Default: nobody of ir-cred removed it. */
  readonly gone?: string
  /** The command that undoes the lift, or that lists what it undoes, and where: without `aws`. */
  again(change: SettingChange): { readonly words: string; readonly region: string }
}

/** Seconds after the response's own change in which the service may date it. */
const OWN_CHANGE = MINUTE_SECONDS

/** Whether the service dates the last change of the setting after the response's own. Where it dates none, nobody changed it. */
export const isChangedSince = ({ made }: SettingChange, changedAt: Date | undefined): boolean => {
  const at = made.at(-1)?.at
  if (at === undefined || changedAt === undefined || Number.isNaN(changedAt.getTime())) return false
  return isBefore(plus(at, OWN_CHANGE), instantOf(changedAt))
}

/** A kind of change that is lifted by one call. What was changed since is shown and left alone. */
export const settingKind = (kind: SettingKind): LiftedKind => ({
  operations: [kind.operation],
  look: async (made, incident, context) => {
    const last = made.at(-1)
    if (last === undefined) throw new Error(`no change of ${kind.operation} is to be lifted`)
    const change = { effect: last.effect, made, incident, context }
    const standing = await kind.read(change)
    const back = standing === 'ours' || standing === 'changed' ? await kind.back(change) : undefined
    return {
      change: liftedChange(kind, change, standing, back),
      steps: standing === 'ours' && typeof back === 'object' ? [step(kind, change, back)] : [],
    }
  },
})

const liftedChange = (
  kind: SettingKind,
  change: SettingChange,
  standing: SettingStanding,
  back: SettingCall | string | undefined,
): LiftedChange => {
  const { operation, resource, undoCommand } = change.effect
  const about = { operation, resource, what: kind.what(change) }
  const byHand = given({ command: undoCommand })
  switch (standing) {
    case 'ours':
      return typeof back === 'string'
        ? { ...about, state: 'kept', why: back, ...byHand }
        : { ...about, state: 'lifted', why: kind.lifted }
    case 'changed':
      return { ...about, state: 'changed', why: 'somebody changed it after the response, and it is theirs', ...byHand }
    case 'gone':
      return { ...about, state: 'gone', why: kind.gone ?? 'it is not there any more, and ir-cred did not remove it' }
    case 'as before':
      return wasLifted(change)
        ? { ...about, state: 'lifted', why: kind.lifted }
        : { ...about, state: 'gone', why: 'it is as it was before the response, and ir-cred did not lift it' }
  }
}

const wasLifted = ({ incident, effect }: SettingChange): boolean =>
  incident.intents.some(
    (intent) => isOfLift(intent) && intent.outcome !== 'refused' && intent.effect.resource === effect.resource,
  )

const step = (kind: SettingKind, change: SettingChange, back: SettingCall): LiftStep => {
  const { words, region } = kind.again(change)
  return {
    client: back.client,
    command: back.command,
    effect: {
      operation: back.operation,
      resource: change.effect.resource,
      parameters: back.parameters,
      sentence: back.sentence,
      cost: kind.cost,
      undo: 'close it again',
      undoCommand: awsCommandFor(change.context.setting)(words, region),
    },
  }
}
