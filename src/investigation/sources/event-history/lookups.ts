import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail'
import { lastPart } from '../../../incident/values/identifiers.ts'
import { TRAIL_CHANGES } from '../../analysis/logging-gaps.ts'
import { isCallOf, type PrincipalRef } from '../../question.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { principalName } from '../../source.ts'

/** The one attribute that a lookup may have; without it every event of the Region is read. */
export interface LookupBy {
  readonly attribute: LookupAttributeKey
  readonly value: string
}

/** How a principal's calls are found, the most selective way first. */
interface WaysToFind {
  /** Undefined in the list: no attribute tells the principal, so every event has to be read. */
  readonly own: readonly (LookupBy | undefined)[]
  /** A role's calls are found by its sessions' names only, and these by the calls that issued the sessions. */
  readonly issues: readonly LookupBy[]
}

const ISSUING = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity']

const by = (attribute: LookupAttributeKey, value: string): LookupBy => ({ attribute, value })
const found = (...own: readonly (LookupBy | undefined)[]): WaysToFind => ({ own, issues: [] })

/**
 * EC2's own AssumeRole names the new key and the instance as resources; its caller is a service, so neither AccessKeyId nor
 * Username finds it.
 */
const WAYS: Readonly<Record<PrincipalRef['kind'], (value: string) => WaysToFind>> = {
  'access-key-id': (value) => found(by('AccessKeyId', value), by('ResourceName', value)),
  // Username compares a session's name, or a user's.
  session: (value) => found(by('Username', lastPart(value))),
  'instance-id': (value) => found(by('Username', value), by('ResourceName', value)),
  user: (value) =>
    value.startsWith('AIDA') ? found(undefined) : found(by('Username', value.endsWith(':root') ? 'root' : lastPart(value))),
  role: (value) => ({
    own: [],
    issues: value.startsWith('arn:') ? [by('ResourceName', value)] : ISSUING.map((name) => by('EventName', name)),
  }),
  ip: () => found(undefined),
  resource: (value) => found(by('ResourceName', value)),
  'trail-changes': () => found(...TRAIL_CHANGES.map((name) => by('EventName', name))),
  console: (value) => found(by('Username', value)),
  trust: (value) => found(...ISSUING.map((name) => by('EventName', name)), by('ResourceName', lastPart(value))),
}

/** How events are found that list somebody or something as a resource. Events of IAM name a role or a user without its path. */
export const asResource = ({ value }: PrincipalRef): LookupBy => by('ResourceName', lastPart(value))

export const waysToFind = ({ kind, value }: PrincipalRef): WaysToFind => WAYS[kind](value)

/** The name of the session that a call obtained of the role; undefined for calls that did not. */
const sessionIssued = ({ value }: PrincipalRef, record: CloudTrailRecord): string | undefined => {
  const { eventName, outcome, requested, response } = record
  if (!ISSUING.includes(eventName) || outcome !== 'ok') return undefined
  const { roleArn = '', roleSessionName } = requested
  const user = response?.assumedRoleUser
  const id = typeof user === 'object' && user !== null && 'assumedRoleId' in user ? String(user.assumedRoleId) : ''
  return roleArn === value || roleArn.endsWith(`/${value}`) || id.startsWith(`${value}:`) ? roleSessionName : undefined
}

/** The names of roles' sessions: what LookupEvents finds a role's calls by. */
export interface RoleSessions {
  /** From now on the names of this principal's sessions are noted, if it is a role. */
  follow(principal: PrincipalRef): void
  /** Notes the session that a record is a call of, and the one that it obtained. */
  note(record: CloudTrailRecord): void
  names(principal: PrincipalRef): readonly string[]
  /** What was left out, a sentence each. */
  leftOut(): readonly string[]
}

/** A role with more of them is not read whole: each takes a call a Region at the least. */
const MOST_NAMES = 200

/** How STS writes a session's name. */
const NAME = /^[\w+=,.@-]{2,64}$/

export const roleSessions = (): RoleSessions => {
  const roles = new Map<string, { readonly principal: PrincipalRef; readonly names: Set<string>; readonly others: Set<string> }>()
  return {
    follow: (principal) => {
      const name = principalName(principal)
      if (principal.kind === 'role' && !roles.has(name)) roles.set(name, { principal, names: new Set(), others: new Set() })
    },
    note: (record) => {
      for (const role of roles.values()) {
        const name = isCallOf(role.principal, record) ? record.sessionName : sessionIssued(role.principal, record)
        if (name === undefined || !NAME.test(name) || role.names.has(name)) continue
        if (role.names.size < MOST_NAMES) role.names.add(name)
        else role.others.add(name)
      }
    },
    names: (principal) => [...(roles.get(principalName(principal))?.names ?? [])],
    leftOut: () =>
      [...roles.values()]
        .filter(({ others }) => others.size > 0)
        .map(
          ({ principal, others }) =>
            `role ${principal.value} has more than ${MOST_NAMES} sessions, and ${others.size} of them were not looked up`,
        ),
  }
}
