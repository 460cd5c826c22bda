import { createHash } from 'node:crypto'
import type { Effect } from '../incident/entry.ts'
import type { Approved, Incident } from '../incident/incident.ts'
import type { Block } from '../incident/values/block.ts'
import type { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import { isBefore } from '../incident/values/instant.ts'
import type { Approval, ApprovalQuestion, BesideQuestion, Responder } from './ports.ts'
import type { Assessment, Needed, Stage } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

interface Asking {
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  readonly incident: () => Incident
  /** What is read beside the question. */
  readonly beside?: Pick<BesideQuestion, 'open' | 'watch'> & { start(): void }
  /** Called when the responder has acknowledged the change and is about to approve it. */
  readonly acknowledged?: () => void
}

type Decision = {
  readonly stage: string
  readonly kind: Failure['kind'] | 'falseAlarm'
  readonly why: string
  readonly remedy: string
}

const keyOf = ({ operation, resource }: Effect): string => `${operation} ${resource}`

/** Whether every effect is among those already approved: the same operation on the same resource. */
export const coveredBy = (effects: readonly Effect[], approved: readonly Effect[]): boolean => {
  const known = new Set(approved.map(keyOf))
  return effects.every((effect) => known.has(keyOf(effect)))
}

/**
 * Whether one of the effects was sent since it was approved: an approval covers one sending of each. Sent is what AWS accepted, and
 * what was seen to arrive whatever AWS answered.
 */
const isSpent = (
  { id }: Stage,
  { effects, sentIsSeen }: Assessment<unknown> & { status: 'needed' },
  approved: Approved,
  { intents }: Incident,
): boolean =>
  intents.some(
    ({ stage, outcome, at, effect }) =>
      stage === id &&
      (outcome === 'accepted' || (sentIsSeen && outcome !== 'refused')) &&
      !isBefore(at, approved.at) &&
      effects.some((one) => keyOf(one) === keyOf(effect)),
  )

/** What was shown, as 16 hex digits; without the times in it, which are others at every look. */
const digestOf = (blocks: readonly Block[]): string =>
  createHash('sha256').update(JSON.stringify(blocks, withoutTimes)).digest('hex').slice(0, 16)

const withoutTimes = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'at') ? null : value

/** The question, which follows what is read beside it, as long as something is. */
const questionOf = ({ id, title }: Stage, needed: Needed, asking: Asking): ApprovalQuestion => {
  const { beside, incident, acknowledged } = asking
  const { effects, acknowledgement = [], typed, byName, goesOn, falseAlarm, asKnownBy } = needed
  const constant = { stage: id, title, ...given({ typed, byName, goesOn, acknowledged }) }
  if (!beside || !asKnownBy || beside.open().length === 0)
    return { ...constant, effects, acknowledgement, ...given({ falseAlarm }) }
  const now = (): ApprovalQuestion => ({ ...constant, ...asKnownBy(incident()) })
  return { ...now(), beside: { open: beside.open, watch: beside.watch, now } }
}

/**
 * Asks for the effects, unless the journal holds an approval of this stage that covers them, given on the same acknowledgement
 * (it stays valid until the stage is established). Gives 'approved', undefined when the stage is skipped, or why the run stops here.
 */
export const approveEffects = async (
  stage: Stage,
  needed: Needed,
  asking: Asking,
): Promise<'approved' | Decision | undefined> => {
  const { world, recorder, responder, incident } = asking
  const question = questionOf(stage, needed, asking)
  const earlier = incident().approved[stage.id]
  if (earlier && coveredBy(question.effects, earlier.effects) && !isSpent(stage, needed, earlier, incident())) {
    if (earlier.acknowledged === digestOf(question.acknowledgement)) return 'approved'
    recorder.emit({ type: 'note', text: 'an earlier approval of this does not count: what it was given for has changed' })
  }
  const withQuestion = responder.showsQuestion?.(question) ? { withQuestion: true as const } : {}
  recorder.emit({ type: 'described', stage: stage.id, blocks: question.acknowledgement, ...withQuestion })
  if (responder.takesTime) asking.beside?.start()
  const approval = await responder.approve(question)
  const { effects, acknowledgement, falseAlarm } = question.beside?.now() ?? question
  const acknowledged = digestOf(acknowledgement)
  const at = world.now()
  switch (approval.answer) {
    case 'approved':
      await recorder.record({ type: 'approved', at, stage: stage.id, effects, by: approval.by, acknowledged })
      return 'approved'
    case 'skipped':
      await recorder.record({ type: 'skipped', at, stage: stage.id, by: approval.by })
      return undefined
    case 'falseAlarm':
      return declareFalseAlarm(stage, approval, falseAlarm, { world, recorder })
    case 'declined':
      await recorder.record({ type: 'declined', at, stage: stage.id, why: approval.why })
      return {
        stage: stage.id,
        kind: 'declined',
        why: `${stage.id} was not approved: ${approval.why}`,
        remedy: approval.remedy ?? `continue in a terminal, or approve with --yes or --approve ${stage.id}`,
      }
  }
}

/** Ends the run without a change. Throws a bug for an answer that the question does not have. */
const declareFalseAlarm = async (
  { id }: Stage,
  { by, reason }: Approval & { answer: 'falseAlarm' },
  hint: string | undefined,
  { world, recorder }: Pick<Asking, 'world' | 'recorder'>,
): Promise<Decision> => {
  if (hint === undefined) throw new Error(`${id} was answered with a false alarm, which it does not offer`)
  const { responderArn } = world.setting
  await recorder.record({ type: 'falseAlarm', at: world.now(), stage: id, by, responderArn, reason, hint })
  return {
    stage: id,
    kind: 'falseAlarm',
    why: `${by} declared a false alarm`,
    remedy: 'continue the incident to respond after all',
  }
}
