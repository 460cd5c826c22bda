import type { Pages } from '../../aws/pager.ts'
import type { PersistenceArtefact, Remedy } from '../../incident/facts/activity-rows.ts'
import type { Danger } from '../../incident/facts/danger.ts'
import type { Gravity } from '../../incident/facts/gravity.ts'
import type { Standing } from '../../incident/facts/persistence.ts'
import type { Span } from '../../incident/values/block.ts'
import { type Instant, instantOf, secondsBetween } from '../../incident/values/instant.ts'
import type { Json } from '../record-parameters.ts'
import type { KeyLists } from './access-keys.ts'
import type { LiveReads } from './live-reads.ts'
import type { TechniqueId } from './techniques.ts'

/**
 * What a write event leaves behind, how to remove it, and how to look whether it is still there.
 * `{word}` stands for a name in the record (placeholders.ts).
 */
export interface PersistenceRule {
  /** `service:EventName`, without the date that Lambda and CloudFront append. */
  readonly events: readonly string[]
  readonly technique: TechniqueId
  readonly left: string
  /** Where it is another one than that of the rules beside it. */
  readonly danger?: Danger
  /** Where it is another one than technique and danger give. */
  readonly gravity?: Gravity
  /**
   * Commands or one sentence. The first command whose every name the record has is used: a command that names what only some
   * records name (a function's alias, an event bus) comes first, because without that name it would miss its target.
   */
  readonly remedy: string | readonly string[]
  /** What to know or to do before the remedy. */
  readonly note?: string
  /** The events of the same service that remove it. */
  readonly undo?: readonly string[]
  /** For events that leave something only with some request parameters. */
  readonly when?: (request: Json) => boolean
  /** Without it the artefact's standing is unknown. */
  readonly look?: LiveLook
}

/** For something of the account's own that was changed: the record does not have its former state. */
export const putBack = (command: string): string => `Restore the former state (${command}). Its template or AWS Config has it.`

/** For a document that was changed: one command line that reads it into a file, opens that in an editor, and writes it back. */
export const editedDocument = (read: string, file: string, write: string): string =>
  `${read} > ${file} && "\${EDITOR:-vi}" ${file} && ${write} file://${file}`

/** How to look whether an artefact is still there. */
export interface LiveLook {
  /** The IAM action of the read, to name it where the responder may not use it. */
  readonly action: string
  /** The words whose names the look needs. */
  readonly needs: readonly string[]
  readonly observe: (names: RecordNames<string>, scope: LookScope, artefact: PersistenceArtefact) => Promise<LookResult>
}

/** By word, the first name in the record. */
export type RecordNames<W extends string> = { readonly [word in W]: string }

/** What a live look reads: the artefact's account and Region. */
export interface LookScope {
  readonly accountId: string
  /** Listed once for all looks. */
  readonly keys: KeyLists
  readonly reads: LiveReads
}

/** How the artefact stands, and what shows it. */
export interface LookResult {
  readonly standing: Standing
  readonly observed: readonly Span[]
  /** A better remedy than the rule's, where the look allows one. */
  readonly remedy?: Remedy
  /** When it was observed, if that was before the look. */
  readonly at?: Instant
  /** Of a credential that works: IAM shows that it has been used. */
  readonly used?: boolean
}

/** A live look whose names are typed by what it needs. */
export const liveLook = <W extends string>(
  action: string,
  needs: readonly W[],
  observe: (names: RecordNames<W>, scope: LookScope, artefact: PersistenceArtefact) => Promise<LookResult>,
): LiveLook => ({ action, needs, observe: observe as LiveLook['observe'] })

export const there = (...observed: readonly Span[]): LookResult => ({ standing: 'there', observed })
export const changed = (...observed: readonly Span[]): LookResult => ({ standing: 'changed', observed })
export const gone = (...observed: readonly Span[]): LookResult => ({ standing: 'gone', observed })
export const unknown = (...observed: readonly Span[]): LookResult => ({ standing: 'unknown', observed })

/** The longest time between an event and the creation date of what it created, in seconds. */
const SAME_CREATION = 120

/** Something of the artefact's name: the artefact itself, created by its first or its last event, or another one. */
export const byCreationDate = (what: string, created: Date | undefined, { at, times }: PersistenceArtefact): LookResult => {
  if (!created) return there(`${what} is there`)
  const createdAt = instantOf(created)
  const isItself = [at, times?.last ?? at].some((event) => Math.abs(secondsBetween(event, createdAt)) <= SAME_CREATION)
  if (isItself) return there(`${what} is there, created `, { at: createdAt })
  return changed(`another ${what} of that name is there, created `, { at: createdAt })
}

/** The result for what an answer holds; an answer without it shows nothing. */
export const inAnswer = <T>(thing: T | undefined, see: (thing: T) => LookResult): LookResult =>
  thing === undefined ? unknown('the answer does not include it') : see(thing)

/** The result for a list with a page that could not be read. */
export const unread = (why: string): LookResult => unknown(`the list could not be read to its end: ${why}`)

/** The result for several things that one event created. */
export const allOrSome = (what: string, found: number, of: number): LookResult => {
  if (found === 0) return gone(`there is no such ${what}`)
  if (found === of) return there(of === 1 ? `the ${what} is there` : `all ${of} ${what}s are there`)
  return changed(`${found} of ${of} ${what}s are there`)
}

/** Whether a list holds something. A list that could not be read to its end does not show that it is gone. */
export const foundInList = <T>(
  { items, incomplete }: Pages<T>,
  isMeant: (item: T) => boolean,
  yes: LookResult,
  no: LookResult,
): LookResult => {
  if (items.some(isMeant)) return yes
  return incomplete === undefined ? no : unread(incomplete)
}
