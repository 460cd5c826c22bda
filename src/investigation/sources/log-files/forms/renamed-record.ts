import type { Json } from '../../../record-parameters.ts'
import { NESTED_FIELDS, OPEN_FIELDS, OTHER_NAMES, PATHS, plainName } from './field-names.ts'
import { objectInText } from './struct-text.ts'

type Draft = Record<string, unknown>

/**
 * The CloudTrail record that an object holds under other names: in lower case (Athena, CloudTrail Lake), in snake case, flattened
 * (`userIdentity.accessKeyId`, `UserIdentityAccessKeyId`), or with structures as texts. Undefined when it holds none.
 */
export const renamedRecord = (value: object): Json | undefined => {
  const record: Draft = {}
  const others: [string, unknown][] = []
  readMembers(value, '', record, others)
  for (const [path, other] of others) if (atPath(record, path) === undefined) setAt(record, path, other)
  return isRecord(record) ? record : undefined
}

/** Whether an object has a member under another name than CloudTrail's, or a structure as a text. */
export const hasOtherNames = (value: object): boolean => Object.entries(value).some(([key, member]) => isOtherName(key, member))

const isOtherName = (key: string, member: unknown): boolean => {
  const plain = plainName(withoutWrappers(key))
  const path = PATHS.get(plain) ?? OPEN_FIELDS.get(plain)
  if (path !== undefined) return path !== key || path.includes('.') || (OPEN_FIELDS.has(plain) && typeof member === 'string')
  return (NESTED_FIELDS.has(plain) && plain !== 'addendum') || OTHER_NAMES.has(plain) || OPEN_PART.test(key)
}

/** An object of something else may have a name and a time too. */
const isRecord = ({ eventName, eventSource, eventVersion, eventID, userIdentity }: Draft): boolean =>
  typeof eventName === 'string' && (eventSource ?? eventVersion ?? eventID ?? userIdentity) !== undefined

/** Members of wrappers that tools put before flattened names. */
const WRAPPERS = /^(?:detail|data|result|properties|record|log|aws|cloudtrail)[._]/i

const readMembers = (value: object, prefix: string, record: Draft, others: [string, unknown][]): void => {
  for (const [key, member] of Object.entries(value)) {
    const given = presentValue(member)
    if (given !== undefined) readMember(prefix === '' ? withoutWrappers(key) : `${prefix}.${key}`, given, record, others)
  }
}

const withoutWrappers = (key: string): string => {
  let name = key
  while (WRAPPERS.test(name)) name = name.replace(WRAPPERS, '')
  return name
}

/** A value that is there: tables write an absent one as an empty text or as `null`. */
const presentValue = (value: unknown): unknown => (value === null || value === '' || value === 'null' ? undefined : value)

const readMember = (name: string, value: unknown, record: Draft, others: [string, unknown][]): void => {
  const plain = plainName(name)
  const path = PATHS.get(plain)
  if (path !== undefined) {
    setAt(record, path, scalarOf(value))
    return
  }
  if (NESTED_FIELDS.has(plain)) {
    const group = typeof value === 'string' ? objectInText(value) : value
    if (typeof group === 'object' && group !== null) readMembers(group, name, record, others)
    return
  }
  const other = OTHER_NAMES.get(plain)
  if (other !== undefined) others.push([other, other === 'eventTime' ? timeIn(scalarOf(value)) : scalarOf(value)])
  else readOpenMember(name, plain, value, record)
}

/** Search engines give each value as a list of one. */
const scalarOf = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value)

const OPEN_PART = /^(request_?parameters|response_?elements|additional_?event_?data|service_?event_?details|resources)[._](.+)$/i

const readOpenMember = (name: string, plain: string, value: unknown, record: Draft): void => {
  const whole = OPEN_FIELDS.get(plain)
  if (whole !== undefined) {
    const contents = typeof value === 'string' ? objectInText(value) : value
    if (contents !== undefined) record[whole] = whole === 'resources' ? resourcesIn(contents) : camelCased(contents, name)
    return
  }
  const [, group, rest] = OPEN_PART.exec(name) ?? []
  const field = group && OPEN_FIELDS.get(plainName(group))
  if (field && rest !== undefined && field !== 'resources') setAt(record, `${field}.${rest}`, value)
}

/** `request_parameters: { user_name }` comes from a tool that renames everything. */
const camelCased = (value: unknown, name: string): unknown => (name.includes('_') ? renamedDeep(value, 12) : value)

const renamedDeep = (value: unknown, depth: number): unknown => {
  if (depth === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => renamedDeep(item, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camelCase(key), renamedDeep(inner, depth - 1)]))
}

const camelCase = (key: string): string =>
  /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(key) ? key.replaceAll(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()) : key

const resourcesIn = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((item) =>
        typeof item === 'object' && item !== null && 'arn' in item ? { ...item, ARN: (item as Json).arn } : item,
      )
    : value

const atPath = (record: Draft, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Draft)[name] : undefined), record)

/** Sets a member at a path. What stands there first stays. */
const setAt = (record: Draft, path: string, value: unknown): void => {
  const names = path.split('.')
  const last = names.pop() ?? ''
  if (names.includes('__proto__') || last === '__proto__') return
  let at = record
  for (const name of names) {
    const inner = at[name]
    if (typeof inner !== 'object' || inner === null) at[name] = {}
    at = at[name] as Draft
  }
  at[last] ??= value
}

/** Microsoft's portals write `3/1/2026, 10:01:00.000 AM`. */
const PORTAL_TIME = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d{2}):(\d{2})(\.\d+)? ([AP])M$/

const timeIn = (value: unknown): unknown => {
  const [, month = '', day = '', year, hour, minute, second, fraction = '', half] = PORTAL_TIME.exec(String(value)) ?? []
  if (year === undefined) return value
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0)
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${String(hours).padStart(2, '0')}:${minute}:${second}${fraction}Z`
}
