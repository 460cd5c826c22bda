import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import { athenaTable } from '../../../../src/investigation/sources/athena/athena-table.ts'
import { OTHERS_READ } from '../../../../src/investigation/sources/sql/about-query.ts'
import { readContext } from '../../../../src/investigation/sources/sql/read-context.ts'
import type { Row } from '../../../../src/investigation/sources/sql/rows.ts'
import type { QueryConnection } from '../../../../src/investigation/sources/sql/run-query.ts'
import { documentOf, instant, theKey } from '../../analysis/records.ts'

const range = { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') }
const question = questionOf(theKey, { scope: range })

const answered = () => {
  const fold = activityFold(question)
  const state = fold.empty()
  const record = readRecord(documentOf())
  if (record) fold.add(state, record)
  return { question, state }
}

/** A connection whose queries of others' records answer with so many rows each. */
const answering = (rows: number): QueryConnection => ({
  ...{
    dialect: athenaTable({ database: 'logs', table: 'trail' }),
    incomplete: [],
    spending: { bytes: 0, calls: 0, pages: 0, events: 1 },
  },
  ask: async (query, take) => {
    const row: Row = { eventtime: '2026-03-01T12:00:00Z', eventname: 'DescribeTrails', eventsource: 'cloudtrail.amazonaws.com' }
    if (query.asks.startsWith('what others did')) for (let index = 0; index < rows; index += 1) take(row)
    return true
  },
})

const read = (rows: number) => readContext(answered(), range, answering(rows), { signal: new AbortController().signal })

describe('changes of trails by everybody', () => {
  it('were all looked for when no query was cut', async () => {
    expect((await read(OTHERS_READ - 1)).areTrailsRead).toBe(true)
  })

  it('were not all looked for when a query had more rows than are read', async () => {
    expect((await read(OTHERS_READ)).areTrailsRead).toBe(false)
  })
})
