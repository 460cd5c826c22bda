import { type Incident, learn } from '../incident/incident.ts'
import { readingsBeside } from './beside.ts'
import { contextFor } from './context.ts'
import { conclude, establish } from './establish.ts'
import { type Rechecks, recheckWhatIsDue } from './rechecks.ts'
import type { Run, Stopped } from './run.ts'
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
  const { restore, takeRestored } = restoring(given.stages, recorder, incident, (stage) =>
    establish(stage, { ...run, context: (one) => contextFor(one.id, alone), between: async () => {} }),
  )
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
    takeRestored,
  }
  return run
}

/** Offers to make changes again that somebody undid, and knows from where the run then has to look anew. */
const restoring = (
  stages: readonly Stage[],
  { emit }: RunRecorder,
  incident: () => Incident,
  again: (stage: Stage) => Promise<Stopped | undefined>,
): Pick<Run, 'restore' | 'takeRestored'> => {
  let restored: number | undefined
  let restores = 0
  return {
    restore: async (stage) => {
      if (!stage.act || restores >= RESTORES) return
      emit({ type: 'note', text: `${stage.id}: what was established does not stand any more; ir-cred looks again` })
      const made = incident().intents.length
      // Declined, or blocked: the fact stays fallen, and the ending says so.
      if (await again(stage)) return
      if (incident().intents.length === made) return
      restores += 1
      const place = stages.indexOf(stage)
      restored = restored === undefined ? place : Math.min(restored, place)
    },
    takeRestored: () => {
      const place = restored
      restored = undefined
      return place
    },
  }
}
