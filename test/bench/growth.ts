import { interleave, type Variant } from './interleaved.ts'
import { askIrCred, type LogRun, THREADS } from './log-engines.ts'
import type { BenchSettings } from './settings.ts'
import { EVENTS_A_FILE, setFor } from './shapes.ts'
import { type BenchTable, median, shown } from './table.ts'

/** How time and memory grow with the number of events, for large files and for small ones. */
export const growthTable = async (settings: BenchSettings): Promise<BenchTable> => {
  const { scratch, events, runs } = settings
  const variants: (Variant<LogRun> & { readonly count: number })[] = []
  for (const eventsAFile of EVENTS_A_FILE)
    for (const count of events) {
      const logs = await setFor(settings, count, eventsAFile)
      const files = Math.max(1, Math.round(count / eventsAFile))
      variants.push({ name: `${count} in ${files}`, count, run: () => askIrCred(logs, scratch) })
    }
  const { measured } = await interleave(variants, settings)
  return {
    header: ['events in files', 'wall s, median', 'minimum', 'CPU s, median', 'minimum', 'µs of CPU an event', 'memory MB'],
    rows: variants.map(({ name, count }) => {
      const seen = measured.get(name) ?? []
      const wall = seen.map((run) => run.wall)
      const cpu = seen.map((run) => run.cpu)
      return [
        name,
        shown(median(wall)),
        shown(Math.min(...wall)),
        shown(median(cpu)),
        shown(Math.min(...cpu)),
        shown((median(cpu) * 1e6) / count, 1),
        shown(Math.max(...seen.map((run) => run.memory)), 0),
      ]
    }),
    bars: [],
    notes: [
      `${THREADS} threads. Medians of ${runs} interleaved runs; the memory is the most of any. Each time includes the start of Node.`,
    ],
  }
}
