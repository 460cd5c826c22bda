import { isSecret, quoted } from '../values/quoted.ts'
import { type Member, refusal } from './member.ts'

const PLACEHOLDER = /\{\{.*\}\}|\$\{.*\}|<[\w ./:-]+>/

/** The values that GuardDuty writes into sample findings begin like this ("Sample findings"). */
export const isGenerated = (text: string): boolean => /^GeneratedFinding\w*$/.test(text)

/** Throws a Failure naming the member when it is a template's placeholder that nobody filled in, such as `${user_name}`. */
export const refusePlaceholder = ({ path, value }: Member): void => {
  if (typeof value !== 'string' || !PLACEHOLDER.test(value)) return
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
