import type { FactName } from '../incident/facts/facts.ts'
import type { Stage } from './stage.ts'

/** The stages by name: the fact that each establishes, and the facts that it needs for that. */
export interface Stages {
  readonly findFinding: Stage<'finding', never>
  readonly identifySubject: Stage<'subject', 'finding'>
  readonly scopeBlastRadius: Stage<'blastRadius', 'subject'>
  readonly revokeSessions: Stage<'revocation', 'subject'>
  readonly closeAccess: Stage<'access', 'finding' | 'subject' | 'revocation'>
  readonly preserveEvidence: Stage<'evidence', 'subject' | 'blastRadius'>
  readonly restartInstance: Stage<'restart', 'subject' | 'blastRadius' | 'revocation'>
  readonly renewWorkload: Stage<'renewal', 'subject' | 'blastRadius' | 'revocation'>
  readonly verifyRotation: Stage<'rotation', 'subject' | 'blastRadius' | 'revocation'>
  readonly verifyByHand: Stage<'byHand', 'finding'>
  readonly investigateSession: Stage<'investigation', 'finding' | 'subject'>
  readonly traceActivity: Stage<'activity', 'finding' | 'subject'>
  readonly huntPersistence: Stage<'persistence', 'subject' | 'activity'>
  readonly closeIncident: Stage<'closure', 'subject' | 'revocation'>
}

/**
 * The product, in order: what ir-cred does when AWS credentials are stolen. What a subject does not need is not applicable for it.
 * Each stage establishes one fact by looking at the world, and those that change something ask first.
 */
export const runbook = (stages: Stages): readonly Stage[] =>
  nothingKnown
    // What happened, and to which credentials?
    .next(stages.findFinding) // the GuardDuty finding, and every other one on the same key and session
    .next(stages.identifySubject) // the role, the session, the stolen key, the instance it came from
    .next(stages.scopeBlastRadius) // who else uses the role, and what a restart costs: the deny does not wait for it

    // Deny the stolen credentials, close what issues others, and renew the workload's.
    .next(stages.revokeSessions) // deny every session of the role that was issued before now, and read it back
    .next(stages.closeAccess) // what can issue new credentials: parent key, trust policy, the metadata service before the start
    .next(stages.preserveEvidence) // snapshots and console output, before the stop destroys them
    .next(stages.restartInstance) // stop and start: the only way to new credentials that does not take hours
    .next(stages.renewWorkload) // the same for functions and services: new environments, new tasks
    .next(stages.verifyRotation) // what the instance says, and a source that is not the instance
    .next(stages.verifyByHand) // what only a person can do, as for the root user: in which order, and whether it is done

    // What did the attacker do?
    .next(stages.investigateSession) // Detective's answer, and links to the session
    .next(stages.traceActivity) // CloudTrail's answer: what the stolen key did, from where

    // What is left of the attacker?
    .next(stages.huntPersistence) // users, keys, policies, trusts, shares: what is still there, and the command that removes it

    // Is it over?
    .next(stages.closeIncident).stages // the attacker's last refused call, and what cannot be shown yet

/** Stages in order, of which each may need only what the stages before it establish: the wrong order is a compile error. */
export interface StagesInOrder<Known extends FactName> {
  readonly stages: readonly Stage[]
  next<P extends FactName>(stage: Stage<P, Known>): StagesInOrder<Known | P>
}

const inOrder = <Known extends FactName>(stages: readonly Stage[]): StagesInOrder<Known> => ({
  stages,
  next: (stage) => inOrder([...stages, stage]),
})

/** Where a runbook begins: no fact is known, so the first stage needs none. */
export const nothingKnown: StagesInOrder<never> = inOrder([])
