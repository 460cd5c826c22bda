/**
 * The one spelling of a JSON value: keys sorted by code unit, undefined members dropped (null inside arrays, as JSON has it),
 * no white space, everything but printable ASCII escaped. Two values that mean the same give the same bytes, so a hash can be taken.
 * Lone surrogates survive, and a terminal that prints the file shows an attacker's control characters as text.
 * Throws TypeError for values that JSON drops or changes silently: NaN and infinities, bigints, Dates, Maps, class instances, functions.
 */
export const canonicalJson = (value: unknown): string => {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return canonicalString(value)
  if (typeof value === 'number') return canonicalNumber(value)
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonicalJson(item ?? null)).join(',')}]`
  if (isPlainObject(value)) return canonicalObject(value)
  throw new TypeError(`a ${kindOf(value)} cannot be written as canonical JSON`)
}

/** A copy of the value, as it comes back when it is read again. Errors as `canonicalJson`. */
export const snapshot = <T>(value: T): T => JSON.parse(canonicalJson(value)) as T

/** Whether a value is an object literal or came from JSON.parse, rather than an array or a class instance. */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const canonicalNumber = (value: number): string => {
  if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as canonical JSON`)
  return JSON.stringify(value)
}

const canonicalString = (value: string): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

const canonicalObject = (value: Readonly<Record<string, unknown>>): string => {
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${canonicalString(key)}:${canonicalJson(value[key])}`)
  return `{${members.join(',')}}`
}

const kindOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'foreign object') : typeof value
