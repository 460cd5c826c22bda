import { show, showIdentifier } from '../incident/values/show.ts'
import type { ApprovalQuestion, Responder } from '../response/ports.ts'
import { labelOf } from './question-blocks.ts'

/**
 * Plays the model answers of a drill that nobody sits at, and says each time what a responder would have done.
 * Only ever for a simulated account: it approves everything, and chooses the first option.
 */
export const drillResponder = (say: (text: string) => void): Responder => ({
  approve: async (question) => {
    say(`Model answer: ${deed(question)}.`)
    return { answer: 'approved', by: 'the model answer of the drill' }
  },
  choose: async ({ what, options }) => {
    const first = options[0]
    say(`Model answer to "${show(what, 'tty')}": ${first ? labelOf(first) : 'nothing to choose from'}.`)
    return first?.id
  },
})

const deed = ({ stage, typed }: ApprovalQuestion): string =>
  typed === undefined
    ? `yes to ${showIdentifier(stage)}`
    : `acknowledge ${showIdentifier(stage)} and type ${showIdentifier(typed)}`
