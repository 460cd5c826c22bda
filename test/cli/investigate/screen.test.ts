import { expect, it, vi } from 'vitest'
import { showInvestigation } from '../../../src/cli/investigate/screen.ts'
import { outputRequestOf } from '../../../src/cli/options.ts'
import { terminalOf } from '../../../src/cli/tty.ts'
import { readWholeRecord } from '../../../src/investigation/read-record.ts'
import { rowOfRecord } from '../../../src/investigation/timeline/record-row.ts'
import { sortedRows } from '../../../src/investigation/timeline/sorted-rows.ts'
import { investigationOf } from '../../investigation/activity-builder.ts'
import { documentOf } from '../../investigation/records.ts'
import { memoryHost } from '../../support/host.ts'
import { FakeTerminal, KEY, settled } from '../../terminal/volume/fake-terminal.ts'

const NOT_ENRICHED = { sections: [], members: {} }

const noTimeline = () => Promise.reject(new Error('nobody asked for the timeline'))

it('the timeline opens from the chart: a burst opens to its calls, a call to its record, and back again', async () => {
  const terminal = new FakeTerminal({ columns: 200, rows: 30 })
  const { host } = memoryHost({ env: { NO_COLOR: '1' }, terminal: { stdout: true }, columns: 200 })
  const documents = [
    ...Array.from({ length: 3 }, () => documentOf({ eventTime: '2026-11-25T02:07:30Z' })),
    documentOf({ eventTime: '2026-11-25T02:08:30Z', eventName: 'CreateBucket', readOnly: false, requestID: 'the-request' }),
  ]
  const found = await investigationOf(documents)
  const sorted = sortedRows()
  for (const document of documents) {
    const record = readWholeRecord(document)
    if (record?.document) sorted.add({ ...rowOfRecord(record, 0), record: record.document })
  }
  const seated = { ...host, stdin: terminal.input, stderr: Object.assign(terminal.output, { isTTY: true }) }
  const opened = terminalOf(seated as typeof host, outputRequestOf({}), undefined)
  const shown = showInvestigation(opened, found, NOT_ENRICHED, async () => ({ sorted, incomplete: [] }))
  await settled()
  expect(terminal.screen()).toContain('t timeline')
  await terminal.press('t')
  // What draws it is loaded now.
  await vi.waitFor(() => expect(terminal.screen()).toContain('Timeline: 4 rows, in UTC'), { timeout: 20_000 })
  expect(terminal.screen()).toContain('> 2026-11-25 02:07:30Z  3 x s3:ListBuckets')
  await terminal.press(KEY.enter)
  expect(terminal.screen()).toContain('3 calls of one burst')
  await terminal.press(KEY.left, KEY.down, KEY.enter, KEY.end)
  expect(terminal.screen()).toContain('"requestID": "the-request"')
  await terminal.press('q')
  await vi.waitFor(() => expect(terminal.screen()).toContain('t timeline'))
  await terminal.press('q')
  await shown
})

it('the window that is browsed has local time beside it, as the sections have', async () => {
  const terminal = new FakeTerminal()
  const { host, out } = memoryHost({ env: { TZ: 'Europe/Berlin', NO_COLOR: '1' }, terminal: { stdout: true }, columns: 80 })
  const found = await investigationOf([documentOf({ eventTime: '2026-11-25T02:07:30Z' })])
  const seated = { ...host, stdin: terminal.input, stderr: Object.assign(terminal.output, { isTTY: true }) }
  const plain = outputRequestOf({})
  const shown = showInvestigation(terminalOf(seated as typeof host, plain, undefined), found, NOT_ENRICHED, noTimeline)
  await settled()
  expect(terminal.screen()).toContain('1 call: 1 ok, 0 failed')
  expect(out()).toContain('first seen  2026-11-25 02:07:30Z (03:07 here)')
  expect(terminal.screen()).toContain('◂ 2026-11-25 02:07:00Z – 02:08:00Z (03:08 here) ▸')
  await terminal.press(KEY.enter)
  await shown
})
