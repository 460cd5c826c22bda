import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'
import { addKey, type KeyTable, keyTable } from './key-table.ts'
import { addText, mergeTexts, type TextTable, textCount, textTable, textWithNumber } from './text-table.ts'

/** Where a call came from. */
export type CounterOrigin = Pick<CloudTrailRecord, 'source' | 'userAgent'> & {
  readonly [K in 'invokedBy' | 'vpcEndpointId' | 'vpcEndpointAccountId']?: string | undefined
}

/** An origin of a table, with the numbers of its texts there. */
export interface NumberedOrigin extends CounterOrigin {
  readonly number: number
  readonly sourceNumber: number
  readonly agentNumber: number
}

/** Origins that are stored once and referred to by number. An attacker can call from hundreds of thousands of addresses. */
export interface OriginTable {
  readonly texts: TextTable
  /** Of each origin the numbers of its texts plus one; zero for one that it does not have. */
  readonly keys: KeyTable
}

const PARTS = 5

/** Lists of calls by what their origins have in common: by number, with the name of each. */
export const bySource = ({ texts }: OriginTable) => ({
  numbers: textCount(texts),
  nameOf: (number: number): string => textWithNumber(texts, number),
  numberOf: ({ origin }: { readonly origin: NumberedOrigin }): number => origin.sourceNumber,
})

export const byAgent = (table: OriginTable) => ({
  ...bySource(table),
  numberOf: ({ origin }: { readonly origin: NumberedOrigin }): number => origin.agentNumber,
})

export const originTable = (): OriginTable => ({ texts: textTable(), keys: keyTable(PARTS) })

/** The number of the origin; a new one is added. */
export const numberOfOrigin = ({ texts, keys }: OriginTable, origin: CounterOrigin): number => {
  const { source, userAgent, invokedBy, vpcEndpointId, vpcEndpointAccountId } = origin
  const numberOf = (text: string | undefined): number => (text === undefined ? 0 : addText(texts, text) + 1)
  return addKey(keys, [
    numberOf(rawText(source)),
    numberOf(rawText(userAgent)),
    ...[numberOf(invokedBy), numberOf(vpcEndpointId), numberOf(vpcEndpointAccountId)],
  ])
}

/** Adds the origins of another table; gives for each of its numbers the number here. */
export const mergeOrigins = (into: OriginTable, other: OriginTable): Uint32Array => {
  const texts = mergeTexts(into.texts, other.texts)
  const { keys, size } = other.keys
  return Uint32Array.from({ length: size }, (_, number) =>
    addKey(
      into.keys,
      keys.subarray(PARTS * number, PARTS * (number + 1)).map((text) => (text === 0 ? 0 : (texts[text - 1] ?? 0) + 1)),
    ),
  )
}

/** Up to so many origins are kept as objects once they were asked for: a few megabytes. */
const ORIGINS_KEPT = 20_000

const made = new WeakMap<OriginTable, NumberedOrigin[]>()

/** The origin with this number; undefined where there is none. */
export const originAt = (table: OriginTable, number: number): NumberedOrigin | undefined => {
  if (number >= table.keys.size) return undefined
  if (table.keys.size > ORIGINS_KEPT) return new OriginOnUse(table, number)
  const kept = made.get(table) ?? []
  if (kept.length === 0) made.set(table, kept)
  kept[number] ??= withTexts(new OriginOnUse(table, number))
  return kept[number]
}

const withTexts = (origin: NumberedOrigin): NumberedOrigin => {
  const { source, userAgent, invokedBy, vpcEndpointId, vpcEndpointAccountId, number, sourceNumber, agentNumber } = origin
  return { source, userAgent, invokedBy, vpcEndpointId, vpcEndpointAccountId, number, sourceNumber, agentNumber }
}

/** Makes a text when it is asked for: a list of hundreds of thousands of calls is gone through many times, and seldom for its addresses. */
class OriginOnUse implements NumberedOrigin {
  readonly number: number
  readonly #table: OriginTable
  readonly #first: number

  constructor(table: OriginTable, number: number) {
    this.#table = table
    this.number = number
    this.#first = PARTS * number
  }

  get sourceNumber(): number {
    return (this.#table.keys.keys[this.#first] ?? 0) - 1
  }

  get agentNumber(): number {
    return (this.#table.keys.keys[this.#first + 1] ?? 0) - 1
  }

  get source(): Untrusted {
    return untrusted(this.#part(0) ?? '')
  }

  get userAgent(): Untrusted {
    return untrusted(this.#part(1) ?? '')
  }

  get invokedBy(): string | undefined {
    return this.#part(2)
  }

  get vpcEndpointId(): string | undefined {
    return this.#part(3)
  }

  get vpcEndpointAccountId(): string | undefined {
    return this.#part(4)
  }

  #part(part: number): string | undefined {
    const text = this.#table.keys.keys[this.#first + part] ?? 0
    return text === 0 ? undefined : textWithNumber(this.#table.texts, text - 1)
  }
}
