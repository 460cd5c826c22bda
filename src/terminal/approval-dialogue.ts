import { untrusted } from '../incident/values/untrusted.ts'
import type { Approval, ApprovalQuestion } from '../response/ports.ts'

/** An answer to one step of an approval. `left` is the end of the input (Ctrl-D); `more-known`: more was read, and the step is asked anew. */
export type Reply = 'yes' | 'no' | 'skip' | 'explain' | 'calls' | 'stop' | 'false-alarm' | 'left' | 'wrong' | 'more-known'

/** The words that every step takes; `false-alarm` only where the question offers it. */
const WAYS_OUT = ['skip', 'explain', 'calls', 'stop', 'false-alarm'] as const

/** The words that a question takes instead of an approval, as a prompt lists them. */
export const waysOut = ({ falseAlarm }: ApprovalQuestion): readonly string[] =>
  WAYS_OUT.filter((way) => way !== 'false-alarm' || falseAlarm !== undefined)

/** The key that shows the calls, where one key is enough. */
export const CALLS_KEY = 'd'

/** How each step is asked: by inquirer's prompts, or in numbered lines. */
export interface ApprovalSteps {
  /** Asks whether the responder understands the effects and who they affect. */
  acknowledge(question: ApprovalQuestion): Promise<Reply>
  /** Asks for the word to type. Only for a question that has one. */
  word(question: ApprovalQuestion): Promise<Reply>
  /** Asks why it is a false alarm. Undefined at the end of the input. */
  reason(question: ApprovalQuestion): Promise<string | undefined>
  explain(question: ApprovalQuestion): void
  calls(question: ApprovalQuestion): void
  /** Shows that the answer is not one of the words. */
  notThat(question: ApprovalQuestion): void
}

const WRONG_WORDS_ALLOWED = 3

/** Characters of a reason that are kept. */
export const LONGEST_REASON = 500

/** How the reason of a false alarm is asked for. */
export const WHY_FALSE = 'Why is this a false alarm? It stands in the journal and the report (Enter: ask again):'

/**
 * Asks for an approval as the IAM console does: an acknowledgement, then the word to type. `explain` and `calls` can be given as
 * often as wished. Three wrong words, a refusal or the end of the input decline. No default approves.
 */
export const converse = async (question: ApprovalQuestion, steps: ApprovalSteps, by: string): Promise<Approval> => {
  const declined = await settle(steps.acknowledge, question, steps, by)
  if (declined) return declined
  if (question.typed !== undefined) {
    question.acknowledged?.()
    const declined = await settle(steps.word, question, steps, by)
    if (declined) return declined
  }
  return { answer: 'approved', by: question.typed === undefined ? by : `${by}, who typed ${question.typed}` }
}

/** Repeats a step until it is passed (undefined) or has ended the question. */
const settle = async (
  step: (question: ApprovalQuestion) => Promise<Reply>,
  first: ApprovalQuestion,
  steps: ApprovalSteps,
  by: string,
): Promise<Approval | undefined> => {
  let wrong = 0
  let question = first
  while (wrong < WRONG_WORDS_ALLOWED) {
    question = asOfNow(question)
    const reply = await step(question)
    if (reply === 'yes') return undefined
    if (reply === 'more-known') continue
    if (reply === 'false-alarm' && question.falseAlarm !== undefined) {
      const declared = await falseAlarm(question, steps, by)
      if (declared) return declared
    } else if (reply === 'explain') steps.explain(question)
    else if (reply === 'calls') steps.calls(question)
    else if (reply === 'wrong' || reply === 'false-alarm') {
      wrong += 1
      steps.notThat(question)
    } else return ending(reply, question, by)
  }
  return {
    answer: 'declined',
    why: `the right word was not typed in ${WRONG_WORDS_ALLOWED} attempts`,
    remedy: `go on with the next command, and type ${question.typed ?? 'yes'} when asked`,
  }
}

/** The question with what has been read beside it by now. */
const asOfNow = (question: ApprovalQuestion): ApprovalQuestion =>
  question.beside ? { ...question.beside.now(), beside: question.beside } : question

/** Without a reason nothing is declared (undefined), and the question is asked again. */
const falseAlarm = async (question: ApprovalQuestion, steps: ApprovalSteps, by: string): Promise<Approval | undefined> => {
  const reason = await steps.reason(question)
  if (reason === undefined) return ending('left', question, by)
  return reason.trim() === ''
    ? undefined
    : { answer: 'falseAlarm', by, reason: untrusted(reason.trim().slice(0, LONGEST_REASON)) }
}

const ending = (reply: 'no' | 'skip' | 'stop' | 'left', { stage }: ApprovalQuestion, by: string): Approval => {
  if (reply === 'skip') return { answer: 'skipped', by }
  if (reply === 'left') return { answer: 'declined', why: 'the input ended without an answer' }
  const why = reply === 'stop' ? `${by} chose to stop` : `${by} said no`
  return {
    answer: 'declined',
    why,
    remedy: `go on with the next command when you are ready; --skip ${stage} leaves this stage out`,
  }
}

/** The reply that a typed line gives, where `word` approves. Space around it is ignored, letter case is not. */
export const replyTo = (line: string, word: string): Reply => {
  const typed = line.trim()
  if (typed === word) return 'yes'
  if (/^no?$/i.test(typed)) return 'no'
  if (/^(?:d|details)$/i.test(typed)) return 'calls'
  return WAYS_OUT.find((way) => way === typed.toLowerCase()) ?? 'wrong'
}
