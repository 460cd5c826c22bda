import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail'
import type { PrincipalRef } from '../../question.ts'
import type { CloudTrailRecord } from '../../record.ts'

/** The one attribute that a lookup may have; without it every event of the Region is read. */
export interface LookupBy {
  readonly attribute: LookupAttributeKey
  readonly value: string
}

/** How a principal's calls are found, the most selective way first. */
export interface WaysToFind {
  /** Undefined in the list: no attribute tells the principal, so every event has to be read. */
  readonly own: readonly (LookupBy | undefined)[]
  /** A role's calls are found by its sessions' names only, and these by the calls that issued the sessions. */
  readonly issues: readonly LookupBy[]
}

const ISSUING = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity']

const by = (attribute: LookupAttributeKey, value: string): LookupBy => ({ attribute, value })
const found = (...own: readonly (LookupBy | undefined)[]): WaysToFind => ({ own, issues: [] })

/** The name that LookupEvents' Username compares: a session's name, or a user's. */
const lastPart = (value: string): string => value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf(':')) + 1)

/**
 * EC2's own AssumeRole names the new key and the instance as resources; its caller is a service, so neither AccessKeyId nor
 * Username finds it.
 */
const WAYS: Readonly<Record<PrincipalRef['kind'], (value: string) => WaysToFind>> = {
  'access-key-id': (value) => found(by('AccessKeyId', value), by('ResourceName', value)),
  session: (value) => found(by('Username', lastPart(value))),
  'instance-id': (value) => found(by('Username', value), by('ResourceName', value)),
  user: (value) =>
    value.startsWith('AIDA') ? found(undefined) : found(by('Username', value.endsWith(':root') ? 'root' : lastPart(value))),
  role: (value) => ({
    own: [],
    issues: value.startsWith('arn:') ? [by('ResourceName', value)] : ISSUING.map((name) => by('EventName', name)),
  }),
  ip: () => found(undefined),
}

export const waysToFind = ({ kind, value }: PrincipalRef): WaysToFind => WAYS[kind](value)

/** The name of the session that a call obtained of the role; undefined for calls that did not. */
export const sessionIssued = ({ value }: PrincipalRef, record: CloudTrailRecord): string | undefined => {
  const { eventName, outcome, requested, response } = record
  if (!ISSUING.includes(eventName) || outcome !== 'ok') return undefined
  const { roleArn = '', roleSessionName } = requested
  const user = response?.assumedRoleUser
  const id = typeof user === 'object' && user !== null && 'assumedRoleId' in user ? String(user.assumedRoleId) : ''
  return roleArn === value || roleArn.endsWith(`/${value}`) || id.startsWith(`${value}:`) ? roleSessionName : undefined
}
