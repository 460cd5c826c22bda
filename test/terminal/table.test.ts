import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOutTable } from '../../src/terminal/table.ts'
import { widthOf } from '../../src/terminal/width.ts'

const head = ['IP address', 'Calls', 'API']
const rows = [
  ['198.51.100.23', '381', 's3:ListObjects and a long list of other operations that were called from there'],
  ['10.0.1.11', '44', 'ssm:UpdateInstanceInformation'],
]

describe('a table', () => {
  it('stands in columns when it fits', () => {
    expect(layOutTable(['A', 'B'], [['1', '2']], 80)).toEqual(['A  B', '─  ─', '1  2'])
  })

  it('narrows its widest column first, and wraps its cells', () => {
    const lines = layOutTable(head, rows, 60)
    expect(lines[2]).toMatch(/^198\.51\.100\.23 {2}381 {4}s3:ListObjects/)
    expect(lines.every((line) => widthOf(line) <= 60)).toBe(true)
  })

  it('becomes lines for each record on a narrow screen', () => {
    expect(layOutTable(head, rows.slice(1), 38)).toEqual([
      '- IP address: 10.0.1.11',
      '  Calls: 44',
      '  API: ssm:UpdateInstanceInformation',
    ])
  })

  it('says when it has no rows', () => {
    expect(layOutTable(head, [], 80)).toEqual(['IP address, Calls, API: none'])
  })

  it('never is wider than asked for, and keeps every cell’s text', () => {
    const cell = fc.string({ unit: 'grapheme-ascii', maxLength: 60 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 40, max: 120 }),
        (table, width) => {
          const lines = layOutTable(['first', 'second', 'third', 'fourth'], table, width)
          expect(lines.every((line) => widthOf(line) <= width)).toBe(true)
          const letters = (text: string): string => [...text.replaceAll(' ', '')].sort().join('')
          for (const kept of table.flat()) {
            const shown = lines.join('')
            expect([...letters(kept)].every((letter) => shown.includes(letter))).toBe(true)
          }
        },
      ),
    )
  })
})
