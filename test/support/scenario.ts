import { expect } from 'vitest'
import type { ActorEvent, Instance } from '../../src/simulator/account/account.ts'
import type { FindingDocument } from '../../src/simulator/account/detection.ts'
import { steppingClock } from '../../src/simulator/clock.ts'
import type { BuiltScenario, ScenarioOptions } from '../../src/simulator/scenario-kit/scenario.ts'
import { loadScenario } from '../../src/simulator/scenarios/catalogue.ts'
import { NOW } from './trail.ts'

/** The compromised instance's id. */
export const SUBJECT_INSTANCE = 'i-08faaaafb15777f5a'

/** A scenario of the catalogue at NOW. */
export const build = async (id: string, options: Partial<ScenarioOptions> = {}): Promise<BuiltScenario> =>
  (await loadScenario(id)).build({ clock: steppingClock(NOW), ...options })

const looked = new Map<string, Promise<BuiltScenario>>()

/** One build for all tests of a file that only look at it. Files share a worker's modules, and another file may change its build. */
export const lookAt = (id: string): Promise<BuiltScenario> => {
  const key = `${expect.getState().testPath} ${id}`
  const built = looked.get(key) ?? build(id)
  looked.set(key, built)
  return built
}

/** The finding to respond to. */
export const mainOf = ({ account, findingId }: BuiltScenario): FindingDocument => {
  const finding = account.findings.get(findingId)
  if (!finding) throw new Error('the finding is not there')
  return finding
}

/** The compromised instance. */
export const subjectInstanceOf = ({ account }: BuiltScenario): Instance => {
  const subjectInstance = account.instances.get(SUBJECT_INSTANCE)
  if (!subjectInstance) throw new Error('no subjectInstance')
  return subjectInstance
}

/** Lets time pass, and gives what the actors did meanwhile. */
export const passes = ({ account }: BuiltScenario, seconds: number): ActorEvent[] => {
  const received: ActorEvent[] = []
  account.actorListeners.push((event) => received.push(event))
  account.clock.advance(seconds)
  account.agenda.runUntil(account.clock.now())
  return received
}

/** Denies the role's older sessions, as the IAM console does. */
export const revoke = ({ account }: BuiltScenario): void => {
  const writtenAt = account.clock.now()
  const cutoff = new Date(writtenAt + 30_000).toISOString()
  const Condition = { DateLessThan: { 'aws:TokenIssueTime': cutoff } }
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition }],
  })
  account.roles.get('web-app')?.inline.set('AWSRevokeOlderSessions', { document, writtenAt })
}
