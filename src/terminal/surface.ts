import type { Incident } from '../incident/incident.ts'

/** Something that takes text: a standard stream, or a test's memory. */
export interface Sheet {
  write(text: string): void
}

/** What a view draws on, and how much it says. */
export interface Surface {
  /** The walk-through and its result. */
  readonly out: Sheet
  /** What passes by: waiting, working. */
  readonly err: Sheet
  /** The terminal's width in columns at this moment; 0 where there is none. */
  columns(): number
  readonly colour: boolean
  /** An IANA time zone, to show local time beside UTC. */
  readonly zone?: string
  readonly verbose: boolean
  readonly quiet: boolean
  /** What an earlier run established, so that the end can speak of the whole incident. */
  readonly known?: Incident
}
