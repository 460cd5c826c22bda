import { isAwsError } from '../../aws/failure.ts'
import type { Incident } from '../../incident/incident.ts'
import { contextFor } from '../../response/context.ts'
import type { Listener, Responder } from '../../response/ports.ts'
import { currentStateBlocks } from '../../response/stages/current-state.ts'
import { findFinding } from '../../response/stages/find-finding.ts'
import type { RunRecorder, World } from '../../response/world.ts'

interface ResumedRun {
  readonly view: Listener
  readonly responder: Responder
  readonly incident: Incident
  readonly world: World
  readonly recorder: RunRecorder
}

/** Shows the current state of a resumed incident, before its stages begin. What cannot be read now, the stages report. */
export const showCurrentState = async ({ view, responder, incident, world, recorder }: ResumedRun): Promise<void> => {
  const context = contextFor(findFinding.id, { world, recorder, responder, between: async () => {} })
  try {
    view.hear({ type: 'described', stage: 'resumed', blocks: await currentStateBlocks(incident, context) })
  } catch (error) {
    if (!isAwsError(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    view.hear({ type: 'note', text: `ir-cred cannot read the current state: ${why}` })
  }
}
