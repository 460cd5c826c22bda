import { openSimulated, type SimulatedConnection } from '../../src/cli/connection/simulated.ts'
import { evidenceStoreInMemory } from '../../src/cli/incident-run/evidence-store.ts'
import { createWorld } from '../../src/cli/incident-run/world.ts'
import type { Entry } from '../../src/incident/entry.ts'
import type { InstanceRadius } from '../../src/incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../src/incident/facts/subject.ts'
import { type Incident, replay } from '../../src/incident/incident.ts'
import { given } from '../../src/incident/values/given.ts'
import { memoryJournal } from '../../src/journal/journal.ts'
import { contextFor } from '../../src/response/context.ts'
import type { Event, Responder } from '../../src/response/ports.ts'
import type { Context } from '../../src/response/stage.ts'
import { findFinding } from '../../src/response/stages/find-finding.ts'
import { identifySubject } from '../../src/response/stages/identify-subject.ts'
import { scopeBlastRadius } from '../../src/response/stages/scope-blast-radius.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { build } from './scenario.ts'
import { assessed, factOf } from './stage-context.ts'

type Lent = Partial<Pick<Context, 'request' | 'choose' | 'ask' | 'regions' | 'proofWait' | 'findingWait' | 'dryRun'>> & {
  readonly drill?: boolean
  readonly detectiveProfile?: string
  /** What goes wrong on the wire. */
  readonly fault?: Fault
}

export interface StageOnAccount {
  readonly context: Context
  readonly connection: SimulatedConnection
  readonly kept: readonly { readonly name: string; readonly content: unknown }[]
  readonly events: readonly Event[]
  /** The intents that were written down so far, with what became of them. */
  readonly intents: () => Incident['intents']
  /** The journal's head after each of these intents. */
  readonly heads: () => readonly string[]
  /** Write calls that changed the account. */
  readonly writes: () => readonly string[]
}

/**
 * A stage's context on a built account, over the real SDK and the real wire: for stages one at a time, without the runbook's
 * loop, so without its approvals and guards.
 */
export const onAccount = async (built: BuiltScenario, lent: Lent = {}, stageId = 'stage'): Promise<StageOnAccount> => {
  const { signal } = new AbortController()
  const { detectiveProfile, fault } = lent
  const observer = { onCall: () => {} }
  const connection = await openSimulated(built, { signal, version: '0.0.0', observer, ...given({ detectiveProfile, fault }) })
  const evidenceStore = evidenceStoreInMemory()
  const events: Event[] = []
  const journal = memoryJournal<Entry>()
  const world = createWorld({
    connection: { ...connection, ...(lent.regions ? { regions: lent.regions } : {}) },
    request: lent.request ?? { by: 'list' },
    readiness: { lockHeld: true },
    ...evidenceStore,
    proofWait: lent.proofWait ?? 0,
    findingWait: lent.findingWait ?? 0,
    dryRun: lent.dryRun ?? false,
    skip: [],
    signal,
  })
  const heads: string[] = []
  const record = async (entry: Entry): Promise<string> => {
    const head = await journal.append(entry)
    if (entry.type === 'intended') heads.push(head)
    return head
  }
  const recorder = { record, emit: (event: Event) => void events.push(event) }
  const responder: Responder = {
    approve: async () => ({ answer: 'declined', why: 'nobody is asked here' }),
    choose: lent.choose ?? (async () => undefined),
    ...given({ ask: lent.ask }),
  }
  const own = contextFor(stageId, { world, recorder, responder, between: async () => {} })
  const context = lent.drill === undefined ? own : { ...own, setting: { ...own.setting, simulated: lent.drill } }
  const writes = () =>
    connection.opened
      .calls()
      .flatMap((call) => (call.writes && call.outcome === 'ok' ? [`${call.service}:${call.operation}`] : []))
  return {
    context,
    connection,
    kept: evidenceStore.kept,
    events,
    intents: () => replay(journal.entries).intents,
    heads: () => heads,
    writes,
  }
}

/** What is known before anything is changed: the finding, its subject and the blast radius, as the stages find them out here: of an instance’s session. */
export const scoped = async (built: BuiltScenario, lent: Lent = {}) => {
  const on = await onAccount(built, { request: { by: 'finding-id', id: built.findingId }, ...lent })
  const finding = factOf(await assessed(findFinding, {}, on.context))
  const subject = factOf(await assessed(identifySubject, { finding }, on.context)) as InstanceRoleSession
  const blastRadius = factOf(await assessed(scopeBlastRadius, { subject }, on.context)) as InstanceRadius
  return { ...on, finding, subject, blastRadius }
}

const known = new Map<string, ReturnType<typeof scoped>>()

/**
 * A scenario of the catalogue, untouched, and a stage's context on it; with what is known of it before anything is changed.
 * That is found out once: the same scenario at the same time is the same account.
 */
export const ready = async (scenario: string, stageId: string, lent: Lent = {}) => {
  const facts = known.get(scenario) ?? scoped(await build(scenario))
  known.set(scenario, facts)
  const { finding, subject, blastRadius } = await facts
  const built = await build(scenario)
  return { ...(await onAccount(built, lent, stageId)), built, finding, subject, blastRadius }
}
