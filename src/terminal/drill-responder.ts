import { show, showIdentifier } from '../incident/values/show.ts'
import type { ApprovalQuestion, Responder } from '../response/ports.ts'
import { labelOf } from './question-blocks.ts'

/**
 * Gives the model answers of a drill without a terminal, and writes what a responder would have answered.
 * For a simulated account only: it approves every change and chooses the first option.
 */
export const drillResponder = (write: (text: string) => void): Responder => ({
  approve: async (question) => {
    write(`Model answer: ${modelAnswer(question)}.`)
    return { answer: 'approved', by: 'the model answer of the drill' }
  },
  choose: async ({ what, options }) => {
    const first = options[0]
    write(`Model answer to "${show(what, 'tty')}": ${first ? labelOf(first) : 'nothing to choose from'}.`)
    return first?.id
  },
})

const modelAnswer = ({ stage, typed }: ApprovalQuestion): string =>
  typed === undefined
    ? `yes to ${showIdentifier(stage)}`
    : `acknowledge ${showIdentifier(stage)} and type ${showIdentifier(typed)}`
