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
export const personResponder = (desk: PromptStreams): Responder => ({
  approve: (question) => converse(question, stepsAt(desk), WHO),
  choose: async ({ what, options }) => {
    const room = usableWidth(desk.columns?.() ?? 0) - CURSOR
    const choices = options.map((option) => ({
      value: option.id as string | typeof NONE,
      // inquirer would break a long one anywhere.
      name: hang('', labelOf(option), room, CONTINUED).join('\n'),
      short: labelOf(option),
    }))
    const chosen = await ask(desk, (signal) =>
      select<string | typeof NONE>(
        { message: show(what, 'tty'), choices: [...choices, { value: NONE, name: 'None of these' }], pageSize: 16, loop: false },
        { input: desk.input, output: desk.output, signal },
      ),
    )
    return chosen === NONE ? undefined : chosen
  },
})

/** The steps of an approval. The word typed in the first sequence waits here for its turn. */
const stepsAt = (desk: PromptStreams): ApprovalSteps => {
  let typedAlready: string | undefined
  return {
    acknowledge: async (question) => {
      if (question.typed === undefined) return confirmed(desk, question)
      const answers = await acknowledgeAndType(desk, question)
      if (answers === undefined) return 'left'
      typedAlready = answers.word
      return answers.understood.length > 0 ? 'yes' : otherwise(desk)
    },
    word: async (question) => {
      const word = typedAlready ?? (await ask(desk, (signal) => input(wordPrompt(question), { ...streams(desk), signal })))
      typedAlready = undefined
      return word === undefined ? 'left' : replyTo(word, question.typed ?? 'yes')
    },
    explain: (question) => write(desk, explanationBlocks(question)),
    calls: (question) => write(desk, callBlocks(question)),
    notThat: (question) => write(desk, [{ type: 'text', line: `That is not ${showIdentifier(question.typed ?? 'yes')}.` }]),
  }
}

/** A change that asks for no word: yes or no, and no is what Enter means. */
const confirmed = async (desk: PromptStreams, { title }: ApprovalQuestion): Promise<Reply> => {
  const yes = await ask(desk, (signal) =>
    confirm({ message: `${show(title, 'tty')}: approve?`, default: false }, { ...streams(desk), signal }),
  )
  if (yes === undefined) return 'left'
  return yes ? 'yes' : otherwise(desk)
}

/**
 * The console's own sequence, as one inquirer session: tick the acknowledgement, then type. Loaded on its first use,
 * because the whole of inquirer is ten times the size of the three prompts that every run needs.
 */
const acknowledgeAndType = async (
  desk: PromptStreams,
  question: ApprovalQuestion,
): Promise<{ understood: string[]; word?: string | undefined } | undefined> => {
  const { createPromptModule } = await import('inquirer')
  return ask(desk, (signal) =>
    createPromptModule({ ...streams(desk), signal })<{ understood: string[]; word?: string }>([
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
const otherwise = async (desk: PromptStreams): Promise<Reply> => {
  const reply = await ask(desk, (signal) =>
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
      { ...streams(desk), signal },
    ),
  )
  return reply ?? 'left'
}

const wordPrompt = ({ typed }: ApprovalQuestion) => ({
  message: `Type ${showIdentifier(typed ?? 'yes')} to approve, or: skip  explain  calls  stop`,
  transformer: (typing: string) => show(untrusted(typing), 'tty'),
})

const streams = ({ input, output }: PromptStreams) => ({ input, output })

const write = (desk: PromptStreams, blocks: readonly Block[]): void => {
  const setting = { width: usableWidth(desk.columns?.() ?? 0), indent: 3, viewpoint: {}, theme: makeTheme(desk.colour ?? false) }
  desk.output.write(
    renderBlocks(blocks, setting)
      .map((line) => `${line}\n`)
      .join(''),
  )
}
