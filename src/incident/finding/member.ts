import { Failure } from '../values/failure.ts'
import { isSecret, quoted } from '../values/quoted.ts'

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
    `as ${quoted(first)} and as ${quoted(second)}, and it is not clear which is meant`,
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

const ANGLED = /<[\w ./:-]+>/

/** `{{name}}`, `${name}` or `<name>`. Looked for one by one: a pattern would try each of a million opening braces to the end. */
const holdsPlaceholder = (text: string): boolean => holds(text, '{{', '}}') || holds(text, '${', '}') || ANGLED.test(text)

const holds = (text: string, opening: string, closing: string): boolean => {
  const start = text.indexOf(opening)
  return start >= 0 && text.indexOf(closing, start + opening.length) >= 0
}

/** The values that GuardDuty writes into sample findings begin like this ("Sample findings"). */
export const isGenerated = (text: string): boolean => /^GeneratedFinding\w*$/.test(text)

/** Throws a Failure naming the member when it is a template's placeholder, such as `${user_name}`. */
export const refusePlaceholder = ({ path, value }: Member): void => {
  if (typeof value !== 'string' || !holdsPlaceholder(value)) return
  const remedy = 'Fill the template in, or use a finding that GuardDuty made.'
  throw refusal(`The finding's ${path} was never filled in`, `it still holds the placeholder ${quoted(value)}`, remedy)
}

/**
 * The text of a member that names something; undefined when it is missing or empty.
 * Throws a Failure naming the member when it is no text, or a placeholder.
 */
export const filledText = (member: Member): string | undefined => {
  const { path, value } = member
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw refusal(`The finding's ${path} is not text`, `it is ${quoted(value)}`)
  refusePlaceholder(member)
  return value
}

const matches = (form: RegExp | ((text: string) => boolean), text: string): boolean =>
  typeof form === 'function' ? form(text) : form.test(text)

/** As `filledText`, and the text has to have the form; `kind` says what it should be ("a Region name"). */
export const identifierIn = (member: Member, form: RegExp | ((text: string) => boolean), kind: string): string | undefined => {
  const text = filledText(member)
  if (text === undefined || (matches(form, text) && !isSecret(text))) return text
  throw refusal(`The finding's ${member.path} is not ${kind}`, `it holds ${quoted(text)}`)
}

/** As `identifierIn`, for a member that has to be there. */
export const requiredIn = (member: Member, form: RegExp | ((text: string) => boolean), kind: string): string => {
  const text = identifierIn(member, form, kind)
  if (text === undefined) throw refusal(`The finding has no ${member.path}`, `there is ${quoted(member.value)} in its place`)
  return text
}
