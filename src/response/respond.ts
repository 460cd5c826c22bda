import { isAwsError } from '../aws/failure.ts'
import type { Effect, Ending } from '../incident/entry.ts'
import { type Incident, learn, missingFacts } from '../incident/incident.ts'
import { list, warning } from '../incident/values/block.ts'
import { Failure } from '../incident/values/failure.ts'
import { acceptedNotSeen, acceptedUnseen, wantsItAgain } from './accepted-unseen.ts'
import { approveEffects } from './approval.ts'
import { assessPatiently } from './assess.ts'
import { contextFor } from './context.ts'
import { firstRefusal } from './guards.ts'
import type { Responder } from './ports.ts'
import { nextDue, type Rechecks, recheck, recheckWhatIsDue } from './rechecks.ts'
import { withSignIn } from './sign-in.ts'
import { type Assessment, type Blocked, type Context, established, notApplicable, type Stage } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** How a run through the stages ended, and what is known then. */
export interface ResponseOutcome {
  readonly incident: Incident
  readonly ending: Ending
  readonly stopped?: Stopped
}

/** The stage that stopped the run, and why. */
interface Stopped {
  readonly stage: string
  readonly kind: Failure['kind'] | 'falseAlarm'
  readonly why: string
  readonly remedy: string
}

/** One run through the stages. `incident` gives what is known at the moment. */
interface Run {
  readonly stages: readonly Stage[]
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  readonly incident: () => Incident
  /** Takes what a dry run assumes for known. */
  readonly assume: (incident: Incident) => void
  readonly context: (stage: Stage, lastLook?: true) => Context
  readonly rechecks: Rechecks
  /** Makes the re-checks that are due: called after each stage, and between two looks of every wait. */
  readonly between: () => Promise<void>
  /** Offers to make a change again that somebody undid. */
  readonly restore: (stage: Stage) => Promise<void>
  /** The place of the first stage whose change was made again since this was last asked. */
  readonly takeRestored: () => number | undefined
  /** How many stages there are, where these are only the first of them. */
  readonly of: number
  /** Of a dry run: the first refusal of a guard, which a real run would have stopped at. */
  readonly noted: { refusal?: Stopped }
}

const ATTEMPTS = 3

/**
 * The one loop: assess → show effects → approve → journal the intent → act → assess again → journal the fact.
 * The same loop gives dry run (assume instead of acting), resume (the journal knows what was intended) and verification
 * (a fact comes only from the assessment after the act). Errors other than decisions are thrown to the caller.
 * The first `entered` stages ran just now, before there was a journal: they are not run again.
 */
export const respond = async (
  stages: readonly Stage[],
  from: Incident,
  world: World,
  recorder: RunRecorder,
  responder: Responder,
  { entered = 0, of = stages.length }: { readonly entered?: number; readonly of?: number } = {},
): Promise<ResponseOutcome> => {
  const noted: Run['noted'] = {}
  try {
    const outcome = await runAll(runOf({ stages, world, responder, of, noted }, from, recorder), entered)
    return noted.refusal ? endedBy(noted.refusal, outcome.incident) : outcome
  } catch (error) {
    // What a dry run met after a refusal, a real run would not have met.
    if (noted.refusal === undefined || world.signal.aborted || !(error instanceof Failure || isAwsError(error))) throw error
    return endedBy(noted.refusal, from)
  }
}

const endedBy = (stopped: Stopped, incident: Incident): ResponseOutcome => ({
  incident,
  ending: endingOf(stopped),
  stopped,
})

const runAll = async (run: Run, entered: number): Promise<ResponseOutcome> => {
  const { stages, world } = run
  for (let index = entered; ; ) {
    const stage = stages[index]
    if (stage) {
      const stopped = (await lookOnceMore(stage, run)) ?? (await runStage(stage, index + 1, run))
      if (stopped) return endedBy(stopped, run.incident())
      if (!world.dryRun) await withSignIn(run.between, run)
    } else if (!world.dryRun) await withSignIn(() => finalRechecks(run), run)
    const restored = run.takeRestored()
    // What depends on a change that was made again is looked at anew.
    if (restored !== undefined) index = restored + 1
    else if (stage) index += 1
    else return { incident: run.incident(), ending: 'completed' }
  }
}

const endingOf = ({ kind }: Stopped): Ending => (kind === 'declined' || kind === 'falseAlarm' ? kind : 'blocked')

/** How often a run makes a change again that somebody undid. Whoever undoes it more often is stopped first, by hand. */
const RESTORES = 3

/** The run from what is known at its start: it learns every entry once the entry is on disk. */
const runOf = (
  given: Pick<Run, 'stages' | 'world' | 'responder' | 'of' | 'noted'>,
  from: Incident,
  { record, emit }: RunRecorder,
): Run => {
  const { world, responder } = given
  let known = from
  const recorder: RunRecorder = {
    emit,
    record: async (entry) => {
      const head = await record(entry)
      known = learn(known, entry)
      return head
    },
  }
  const incident = () => known
  // A re-check does not make other re-checks while it waits.
  const alone = { world, recorder, responder, between: async () => {} }
  const rechecks: Rechecks = { ...given, incident, recorder, context: (stage) => contextFor(stage.id, alone) }
  let restored: number | undefined
  let restores = 0
  const restore = async (stage: Stage): Promise<void> => {
    if (!stage.act || restores >= RESTORES) return
    recorder.emit({ type: 'note', text: `${stage.id}: what was established does not stand any more; ir-cred looks again` })
    const made = incident().intents.length
    // Declined, or blocked: the fact stays fallen, and the ending says so.
    if (await establish(stage, { ...run, context: (one) => contextFor(one.id, alone), between: async () => {} })) return
    if (incident().intents.length === made) return
    restores += 1
    const place = given.stages.indexOf(stage)
    restored = restored === undefined ? place : Math.min(restored, place)
  }
  const between = async () => {
    for (const stage of await recheckWhatIsDue(rechecks)) await restore(stage)
  }
  const run: Run = {
    ...given,
    recorder,
    incident,
    assume: (assumed) => {
      known = assumed
    },
    context: (stage, lastLook) =>
      contextFor(stage.id, { world, recorder, responder, between, ...(lastLook ? { lastLook } : {}) }),
    rechecks,
    between,
    restore,
    takeRestored: () => {
      const place = restored
      restored = undefined
      return place
    },
  }
  return run
}

/** One stage to its end: established, decided without a fact, or what stopped the run. */
const runStage = async (stage: Stage, number: number, run: Run): Promise<Stopped | undefined> => {
  const { world, recorder, incident } = run
  const { id, title, phase } = stage
  world.signal.throwIfAborted()
  recorder.emit({ type: 'entered', stage: id, title, phase, number, of: run.of })
  if (world.skip.includes(id)) {
    await recorder.record({ type: 'skipped', at: world.now(), stage: id, by: 'the responder' })
    return undefined
  }
  const missing = missingFacts(incident(), stage.needs)
  if (missing.length > 0) return conclude(stage, notApplicable(`it needs what was not established: ${missing.join(', ')}`), run)
  const refused = guardRefusal(stage, run)
  if (refused) return block(stage, refused, run)
  return withSignIn(() => establish(stage, run), run)
}

/** What a stage waits for and is still open is looked at once more before it begins: by then every other stage has run. */
const lookOnceMore = async (stage: Stage, run: Run): Promise<Stopped | undefined> => {
  if (run.world.dryRun) return undefined
  const last: Run = { ...run, context: (one) => run.context(one, true) }
  for (const open of run.stages) {
    if (!stage.awaits?.includes(open.establishes) || !open.isOpen(run.incident().facts)) continue
    run.recorder.emit({ type: 'note', text: `${open.id} is still open; ir-cred looks once more` })
    const stopped = await establish(open, last)
    if (stopped) return stopped
  }
  return undefined
}

/** Guards stand before every stage, with all that is known by then; a dry run goes on, and ends with the first refusal. */
const guardRefusal = (stage: Stage, { world, incident, recorder, noted }: Run) => {
  const refusal = firstRefusal({ ...world, incident: incident(), now: world.now() })
  if (!refusal || !world.dryRun) return refusal
  const { why, remedy, kind = 'blocked' } = refusal
  if (noted.refusal?.why !== why) recorder.emit({ type: 'note', text: `${stage.id}: a real run would stop here: ${why}` })
  noted.refusal ??= { stage: stage.id, kind, why, remedy }
  return undefined
}

const block = async (stage: Stage, { why, remedy, kind = 'blocked' }: Omit<Blocked, 'status'>, run: Run): Promise<Stopped> => {
  run.recorder.emit({ type: 'assessed', stage: stage.id, status: 'blocked', effects: [] })
  await run.recorder.record({ type: 'blocked', at: run.world.now(), stage: stage.id, why, remedy })
  return { stage: stage.id, kind, why, remedy }
}

/** Assesses, asks, acts and assesses again, until the world shows the change. */
const establish = async (stage: Stage, run: Run): Promise<Stopped | undefined> => {
  let assessment = await assessPatiently(stage, run)
  for (let attempt = 0; assessment.status === 'needed'; attempt += 1) {
    if (run.world.dryRun) return assume(stage, assessment, run)
    const { otherwise } = assessment
    const without = otherwise === undefined ? undefined : () => conclude(stage, established(otherwise), run)
    if (attempt >= ATTEMPTS) return without?.() ?? block(stage, notSeen(assessment.effects, lastUnknown(stage, run)), run)
    const accepted = assessment.sentIsSeen ? undefined : acceptedUnseen(stage, assessment.effects, run.incident())
    if (accepted) {
      if (!(await wantsItAgain(accepted, run.responder, without !== undefined)))
        return without?.() ?? block(stage, acceptedNotSeen(accepted), run)
      const { effects } = assessment
      await run.recorder.record({
        type: 'approved',
        at: run.world.now(),
        stage: stage.id,
        effects,
        by: 'the responder, once more',
      })
    } else {
      const answer = await approveEffects(stage, assessment, run)
      if (answer === undefined) return without?.()
      if (answer !== 'approved') return answer
    }
    const before = assessment.effects
    const leftOut = await act(stage, run)
    if (leftOut !== undefined) return conclude(stage, notApplicable(leftOut), run)
    assessment = await assessPatiently(stage, run, before)
  }
  return conclude(stage, assessment, run)
}

const notSeen = (effects: readonly Effect[], unknown: string | undefined) => ({
  kind: 'unconfirmed' as const,
  why: `ir-cred sent the change ${ATTEMPTS} times and cannot see it: ${effects.map(({ sentence }) => sentence).join('; ')}${unknown === undefined ? '' : ` (${unknown})`}`,
  remedy: 'look at the resource in the console, then continue',
})

/** Why it is unknown what became of the stage's last write. */
const lastUnknown = (stage: Stage, run: Run): string | undefined =>
  run.incident().intents.findLast((intent) => intent.stage === stage.id)?.why

/** Makes the changes of a stage. Gives why the stage is left out, where a change was refused and the response can do without it. */
const act = async (stage: Stage, run: Run): Promise<string | undefined> => {
  const context = run.context(stage)
  try {
    await stage.act?.(run.incident(), context)
    return undefined
  } catch (error) {
    const why = error instanceof Failure ? stage.withoutIt?.(error, context) : undefined
    if (why === undefined) throw error
    return why
  }
}

const assume = (stage: Stage, { expected, acknowledgement = [] }: Assessment<unknown> & { status: 'needed' }, run: Run) => {
  const incident = run.incident()
  run.assume({
    ...incident,
    facts: { ...incident.facts, [stage.establishes]: expected },
    assumed: [...incident.assumed, stage.establishes],
  })
  run.recorder.emit({ type: 'described', stage: stage.id, blocks: acknowledgement })
  return undefined
}

const conclude = async (stage: Stage, assessment: Assessment<unknown>, run: Run): Promise<Stopped | undefined> => {
  const at = run.world.now()
  switch (assessment.status) {
    case 'established':
      await run.recorder.record({ type: 'established', at, stage: stage.id, fact: { [stage.establishes]: assessment.fact } })
      return describeFact(stage, run)
    case 'notApplicable':
      await run.recorder.record({ type: 'notApplicable', at, stage: stage.id, why: assessment.why })
      return undefined
    case 'blocked':
      return block(stage, assessment, run)
    case 'needed':
      return undefined
  }
}

const describeFact = (stage: Stage, { recorder, incident }: Run): undefined => {
  const changes = stage.changes(incident())
  const changed = changes.length === 0 ? [] : [warning('This has changed since the last run:'), list(changes)]
  recorder.emit({ type: 'described', stage: stage.id, blocks: [...changed, ...stage.describe(incident().facts)] })
}

/** Waits for every re-check that is still to come, and makes one more, so that the report says how things stand now. */
const finalRechecks = async (run: Run): Promise<void> => {
  const { stages, world, incident } = run
  for (const stage of stages) {
    if (!stage.recheck || incident().facts[stage.establishes] === undefined) continue
    await world.settle(
      { what: 'the re-checks that are due', every: 5, within: 300 },
      async () => (nextDue(incident(), stage) === undefined ? true : undefined),
      run.between,
    )
    if (!(await recheck(stage, run.rechecks))) await run.restore(stage)
  }
}
