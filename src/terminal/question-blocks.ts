import type { Effect } from '../incident/entry.ts'
import { type Block, code, fields, text } from '../incident/values/block.ts'
import { SHOWN_IN_A_QUESTION } from '../incident/values/delimited.ts'
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

/** What `calls` shows: each API call that the approval covers, with its parameters; and the whole acknowledgement, which may be cut above. */
export const callBlocks = ({ effects, acknowledgement }: ApprovalQuestion): readonly Block[] => [
  ...effects.flatMap((effect) => [fields(['call', effect.operation], ['on', effect.resource]), ...parameterBlocks(effect)]),
  ...acknowledgement,
]

/** The parameters of a call as they are sent. */
export const parameterBlocks = ({ parameters }: Effect): readonly Block[] =>
  parameters === undefined ? [] : [code(JSON.stringify(parameters, null, 2))]

/** An option's label on one line, escaped. */
export const labelOf = ({ label }: ChoiceQuestion['options'][number]): string =>
  label.map((span) => show(span, 'tty', SHOWN_IN_A_QUESTION)).join('')
