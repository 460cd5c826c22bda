import type { Block, Line } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Tone } from './theme.ts'

/** One thing said to a person: what, in which tone, how far to the right. Views differ only in how they set it. */
export interface Passage {
  readonly block: Block
  readonly tone: Tone
  readonly indent: number
  /** When it happened, for what has a time of its own. */
  readonly stamp?: Instant
  /** Columns for the labels of fields, to keep several passages in line. */
  readonly labelWidth?: number
  /** The values of fields are there to be copied, and never broken. */
  readonly whole?: boolean
  /** Some air before it, where a view has air to give. */
  readonly gap?: boolean
}

/** Columns from the left: stages stand at the margin, what they say under them, what happens further in. */
export const INDENT = { margin: 0, stage: 1, body: 3, detail: 5 } as const

export const passage = (line: Line, tone: Tone = 'plain', indent: number = INDENT.body): Passage => ({
  block: { type: 'text', line },
  tone,
  indent,
})

/** Something that happened at a moment: `02:03:12Z   intent written`. */
export const happened = (stamp: Instant, line: Line, tone: Tone = 'plain'): Passage => ({
  ...passage(line, tone, INDENT.detail),
  stamp,
})
