import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { interleave, type Variant } from './interleaved.ts'
import { lastOf, lonelyEnvironment } from './measured-process.ts'
import type { BenchSettings } from './settings.ts'
import { type BenchTable, median, ratioBar, shown } from './table.ts'
import { findAws, findPython } from './tools.ts'

const NOTHING = '`node -e 0`'
const VERSION = '`ir-cred --version`'
const QUESTION = '`ir-cred drill`, until its first question is on the screen'

/** A start is short and the machine is not quiet: more rounds than elsewhere. */
const ROUNDS_A_RUN = 4

/** The ms that a command takes to its end. */
const elapsed = (command: string, args: readonly string[], home: string) => async (): Promise<number> => {
  const begun = performance.now()
  const { status } = spawnSync(command, args, { env: lonelyEnvironment(home), stdio: 'ignore' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}.`)
  return performance.now() - begun
}

/** The ms that a command on a pseudo-terminal takes to its first question. */
const untilQuestion = (python: string, args: readonly string[], home: string) => async (): Promise<number> => {
  const { status, stdout, stderr } = spawnSync(python, ['test/bench/first-question.py', process.execPath, ...args], {
    env: { ...lonelyEnvironment(home), TERM: 'xterm-256color' },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The first question was not seen: ${lastOf(stderr)}`)
  return Number(stdout)
}

const variantsFor = ({ scratch, peers }: BenchSettings): { variants: Variant<number>[]; notes: string[] } => {
  const node = (...args: string[]) => elapsed(process.execPath, args, scratch)
  const variants: Variant<number>[] = [
    { name: NOTHING, run: node('-e', '0') },
    { name: VERSION, run: node('bin/ir-cred.js', '--version') },
    { name: '`ir-cred --help`', run: node('bin/ir-cred.js', '--help') },
  ]
  const notes: string[] = []
  const python = findPython()
  if (python === undefined)
    notes.push('python3, which makes the pseudo-terminal, is not here: the first question was not measured.')
  else variants.push({ name: QUESTION, run: untilQuestion(python, ['bin/ir-cred.js', 'drill'], scratch) })
  const aws = peers ? findAws(python) : undefined
  if (aws !== undefined) variants.push({ name: '`aws --version`', peer: true, run: elapsed(aws, ['--version'], scratch) })
  else if (peers) notes.push('The aws CLI is not here.')
  return { variants, notes }
}

/** How long ir-cred takes to start, against a Node process that does nothing. */
export const startUpTable = async (settings: BenchSettings): Promise<BenchTable> => {
  const { variants, notes } = variantsFor(settings)
  const runs = settings.runs * ROUNDS_A_RUN
  const { measured, notes: failures } = await interleave(variants, { ...settings, runs })
  const timesOf = (name: string): readonly number[] => measured.get(name) ?? []
  const nothing = median(timesOf(NOTHING))
  return {
    header: ['command', 'median ms', 'minimum ms', '÷ `node -e 0`'],
    rows: [...measured].map(([name, times]) => [
      name,
      shown(median(times), 0),
      shown(Math.min(...times), 0),
      shown(median(times) / nothing),
    ]),
    bars: [
      ratioBar('`--version` ÷ `node -e 0`', 1.25, timesOf(VERSION), timesOf(NOTHING)),
      ratioBar('first question of a drill ÷ `node -e 0`', 2.5, timesOf(QUESTION), timesOf(NOTHING)),
    ],
    notes: [`Medians of ${runs} interleaved starts.`, ...notes, ...failures],
  }
}
