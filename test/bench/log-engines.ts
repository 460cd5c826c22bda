import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { SET_ROLE, STOLEN_KEY } from './cloudtrail-set.ts'
import { measuredNode, type ProcessRun, runMeasured } from './measured-process.ts'

export const THREADS = `${availableParallelism()}`

/** What engines are compared by: as much of the answer as all of them give, in one spelling. */
export interface LogAnswer {
  readonly keyCalls: number
  /** The role's calls, the key's included; the engine may not tell. */
  readonly roleCalls?: number
  /** Times, addresses, operations and hours of the key, and the size of the baseline; the engine may not tell. */
  readonly details?: string
}

export interface LogRun extends ProcessRun {
  readonly answer: LogAnswer
}

const sorted = (rows: readonly (readonly (string | number)[])[]): string =>
  JSON.stringify(rows.map((row) => row.join(' ')).toSorted())

type Row = Readonly<Record<string, string | number>>

const columns = (rows: readonly Row[], ...names: readonly string[]) => rows.map((row) => names.map((name) => row[name] ?? ''))

const irCredAnswer = (stdout: string): LogAnswer => {
  const told = JSON.parse(stdout.slice(0, stdout.indexOf('\n')))
  const ips = columns(told.ips, 'ip', 'events', 'failed')
  const apis = columns(told.apis, 'service', 'api', 'succeeded', 'failed')
  const hours = columns(told.hours, 'hour', 'succeeded', 'failed')
  const seen = [told.events, told.failed, told.firstSeen, told.lastSeen, told.baseline.events]
  return { keyCalls: told.events, details: [...seen, sorted(ips), sorted(apis), sorted(hours)].join('\n') }
}

const duckDbAnswer = (stdout: string): LogAnswer => {
  const told = JSON.parse(stdout)
  const seen = [told.events, told.failed, told.firstSeen, told.lastSeen, told.baseline]
  const details = [...seen, sorted(told.ips), sorted(told.apis), sorted(told.hours)].join('\n')
  return { keyCalls: told.events, roleCalls: told.roleCalls, details }
}

/** ir-cred, asked about the stolen key. */
export const askIrCred = async (logs: string, home: string): Promise<LogRun> => {
  const options = ['--json', '--access-key-id', STOLEN_KEY, '--logs', logs, '--threads', THREADS]
  const run = await runMeasured(measuredNode('bin/ir-cred.js', 'investigate', ...options), home)
  return { ...run, answer: irCredAnswer(run.stdout) }
}

/** DuckDB with the types of the columns, asked the same. */
export const askDuckDb = async (logs: string, home: string): Promise<LogRun> => {
  const run = await runMeasured(measuredNode('test/bench/duckdb-question.js', logs, THREADS, STOLEN_KEY, SET_ROLE), home)
  return { ...run, answer: duckDbAnswer(run.stdout) }
}

export interface Limit {
  readonly unpacksWith: 'libdeflate' | 'zlib'
  ask(logs: string, home: string): Promise<LogRun>
}

/** The limit, made by the compiler that is here; undefined without one, or without a library that unpacks. */
export const makeLimit = (folder: string): Limit | undefined => {
  const program = join(folder, 'limit')
  const make = (...libraries: readonly string[]) =>
    spawnSync('g++', ['-std=c++17', '-O3', '-march=native', '-o', program, 'test/bench/limit.cpp', ...libraries, '-pthread'])
  make('-DWITH_LIBDEFLATE', '-ldeflate')
  const unpacksWith = existsSync(program) ? 'libdeflate' : 'zlib'
  if (unpacksWith === 'zlib') make('-lz')
  if (!existsSync(program)) return undefined
  const ask = async (logs: string, home: string): Promise<LogRun> => {
    const run = await runMeasured([program, logs, THREADS, STOLEN_KEY, SET_ROLE], home)
    return { ...run, answer: JSON.parse(run.stdout) }
  }
  return { unpacksWith, ask }
}

/** What the answers differ in; nothing when all tell the same. */
export const differences = (answers: ReadonlyMap<string, LogAnswer>): readonly string[] => {
  const all = [...answers]
  const differ = (figure: (answer: LogAnswer) => string | number | undefined): boolean =>
    new Set(all.map(([, answer]) => figure(answer)).filter((told) => told !== undefined)).size > 1
  const told = (figure: (answer: LogAnswer) => string | number | undefined): string =>
    all.map(([name, answer]) => `${name} ${figure(answer) ?? 'does not tell'}`).join(', ')
  return [
    ...(differ(({ keyCalls }) => keyCalls) ? [`calls of the key: ${told(({ keyCalls }) => keyCalls)}`] : []),
    ...(differ(({ roleCalls }) => roleCalls) ? [`calls of the role: ${told(({ roleCalls }) => roleCalls)}`] : []),
    ...(differ(({ details }) => details) ? ['times, addresses, operations, hours or baseline'] : []),
  ]
}
