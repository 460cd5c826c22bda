import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { logFiles } from '../../../../src/investigation/sources/log-files.ts'
import { instant } from '../../analysis/records.ts'
import { delivered, roleCall, stolenCall, strangerCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

describe('a second reading', () => {
  it('gives each record of the scope once: no file is read again for what others did', async () => {
    const folder = temporaryFolder()
    const own = [stolenCall({ eventTime: '2026-03-01T09:00:00Z' }), stolenCall({ eventTime: '2026-03-01T11:00:00Z' })]
    writeLogs(folder, { 'a.json': delivered([...own, strangerCall()]), 'b.json': delivered([roleCall(), stolenCall()]) })
    const source = logFiles({ paths: [folder], threads: 1, clock: () => new Date(0) })
    const question = questionOf(theKey, { scope: { from: instant('2026-03-01T10:00:00Z') } })
    const taken: string[] = []
    await source.readRecords?.([question], {}, { signal: new AbortController().signal, progress: () => undefined }, ({ at }) => {
      taken.push(at)
    })
    expect(taken.sort()).toEqual(['2026-03-01T11:00:00Z', '2026-03-01T12:00:00Z'])
  })
})
