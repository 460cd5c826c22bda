import { createInterface } from 'node:readline/promises'
import type { Block } from '../incident/values/block.ts'
import { show, showIdentifier } from '../incident/values/show.ts'
import type { ChoiceQuestion, Responder } from '../response/ports.ts'
import { type ApprovalSteps, converse, replyTo, WHY_FALSE, waysOut } from './approval-dialogue.ts'
import { ask, type PromptStreams } from './asking.ts'
import { flatten } from './flatten.ts'
import { plainTextRules } from './plain-view.ts'
import { callBlocks, explanationBlocks, labelOf } from './question-blocks.ts'

const WHO = 'the person at the terminal'
const ATTEMPTS = 3

/** Asks the same questions in numbered lines, for terminals that cannot redraw and for screen readers. */
export const plainResponder = (promptStreams: PromptStreams): Responder => ({
  approve: (question) => converse(question, stepsAt(promptStreams), WHO),
  choose: async (question) => {
    write(promptStreams, [{ type: 'text', line: question.what }])
    const labels = [...question.options.map(labelOf), 'None of these']
    promptStreams.output.write(labels.map((label, index) => `${index + 1}. ${label}\n`).join(''))
    return numbered(promptStreams, question)
  },
})

const numbered = async (promptStreams: PromptStreams, { options }: ChoiceQuestion): Promise<string | undefined> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const line = await lineFrom(promptStreams, `Number, 1 to ${options.length + 1}: `)
    if (line === undefined || line.trim() === String(options.length + 1)) return undefined
    const option = /^\d{1,6}$/.test(line.trim()) ? options[Number(line) - 1] : undefined
    if (option) return option.id
  }
  return undefined
}

const stepsAt = (promptStreams: PromptStreams): ApprovalSteps => ({
  acknowledge: async (question) => {
    const line = await lineFrom(
      promptStreams,
      `${show(question.title, 'tty')}. Type yes if you understand what this changes, whom it hits and what it does not stop, or: ${waysOut(question).join(', ')}: `,
    )
    return line === undefined ? 'left' : replyTo(line, 'yes')
  },
  word: async (question) => {
    const { typed = 'yes' } = question
    const others = waysOut(question).join(', ')
    const line = await lineFrom(promptStreams, `Type ${showIdentifier(typed)} to approve, or: ${others}: `)
    return line === undefined ? 'left' : replyTo(line, typed)
  },
  reason: () => lineFrom(promptStreams, `${WHY_FALSE} `),
  explain: (question) => write(promptStreams, explanationBlocks(question)),
  calls: (question) => write(promptStreams, callBlocks(question)),
  notThat: () => write(promptStreams, [{ type: 'text', line: 'That is not one of the words.' }]),
})

/** One typed line; undefined at the end of input. */
const lineFrom = (promptStreams: PromptStreams, prompt: string): Promise<string | undefined> =>
  ask(promptStreams, async (signal) => {
    const lines = createInterface({ input: promptStreams.input, output: promptStreams.output, terminal: false })
    const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
    try {
      return await Promise.race([lines.question(prompt, { signal }), closed])
    } finally {
      lines.close()
    }
  })

const write = (promptStreams: PromptStreams, blocks: readonly Block[]): void => {
  promptStreams.output.write(
    flatten(blocks, plainTextRules({}))
      .map((line) => `${line}\n`)
      .join(''),
  )
}
