import { confirm, input, select } from '@inquirer/prompts'
import type { Block } from '../incident/values/block.ts'
import { show, showIdentifier } from '../incident/values/show.ts'
import { untrusted } from '../incident/values/untrusted.ts'
import type { ApprovalQuestion, Responder } from '../response/ports.ts'
import { type ApprovalSteps, converse, type Reply, replyTo } from './approval-dialogue.ts'
import { ask, type PromptStreams } from './asking.ts'
import { callBlocks, explanationBlocks, labelOf } from './question-blocks.ts'
import { renderBlocks } from './render-blocks.ts'
import { makeTheme } from './theme.ts'
import { usableWidth } from './width.ts'
import { hang } from './wrap.ts'

const WHO = 'the person at the terminal'
const UNDERSTOOD = 'I understand what this changes, whom it hits and what it does not stop.'
/** Columns that the mark of the chosen option takes, and that the further lines of an option are indented by. */
const CURSOR = 3
const CONTINUED = 4
const NONE = Symbol('none of these')

/** Asks a person at a terminal, with inquirer. Ctrl-C interrupts the run; Ctrl-D declines; nothing defaults to yes. */
export const personResponder = (promptStreams: PromptStreams): Responder => ({
  approve: (question) => converse(question, stepsAt(promptStreams), WHO),
  choose: async ({ what, options }) => {
    const room = usableWidth(promptStreams.columns?.() ?? 0) - CURSOR
    const choices = options.map((option) => ({
      value: option.id as string | typeof NONE,
      // inquirer would break a long one anywhere.
      name: hang('', labelOf(option), room, CONTINUED).join('\n'),
      short: labelOf(option),
    }))
    const chosen = await ask(promptStreams, (signal) =>
      select<string | typeof NONE>(
        { message: show(what, 'tty'), choices: [...choices, { value: NONE, name: 'None of these' }], pageSize: 16, loop: false },
        { input: promptStreams.input, output: promptStreams.output, signal },
      ),
    )
    return chosen === NONE ? undefined : chosen
  },
})

/** The steps of an approval. The word typed in the first sequence waits here for its turn. */
const stepsAt = (promptStreams: PromptStreams): ApprovalSteps => {
  let typedAlready: string | undefined
  return {
    acknowledge: async (question) => {
      if (question.typed === undefined) return confirmed(promptStreams, question)
      const answers = await acknowledgeAndType(promptStreams, question)
      if (answers === undefined) return 'left'
      typedAlready = answers.word
      return answers.understood.length > 0 ? 'yes' : otherwise(promptStreams)
    },
    word: async (question) => {
      const word =
        typedAlready ?? (await ask(promptStreams, (signal) => input(wordPrompt(question), { ...streams(promptStreams), signal })))
      typedAlready = undefined
      return word === undefined ? 'left' : replyTo(word, question.typed ?? 'yes')
    },
    explain: (question) => write(promptStreams, explanationBlocks(question)),
    calls: (question) => write(promptStreams, callBlocks(question)),
    notThat: (question) =>
      write(promptStreams, [{ type: 'text', line: `That is not ${showIdentifier(question.typed ?? 'yes')}.` }]),
  }
}

/** A change that asks for no word: yes or no, and no is what Enter means. */
const confirmed = async (promptStreams: PromptStreams, { title }: ApprovalQuestion): Promise<Reply> => {
  const yes = await ask(promptStreams, (signal) =>
    confirm({ message: `${show(title, 'tty')}: approve?`, default: false }, { ...streams(promptStreams), signal }),
  )
  if (yes === undefined) return 'left'
  return yes ? 'yes' : otherwise(promptStreams)
}

/**
 * The console's own sequence, as one inquirer session: tick the acknowledgement, then type. Loaded on its first use,
 * because the whole of inquirer is ten times the size of the three prompts that every run needs.
 */
const acknowledgeAndType = async (
  promptStreams: PromptStreams,
  question: ApprovalQuestion,
): Promise<{ understood: string[]; word?: string | undefined } | undefined> => {
  const { createPromptModule } = await import('inquirer')
  return ask(promptStreams, (signal) =>
    createPromptModule({ ...streams(promptStreams), signal })<{ understood: string[]; word?: string }>([
      {
        type: 'checkbox',
        name: 'understood',
        message: `${show(question.title, 'tty')}: acknowledge`,
        choices: [{ name: UNDERSTOOD, value: 'understood', short: 'understood' }],
        shortcuts: { all: null, invert: null },
      },
      {
        type: 'input',
        name: 'word',
        when: (answers: { understood?: string[] }) => (answers.understood ?? []).length > 0,
        ...wordPrompt(question),
      },
    ]),
  )
}

/** What somebody may want who did not say yes. */
const otherwise = async (promptStreams: PromptStreams): Promise<Reply> => {
  const reply = await ask(promptStreams, (signal) =>
    select<Reply>(
      {
        message: 'Not approved. What instead?',
        choices: [
          { value: 'explain', name: 'explain: show everything about this change, and ask again' },
          { value: 'calls', name: 'calls: show the API calls, and ask again' },
          { value: 'skip', name: 'skip: go on without this stage' },
          { value: 'stop', name: 'stop: make no further change; the run can be resumed' },
        ],
        loop: false,
      },
      { ...streams(promptStreams), signal },
    ),
  )
  return reply ?? 'left'
}

const wordPrompt = ({ typed }: ApprovalQuestion) => ({
  message: `Type ${showIdentifier(typed ?? 'yes')} to approve, or: skip  explain  calls  stop`,
  transformer: (typing: string) => show(untrusted(typing), 'tty'),
})

const streams = ({ input, output }: PromptStreams) => ({ input, output })

const write = (promptStreams: PromptStreams, blocks: readonly Block[]): void => {
  const setting = {
    width: usableWidth(promptStreams.columns?.() ?? 0),
    indent: 3,
    viewpoint: {},
    theme: makeTheme(promptStreams.colour ?? false),
  }
  promptStreams.output.write(
    renderBlocks(blocks, setting)
      .map((line) => `${line}\n`)
      .join(''),
  )
}
