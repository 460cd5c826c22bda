import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { setup as build } from '../support/build.ts'
import { containmentTable } from './containment.ts'
import { growthTable } from './growth.ts'
import { logsTable } from './logs.ts'
import type { BenchSettings } from './settings.ts'
import { startUpTable } from './start-up.ts'
import { type BenchTable, documentWith, howMeasured, markdownOf } from './table.ts'
import { waitsTable } from './waits.ts'

const DOCUMENT = 'docs/benchmarks.md'

const TABLES = {
  'start-up': startUpTable,
  containment: containmentTable,
  waits: waitsTable,
  logs: logsTable,
  growth: growthTable,
} satisfies Record<string, (settings: BenchSettings) => Promise<BenchTable>>

type TableName = keyof typeof TABLES

const isTableName = (name: string): name is TableName => name in TABLES

const optionsOf = (args: string[]) => {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: Object.keys(TABLES).join(',') },
      runs: { type: 'string', default: '5' },
      events: { type: 'string', default: '100000,300000,1000000' },
      sets: { type: 'string' },
      'without-peers': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  })
  const names = values.only.split(',')
  const unknown = names.filter((name) => !isTableName(name))
  if (unknown.length > 0)
    throw new Error(`There is no table ${unknown.join(', ')}. There are: ${Object.keys(TABLES).join(', ')}.`)
  const events = values.events.split(',').map(Number)
  const runs = Number(values.runs)
  if (![runs, ...events].every((number) => Number.isInteger(number) && number > 0))
    throw new Error('--runs is a whole number from 1, --events a list of them: 100000,1000000.')
  events.sort((a, b) => a - b)
  return {
    names: names.filter(isTableName),
    runs,
    events,
    sets: values.sets,
    peers: !values['without-peers'],
    write: values.write,
  }
}

const write = (name: TableName, text: string): void => {
  writeFileSync(DOCUMENT, documentWith(readFileSync(DOCUMENT, 'utf8'), name, text))
}

/** Measures what the command line names, prints each table when it is ready, and gives how many could not be measured. */
const bench = async (args: string[]): Promise<number> => {
  const options = optionsOf(args)
  const progress = (line: string): void => void process.stderr.write(`${line}\n`)
  build()
  const scratch = mkdtempSync(join(tmpdir(), 'ir-cred-bench-'))
  let failed = 0
  try {
    for (const name of options.names) {
      progress(`== ${name}`)
      const settings = { ...options, warmUp: true, scratch, sets: options.sets ?? join(scratch, 'sets'), progress }
      const how = howMeasured()
      try {
        const text = markdownOf(await TABLES[name](settings), how)
        process.stdout.write(`\n## ${name}\n\n${text}`)
        if (options.write) write(name, text)
      } catch (error) {
        failed += 1
        progress(`${name} was not measured: ${error instanceof Error ? error.message : error}`)
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return failed
}

try {
  process.exitCode = (await bench(process.argv.slice(2))) === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 2
}
