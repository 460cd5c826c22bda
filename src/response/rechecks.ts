import { holdsFacts, type Incident, type Recheck } from '../incident/incident.ts'
import { type Instant, isBefore, plus } from '../incident/values/instant.ts'
import type { Context, Stage } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** What re-checks are made of: the stages, what is known, and a context for each look. */
export interface Rechecks {
  readonly stages: readonly Stage[]
  readonly incident: () => Incident
  readonly context: (stage: Stage) => Context
  readonly recorder: RunRecorder
  readonly world: Pick<World, 'now'>
}

/** Re-checks made of a fact since it was last established. */
export const rechecksOf = (incident: Incident, stage: Stage): readonly Recheck[] => {
  const since = incident.establishedAt[stage.establishes]
  if (since === undefined) return []
  return incident.rechecks.filter((recheck) => recheck.stage === stage.id && !isBefore(recheck.at, since))
}

/** When the next re-check of a stage is due; undefined when all of its list are made. Derived from the journal alone. */
export const nextDue = (incident: Incident, stage: Stage): Instant | undefined => {
  const since = incident.establishedAt[stage.establishes]
  const after = stage.recheck?.after[rechecksOf(incident, stage).length]
  if (since === undefined || after === undefined || incident.assumed.includes(stage.establishes)) return undefined
  return plus(since, after)
}

/** Looks again at one established fact and records what it saw; what no longer stands is an alarm. Gives whether it stands. */
export const recheck = async (stage: Stage, { incident, context, recorder, world }: Rechecks): Promise<boolean> => {
  if (!stage.recheck || !holdsFacts(incident(), [stage.establishes])) return true
  const { stands, says } = await stage.recheck.look(incident(), context(stage))
  await recorder.record({ type: 'rechecked', at: world.now(), stage: stage.id, stands, says })
  if (!stands) recorder.emit({ type: 'alarm', text: says })
  return stands
}

/**
 * Makes the re-checks that are due. Called between two looks of every wait, so that a long stop does not delay one. Gives the stages
 * whose fact does not stand any more.
 */
export const recheckWhatIsDue = async (rechecks: Rechecks): Promise<readonly Stage[]> => {
  const fallen = new Set<Stage>()
  for (const stage of rechecks.stages) {
    for (;;) {
      const due = nextDue(rechecks.incident(), stage)
      if (due === undefined || isBefore(rechecks.world.now(), due)) break
      if (!(await recheck(stage, rechecks))) fallen.add(stage)
    }
  }
  return [...fallen]
}
