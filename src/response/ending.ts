import { deletedSnapshotAlarm } from '../incident/facts/facts.ts'
import { leavesWayBack, NO_WAY_BACK_UNPROVEN } from '../incident/facts/persistence.ts'
import type { Incident } from '../incident/incident.ts'
import { rechecksOf } from './rechecks.ts'
import type { Stage } from './stage.ts'

/** What a run that came to its end could not confirm: with one sentence or more the exit code is not 0. */
export const unconfirmed = (incident: Incident, stages: readonly Stage[]): readonly string[] => {
  const { facts } = incident
  const reasons: string[] = []
  for (const stage of stages) {
    if (facts[stage.establishes] === undefined && incident.decided[stage.id] === undefined)
      reasons.push(`${stage.id} is neither established nor decided`)
    reasons.push(...fallen(incident, stage))
  }
  if (!facts.revocation) reasons.push('the revocation is not established: older sessions of the role may still work')
  if (!facts.rotation)
    reasons.push('the rotation is not established: the instance’s credentials were not verified after a restart')
  else if (facts.rotation.verdict !== 'rotated' && facts.rotation.verdict !== 'renewed')
    reasons.push(`the verdict on the rotation is ${facts.rotation.verdict}: ${facts.rotation.why}`)
  if (facts.subject?.caller.origin === 'instance') {
    reasons.push('the calls came from the instance itself: the attacker on it gets the new credentials too; isolate it')
  }
  reasons.push(...(facts.evidence?.deleted ?? []).map(deletedSnapshotAlarm))
  return [...reasons, ...(facts.closure?.alarms ?? [])]
}

const fallen = (incident: Incident, stage: Stage): readonly string[] => {
  if (!stage.recheck || incident.facts[stage.establishes] === undefined) return []
  const rechecks = rechecksOf(incident, stage)
  const last = rechecks.at(-1)
  if (last && !last.stands) return [last.says]
  // Every one of its list, and the last one before the report: for the revocation that is three.
  const wanted = stage.recheck.after.length + 1
  return rechecks.length < wanted ? [`${stage.id} was re-checked ${rechecks.length} times, not ${wanted}`] : []
}

/** What is likely but cannot be shown yet. It is listed, and does not change the exit code. */
export const unproven = (incident: Incident): readonly string[] => {
  const { rotation, closure, persistence } = incident.facts
  return [
    ...(rotation?.verdict === 'renewed'
      ? ['CloudTrail does not show yet when the reported key was issued; the SSM agent shows only that the credentials are new']
      : []),
    ...(persistence && leavesWayBack(persistence) ? [NO_WAY_BACK_UNPROVEN] : []),
    ...(closure?.unproven ?? []),
  ]
}
