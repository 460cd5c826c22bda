import { Failure } from '../values/failure.ts'
import { quoted } from '../values/quoted.ts'

/** A value of a document together with the way to it, written as the document spells it: `Resource.AccessKeyDetails`. */
export interface Member {
  readonly path: string
  readonly value: unknown
}

/** Takes one sentence about something odd that is not fatal. */
export type Remark = (sentence: string) => void

type JsonObject = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const RE_EXPORT = 'Export the finding again, for example with: aws guardduty get-findings --detector-id <id> --finding-ids <id>'

/** A finding that cannot be used as it is: kind 'usage'. */
export const refusal = (what: string, why: string, remedy = RE_EXPORT): Failure =>
  new Failure({ kind: 'usage', what, why, remedy })

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

const spelling = (object: JsonObject, name: string, path: string): string | undefined => {
  const wanted = name.toLowerCase()
  const [first, second] = Object.keys(object).filter((key) => key.length === name.length && key.toLowerCase() === wanted)
  if (second === undefined) return first
  throw refusal(
    `The finding names ${join(path, name)} twice`,
    `as ${quoted(first)} and as ${quoted(second)}, and nothing tells which is meant`,
    'Remove the wrong one.',
  )
}

/** A missing member is named the way its neighbours are: `AccountId` beside `Region`, `accountId` beside `region`. */
const missing = (object: JsonObject, name: string): string =>
  /^[A-Z]/.test(Object.keys(object)[0] ?? '') ? name.charAt(0).toUpperCase() + name.slice(1) : name

/**
 * The member down the given names, whatever its case: the API writes `AccountId`, EventBridge `accountId`.
 * Its value is undefined when it is missing, null, or on the way lies something that is no object.
 */
export const at = (from: Member, ...names: readonly string[]): Member =>
  names.reduce<Member>((member, name) => {
    const object = isJsonObject(member.value) ? member.value : {}
    const key = spelling(object, name, member.path)
    return {
      path: join(member.path, key ?? missing(object, name)),
      value: key === undefined ? undefined : (object[key] ?? undefined),
    }
  }, from)

/** As `at` for one name, for a member that has to be an object when it is there. Throws a Failure that names it. */
export const objectAt = (from: Member, name: string): Member => {
  const member = at(from, name)
  if (member.value === undefined || isJsonObject(member.value)) return member
  throw refusal(`The finding's ${member.path} is not an object`, `it is ${quoted(member.value)}`)
}

/** A text, a number or a boolean as text; empty for all else. String() throws for an object whose `toString` is no function. */
export const wordOf = ({ value }: Member): string => (['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '')

/** The elements of a list, each with its way (`Actors[0]`); none when it is no list. */
export const itemsOf = (list: Member): readonly Member[] =>
  Array.isArray(list.value) ? list.value.map((value, index) => ({ path: `${list.path}[${index}]`, value })) : []
