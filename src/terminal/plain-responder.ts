import { createInterface } from 'node:readline/promises'
import type { Block } from '../incident/values/block.ts'
import { show, showIdentifier } from '../incident/values/show.ts'
import type { ApprovalQuestion, ChoiceQuestion, Responder } from '../response/ports.ts'
import { type ApprovalSteps, converse, LONGEST_REASON, type Reply, replyTo, WHY_FALSE, waysOut } from './approval-dialogue.ts'
import { ask, type PromptStreams } from './asking.ts'
import { flatten } from './flatten.ts'
import { plainTextRules } from './plain-view.ts'
import { callBlocks, explanationBlocks, labelOf } from './question-blocks.ts'

const WHO = 'the person at the terminal'
const ATTEMPTS = 3

/** Asks the same questions in numbered lines, for terminals that cannot redraw and for screen readers. */
export const plainResponder = (promptStreams: PromptStreams): Responder => ({
  goesAhead: true,
  takesTime: true,
  approve: (question) => converse(question, stepsAt(promptStreams), WHO),
  choose: async (question) => {
    write(promptStreams, [{ type: 'text', line: question.what }])
    const labels = [...question.options.map(labelOf), 'None of these']
    promptStreams.output.write(labels.map((label, index) => `${index + 1}. ${label}\n`).join(''))
    return numbered(promptStreams, question)
  },
  ask: async (question) => (await lineFrom(promptStreams, `${show(question, 'tty')} `))?.slice(0, LONGEST_REASON),
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
  acknowledge: (question) =>
    replyOrMore(
      promptStreams,
      `${stillRead(question)}${show(question.title, 'tty')}. Type yes if you understand what this changes, who it hits and what it does not stop, or: ${waysOut(question).join(', ')}: `,
      question,
    ),
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

/** What is still being read beside a question, before its prompt. */
const stillRead = ({ beside }: ApprovalQuestion): string => {
  const open = beside?.open() ?? []
  return open.length > 0 ? `Still being read, and shown here as it arrives: ${open.join('; ')}.\n` : ''
}

/** One typed line; undefined at the end of input. */
const lineFrom = (promptStreams: PromptStreams, prompt: string): Promise<string | undefined> =>
  ask(promptStreams, (signal) => typedLine(promptStreams, prompt, signal))

/** One typed line as a reply; or that more was read beside the question. What was typed so far stays in the terminal's own line. */
const replyOrMore = async (promptStreams: PromptStreams, prompt: string, { beside }: ApprovalQuestion): Promise<Reply> => {
  const line = await ask<{ line: string | undefined }, 'more-known'>(
    promptStreams,
    async (signal) => ({ line: await typedLine(promptStreams, prompt, signal) }),
    beside ? [{ watch: beside.watch, answer: 'more-known', isOn: () => true }] : [],
  )
  if (line === 'more-known') {
    promptStreams.output.write('\n')
    return line
  }
  return line?.line === undefined ? 'left' : replyTo(line.line, 'yes')
}

const typedLine = async ({ input, output }: PromptStreams, prompt: string, signal: AbortSignal): Promise<string | undefined> => {
  const lines = createInterface({ input, output, terminal: false })
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
  try {
    return await Promise.race([lines.question(prompt, { signal }), closed])
  } finally {
    lines.close()
  }
}

const write = (promptStreams: PromptStreams, blocks: readonly Block[]): void => {
  promptStreams.output.write(
    flatten(blocks, plainTextRules({}))
      .map((line) => `${line}\n`)
      .join(''),
  )
}
