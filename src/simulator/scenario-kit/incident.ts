import { MINUTE_MS, MINUTE_SECONDS } from '../../incident/values/duration.ts'
import type { ActorEvent } from '../account/account.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { attackerActs, attackerPlan } from '../actors/attacker.ts'
import { workloadActs } from '../actors/workload.ts'
import { functionActs, writeFunctionHistory, writeHistory, writeRefreshes } from '../actors/workload-history.ts'
import { floorToSecond } from '../clock.ts'
import { bringToLife } from '../instances/lifecycle.ts'
import { handedOut } from '../issue-credentials.ts'
import { hexFrom } from '../random.ts'
import { recordIssue } from '../records/record.ts'
import { RESIZING } from './resizing-function.ts'
import type { StandardAccount } from './standard-account.ts'

/** An instance's session: 6 h 35 min from issue to expiry in public records. */
const SESSION = 395 * MINUTE_MS

const ISSUED_BEFORE = 53 * MINUTE_MS
const HANDED_OUT_BEFORE = 52 * MINUTE_MS
/** How long before the present the attacker's first call is (ms). */
export const FIRST_CALL_BEFORE = 50 * MINUTE_MS
const LOOKS_AROUND_SECONDS = 46 * MINUTE_SECONDS

/** The subjectInstance's newest set of one kind, under a given key id. */
const issueSet = (standard: StandardAccount, delivery: '1.0' | '2.0', accessKeyId: string): IssuedCredential => {
  const { account, role, subjectInstance, now } = standard
  const issuedAt = floorToSecond(now - ISSUED_BEFORE)
  const credential = account.credentials.register({
    accessKeyId,
    secretAccessKey: hexFrom(account.random, 40),
    sessionToken: `IQoJb3JpZ2luX2Vj${hexFrom(account.random, 284)}`,
    principal: { type: 'role-session', roleName: role.name, roleId: role.id, sessionName: subjectInstance.id },
    issuedAt,
    expiresAt: issuedAt + SESSION,
    ec2RoleDelivery: delivery,
    instanceId: subjectInstance.id,
  })
  const handOut = floorToSecond(now - HANDED_OUT_BEFORE)
  subjectInstance.delivered[delivery === '1.0' ? 'v1' : 'v2'].push({ accessKeyId, from: handOut, lastUpdated: handOut })
  recordIssue(account, credential)
  return credential
}

/** The other kind's set, issued in the same second: why a differing key proves nothing. */
const SIBLING_KEY = 'ASIAXCSEC6TN3WQJ5KVD'

/** The past: 45 days of normal activity, hourly refreshes, and the sets of which one was stolen. Gives the stolen set. */
export const writePast = (standard: StandardAccount, stolen: '1.0' | '2.0'): IssuedCredential => {
  const { account, role, subjectInstance, neighbours, now, identity } = standard
  writeRefreshes(account, subjectInstance, now - ISSUED_BEFORE - 61 * MINUTE_MS)
  for (const [index, neighbour] of neighbours.entries()) writeRefreshes(account, neighbour, now - (35 + 9 * index) * MINUTE_MS)
  const theft = issueSet(standard, stolen, identity.stolenKeyId)
  issueSet(standard, stolen === '1.0' ? '2.0' : '1.0', SIBLING_KEY)
  writeFunctionHistory(account, role, RESIZING, now)
  writeHistory(account, role, [subjectInstance, ...neighbours], now)
  return theft
}

/** From now on the instances live, and their application goes on. */
export const startActors = ({ account, subjectInstance, neighbours, bastion, now }: StandardAccount): void => {
  for (const instance of [subjectInstance, ...neighbours, bastion]) bringToLife(account, instance)
  for (const instance of [subjectInstance, ...neighbours]) workloadActs(account, instance)
  functionActs(account, RESIZING, now)
}

/** Everybody's calls up to now, as the actors made them: what a finding is written from. */
export const actorEventsWhile = ({ account, now }: StandardAccount, begin: () => void): ActorEvent[] => {
  const actorEvents: ActorEvent[] = []
  const listener = (event: ActorEvent): void => void actorEvents.push(event)
  account.actorListeners.push(listener)
  begin()
  account.agenda.runUntil(now)
  account.actorListeners.splice(account.actorListeners.indexOf(listener), 1)
  return actorEvents
}

/** The attacker from the outside: looks around for most of the last 50 minutes, then copies the bucket until refused for good. */
export const startAttacker = ({ account, role, now }: StandardAccount, stolen: IssuedCredential, sourceIp: string): void =>
  attackerActs(account, stolen, attackerPlan(account, role.name, LOOKS_AROUND_SECONDS), sourceIp, now - FIRST_CALL_BEFORE)

/** A neighbour's credentials of the moment: whoever is cut off together with the attacker. */
export const neighbourCredentials = ({ account, neighbours, now, responder }: StandardAccount): IssuedCredential => {
  const [neighbour] = neighbours
  return (neighbour && handedOut(account, neighbour, '2.0', now)) ?? responder
}
