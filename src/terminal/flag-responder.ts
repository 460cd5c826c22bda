import { untrusted } from '../incident/values/untrusted.ts'
import type { Approval, ApprovalQuestion, Responder } from '../response/ports.ts'

/** Answers given before the run. */
export interface ScriptedAnswers {
  /** Approves every change but those that have to be approved by name. */
  readonly yes: boolean
  /** Stages whose changes are approved. */
  readonly approve: readonly string[]
  /** Stages to skip. Stronger than any approval. */
  readonly skip: readonly string[]
  /** By stage: `approve`, `skip`, the word that the stage wants typed, or a false alarm. By question: the id of the option to choose. */
  readonly answers?: Readonly<Record<string, ScriptedAnswer>>
}

/** One answer of an answers file. */
export type ScriptedAnswer = string | { readonly falseAlarm: string }

/** Answers from flags and from an answers file. A change that they do not name is declined. */
export const flagResponder = (scripted: ScriptedAnswers): Responder => ({
  approve: async (question) => scriptedApproval(question, scripted),
  choose: async ({ what, options }) => {
    const answer = ownValue(scripted.answers, what)
    if (answer !== undefined) return options.find(({ id }) => id === answer)?.id
    return options.length === 1 ? options[0]?.id : undefined
  },
  ask: async (question) => {
    const answer = ownValue(scripted.answers, question)
    return typeof answer === 'string' ? answer : undefined
  },
})

const scriptedApproval = (
  { stage, typed, byName, goesOn, falseAlarm }: ApprovalQuestion,
  scripted: ScriptedAnswers,
): Approval => {
  if (scripted.skip.includes(stage)) return { answer: 'skipped', by: '--skip' }
  const answer = ownValue(scripted.answers, stage)
  if (answer === 'skip') return { answer: 'skipped', by: 'the answers file' }
  if (answer === 'approve' || (typed !== undefined && answer === typed)) return { answer: 'approved', by: 'the answers file' }
  if (typeof answer === 'object') {
    if (falseAlarm === undefined) return { answer: 'declined', why: NOT_A_FALSE_ALARM }
    return { answer: 'falseAlarm', by: 'the answers file', reason: untrusted(answer.falseAlarm) }
  }
  if (answer !== undefined) return { answer: 'declined', why: 'the answers file does not approve it' }
  if (scripted.approve.includes(stage)) return { answer: 'approved', by: '--approve' }
  // The run goes on without the stage: the deny stands, and nothing is lost.
  if (scripted.yes && byName !== undefined)
    return { answer: 'skipped', by: `--yes, which does not approve it: ${byName}. Approve it by its name: --approve ${stage}` }
  if (scripted.yes) return { answer: 'approved', by: '--yes' }
  if (goesOn) return { answer: 'skipped', by: `nobody. Approve it by its name: --approve ${stage}` }
  return { answer: 'declined', why: 'no terminal and no scripted answer' }
}

const NOT_A_FALSE_ALARM =
  'the answers file declares a false alarm, and this question does not take it: nothing suggests one, or something was changed already'

const ownValue = (answers: ScriptedAnswers['answers'], name: string): ScriptedAnswer | undefined =>
  answers && Object.hasOwn(answers, name) ? answers[name] : undefined
