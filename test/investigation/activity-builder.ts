import type { Activity } from '../../src/incident/facts/activity.ts'
import { activityOf } from '../../src/investigation/activity-of.ts'
import { activityFold } from '../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../src/investigation/analysis/fold.ts'
import { conclude, type Investigation, type Known } from '../../src/investigation/investigation.ts'
import { type Question, type QuestionPrincipal, questionOf } from '../../src/investigation/question.ts'
import { principalName, type SourceReport } from '../../src/investigation/source.ts'
import { type Document, KEY, read } from './records.ts'

const nowhere: Known['places'] = {
  locate: () => undefined,
  source: 'Nobody knows where addresses are.',
  incomplete: () => [],
}

interface Told {
  readonly question?: Partial<Question>
  readonly principal?: QuestionPrincipal
  /** Sessions whose records were read too. */
  readonly chainedSessions?: readonly QuestionPrincipal[]
  readonly known?: Partial<Known>
  readonly report?: Partial<SourceReport>
  readonly rows?: number
}

/** What an investigation of these records tells. */
export const activityFrom = async (documents: readonly Document[], told: Told = {}): Promise<Activity> =>
  activityOf(await investigationOf(documents, told), told.rows)

/** What is found out from these records. */
export const investigationOf = async (documents: readonly Document[], told: Told = {}): Promise<Investigation> => {
  const records = documents.map((document) => read(document))
  const asked = questionOf(told.principal ?? { kind: 'access-key-id', value: KEY }, told.question ?? {})
  const questions = [asked, ...(told.chainedSessions ?? []).map((principal) => questionOf(principal))]
  const states = new Map(
    questions.map((question) => {
      const state = foldAll(activityFold(question), records)
      return [principalName(question.principal), { question, state }] as const
    }),
  )
  const report = {
    ...{ source: 'records', incomplete: [], limits: [], badFiles: [], calls: 0, files: 0, events: records.length, bytes: 0 },
    ...told.report,
  }
  return conclude(asked, { states, report }, { places: nowhere, ownAddresses: [], ...told.known })
}
