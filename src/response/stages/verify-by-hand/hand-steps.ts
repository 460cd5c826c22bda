import { type ByHand, DECLARATIONS, type HandStep, type HandStepId } from '../../../incident/facts/by-hand.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, wholeSecond } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'

/** A step before it is known what an earlier look saw, and what a person declared. */
export interface LookedStep extends Pick<HandStep, 'id' | 'sentence' | 'where' | 'commands'> {
  readonly look: StepLook
}

/** What a look shows of a step: `open` is seen not to be done, whoever declares otherwise; `nothing` shows neither. */
export interface StepLook {
  readonly shows: 'done' | 'open' | 'nothing'
  readonly says: string
}

export const shows = (what: StepLook['shows'], says: string): StepLook => ({ shows: what, says })

/** Answers a declaration: the first option changes nothing. */
const NOT_YET = 'not-yet'
const DONE = 'done'

/**
 * A step with what is known of it: what AWS shows comes first, then what a person declared. A declaration does not outweigh what was
 * seen; where nothing can be seen, it is said to be one.
 */
export const knownStep = ({ look, ...step }: LookedStep, before: ByHand | undefined, at: Instant): HandStep => {
  const earlier = before?.steps.find(({ id }) => id === step.id)
  const { declared } = earlier ?? {}
  const isDeclared = declared !== undefined && look.shows === 'nothing'
  const isDone = look.shows === 'done' || isDeclared
  const doneAt = isDone ? (earlier?.doneAt ?? declared?.at ?? at) : undefined
  const asks = look.shows === 'nothing' && !isDeclared
  return {
    ...step,
    state: isDone ? 'done' : look.shows === 'nothing' ? 'unknown' : 'open',
    says: isDeclared ? `declared at ${wholeSecond(declared.at)} by ${declared.by}: ${look.says}` : look.says,
    ...given({
      knownBy: isDone ? (isDeclared ? ('declared' as const) : ('seen' as const)) : undefined,
      ...{ doneAt, declared, question: asks ? questionFor(step.id) : undefined },
    }),
  }
}

const questionFor = (id: HandStepId): string | undefined => {
  const questions: { readonly [K in HandStepId]?: string } = DECLARATIONS
  return questions[id]
}

/** Asks what no look can show. Only in a run that goes on with an incident: before, nobody has done anything yet. */
export const declarations = async (
  steps: readonly HandStep[],
  before: ByHand | undefined,
  context: Pick<Context, 'choose' | 'now' | 'setting' | 'dryRun'>,
): Promise<readonly HandStep[]> => {
  if (before === undefined || context.dryRun) return steps
  const answered: HandStep[] = []
  for (const step of steps) answered.push(step.question === undefined ? step : await declaredStep(step, context))
  return answered
}

const declaredStep = async (step: HandStep, context: Pick<Context, 'choose' | 'now' | 'setting'>): Promise<HandStep> => {
  const { question = '', ...rest } = step
  const answer = await context.choose({
    what: question,
    options: [
      { id: NOT_YET, label: [`not yet, or not known (${step.says})`] },
      { id: DONE, label: ['done: your answer stands in the journal and the report'] },
    ],
  })
  if (answer !== DONE) return step
  const at = context.now()
  const declared = { at, by: context.setting.responderArn }
  return {
    ...rest,
    state: 'done',
    knownBy: 'declared',
    doneAt: at,
    declared,
    says: `declared at ${wholeSecond(at)} by ${declared.by}: ${step.says}`,
  }
}
