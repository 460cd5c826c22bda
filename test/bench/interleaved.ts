import type { BenchSettings } from './settings.ts'

/** One way of doing it, run several times in turn with the others. */
export interface Variant<M> {
  readonly name: string
  /** Another tool: when it fails, it is left out with a note. ir-cred's own failure ends the table. */
  readonly peer?: boolean
  run(): Promise<M>
}

export interface Interleaved<M> {
  /** By variant, in the order given, without those that failed. */
  readonly measured: ReadonlyMap<string, readonly M[]>
  readonly notes: readonly string[]
}

/** Runs the variants A B C, A B C …: what else the machine does meets all of them. A round that warms up does not count. */
export const interleave = async <M>(
  variants: readonly Variant<M>[],
  { runs, warmUp, progress }: Pick<BenchSettings, 'runs' | 'warmUp' | 'progress'>,
): Promise<Interleaved<M>> => {
  const measured = new Map<string, M[]>(variants.map(({ name }) => [name, []]))
  const notes: string[] = []
  for (let round = warmUp ? 0 : 1; round <= runs; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${runs}`)
    for (const { name, peer, run } of variants) {
      const results = measured.get(name)
      if (results === undefined) continue
      try {
        const result = await run()
        if (round > 0) results.push(result)
      } catch (error) {
        if (peer !== true) throw error
        measured.delete(name)
        notes.push(`${name} failed and is left out: ${error instanceof Error ? error.message : error}`)
      }
    }
  }
  return { measured, notes }
}
