import { type Block, fields, table, text } from '../incident/values/block.ts'
import { show } from '../incident/values/show.ts'
import type { ApprovalQuestion, ChoiceQuestion } from '../response/ports.ts'

/** What `explain` shows: each change in full, and the acknowledgement again. */
export const explanationBlocks = ({ title, effects, acknowledgement }: ApprovalQuestion): readonly Block[] => [
  text(`${title}: ${effects.length === 1 ? 'one change' : `${effects.length} changes`}, made in this order.`),
  ...effects.flatMap((effect) => [
    text(effect.sentence),
    fields(['changes', effect.resource], effect.cost === undefined ? undefined : ['costs', effect.cost], [
      'undo',
      effect.undo ?? 'not possible, or not needed',
    ]),
  ]),
  ...acknowledgement,
]

/** What `calls` shows: the API calls that the approval covers. */
export const callBlocks = ({ effects }: ApprovalQuestion): readonly Block[] => [
  table(
    ['IAM action', 'Resource'],
    effects.map(({ operation, resource }) => [operation, resource]),
  ),
]

/** An option's label on one line, escaped. */
export const labelOf = ({ label }: ChoiceQuestion['options'][number]): string => label.map((span) => show(span, 'tty')).join('')
