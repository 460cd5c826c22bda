import type { EC2Client } from '@aws-sdk/client-ec2'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { Pages } from '../../../aws/pager.ts'
import type { PersistenceArtefact, Remedy } from '../../../incident/facts/activity-rows.ts'
import type { Standing } from '../../../incident/facts/persistence.ts'
import type { Span } from '../../../incident/values/block.ts'
import { type Instant, instantOf, secondsBetween } from '../../../incident/values/instant.ts'
import type { KeyLists } from './key-lists.ts'

/** The account that the credentials see, and what was listed of it before anything was looked at. */
export interface HuntedAccount {
  readonly accountId: string
  readonly keys: KeyLists
}

/** Where to look: in the account, with the clients for the Region of the record. */
export interface LookupTarget extends HuntedAccount {
  readonly iam: IAMClient
  readonly ec2: EC2Client
}

/** What was seen of one thing. */
export interface LookResult {
  readonly standing: Standing
  readonly says: readonly Span[]
  /** Where what was seen allows a better one than the record does. */
  readonly remedy?: Remedy
  /** Where it was seen before now. */
  readonly at?: Instant
}

export const there = (...says: readonly Span[]): LookResult => ({ standing: 'there', says })
export const changed = (...says: readonly Span[]): LookResult => ({ standing: 'changed', says })
export const gone = (...says: readonly Span[]): LookResult => ({ standing: 'gone', says })
export const unknown = (...says: readonly Span[]): LookResult => ({ standing: 'unknown', says })

/** The names that a look needs, each as the record gives it. */
export type RecordNames<W extends string> = { readonly [word in W]: string }

/** How one kind of persistence artefact is looked for. */
export interface Look {
  /** The words of the names without which nothing can be asked. */
  readonly needs: readonly string[]
  /** The IAM action that it takes, for whoever is denied it. */
  readonly asks: string
  readonly look: (names: RecordNames<string>, place: LookupTarget, row: PersistenceArtefact) => Promise<LookResult>
}

/** A look with its names as the types know them. */
export const look = <W extends string>(
  asks: string,
  needs: readonly W[],
  see: (names: RecordNames<W>, place: LookupTarget, row: PersistenceArtefact) => Promise<LookResult>,
): Look => ({ asks, needs, look: see as Look['look'] })

/** Between the record of a call and the time that the thing itself gives for its making, in seconds. */
const SAME_MAKING = 120

/** Something found under the name that was left: the same, or another one made since. */
export const madeAt = (what: string, created: Date | undefined, { at }: PersistenceArtefact): LookResult => {
  if (!created) return there(`${what} is there`)
  const made = instantOf(created)
  if (Math.abs(secondsBetween(at, made)) <= SAME_MAKING) return there(`${what} is there, made `, { at: made })
  return changed(`another ${what} of that name is there, made `, { at: made })
}

/** What is said of an answer's thing; an answer without it says nothing. */
export const inAnswer = <T>(thing: T | undefined, see: (thing: T) => LookResult): LookResult =>
  thing === undefined ? unknown('the answer came without it') : see(thing)

/** What is said of a thing whose list could not be read to its end. */
export const unread = (why: string): LookResult => unknown(`the list was not read to its end: ${why}`)

/** Whether a list has it; a list that could not be read to its end does not say that it has it not. */
export const foundInList = <T>(
  { items, incomplete }: Pages<T>,
  isMeant: (item: T) => boolean,
  yes: LookResult,
  no: LookResult,
): LookResult => {
  if (items.some(isMeant)) return yes
  return incomplete === undefined ? no : unread(incomplete)
}
