import type { Activity } from '../../src/incident/facts/activity.ts'
import { activityFact } from '../../src/investigation/activity-fact.ts'
import { activityFold } from '../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../src/investigation/analysis/fold.ts'
import { finishInvestigation, type Investigation, type KnownContext } from '../../src/investigation/investigation.ts'
import { type PrincipalRef, type Question, questionOf } from '../../src/investigation/question.ts'
import { principalName, type SourceReport } from '../../src/investigation/source.ts'
import { type Document, KEY, read } from './records.ts'

const nowhere: KnownContext['places'] = {
  locate: () => undefined,
  source: 'Nobody knows where addresses are.',
  incomplete: () => [],
}

interface Told {
  readonly question?: Partial<Question>
  readonly principal?: PrincipalRef
  /** Sessions whose records were read too. */
  readonly chainedSessions?: readonly PrincipalRef[]
  readonly known?: Partial<KnownContext>
  readonly report?: Partial<SourceReport>
  readonly rows?: number
}

/** What an investigation of these records tells. */
export const activityFrom = async (documents: readonly Document[], told: Told = {}): Promise<Activity> =>
  activityFact(await investigationOf(documents, told), told.rows)

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
  return finishInvestigation(asked, { states, report }, { places: nowhere, ownAddresses: [], ...told.known })
}
