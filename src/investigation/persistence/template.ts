import type { Span } from '../../incident/values/block.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'
import { PARAMETERS, valuesOfParameter } from './parameters.ts'

const PLACEHOLDER = /\{(\w+)\}/

/** The words of the placeholders in a template. */
export const placeholdersOf = (template: string): readonly string[] =>
  [...template.matchAll(new RegExp(PLACEHOLDER, 'g'))].map((match) => match[1] ?? '')

/** How many names a sentence lists; an attacker may start a thousand instances with one call. */
const NAMED = 10

/** A sentence about a record: its names are somebody else's text, and one that is missing is said to be unknown. */
export const sentenceOf = (template: string, record: CloudTrailRecord): readonly Span[] => {
  const pieces = template.split(new RegExp(PLACEHOLDER, 'g'))
  const isLeftOut = (word = ''): boolean => OPTIONAL.has(word) && valuesOf(word, record).length === 0
  return pieces.flatMap<Span>((piece, index) => {
    if (index % 2 === 1) return isLeftOut(piece) ? [] : namesOf(valuesOf(piece, record))
    const separatesNothing = piece === ' ' && (isLeftOut(pieces[index - 1]) || isLeftOut(pieces[index + 1]))
    return piece === '' || separatesNothing ? [] : [piece]
  })
}

const namesOf = (values: readonly string[]): readonly Span[] => {
  if (values.length === 0) return ['(not named)']
  const shown = values.slice(0, NAMED).flatMap((value, i) => [...(i > 0 ? [', '] : []), untrusted(value)])
  return values.length > NAMED ? [...shown, ` and ${values.length - NAMED} more`] : shown
}

/** Of two ways to share, a record names one. */
const OPTIONAL: ReadonlySet<string> = new Set(['snapshotAccounts', 'snapshotGroups', 'imageAccounts', 'imageGroups'])

/** Whether the record has all that the template names, whatever it looks like. */
export const isNamedIn = (template: string, record: CloudTrailRecord): boolean =>
  placeholdersOf(template).every((word) => valuesOf(word, record).length > 0)

export interface RemedyCommand {
  readonly command: string
  /** The names in it. */
  readonly names: readonly string[]
}

/**
 * The command of a template for a POSIX shell. Undefined when a name is missing, or has not the form that such names
 * have: a command is pasted, so nothing that could be read as another one may stand in it.
 */
export const commandOf = (template: string, record: CloudTrailRecord): RemedyCommand | undefined => {
  const names: string[] = []
  let isFit = true
  const command = template.replace(new RegExp(PLACEHOLDER, 'g'), (_, word: string) => {
    const values = valuesOf(word, record)
    const like = PARAMETERS[word]?.like
    if (!like || values.length === 0 || !values.every((value) => like.test(value))) isFit = false
    names.push(...values)
    return values.map(shellWord).join(' ')
  })
  return isFit ? { command, names } : undefined
}

/** Names kept of each word in the templates: as many as EC2 takes in a filter. */
export const KEPT = 200

/** The names of each word in the templates that have the form such names have. */
export const namesIn = (templates: readonly string[], record: CloudTrailRecord): Readonly<Record<string, readonly string[]>> => {
  const words = [...new Set(templates.flatMap(placeholdersOf))]
  return Object.fromEntries(
    words.flatMap((word) => {
      const names = valuesOf(word, record).filter((name) => PARAMETERS[word]?.like.test(name))
      return names.length > 0 ? [[word, names.slice(0, KEPT)] as const] : []
    }),
  )
}

const valuesOf = (word: string, record: CloudTrailRecord): readonly string[] => {
  const parameter = PARAMETERS[word]
  return parameter ? valuesOfParameter(record, parameter) : []
}
