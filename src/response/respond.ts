import { isAwsError } from '../aws/failure.ts'
import type { Ending } from '../incident/entry.ts'
import type { FactName } from '../incident/facts/facts.ts'
import { type Incident, missingFacts } from '../incident/incident.ts'
import { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import { wholeFact } from './beside.ts'
import { block, conclude, establish } from './establish.ts'
import { firstRefusal, sessionWarning } from './guards.ts'
import type { Responder } from './ports.ts'
import { nextDue, recheck } from './rechecks.ts'
import type { Run, Stopped } from './run.ts'
import { withSignIn } from './sign-in.ts'
import { notApplicable, type Stage } from './stage.ts'
import { runOf } from './start-run.ts'
import type { RunRecorder, World } from './world.ts'

/** How a run through the stages ended, and what is known then. */
export interface ResponseOutcome {
  readonly incident: Incident
  readonly ending: Ending
  readonly stopped?: Stopped
}

/** Which of the stages a call runs. */
interface Part {
  /** So many of the first stages ran just now, before there was a journal: they are not run again. */
  readonly entered?: number
  /** How many stages there are, where these are only the first of them. */
  readonly of?: number
}

/**
 * The one loop: assess → show effects → approve → journal the intent → act → assess again → journal the fact.
 * The same loop gives dry run (assume instead of acting), resume (the journal knows what was intended) and verification
 * (a fact comes only from the assessment after the act). Errors other than decisions are thrown to the caller.
 * Where the responder goes ahead, what a change does not need is read beside it (`beside.ts`).
 */
export const respond = async (
  stages: readonly Stage[],
  from: Incident,
  world: World,
  recorder: RunRecorder,
  responder: Responder,
  { entered = 0, of = stages.length }: Part = {},
): Promise<ResponseOutcome> => {
  const noted: Run['noted'] = {}
  const run = runOf({ stages, world, responder, of, noted, isFirstPart: stages.length < of }, from, recorder)
  try {
    const outcome = await runAll(run, entered)
    const isOver = outcome.stopped === undefined || world.dryRun
    return noted.refusal && isOver ? endedBy(weighed(noted.refusal, outcome.incident), outcome.incident) : outcome
  } catch (error) {
    if (!world.dryRun || noted.refusal === undefined) throw error
    // What a dry run met after a refusal, a real run would not have met.
    if (world.signal.aborted || !(error instanceof Failure || isAwsError(error))) throw error
    return endedBy(noted.refusal, from)
  } finally {
    run.beside?.leave()
  }
}

/** A living way in weighs more than a stage that was left out. */
const weighed = (refusal: Stopped, { facts: { closure } }: Incident): Stopped =>
  (closure?.alarms ?? []).length > 0 ? { ...refusal, kind: 'unconfirmed' } : refusal

const endedBy = (stopped: Stopped, incident: Incident): ResponseOutcome => ({
  incident,
  ending: endingOf(stopped),
  stopped,
})

const runAll = async (run: Run, entered: number): Promise<ResponseOutcome> => {
  const { stages, world } = run
  const warning = sessionWarning(world.readiness, world.now())
  if (warning && !run.isFirstPart) run.recorder.emit({ type: 'note', text: warning })
  for (const stage of stages.slice(0, entered)) await withSignIn(() => completeEntered(stage, run), run)
  for (let index = entered; ; ) {
    const stage = stages[index]
    if (stage) {
      const before = run.incident().intents.length
      const stopped =
        (await lookOnceMore(stage, run)) ?? (await runStage(stage, index + 1, run)) ?? (await lookAtMoved(stage, before, run))
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

/** Reads what is missing of the fact of a stage that ran before there was a journal. */
const completeEntered = async (stage: Stage, { beside, incident, context, recorder, world }: Run): Promise<void> => {
  const { establishes, readings } = stage
  const { [establishes]: fact } = incident().facts
  if (fact === undefined || readings.length === 0) return
  if (beside) return beside.begin(stage)
  const whole = await wholeFact(stage, fact, incident(), context(stage))
  await recorder.record({ type: 'established', at: world.now(), stage: stage.id, fact: { [establishes]: whole } })
  const blocks = readings.flatMap((reading) => reading.describe(incident().facts))
  recorder.emit({ type: 'described', stage: stage.id, blocks })
}

const endingOf = ({ kind }: Stopped): Ending => (kind === 'declined' || kind === 'falseAlarm' ? kind : 'blocked')

/** One stage to its end: established, decided without a fact, or what stopped the run. */
const runStage = async (stage: Stage, number: number, run: Run): Promise<Stopped | undefined> => {
  const { world, recorder } = run
  const { id, title, phase } = stage
  world.signal.throwIfAborted()
  recorder.emit({ type: 'entered', stage: id, title, phase, number, of: run.of })
  if (world.skip.includes(id)) {
    await recorder.record({ type: 'skipped', at: world.now(), stage: id, by: 'the responder' })
    return undefined
  }
  const goesBeside = run.beside !== undefined && stage.before !== undefined
  if (!goesBeside) await withSignIn(async () => run.beside?.waitFor(stage), run)
  const missing = lackOf(stage, run)
  if (missing !== undefined) return conclude(stage, notApplicable(`${LACKING}${missing}`), run)
  const refused = guardRefusal(stage, run)
  if (refused) return block(stage, refused, run)
  if (goesBeside) {
    run.beside?.beginStage(stage)
    return undefined
  }
  return withSignIn(() => establish(stage, run), run)
}

const LACKING = 'it needs what was not established: '

/** What a stage lacks of what it needs; undefined where it lacks nothing. */
const lackOf = ({ needs, needsOneOf = [] }: Stage, run: Run): string | undefined => {
  const missing = missingFacts(run.incident(), needs)
  if (missing.length > 0) return missingWords(missing, run, ', ')
  const lacks = missingFacts(run.incident(), needsOneOf)
  return lacks.length > 0 && lacks.length === needsOneOf.length ? missingWords(lacks, run, ' or ') : undefined
}

/** What is missing, each with why the stage that establishes it does not apply, said once. */
const missingWords = (missing: readonly FactName[], { stages, incident }: Run, joint: string): string => {
  const said = new Set<string>()
  return missing
    .map((fact) => {
      const stage = stages.find(({ establishes }) => establishes === fact)
      const decided = stage && incident().decided[stage.id]
      if (decided?.how !== 'notApplicable' || said.has(decided.why)) return fact
      // What is missing for want of another fact of the list is explained there.
      if (said.size > 0 && decided.why.startsWith(LACKING)) return fact
      said.add(decided.why)
      return `${fact} (${decided.why})`
    })
    .join(joint)
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

/** What a stage's own changes made another is read back by the stage that established it. */
const lookAtMoved = async (stage: Stage, before: number, run: Run): Promise<Stopped | undefined> => {
  const sent = run.incident().intents.slice(before)
  if (!sent.some((intent) => intent.stage === stage.id)) return undefined
  for (const moved of run.stages) {
    if (!stage.moves?.includes(moved.establishes) || run.incident().facts[moved.establishes] === undefined) continue
    const stopped = await withSignIn(() => establish(moved, run), run)
    if (stopped) return stopped
  }
  return undefined
}

/** Guards stand before every stage, with all that is known by then; a dry run goes on, and ends with the first refusal. */
const guardRefusal = (stage: Stage, { world, incident, recorder, noted }: Run) => {
  const refusal = firstRefusal({ ...world, incident: incident(), now: world.now() }, stage.id)
  if (!refusal || !world.dryRun) return refusal
  const { why, remedy, kind = 'blocked', leavesOut } = refusal
  const would = leavesOut ? 'go on without it' : 'stop here'
  if (noted.refusal?.why !== why) recorder.emit({ type: 'note', text: `${stage.id}: a real run would ${would}: ${why}` })
  noted.refusal ??= { stage: stage.id, kind, why, remedy, ...given({ leavesOut }) }
  return undefined
}

/** Waits for every re-check that is still to come, and makes one more, so that the report says how things stand now. */
const finalRechecks = async (run: Run): Promise<void> => {
  const { stages, world, incident } = run
  await run.beside?.waitForAll()
  for (const stage of stages) {
    if (!stage.recheck || incident().facts[stage.establishes] === undefined) continue
    await world.settle(
      { what: 'the re-checks that are due', kind: 'pause', within: 300 },
      async () => (nextDue(incident(), stage) === undefined ? true : undefined),
      run.between,
    )
    if (!(await recheck(stage, run.rechecks))) await run.restore(stage)
  }
}
