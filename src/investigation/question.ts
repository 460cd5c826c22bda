import { isServiceSource } from '../incident/values/address.ts'
import { isRoleArn } from '../incident/values/identifiers.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../incident/values/instant.ts'
import { rawText } from '../incident/values/untrusted.ts'
import type { CloudTrailRecord } from './record.ts'

/** Whose calls are asked for. */
export interface PrincipalRef {
  readonly kind: CallerKind | 'resource' | 'trail-changes'
  /**
   * A role by name, ARN or unique id; a session by its ARN, `role/session-name`, principal id (`AROA…:name`) or bare name;
   * a user by name, ARN or unique id; the console sessions of a user by the user's name; whoever obtains sessions through a
   * role's trust policy by `account/role`; all else as CloudTrail writes it. A resource is no caller: its name stands in the request of
   * calls that change it, whoever made them. Nor are trail changes: calls that switch trails off and on, whoever made them.
   */
  readonly value: string
}

/** The kinds of principals that call. */
export type CallerKind = 'access-key-id' | 'role' | 'session' | 'instance-id' | 'ip' | 'user' | 'console' | 'trust'

/** From the first moment to just before the last; an end that is missing is open. */
export interface TimeRange {
  readonly from?: Instant
  readonly until?: Instant
}

export interface Question {
  readonly principal: PrincipalRef
  /** Whose earlier calls are the baseline. Missing: found out from the principal's own records. */
  readonly baselinePrincipal?: PrincipalRef
  readonly scope: TimeRange
  readonly baselineDays: number
  /** Every record of the account is given, so that what is new can be parts for the whole account. */
  readonly wholeAccount: boolean
  /** The earliest moment of which the source could have shown a record, where that is known. */
  readonly coveredFrom?: Instant
  /** Of a resource: when something was done to it that may have been undone since, in order. */
  readonly moments?: readonly Instant[]
}

/** Detective compares the scope time with the 45 days before it ("Managing the scope time"). */
export const BASELINE_DAYS = 45

/** A question with the usual answers to all that was not said. */
export const questionOf = (principal: PrincipalRef, parts: Partial<Omit<Question, 'principal'>> = {}): Question => ({
  scope: {},
  baselineDays: BASELINE_DAYS,
  wholeAccount: false,
  ...parts,
  principal,
})

/** What of a record tells who called. */
export type CallerFields = Pick<
  CloudTrailRecord,
  'accessKeyId' | 'principalId' | 'principalKind' | 'sessionArn' | 'sessionName' | 'roleArn' | 'roleName' | 'userName'
>

/** A caller whose calls came from a source: what a principal can be parts by. */
export type CallIdentity = CallerFields &
  Pick<CloudTrailRecord, 'source' | 'request'> &
  Partial<Pick<CloudTrailRecord, 'eventName' | 'requested' | 'invokedBy'>>

const MATCHES: Readonly<Record<PrincipalRef['kind'], (called: CallIdentity, value: string) => boolean>> = {
  'access-key-id': ({ accessKeyId }, value) => accessKeyId === value,
  role: ({ roleName, roleArn, principalId }, value) =>
    roleName === value ||
    roleArn === value ||
    (roleArn === undefined && roleName !== undefined && value.endsWith(`/${roleName}`)) ||
    (value.startsWith('AROA') && principalId?.startsWith(`${value}:`) === true),
  session: ({ sessionArn, sessionName, roleName, principalId }, value) =>
    sessionName !== undefined &&
    (sessionArn === value || principalId === value || sessionName === value || `${roleName}/${sessionName}` === value),
  'instance-id': ({ sessionName, roleName }, value) => roleName !== undefined && sessionName === value,
  ip: ({ source }, value) => rawText(source) === value,
  user: ({ userName, sessionArn, principalId, principalKind }, value) =>
    principalKind !== 'AssumedRole' &&
    (userName === value || sessionArn === value || principalId === value || (value === 'root' && principalKind === 'Root')),
  resource: ({ request }, value) => request !== undefined && namesResource(request, value),
  'trail-changes': () => false,
  // A sign-in has no key, and what is done in the console has temporary ones.
  console: ({ userName, principalKind, accessKeyId }, value) =>
    principalKind === 'IAMUser' && userName === value && (accessKeyId === undefined || accessKeyId.startsWith('ASIA')),
  trust: ({ eventName = '', requested, invokedBy, source }, value) => {
    // Asked of every record: most are no such call.
    if (!eventName.startsWith('AssumeRole')) return false
    const [account = '', roleName = ''] = value.split('/')
    return (
      requested?.roleArn?.endsWith(`/${roleName}`) === true &&
      requested.roleArn.includes(`:${account}:role/`) &&
      invokedBy === undefined &&
      !isServiceSource(rawText(source))
    )
  },
}

/** Whether a text of a request is the name, or an ARN that ends with it. */
const namesResource = (value: unknown, name: string): boolean => {
  if (typeof value === 'string')
    return value === name || (value.startsWith('arn:') && /[:/]$/.test(value.slice(0, -name.length)) && value.endsWith(name))
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => namesResource(inner, name))
}

/** Whether a call is one of the principal's. */
export const isCallOf = ({ kind, value }: PrincipalRef, called: CallIdentity): boolean => MATCHES[kind](called, value)

/**
 * A text that stands in every record of the principal: what to search the bytes of a log file for. An ARN is cut to its
 * last part, because the slash before it may be escaped. Not every record with the text is the principal's.
 */
export const searchTermOf = ({ value }: PrincipalRef): string => value.slice(value.lastIndexOf('/') + 1)

/** Whose earlier calls a caller's are compared with: its role's, or its user's. Undefined for a service or an unknown. */
export const baselinePrincipalOf = ({
  roleArn,
  roleName,
  userName,
  principalKind,
  sessionArn,
}: CallerFields): PrincipalRef | undefined => {
  if (roleArn && isRoleArn(roleArn)) return { kind: 'role', value: roleArn }
  if (roleName) return { kind: 'role', value: roleName }
  const user = principalKind === 'Root' ? sessionArn : userName
  return user ? { kind: 'user', value: user } : undefined
}

/** The part of the history that `--scope` names, around what a finding saw. */
export type ScopeName = 'before' | 'during' | 'after'

/**
 * The scope before, during or after a finding's first and last sight. CloudTrail writes whole seconds, so "during" begins with
 * the second of the first and ends with that of the last.
 */
export const scopeAround = (seen: { readonly first: Instant; readonly last: Instant }, name: ScopeName): TimeRange => {
  const first = wholeSecond(seen.first)
  const after = plus(wholeSecond(seen.last), 1)
  if (name === 'before') return { until: first }
  return name === 'after' ? { from: after } : { from: first, until: after }
}

/** Whether a moment lies in the range. */
export const isWithin = ({ from, until }: TimeRange, at: Instant): boolean =>
  !(from && isBefore(at, from)) && (until === undefined || isBefore(at, until))
