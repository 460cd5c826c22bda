import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instant, instantOf } from '../../../../src/incident/values/instant.ts'
import { dateFolders, levelOf } from '../../../../src/investigation/sources/s3/find-objects.ts'

const at = (text: string): Instant => text as Instant
const NOW = at('2026-11-25T02:00:00Z')
const DAY = 86_400_000

const folderOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 10).replaceAll('-', '/')}/`

describe('the folders of a range', () => {
  it('are its days and one day on each side, the newest first', () => {
    const range = { from: at('2026-11-22T10:00:00Z'), until: at('2026-11-22T12:00:00Z') }
    expect(dateFolders(range, NOW)).toEqual(['2026/11/23/', '2026/11/22/', '2026/11/21/'])
  })

  it('are whole months and years where the range contains them', () => {
    const range = { from: at('2024-11-29T10:00:00Z'), until: at('2026-02-01T00:00:00Z') }
    expect(dateFolders(range, NOW)).toEqual([
      ...['2026/02/02/', '2026/02/01/', '2026/01/', '2025/', '2024/12/', '2024/11/30/', '2024/11/29/', '2024/11/28/'],
    ])
  })

  it('end now when the range has no end, and are all folders when it has no start', () => {
    expect(dateFolders({ from: at('2026-11-25T00:00:00Z') }, NOW)).toEqual(['2026/11/26/', '2026/11/25/', '2026/11/24/'])
    expect(dateFolders({ until: NOW }, NOW)).toEqual([''])
  })

  it('hold each day of the range once, and no day beyond one on each side', () => {
    const moment = fc.integer({ min: Date.UTC(2019, 0), max: Date.UTC(2030, 0) })
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: 900 }), (begin, days) => {
        const end = begin + days * DAY
        const folders = dateFolders({ from: instantOf(new Date(begin)), until: instantOf(new Date(end)) }, NOW)
        const holding = (ms: number): number => folders.filter((folder) => folderOf(ms).startsWith(folder)).length
        for (let ms = begin - DAY; ms <= end + DAY; ms += DAY) expect(holding(ms)).toBe(1)
        expect([holding(begin - 2 * DAY), holding(end + 2 * DAY)]).toEqual([0, 0])
      }),
      { numRuns: 100 },
    )
  })
})

describe('a prefix', () => {
  it.each([
    ['', 'outside'],
    ['logs/eu/', 'outside'],
    ['logs/AWSLogs/', 'AWSLogs'],
    ['AWSLogs/o-exampleorgid/', 'organization'],
    ['AWSLogs/o-exampleorgid/111122223333/', 'account'],
    ['AWSLogs/111122223333/CloudTrail/', 'trail'],
    ['AWSLogs/111122223333/CloudTrail/us-gov-west-1/', 'region'],
    ['AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/', 'month'],
    ['AWSLogs/111122223333/CloudTrail-Digest/', undefined],
    ['AWSLogs/111122223333/Config/', undefined],
  ])('%s has the level %s', (prefix, level) => {
    expect(levelOf(prefix)).toBe(level)
  })
})
