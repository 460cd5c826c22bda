import type { Block, Line } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Tone } from './theme.ts'

/** A text for people, with its tone and its indent. Views differ only in how they lay it out. */
export interface Passage {
  readonly block: Block
  readonly tone: Tone
  readonly indent: number
  /** When it happened. */
  readonly stamp?: Instant
  /** Columns for the labels of fields, to align several passages. */
  readonly labelWidth?: number
  /** Never breaks the values of fields, because people copy them. */
  readonly whole?: boolean
  /** An empty line before it, in views that have empty lines. */
  readonly gap?: boolean
}

/** Columns from the left: stages at the margin, their text below them, what happens further in. */
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
