import type { Incident } from '../incident/incident.ts'

/** Takes text: a standard stream, or the memory of a test. */
export interface TextSink {
  write(text: string): void
}

/** Where a view writes, and how much it shows. */
export interface Surface {
  /** The stages and their result. */
  readonly out: TextSink
  /** Progress: what ir-cred waits for. */
  readonly err: TextSink
  /** The terminal's width in columns at this moment; 0 where there is none. */
  columns(): number
  readonly colour: boolean
  /** An IANA time zone, to show local time beside UTC. */
  readonly zone?: string
  readonly verbose: boolean
  readonly quiet: boolean
  /** What an earlier run established, so that the end covers the whole incident. */
  readonly known?: Incident
}
