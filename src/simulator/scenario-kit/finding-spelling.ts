import { SECOND_MS } from '../../incident/values/duration.ts'

/** A JSON object. */
export type Members = Readonly<Record<string, unknown>>

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** EventBridge writes additionalInfo as an object; the API as JSON text in Value. */
const additionalInfo = (value: unknown): unknown =>
  isMembers(value) && value.value === undefined && value.Value === undefined
    ? { Type: 'default', Value: JSON.stringify(value) }
    : apiSpelling(value)

/** The only times in a finding that the API does not write as text: those of an attack sequence's signals and sessions. */
const SEQUENCE_TIMES = ['CreatedAt', 'UpdatedAt', 'FirstSeenAt', 'LastSeenAt', 'CreatedTime']

const apiTime = (value: unknown): unknown => {
  const time = typeof value === 'number' ? value * SECOND_MS : Date.parse(String(value))
  return Number.isNaN(time) ? undefined : new Date(time)
}

const sequenceTimes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sequenceTimes)
  if (!isMembers(value)) return value
  const entries = Object.entries(value).map(([name, member]) => [
    name,
    SEQUENCE_TIMES.includes(name) ? apiTime(member) : sequenceTimes(member),
  ])
  return Object.fromEntries(entries)
}

/** A finding in the API's spelling, whoever wrote it: members begin in upper case, null ones are left out. */
export const apiSpelling = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(apiSpelling)
  if (!isMembers(value)) return value
  const entries = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    entries.map(([name, member]) => {
      const spelled = upperFirst(name)
      if (spelled === 'AdditionalInfo') return [spelled, additionalInfo(member)]
      return [spelled, spelled === 'Sequence' ? sequenceTimes(apiSpelling(member)) : apiSpelling(member)]
    }),
  )
}

/** The finding itself, out of an EventBridge event, an answer of GetFindings, or a list. */
export const unwrapped = (value: unknown): unknown => {
  if (Array.isArray(value)) return unwrapped(value[0])
  if (!isMembers(value)) return value
  const inner = value.detail ?? value.Findings ?? value.findings
  return inner === undefined ? value : unwrapped(inner)
}

/** The value with every text in it, at any depth, replaced. */
export const mapTexts = (value: unknown, replace: (text: string) => string): unknown => {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, replace))
  if (!isMembers(value) || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapTexts(member, replace)]))
}

/** What lies down a way of names and indexes; undefined where the way ends early. */
export const memberAt = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let found: unknown = value
  for (const step of path) {
    if (Array.isArray(found)) found = found[Number(step)]
    else found = isMembers(found) ? found[step] : undefined
  }
  return found
}

/** As `memberAt`, for text that is not empty. */
export const textAt = (value: unknown, ...path: readonly (string | number)[]): string | undefined => {
  const found = memberAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}
