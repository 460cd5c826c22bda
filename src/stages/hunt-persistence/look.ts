import type { EC2Client } from '@aws-sdk/client-ec2'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { Pages } from '../../aws/pager.ts'
import type { LeftBehind, Remedy } from '../../incident/activity-rows.ts'
import type { Span } from '../../incident/block.ts'
import { type Instant, instantOf, secondsBetween } from '../../incident/instant.ts'
import type { Standing } from '../../incident/persistence.ts'
import type { KeyLists } from './key-lists.ts'

/** The account that the credentials see, and what was listed of it before anything was looked at. */
export interface Account {
  readonly accountId: string
  readonly keys: KeyLists
}

/** Where to look: in the account, with the clients for the Region of the record. */
export interface Place extends Account {
  readonly iam: IAMClient
  readonly ec2: EC2Client
}

/** What was seen of one thing. */
export interface Seen {
  readonly standing: Standing
  readonly says: readonly Span[]
  /** Where what was seen allows a better one than the record does. */
  readonly remedy?: Remedy
  /** Where it was seen before now. */
  readonly at?: Instant
}

export const there = (...says: readonly Span[]): Seen => ({ standing: 'there', says })
export const changed = (...says: readonly Span[]): Seen => ({ standing: 'changed', says })
export const gone = (...says: readonly Span[]): Seen => ({ standing: 'gone', says })
export const unknown = (...says: readonly Span[]): Seen => ({ standing: 'unknown', says })

/** The names that a look needs, each as the record gives it. */
export type Named<W extends string> = { readonly [word in W]: string }

/** How one kind of leftover is looked for. */
export interface Look {
  /** The words of the names without which nothing can be asked. */
  readonly needs: readonly string[]
  /** The IAM action that it takes, for whoever is denied it. */
  readonly asks: string
  readonly look: (names: Named<string>, place: Place, row: LeftBehind) => Promise<Seen>
}

/** A look with its names as the types know them. */
export const look = <W extends string>(
  asks: string,
  needs: readonly W[],
  see: (names: Named<W>, place: Place, row: LeftBehind) => Promise<Seen>,
): Look => ({ asks, needs, look: see as Look['look'] })

/** Between the record of a call and the time that the thing itself gives for its making, in seconds. */
const SAME_MAKING = 120

/** Something found under the name that was left: the same, or another one made since. */
export const madeAt = (what: string, created: Date | undefined, { at }: LeftBehind): Seen => {
  if (!created) return there(`${what} is there`)
  const made = instantOf(created)
  if (Math.abs(secondsBetween(at, made)) <= SAME_MAKING) return there(`${what} is there, made `, { at: made })
  return changed(`another ${what} of that name is there, made `, { at: made })
}

/** What is said of an answer's thing; an answer without it says nothing. */
export const inAnswer = <T>(thing: T | undefined, see: (thing: T) => Seen): Seen =>
  thing === undefined ? unknown('the answer came without it') : see(thing)

/** What is said of a thing whose list could not be read to its end. */
export const unread = (why: string): Seen => unknown(`the list was not read to its end: ${why}`)

/** Whether a list has it; a list that could not be read to its end does not say that it has it not. */
export const listed = <T>({ items, incomplete }: Pages<T>, isMeant: (item: T) => boolean, yes: Seen, no: Seen): Seen => {
  if (items.some(isMeant)) return yes
  return incomplete === undefined ? no : unread(incomplete)
}
