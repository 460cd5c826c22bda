import { isAwsError } from '../../aws/failure.ts'
import type { Incident } from '../../incident/incident.ts'
import { contextFor } from '../../response/context.ts'
import { describeReality } from '../../response/stages/current-state.ts'
import { findFinding } from '../../response/stages/find-finding.ts'
import type { RunRecorder, World } from '../../response/world.ts'
import type { IncidentRun } from './run-incident.ts'

/** A resumed run first says how things stand; what it cannot read then, the stages will say. */
export const tellReality = async (
  { view, responder }: IncidentRun,
  incident: Incident,
  world: World,
  recorder: RunRecorder,
): Promise<void> => {
  const context = contextFor(findFinding.id, { world, recorder, responder, between: async () => {} })
  try {
    view.hear({ type: 'described', stage: 'resumed', blocks: await describeReality(incident, context) })
  } catch (error) {
    if (!isAwsError(error)) throw error
    view.hear({
      type: 'note',
      text: `how things stand could not be read: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}
