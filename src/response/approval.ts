import type { Effect } from '../incident/entry.ts'
import type { Incident } from '../incident/incident.ts'
import type { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import type { Responder } from './ports.ts'
import type { Assessment, Stage } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

interface Asking {
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  readonly incident: () => Incident
}

type Decision = { readonly stage: string; readonly kind: Failure['kind']; readonly why: string; readonly remedy: string }

const keyOf = ({ operation, resource }: Effect): string => `${operation} ${resource}`

/** Whether every effect is among those already approved: the same operation on the same resource. */
export const coveredBy = (effects: readonly Effect[], approved: readonly Effect[]): boolean => {
  const known = new Set(approved.map(keyOf))
  return effects.every((effect) => known.has(keyOf(effect)))
}

/**
 * Asks for the effects, unless the journal holds an approval of this stage that covers them (it stays valid until the
 * stage is established). Gives 'approved', undefined when the stage is skipped, or why the run stops here.
 */
export const approveEffects = async (
  stage: Stage,
  { effects, acknowledgement = [], typed }: Assessment<unknown> & { status: 'needed' },
  { world, recorder, responder, incident }: Asking,
): Promise<'approved' | Decision | undefined> => {
  if (coveredBy(effects, incident().approved[stage.id] ?? [])) return 'approved'
  recorder.emit({ type: 'described', stage: stage.id, blocks: acknowledgement })
  const question = { stage: stage.id, title: stage.title, effects, acknowledgement, ...given({ typed }) }
  const approval = await responder.approve(question)
  const at = world.now()
  switch (approval.answer) {
    case 'approved':
      await recorder.record({ type: 'approved', at, stage: stage.id, effects, by: approval.by })
      return 'approved'
    case 'skipped':
      await recorder.record({ type: 'skipped', at, stage: stage.id, by: approval.by })
      return undefined
    case 'declined':
      await recorder.record({ type: 'declined', at, stage: stage.id, why: approval.why })
      return {
        stage: stage.id,
        kind: 'declined',
        why: `${stage.id} was not approved: ${approval.why}`,
        remedy: approval.remedy ?? 'continue in a terminal, or approve with --yes or --approve <stage>',
      }
  }
}
