import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyHomes } from '../support/homes.ts'
import { containmentTable } from './containment.ts'
import { logsTable } from './logs.ts'
import type { BenchSettings } from './settings.ts'
import { outputOf } from './tools.ts'

const homeFor = emptyHomes()

const tiny = (): BenchSettings => {
  const scratch = homeFor()
  return { runs: 1, warmUp: false, events: [2_000], peers: false, scratch, sets: join(scratch, 'sets'), progress: () => {} }
}

const column = (rows: readonly (readonly string[])[], index: number): number[] => rows.map((row) => Number(row[index]))

describe('npm run bench', () => {
  it('prints the tables that it is asked for, and writes only when it is told to', () => {
    const document = readFileSync('docs/benchmarks.md', 'utf8')
    const printed = outputOf(process.execPath, ['test/bench/run.js', '--only', 'waits', '--runs', '1'])
    expect(printed).toMatch(/^## waits\n\nMeasured \d{4}-\d\d-\d\d with Node /)
    expect(printed).toMatch(/^\| an instance to be stopped \| 35 \| [01]\.\d\d \|/m)
    expect(printed).toMatch(/^\| calls a second \| ≤ 1 \| 0\.\d\d \| met \|/m)
    expect(printed).not.toContain('## logs')
    expect(readFileSync('docs/benchmarks.md', 'utf8')).toBe(document)
  })

  it('times revocations by ir-cred and by the raw bound, each longer than its round trips', async () => {
    const { rows, bars } = await containmentTable(tiny())
    const names = rows.map(([name]) => name)
    expect(names).toEqual(expect.arrayContaining(['raw bound, by ARN', 'ir-cred, by ARN', 'ir-cred, by access key']))
    // Two connections in a row and two calls in a row are 0.4 s with TLS, 0.28 s without.
    for (const seconds of column(rows, 1)) expect(seconds).toBeGreaterThan(0.25)
    for (const calls of column(rows, 5)) expect(calls).toBeGreaterThanOrEqual(3)
    for (const ms of column(rows, 6)) expect(ms).toBeGreaterThanOrEqual(20)
    expect(bars[0]?.measured).toBeGreaterThan(0)
  })

  it('asks DuckDB what it asks ir-cred, and both answer the same', async () => {
    const { rows, notes } = await logsTable(tiny())
    expect(rows.map(([name]) => name)).toEqual([
      'ir-cred, 1 files',
      'DuckDB, typed, 1 files',
      'ir-cred, 40 files',
      'DuckDB, typed, 40 files',
    ])
    expect(notes).toContainEqual(expect.stringMatching(/^40 files: all 2 give the same answer, [1-9]\d* calls of the key\.$/))
  })
})
