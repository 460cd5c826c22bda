import { interleave, type Variant } from './interleaved.ts'
import { askDuckDb, askIrCred, differences, type LogRun, makeLimit, THREADS } from './log-engines.ts'
import type { BenchSettings } from './settings.ts'
import { EVENTS_A_FILE, setFor } from './shapes.ts'
import { type Bar, type BenchTable, median, ratioBar, shown } from './table.ts'

const LIMIT = 'C++ limit'
const OURS = 'ir-cred'
const DUCKDB = 'DuckDB, typed'

type Runs = ReadonlyMap<string, readonly LogRun[]>

interface Asked {
  readonly shape: string
  readonly runs: Runs
  readonly notes: readonly string[]
}

const figures = (runs: Runs, name: string, figure: (run: LogRun) => number): readonly number[] =>
  (runs.get(name) ?? []).map(figure)

const rowsOf = ({ shape, runs }: Asked): string[][] =>
  [...runs.keys()].map((name) => {
    const wall = figures(runs, name, (run) => run.wall)
    const cpu = figures(runs, name, (run) => run.cpu)
    const limit = median(figures(runs, LIMIT, (run) => run.cpu))
    return [
      `${name}, ${shape}`,
      shown(median(wall)),
      shown(Math.min(...wall)),
      shown(median(cpu)),
      shown(Math.min(...cpu)),
      shown(median(cpu) / limit),
      shown(Math.max(...figures(runs, name, (run) => run.memory)), 0),
    ]
  })

const barsOf = ({ shape, runs }: Asked): Bar[] => [
  ratioBar(
    `CPU ÷ limit, ${shape}`,
    3.5,
    figures(runs, OURS, (run) => run.cpu),
    figures(runs, LIMIT, (run) => run.cpu),
  ),
  ratioBar(
    `wall ÷ DuckDB, ${shape}`,
    0.6,
    figures(runs, OURS, (run) => run.wall),
    figures(runs, DUCKDB, (run) => run.wall),
  ),
]

/** The first run of each: the same files give the same answer. */
const comparison = (shape: string, runs: Runs): string => {
  const answers = new Map([...runs].flatMap(([name, [first]]) => (first === undefined ? [] : [[name, first.answer] as const])))
  const differ = differences(answers)
  const keyCalls = answers.get(OURS)?.keyCalls
  return differ.length === 0
    ? `${shape}: all ${answers.size} give the same answer, ${keyCalls} calls of the key.`
    : `${shape}: **the answers differ**: ${differ.join('; ')}.`
}

/** How fast log files are read: one question to ir-cred, to the limit and to DuckDB, on the largest set. */
export const logsTable = async (settings: BenchSettings): Promise<BenchTable> => {
  const { scratch, peers } = settings
  const events = settings.events.at(-1) ?? 0
  const limit = peers ? makeLimit(scratch) : undefined
  const asked: Asked[] = []
  for (const eventsAFile of EVENTS_A_FILE) {
    const logs = await setFor(settings, events, eventsAFile)
    const shape = `${Math.max(1, Math.round(events / eventsAFile))} files`
    const variants: Variant<LogRun>[] = [
      ...(limit === undefined ? [] : [{ name: LIMIT, peer: true, run: () => limit.ask(logs, scratch) }]),
      { name: OURS, run: () => askIrCred(logs, scratch) },
      { name: DUCKDB, peer: true, run: () => askDuckDb(logs, scratch) },
    ]
    const { measured, notes } = await interleave(variants, settings)
    asked.push({ shape, runs: measured, notes: [...notes, comparison(shape, measured)] })
  }
  const compiler =
    limit === undefined
      ? 'The limit was not measured: g++ with libdeflate or zlib is not here.'
      : `The limit unpacks with ${limit.unpacksWith}.`
  return {
    header: ['engine and files', 'wall s, median', 'minimum', 'CPU s, median', 'minimum', 'CPU ÷ limit', 'memory MB'],
    rows: asked.flatMap(rowsOf),
    bars: asked.flatMap(barsOf),
    notes: [
      `${events} events, ${THREADS} threads. Medians of ${settings.runs} interleaved runs.`,
      ...(peers ? [compiler] : []),
      ...asked.flatMap(({ notes }) => notes),
    ],
  }
}
