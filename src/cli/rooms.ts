import { runbook } from '../runbook/runbook.ts'
import type { AnyStage } from '../runbook/stage.ts'
import { closeIncident } from '../stages/close-incident.ts'
import { findFinding } from '../stages/find-finding.ts'
import { huntPersistence } from '../stages/hunt-persistence.ts'
import { identifySubject } from '../stages/identify-subject.ts'
import { investigateSession } from '../stages/investigate-session.ts'
import { preserveEvidence } from '../stages/preserve-evidence.ts'
import { restartInstance } from '../stages/restart-instance.ts'
import { revokeSessions } from '../stages/revoke-sessions.ts'
import { scopeBlastRadius } from '../stages/scope-blast-radius.ts'
import { traceActivity } from '../stages/trace-activity.ts'
import { verifyRotation } from '../stages/verify-rotation.ts'

/** All stages in their order. Here, where everybody is known, stages meet the runbook. */
export const stages: readonly AnyStage[] = runbook({
  findFinding,
  identifySubject,
  scopeBlastRadius,
  revokeSessions,
  preserveEvidence,
  restartInstance,
  verifyRotation,
  investigateSession,
  traceActivity,
  huntPersistence,
  closeIncident,
} as unknown as Parameters<typeof runbook>[0])

/** What each stage says of its fact, for the report. */
export const tellers = Object.fromEntries(stages.map((stage) => [stage.id, stage.tell]))
