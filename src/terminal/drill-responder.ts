import { show, showIdentifier } from '../incident/values/show.ts'
import { untrusted } from '../incident/values/untrusted.ts'
import type { ApprovalQuestion, Responder } from '../response/ports.ts'
import { labelOf } from './question-blocks.ts'

const MODEL = 'the model answer of the drill'

/**
 * Gives the model answers of a drill without a terminal, and writes what a responder would have answered.
 * For a simulated account only: it approves every change and chooses the first option; what may be a false alarm is
 * declared one.
 */
export const drillResponder = (write: (text: string) => void): Responder => ({
  approve: async (question) => {
    if (question.falseAlarm !== undefined) {
      write(`Model answer: declare a false alarm, because ${show(question.falseAlarm, 'tty')}.`)
      return { answer: 'falseAlarm', by: MODEL, reason: untrusted(question.falseAlarm) }
    }
    write(`Model answer: ${modelAnswer(question)}.`)
    return { answer: 'approved', by: MODEL }
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
