import { type Incident, learn } from '../incident/incident.ts'
import { readingsBeside } from './beside.ts'
import { contextFor } from './context.ts'
import { conclude, establish } from './establish.ts'
import { type Rechecks, recheckWhatIsDue } from './rechecks.ts'
import type { Run } from './run.ts'
import type { Stage } from './stage.ts'
import type { RunRecorder } from './world.ts'

/** How often a run makes a change again that somebody undid. Whoever undoes it more often is stopped first, by hand. */
const RESTORES = 3

/** The run from what is known at its start: it learns every entry once the entry is on disk. */
export const runOf = (
  given: Pick<Run, 'stages' | 'world' | 'responder' | 'of' | 'noted' | 'isFirstPart'>,
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
  const goesAhead = responder.goesAhead && !world.dryRun ? { goesAhead: true as const } : {}
  // Neither a re-check nor a reading beside makes re-checks while it waits.
  const alone = { world, recorder, responder, between: async () => {}, ...goesAhead }
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
  const beside = goesAhead.goesAhead
    ? readingsBeside({
        ...{ stages: given.stages, world, recorder, incident, between: alone.between },
        context: (stage) => contextFor(stage.id, alone),
        conclude: (stage, assessment) => conclude(stage, assessment, run),
      })
    : undefined
  const run: Run = {
    ...given,
    ...(beside ? { beside } : {}),
    recorder,
    incident,
    assume: (assumed) => {
      known = assumed
    },
    context: (stage, lastLook) =>
      contextFor(stage.id, { world, recorder, responder, between, ...goesAhead, ...(lastLook ? { lastLook } : {}) }),
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
