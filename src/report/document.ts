import type { Block } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'

export interface ReportSection {
  readonly heading: string
  readonly blocks: readonly Block[]
}

/** A report on one incident, before it is Markdown or JSON. It is a function of the journal and of nothing else. */
export interface Report {
  readonly title: string
  readonly incident: string
  /** The moment of the journal's last entry, not of the rendering: the same journal gives the same bytes. */
  readonly generatedAt: Instant | undefined
  readonly sections: readonly ReportSection[]
}

/** An entry with its number in the journal, counted from 1, by which the report cites it. */
export interface Numbered<E> {
  readonly number: number
  readonly entry: E
}
