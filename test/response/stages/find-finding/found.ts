import type { Request } from '../../../../src/incident/entry.ts'
import type { FoundFinding } from '../../../../src/incident/facts/facts.ts'
import type { ChoiceQuestion } from '../../../../src/response/ports.ts'
import type { Assessment } from '../../../../src/response/stage.ts'
import { findFinding } from '../../../../src/response/stages/find-finding.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { lookAt } from '../../../support/scenario.ts'
import { assessed, factOf } from '../../../support/stage-context.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

export const KEY = 'ASIAXCSEC6TNGZ6EZUUO'
export const standard = () => lookAt('custom-threat-list')

export interface Found {
  readonly assessment: Assessment<FoundFinding>
  readonly questions: readonly ChoiceQuestion[]
  readonly kept: readonly { readonly name: string; readonly content: unknown }[]
}

/** Looks for a finding as it was asked for; who is asked to choose takes the option of this id. */
export const find = async (
  request: Request,
  pick?: string,
  built?: BuiltScenario,
  lent: Parameters<typeof onAccount>[1] = {},
): Promise<Found> => {
  const questions: ChoiceQuestion[] = []
  const choose = async (question: ChoiceQuestion) => {
    questions.push(question)
    return pick
  }
  const { context, kept } = await onAccount(built ?? (await standard()), { request, choose, ...lent })
  return { assessment: await assessed(findFinding, {}, context), questions, kept }
}

export const idOf = ({ assessment }: Found): string => factOf(assessment).finding.id
export const stopOf = ({ assessment }: Found) => {
  if (assessment.status === 'blocked') return assessment
  throw new Error(`it is ${assessment.status}`)
}
