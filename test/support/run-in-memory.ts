import { openSimulated, type SimulatedConnection, type SimulatedOptions } from '../../src/cli/connection/simulated.ts'
import { type End, endOf } from '../../src/cli/exit-code.ts'
import { type EvidenceKeeper, evidenceStoreInMemory } from '../../src/cli/incident-run/evidence-store.ts'
import { type RunResult, runStages } from '../../src/cli/incident-run/run-stages.ts'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { createWorld } from '../../src/cli/incident-run/world.ts'
import type { Entry, Request, RevokeForm } from '../../src/incident/entry.ts'
import { lookAgain, replay } from '../../src/incident/incident.ts'
import type { Failure } from '../../src/incident/values/failure.ts'
import { given } from '../../src/incident/values/given.ts'
import { memoryJournal } from '../../src/journal/journal.ts'
import type { Event, Responder } from '../../src/response/ports.ts'
import type { Stage } from '../../src/response/stage.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { OpenAccount } from '../../src/simulator/serve-account.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { flagResponder } from '../../src/terminal/flag-responder.ts'

export interface MemoryRun {
  readonly built: BuiltScenario
  /** The journal so far; entries of this run are added to it. */
  readonly journal?: Entry[]
  readonly request?: Request
  readonly responder?: Responder
  readonly stages?: readonly Stage[]
  readonly fault?: Fault
  readonly client?: SimulatedOptions['client']
  /** Of the journal's first line: what `--revoke` asks for. */
  readonly revoke?: RevokeForm
  readonly dryRun?: boolean
  readonly skip?: readonly string[]
  readonly proofWait?: number
  readonly signal?: AbortSignal
  readonly detectiveProfile?: string
  /** Where evidence is kept, and was kept by an earlier run. Default: a place of its own. */
  readonly evidence?: EvidenceKeeper
}

/** The result of a run, with the ending and the exit code that come of it. */
export type EndedResult = RunResult & End & { readonly failure?: Failure }

export interface MemoryRan {
  readonly result: EndedResult
  readonly journal: readonly Entry[]
  readonly events: readonly Event[]
  readonly connection: SimulatedConnection
  readonly account: OpenAccount
  /** Calls of this run that reached the wire, as `service:Operation`, in order. */
  readonly calls: readonly string[]
}

/** Approves every change, those that have to be approved by name too. */
export const yes: Responder = flagResponder({ yes: true, approve: ['close-access', 'renew-workload'], skip: [] })
/** Approves as `--yes` alone does. */
export const plainYes: Responder = flagResponder({ yes: true, approve: [], skip: [] })
export const nobody: Responder = flagResponder({ yes: false, approve: [], skip: [] })

const opened = ({ setting, clock }: SimulatedConnection, request: Request, revoke: RevokeForm | undefined): Entry => ({
  type: 'opened',
  at: clock.now(),
  incident: 'test-1125-0000',
  version: '0.0.0',
  request,
  setting,
  ...given({ revoke }),
})

/**
 * The whole runbook on a simulated account, in memory: the real SDK, the real wire, a journal that is an array. Running it
 * again with the same account and the same journal is resuming.
 */
export const runInMemory = async (run: MemoryRun): Promise<MemoryRan> => {
  const { built, journal = [], dryRun = false, skip = [], proofWait = 1800 } = run
  const { signal = new AbortController().signal, responder = yes } = run
  const request = run.request ?? { by: 'finding-id', id: built.findingId }
  const events: Event[] = []
  const calls: string[] = []
  const observer = {
    onCall: ({ service, operation }: { service: string; operation: string }) => void calls.push(`${service}:${operation}`),
  }
  const connection = await openSimulated(built, {
    ...{ signal, version: '0.0.0', observer },
    ...(run.fault ? { fault: run.fault } : {}),
    ...given({ client: run.client }),
    ...(run.detectiveProfile ? { detectiveProfile: run.detectiveProfile } : {}),
  })
  if (journal.length === 0) journal.push(opened(connection, request, run.revoke))
  const chain = memoryJournal<Entry>(journal)
  const result = await runStages({
    stages: run.stages ?? stages,
    from: lookAgain(replay(journal)),
    world: createWorld({
      connection,
      request,
      readiness: { lockHeld: true },
      ...(run.evidence ?? evidenceStoreInMemory()),
      proofWait,
      findingWait: 0,
      dryRun,
      skip,
      signal,
    }),
    recorder: {
      record: async (entry) => {
        if (!dryRun) journal.push(entry)
        if (entry.type !== 'ended') events.push(entry)
        return chain.append(entry)
      },
      emit: (event) => void events.push(event),
    },
    responder,
  })
  const { outcome } = result
  const ended = { ...result, ...endOf(outcome), ...(outcome.kind === 'failed' ? { failure: outcome.failure } : {}) }
  return { result: ended, journal, events, connection, account: connection.opened, calls }
}
