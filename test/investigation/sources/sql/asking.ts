import { createAwsClock } from '../../../../src/aws/clock.ts'
import type { ClientConfig } from '../../../../src/aws/open-clients.ts'
import { createWriteGate } from '../../../../src/aws/read-only.ts'
import { activityLine } from '../../../../src/investigation/activity-json.ts'
import { type ActivityState, activityFold, type Counted } from '../../../../src/investigation/analysis/activity-fold.ts'
import { attributeCalls } from '../../../../src/investigation/analysis/attributed-calls.ts'
import { attributionBy } from '../../../../src/investigation/analysis/call-attribution.ts'
import { callsOnBehalf } from '../../../../src/investigation/analysis/calls-on-behalf.ts'
import { siblingKeys } from '../../../../src/investigation/analysis/sibling-keys.ts'
import { volumeOf } from '../../../../src/investigation/analysis/volume.ts'
import { artefactsIn } from '../../../../src/investigation/persistence/artefacts.ts'
import type { Question } from '../../../../src/investigation/question.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import type { RecordSource } from '../../../../src/investigation/source.ts'
import type { AthenaOptions } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { inProcessHandler } from '../../../../src/simulator/wire/in-process.ts'
import { type DuckDbAthenaOptions, duckDbAthena } from '../../../support/duckdb-athena.ts'

/** The virtual time of these tests when they begin, in milliseconds since the epoch. */
const NOW = Date.UTC(2026, 2, 3, 12)

export const TABLE = { database: 'logs', table: 'trail' }

export type AskingOptions = Omit<DuckDbAthenaOptions, 'now'>

/** The client config of the real clients, with Athena and CloudTrail Lake on DuckDB behind the wire, in a time that only waiting moves. */
export const askingConfig = (options: AskingOptions, signal = new AbortController().signal) => {
  let passed = 0
  const now = () => NOW + passed * 1000
  const athena = duckDbAthena({ ...options, now })
  const calls: string[] = []
  const clock = createAwsClock({
    elapsed: () => 0,
    pass: async (seconds, waiting) => {
      waiting.throwIfAborted()
      passed += seconds
    },
  })
  clock.setFrom({ date: new Date(NOW).toUTCString(), 'x-amzn-requestid': 'request-0', 'x-simulated-pace': '0' })
  const nobody = () => Promise.reject(new Error('Nobody else is asked here'))
  const config: ClientConfig = {
    credentials: { accessKeyId: 'ASIAEXAMPLEATHENA001', secretAccessKey: 'made-up', sessionToken: 'made-up' },
    requestHandler: inProcessHandler(nobody, { fault: athena.fault }),
    clock,
    writeGate: createWriteGate(),
    onCall: ({ operation }) => void calls.push(operation),
    signal,
    version: '0.0.0',
  }
  return { config, clock, calls, queries: athena.queries }
}

let tokens = 0

/** A token that no other start has. */
export const newToken: AthenaOptions['newToken'] = () => {
  tokens += 1
  return `token-of-a-test-${String(tokens).padStart(24, '0')}`
}

/** What a source counts for a question, with the chained sessions's states. */
export const stateFrom = async (source: RecordSource, question: Question, followChainedSessions = false) => {
  const { signal } = new AbortController()
  const range = { from: '2026-01-01T00:00:00Z' as never, until: '2026-03-03T00:00:00Z' as never }
  const early: ActivityState[] = []
  const gathered = await source.read(
    { questions: [question], followChainedSessions, range },
    { signal, progress: () => {}, firstRecords: (_, state) => void early.push(state) },
  )
  const [first, ...chainedSessions] = [...gathered.states]
  if (!first) throw new Error('the source has no answer')
  return { state: first[1].state, chainedSessions, report: gathered.report, early }
}

/** What the local engine counts: every record of the principal, and of the population where that is known. */
export const countedHere = (question: Question, documents: readonly unknown[]): Counted => {
  const fold = activityFold(question)
  const state = fold.empty()
  for (const document of documents) {
    const record = readRecord(document)
    if (record) fold.add(state, record)
  }
  return fold.finish(state, question)
}

/** Everything that the analyses say, as it would be written. */
export const saidOf = (counted: Counted) => ({
  line: activityLine(counted, { chain: [], persistence: artefactsIn(counted.writeEvents), incomplete: [] }),
  volume: volumeOf(counted),
  onBehalf: callsOnBehalf(counted),
  siblings: siblingKeys(counted),
  whose: attributeCalls(counted, attributionBy(counted, { addresses: ['203.0.113.10'] })).rows,
  writeEvents: counted.writeEvents,
})
