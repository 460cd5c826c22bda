import type { Descriptions } from '../../report/stage-sections.ts'
import { runbook } from '../../response/runbook.ts'
import type { Stage } from '../../response/stage.ts'
import { archiveFinding } from '../../response/stages/archive-finding.ts'
import { closeAccess } from '../../response/stages/close-access.ts'
import { closeIncident } from '../../response/stages/close-incident.ts'
import { findFinding } from '../../response/stages/find-finding.ts'
import { huntPersistence } from '../../response/stages/hunt-persistence.ts'
import { identifySubject } from '../../response/stages/identify-subject.ts'
import { investigateSession } from '../../response/stages/investigate-session.ts'
import { liftRevocation } from '../../response/stages/lift-revocation.ts'
import { preserveEvidence } from '../../response/stages/preserve-evidence.ts'
import { renewWorkload } from '../../response/stages/renew-workload.ts'
import { restartInstance } from '../../response/stages/restart-instance.ts'
import { revokeSessions } from '../../response/stages/revoke-sessions.ts'
import { scopeBlastRadius } from '../../response/stages/scope-blast-radius.ts'
import { traceActivity } from '../../response/stages/trace-activity.ts'
import { verifyByHand } from '../../response/stages/verify-by-hand.ts'
import { verifyRotation } from '../../response/stages/verify-rotation.ts'

/** All stages in their order. Here, where everybody is known, stages meet the runbook. */
export const stages: readonly Stage[] = runbook({
  findFinding,
  identifySubject,
  scopeBlastRadius,
  revokeSessions,
  closeAccess,
  preserveEvidence,
  restartInstance,
  renewWorkload,
  verifyRotation,
  verifyByHand,
  investigateSession,
  traceActivity,
  huntPersistence,
  closeIncident,
})

/** What `ir-cred lift` runs: no response does. */
export const liftStages: readonly Stage[] = [liftRevocation]

/** What `--archive` runs at the end of a response that confirmed everything. */
export const archiveStages: readonly Stage[] = [archiveFinding]

/** How each stage describes its fact, for the report. */
export const descriptions: Descriptions = new Map(
  [...stages, ...liftStages, ...archiveStages].map(({ id, describe }) => [id, describe]),
)
