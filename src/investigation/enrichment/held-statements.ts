import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import type { PolicyRead, PrincipalProfile, StatementRead } from '../../incident/facts/role-profile.ts'
import { rawText, type Untrusted } from '../../incident/values/untrusted.ts'
import { type GrantedStatement, type UsedAndGranted, usedAndGranted } from '../analysis/used-and-granted.ts'

/** What was called (CloudTrail) set against what the policies say (IAM), boundary and explicit Deny included. */
export const usedOf = ({ policies }: PrincipalProfile, apis: readonly ApiRow[]): UsedAndGranted => {
  const boundary = policies.filter(({ use }) => use === 'boundary')
  const limits = boundary.length > 0 && boundary.every(({ unread }) => unread === undefined)
  return usedAndGranted(apis, heldIn(policies, 'permissions'), ...(limits ? [heldIn(policies, 'boundary')] : []))
}

const heldIn = (policies: readonly PolicyRead[], wanted: PolicyRead['use']): readonly GrantedStatement[] =>
  policies.filter(({ use }) => use === wanted).flatMap(({ statements }) => statements.map(asGranted))

const asGranted = ({ effect, actions, notActions, resources, notResources, conditions }: StatementRead): GrantedStatement => ({
  Effect: effect,
  ...(notActions.length > 0 ? { NotAction: raw(notActions) } : { Action: raw(actions) }),
  ...(notResources.length > 0 ? { NotResource: raw(notResources) } : { Resource: raw(resources) }),
  ...(conditions.length > 0 ? { Condition: { conditions } } : {}),
})

/** For comparing only. */
const raw = (texts: readonly Untrusted[]): readonly string[] => texts.map(rawText)
