import { createPromptModule } from 'inquirer'
import type { Block } from '../incident/values/block.ts'
import { show, showIdentifier } from '../incident/values/show.ts'
import type { ApprovalQuestion, Responder } from '../response/ports.ts'
import {
  type ApprovalSteps,
  CALLS_KEY,
  converse,
  LONGEST_REASON,
  type Reply,
  replyTo,
  WHY_FALSE,
  waysOut,
} from './approval-dialogue.ts'
import { ask, type PromptStreams, type Shortcut } from './asking.ts'
import { chooseOne } from './choice.ts'
import { callBlocks, explanationBlocks } from './question-blocks.ts'
import { questionScreen } from './question-screen.ts'
import { type RenderSettings, renderBlocks } from './render-blocks.ts'
import { makeTheme } from './theme.ts'
import { usableWidth } from './width.ts'

const WHO = 'the person at the terminal'
const UNDERSTOOD = 'I understand what this changes, who it hits and what it does not stop.'

/** Asks a person at a terminal, with inquirer. Ctrl-C interrupts the run; Ctrl-D declines; nothing defaults to yes. */
export const personResponder = (promptStreams: PromptStreams): Responder => ({
  goesAhead: true,
  takesTime: true,
  approve: (question) => converse(question, stepsAt(promptStreams), WHO),
  showsQuestion: () => true,
  choose: (question) => chooseOne(promptStreams, question),
  ask: async (question) => {
    const asked = { type: 'input' as const, name: 'line' as const, message: show(question, 'tty'), transformer: shownTyping }
    return (await session(promptStreams, (prompt) => prompt<{ line: string }>(asked)))?.line.slice(0, LONGEST_REASON)
  },
})

type Prompt = ReturnType<typeof createPromptModule>

/** Runs one inquirer session. Gives its answers; undefined when the person left with Ctrl-D; the shortcut's answer for its key. */
const session = <A, S = never>(
  promptStreams: PromptStreams,
  questions: (prompt: Prompt) => Promise<A>,
  shortcuts: readonly Shortcut<S>[] = [],
): Promise<A | S | undefined> =>
  ask(
    promptStreams,
    (signal) => {
      const { input, output } = promptStreams
      return questions(createPromptModule({ input, output, signal }))
    },
    shortcuts,
  )

/** The key that shows the calls; and what is read beside the question, which is then asked anew. */
const whileAsked = (
  { beside }: ApprovalQuestion,
  isOn: () => boolean = () => true,
): readonly Shortcut<'calls' | 'more-known'>[] => [
  { key: CALLS_KEY, answer: 'calls', isOn },
  ...(beside ? [{ watch: (happened: () => void) => settled(beside.watch, happened), answer: 'more-known' as const, isOn }] : []),
]

/** Milliseconds for which nothing more may arrive before the question is asked anew: answers often come together. */
const QUIET = 400

/** Calls back once what is watched has been quiet for a moment. */
const settled = (watch: (changed: () => void) => () => void, happened: () => void): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  const stop = watch(() => {
    clearTimeout(timer)
    timer = setTimeout(happened, QUIET)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}

/** The steps of an approval. The first session asks for the acknowledgement and the word, so the word is kept for its own step. */
const stepsAt = (promptStreams: PromptStreams): ApprovalSteps => {
  let typedAlready: string | undefined
  return {
    acknowledge: async (question) => {
      writeLines(promptStreams, questionScreen(question, settingOf(promptStreams), promptStreams.rows?.() ?? ROWS))
      if (question.typed === undefined) return confirmed(promptStreams, question)
      const answers = await acknowledgeAndType(promptStreams, question)
      if (answers === undefined) return 'left'
      if (answers === 'calls' || answers === 'more-known') return answers
      typedAlready = answers.word
      return answers.understood.length > 0 ? 'yes' : otherwise(promptStreams, question)
    },
    word: async (question) => {
      const word =
        typedAlready ?? (await session(promptStreams, (prompt) => prompt<{ word: string }>(wordPrompt(question))))?.word
      typedAlready = undefined
      return word === undefined ? 'left' : replyTo(word, question.typed ?? 'yes')
    },
    reason: async () => {
      const asked = { type: 'input' as const, name: 'reason' as const, message: WHY_FALSE, transformer: shownTyping }
      return (await session(promptStreams, (prompt) => prompt<{ reason: string }>(asked)))?.reason
    },
    explain: (question) => write(promptStreams, explanationBlocks(question)),
    calls: (question) => write(promptStreams, callBlocks(question)),
    notThat: (question) =>
      write(promptStreams, [{ type: 'text', line: `That is not ${showIdentifier(question.typed ?? 'yes')}.` }]),
  }
}

/** Asks yes or no, for a change that needs no word. Enter means no. */
const confirmed = async (promptStreams: PromptStreams, question: ApprovalQuestion): Promise<Reply> => {
  const answers = await session(
    promptStreams,
    (prompt) =>
      prompt<{ approved: boolean }>({
        type: 'confirm',
        name: 'approved',
        message: `${show(question.title, 'tty')}: approve?`,
        default: false,
      }),
    whileAsked(question),
  )
  if (answers === undefined) return 'left'
  if (answers === 'calls' || answers === 'more-known') return answers
  return answers.approved ? 'yes' : otherwise(promptStreams, question)
}

/** As in the IAM console: tick the acknowledgement, then type the word. */
const acknowledgeAndType = (
  promptStreams: PromptStreams,
  question: ApprovalQuestion,
): Promise<{ understood: string[]; word: string | undefined } | 'calls' | 'more-known' | undefined> => {
  // In the word to type, the key is a letter like any other.
  let typing = false
  const questions = (prompt: Prompt) =>
    prompt<{ understood: string[]; word?: string }>([
      {
        type: 'checkbox',
        name: 'understood',
        message: `${show(question.title, 'tty')}: acknowledge`,
        choices: [{ name: UNDERSTOOD, value: 'understood', short: 'understood' }],
        shortcuts: { all: null, invert: null },
      },
      {
        ...wordPrompt(question),
        when: ({ understood = [] }) => {
          typing = understood.length > 0
          if (typing) question.acknowledged?.()
          return typing
        },
      },
    ])
  return session(
    promptStreams,
    questions,
    whileAsked(question, () => !typing),
  )
}

const FALSE_ALARM_CHOICE = {
  value: 'false-alarm' as const,
  name: 'false-alarm: declare a false alarm, with a reason; nothing is changed',
}

/** Asks what to do instead, after a no. */
const otherwise = async (promptStreams: PromptStreams, { falseAlarm }: ApprovalQuestion): Promise<Reply> => {
  const answers = await session(promptStreams, (prompt) =>
    prompt<{ instead: Reply }>({
      type: 'select',
      name: 'instead',
      message: 'Not approved. What instead?',
      choices: [
        { value: 'explain', name: 'explain: show everything about this change, and ask again' },
        { value: 'calls', name: 'calls: show the API calls, and ask again' },
        { value: 'skip', name: 'skip: go on without this stage' },
        { value: 'stop', name: 'stop: make no further change; the run can be resumed' },
        ...(falseAlarm === undefined ? [] : [FALSE_ALARM_CHOICE]),
      ],
      loop: false,
    }),
  )
  return answers?.instead ?? 'left'
}

const wordPrompt = (question: ApprovalQuestion) => ({
  type: 'input' as const,
  name: 'word' as const,
  message: `Type ${showIdentifier(question.typed ?? 'yes')} to approve, or: ${waysOut(question).join('  ')}`,
  transformer: shownTyping,
})

const shownTyping = (typing: string): string => show(typing, 'tty')

/** The height of a terminal that does not tell it. */
const ROWS = 24

const settingOf = (promptStreams: PromptStreams): RenderSettings => ({
  width: usableWidth(promptStreams.columns?.() ?? 0),
  indent: 3,
  viewpoint: {},
  theme: makeTheme(promptStreams.colour ?? false),
})

const write = (promptStreams: PromptStreams, blocks: readonly Block[]): void =>
  writeLines(promptStreams, renderBlocks(blocks, settingOf(promptStreams)))

const writeLines = (promptStreams: PromptStreams, lines: readonly string[]): void => {
  promptStreams.output.write(lines.map((line) => `${line}\n`).join(''))
}
