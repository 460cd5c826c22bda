import { isRoleName, roleOfArn } from '../../incident/values/identifiers.ts'
import { serviceOf } from '../analysis/call-totals.ts'
import type { CloudTrailRecord } from '../record.ts'

/** Services in which a role in a request is what the call is about, not one that is passed to compute. */
const ABOUT_ROLES: ReadonlySet<string> = new Set(['iam', 'sts', 'organizations', 'sso', 'sso-directory', 'account', 'kms'])

/** Members that hold a role, whatever a service calls them: roleArn, RoleARN, serviceRole, executionRoleArn, jobFlowRole, AutomationAssumeRole … */
const ROLE_MEMBER = /role/i
/** Members of such a name that hold something else. */
const OTHER_MEMBER = /role(?:Session|Type|Mappings?|Alias|Id)|principal/i

const DEPTH = 10
/** So many roles of one event are kept. */
const MOST_ROLES = 20

/** The roles of one event: their ARNs, or their names where the service takes a name. */
export interface EventRoles {
  /** In the request: whoever called passed them ("Granting a user permissions to pass a role to an AWS service"). */
  readonly passed: readonly string[]
  /** Only in the answer: the thing had them before. */
  readonly shown: readonly string[]
}

const NO_ROLES: EventRoles = { passed: [], shown: [] }

/** The roles that an event passed to a service, or that its answer shows. */
export const rolesOfEvent = ({ eventSource, request, response }: CloudTrailRecord): EventRoles => {
  if (ABOUT_ROLES.has(serviceOf(eventSource))) return NO_ROLES
  const passed = unique(rolesIn(request))
  return { passed, shown: unique(rolesIn(response)).filter((role) => !passed.includes(role)) }
}

const unique = (roles: readonly string[]): readonly string[] => [...new Set(roles)].slice(0, MOST_ROLES)

const rolesIn = (value: unknown, isRole = false, depth = DEPTH): readonly string[] => {
  if (typeof value === 'string') return isRole && isRoleText(value) ? [value] : []
  if (typeof value !== 'object' || value === null || depth === 0) return []
  if (Array.isArray(value)) return value.flatMap((item) => rolesIn(item, isRole, depth - 1))
  return Object.entries(value).flatMap(([name, inner]) => {
    const named = ROLE_MEMBER.test(name) && !OTHER_MEMBER.test(name)
    return rolesIn(inner, named || (isValue(name) && isRoleKey(value)), depth - 1)
  })
}

/** Data Pipeline and parameters of stacks: `{ "key": "resourceRole", "stringValue": … }`. */
const isValue = (name: string): boolean => /^(?:string|parameter)?value$/i.test(name)

const isRoleKey = (holder: object): boolean =>
  Object.entries(holder).some(
    ([name, key]) => /^(?:parameter)?key$/i.test(name) && typeof key === 'string' && ROLE_MEMBER.test(key),
  )

const isRoleText = (text: string): boolean => {
  const path = roleOfArn(text)?.path
  return path === undefined ? isRoleName(text) && !text.startsWith('AWSServiceRoleFor') : !path.startsWith(SERVICE_LINKED)
}

/** Only its own service takes a service-linked role, for itself ("Using service-linked roles"). */
const SERVICE_LINKED = '/aws-service-role/'
