import type { FactName } from '../incident/facts/facts.ts'
import type { Incident, IncidentWith } from '../incident/incident.ts'
import { type Instant, isBefore, plus } from '../incident/values/instant.ts'
import type { AnyStage, Context, Rechecking } from './stage.ts'
import type { RunRecorder } from './world.ts'

interface Rechecker {
  readonly stages: readonly AnyStage[]
  readonly incident: () => Incident
  readonly context: (stage: AnyStage) => Context
  readonly recorder: RunRecorder
  readonly now: () => Instant
}

const recheckingOf = (stage: AnyStage): Rechecking<FactName> | undefined => stage.recheck

/** Re-checks made of a fact since it was last established. */
export const rechecksOf = (incident: Incident, stage: AnyStage) => {
  const since = incident.establishedAt[stage.establishes]
  if (since === undefined) return []
  return incident.rechecks.filter((recheck) => recheck.stage === stage.id && !isBefore(recheck.at, since))
}

/** When the next re-check of a stage is due; undefined when all of its list are done. Derived from the journal alone. */
export const nextDue = (incident: Incident, stage: AnyStage): Instant | undefined => {
  const since = incident.establishedAt[stage.establishes]
  const after = recheckingOf(stage)?.after[rechecksOf(incident, stage).length]
  if (since === undefined || after === undefined || incident.assumed.includes(stage.establishes)) return undefined
  return plus(since, after)
}

/** Looks again at one established fact and writes down what it saw; something that no longer stands is shouted. */
export const recheck = async (stage: AnyStage, rechecker: Rechecker): Promise<void> => {
  const incident = rechecker.incident()
  const fact = incident.facts[stage.establishes]
  const rechecking = recheckingOf(stage)
  if (!fact || !rechecking) return
  const { stands, says } = await rechecking.look(fact, incident as IncidentWith<FactName>, rechecker.context(stage))
  await rechecker.recorder.record({ type: 'rechecked', at: rechecker.now(), stage: stage.id, stands, says })
  if (!stands) rechecker.recorder.tell({ type: 'alarm', text: says })
}

/** Works off what is due. Called between two looks of every wait, so that a long stop does not delay a re-check. */
export const workOff = async (rechecker: Rechecker): Promise<void> => {
  for (const stage of rechecker.stages) {
    for (;;) {
      const due = nextDue(rechecker.incident(), stage)
      if (due === undefined || isBefore(rechecker.now(), due)) break
      await recheck(stage, rechecker)
    }
  }
}
