import type { AnyStage } from './stage.ts'

/** The rooms of the runbook by name; main opens them (stages know the runbook, the runbook does not know stages). */
export interface Rooms {
  readonly findFinding: AnyStage
  readonly identifySubject: AnyStage
  readonly scopeBlastRadius: AnyStage
  readonly revokeSessions: AnyStage
  readonly preserveEvidence: AnyStage
  readonly restartInstance: AnyStage
  readonly verifyRotation: AnyStage
  readonly investigateSession: AnyStage
  readonly traceActivity: AnyStage
  readonly huntPersistence: AnyStage
  readonly closeIncident: AnyStage
}

/**
 * The product, in order. Somebody stole the credentials of an EC2 instance's role; this is what is done about it.
 * Each stage establishes one fact by looking at the world, and those that change something ask first.
 */
export const runbook = (rooms: Rooms): readonly AnyStage[] => [
  // What happened, and to whom.
  rooms.findFinding, // the GuardDuty finding, and every other one on the same key and session
  rooms.identifySubject, // the role, the session, the stolen key, the instance it came from
  rooms.scopeBlastRadius, // who else lives on the role, and whether the instance can be stopped at all

  // Throw the attacker out.
  rooms.revokeSessions, // deny every session of the role that was issued before now, and read it back
  rooms.preserveEvidence, // snapshots and console output, before the stop destroys them
  rooms.restartInstance, // stop and start: the only way to new credentials that does not take hours
  rooms.verifyRotation, // the instance's word, and a witness that is not the instance

  // What did the attacker do?
  rooms.investigateSession, // Detective's answer, and links to the session
  rooms.traceActivity, // CloudTrail's answer: what the stolen key did, from where

  // What is left of the attacker?
  rooms.huntPersistence, // users, keys, policies, trusts, shares: what is still there, and the command that takes it away

  // Is it over?
  rooms.closeIncident, // the thief's last refused call, and what cannot be shown yet
]
