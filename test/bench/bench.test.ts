import { describe, expect, it } from 'vitest'
import { interleave } from './interleaved.ts'
import { differences } from './log-engines.ts'
import { documentWith, markdownOf, ratioBar } from './table.ts'

const quietly = { runs: 2, warmUp: true, progress: () => {} }

describe('the document of the benchmarks', () => {
  it('takes a table between the marks of its name', () => {
    const document = 'a\n<!-- logs -->\nold\n<!-- end of logs -->\nz\n'
    expect(documentWith(document, 'logs', 'new $& one\n')).toBe('a\n<!-- logs -->\nnew $& one\n<!-- end of logs -->\nz\n')
    expect(() => documentWith(document, 'growth', '')).toThrow('The document has no place for the table growth.')
  })

  it('shows a bar with its verdict, and what was not there as not measured', () => {
    const bars = [ratioBar('a', 1.5, [3, 2, 8], [2, 1, 3]), ratioBar('b', 0.5, [4], [6]), ratioBar('c', 2, [4], [])]
    const text = markdownOf({ header: ['tool', 's'], rows: [['x', '1']], bars, notes: ['Not here.'] }, 'Measured.')
    expect(text).toBe(
      [
        'Measured.\n\n| tool | s |\n| --- | --: |\n| x | 1 |\n\n',
        '| bar | at most | measured |  | by minima |\n| --- | --: | --: | --: | --: |\n',
        '| a | ≤ 1.5 | 1.50 | met | 2.00 |\n| b | ≤ 0.5 | 0.667 | not met | 0.667 |\n| c | ≤ 2 | – | not measured | – |\n',
        '\n- Not here.\n',
      ].join(''),
    )
  })
})

describe('variants in turn', () => {
  it('alternate, and the round that warms up does not count', async () => {
    const order: string[] = []
    const variant = (name: string) => ({ name, run: async () => order.push(name) })
    const { measured } = await interleave([variant('a'), variant('b')], quietly)
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    expect([...measured]).toEqual([
      ['a', [3, 5]],
      ['b', [4, 6]],
    ])
  })

  it('a peer that fails is left out with a note; a failure of ir-cred ends the table', async () => {
    const fails = { name: 'a', run: () => Promise.reject(new Error('gone')) }
    const { measured, notes } = await interleave(
      [
        { ...fails, peer: true },
        { name: 'b', run: async () => 1 },
      ],
      quietly,
    )
    expect([...measured.keys()]).toEqual(['b'])
    expect(notes).toEqual(['a failed and is left out: gone'])
    await expect(interleave([fails], quietly)).rejects.toThrow('gone')
  })
})

describe('answers', () => {
  const answers = (...list: readonly { keyCalls: number; roleCalls?: number; details?: string }[]) =>
    differences(new Map(list.map((answer, index) => [`engine ${index}`, answer])))

  it('of engines that tell the same do not differ, whatever an engine does not tell', () => {
    expect(
      answers({ keyCalls: 5, roleCalls: 9 }, { keyCalls: 5, details: 'x' }, { keyCalls: 5, roleCalls: 9, details: 'x' }),
    ).toEqual([])
  })

  it('that differ are told with what they differ in', () => {
    expect(answers({ keyCalls: 5 }, { keyCalls: 6 })).toEqual(['calls of the key: engine 0 5, engine 1 6'])
    expect(answers({ keyCalls: 5, details: 'x' }, { keyCalls: 5, details: 'y' })).toEqual([
      'times, addresses, operations, hours or baseline',
    ])
  })
})
