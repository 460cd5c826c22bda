import type { Approval, ApprovalQuestion, Responder } from '../response/ports.ts'

/** Answers given before the run. */
export interface ScriptedAnswers {
  /** Approves every change. */
  readonly yes: boolean
  /** Stages whose changes are approved. */
  readonly approve: readonly string[]
  /** Stages to skip. Stronger than any approval. */
  readonly skip: readonly string[]
  /** By stage: `approve`, `skip`, or the word that the stage wants typed. By question: the id of the option to choose. */
  readonly answers?: Readonly<Record<string, string>>
}

/** Answers from flags and from an answers file. A change that they do not name is declined. */
export const flagResponder = (scripted: ScriptedAnswers): Responder => ({
  approve: async (question) => scriptedApproval(question, scripted),
  choose: async ({ what, options }) => {
    const answer = ownValue(scripted.answers, what)
    if (answer !== undefined) return options.find(({ id }) => id === answer)?.id
    return options.length === 1 ? options[0]?.id : undefined
  },
})

const scriptedApproval = ({ stage, typed }: ApprovalQuestion, scripted: ScriptedAnswers): Approval => {
  if (scripted.skip.includes(stage)) return { answer: 'skipped', by: '--skip' }
  const answer = ownValue(scripted.answers, stage)
  if (answer === 'skip') return { answer: 'skipped', by: 'the answers file' }
  if (answer === 'approve' || (typed !== undefined && answer === typed)) return { answer: 'approved', by: 'the answers file' }
  if (answer !== undefined) return { answer: 'declined', why: 'the answers file does not approve it' }
  if (scripted.approve.includes(stage)) return { answer: 'approved', by: '--approve' }
  if (scripted.yes) return { answer: 'approved', by: '--yes' }
  return { answer: 'declined', why: 'no terminal and no scripted answer' }
}

const ownValue = (answers: ScriptedAnswers['answers'], name: string): string | undefined =>
  answers && Object.hasOwn(answers, name) ? answers[name] : undefined
