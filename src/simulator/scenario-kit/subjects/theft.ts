import { MINUTE_MS, MINUTE_SECONDS, SECOND_MS } from '../../../incident/values/duration.ts'
import type { ActorEvent } from '../../account/account.ts'
import { attackerActs, attackerPlan } from '../../actors/attacker.ts'
import { actorEventsWhile, FIRST_CALL_BEFORE, writePast } from '../incident.ts'
import type { StandardAccount } from '../standard-account.ts'
import { SUBJECT_BUILDERS } from './builders.ts'
import type { SubjectNames, SubjectTheft } from './subject.ts'

/** Seconds after a refusal at which an attacker who can mint takes another set. */
const MINTS_AFTER = 30
/** How long before the present the attacker stops looking around (ms). */
const LOOKED_AROUND = 4 * MINUTE_MS

/** The attacker's plan with whatever set works: a refused one is replaced while somebody still hands out others. */
const startSubjectAttacker = ({ account, now }: StandardAccount, theft: SubjectTheft, sourceIp: string): void => {
  const { attackBefore = FIRST_CALL_BEFORE, mint } = theft
  let held = theft.stolen
  let isMinting = false
  const lookAround = Math.max(MINUTE_SECONDS, (attackBefore - LOOKED_AROUND) / SECOND_MS)
  attackerActs(account, () => held, attackerPlan(account, theft.roleName, lookAround), sourceIp, now - attackBefore)
  if (!mint) return
  account.actorListeners.push(({ who, explicit, at }) => {
    if (who !== 'attacker' || !explicit || isMinting) return
    isMinting = true
    account.agenda.add(at + MINTS_AFTER * SECOND_MS, () => {
      held = mint() ?? held
      isMinting = false
    })
  })
}

/** The past of an account in which a subject's credentials were stolen: its history, the theft, and the attacker's calls up to now. */
export const stealFrom = (
  standard: StandardAccount,
  names: SubjectNames,
  remoteIp: string,
): SubjectTheft & { readonly actorEvents: readonly ActorEvent[] } => {
  writePast(standard, '2.0')
  const theft = SUBJECT_BUILDERS[names.kind](standard, names, remoteIp)
  const actorEvents = actorEventsWhile(standard, () => startSubjectAttacker(standard, theft, remoteIp))
  theft.begin?.()
  return { ...theft, actorEvents }
}
