/** What every table is measured with. */
export interface BenchSettings {
  /** Rounds that count. */
  readonly runs: number
  /** Whether a round that does not count comes before them. */
  readonly warmUp: boolean
  /** How many events the sets of log files have, ascending. */
  readonly events: readonly number[]
  /** Whether other tools are measured beside ir-cred. */
  readonly peers: boolean
  /** A folder that is removed afterwards. */
  readonly scratch: string
  /** The folder of the sets of log files; what is there already is used again. */
  readonly sets: string
  readonly progress: (line: string) => void
}
