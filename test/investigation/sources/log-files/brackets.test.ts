import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Brackets, bracketFinder } from '../../../../src/investigation/sources/log-files/wasm/bracket-memory.ts'
import { withoutWasm } from './without-wasm.ts'

describe.each([
  ['with WebAssembly', bracketFinder()],
  ['without it', withoutWasm(bracketFinder)],
])('brackets outside of strings, %s', (_, bracketsIn) => {
  const text = fc
    .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', 'a', 'é', '{"a":1}', 'x'.repeat(70), '"b{"', ':', ',', ' '), {
      maxLength: 300,
    })
    .map((parts) => Buffer.from(parts.join('')))

  /** One byte after the other. */
  const expected = (bytes: Buffer): { positions: number[]; isInString: boolean } => {
    const positions: number[] = []
    let isInString = false
    for (let at = 0; at < bytes.length; at += 1) {
      const character = String.fromCharCode(bytes[at] ?? 0)
      if (isInString && character === '\\') at += 1
      else if (character === '"') isInString = !isInString
      else if (!isInString && '{}[]'.includes(character)) positions.push(at)
    }
    return { positions, isInString }
  }

  /** By how much brackets change the depth, and the least and the most change on the way. */
  const changesOf = ({ places, count }: Brackets): number[] => {
    let [change, lowest, highest] = [0, 0, 0]
    for (const bracket of places.subarray(0, count)) {
      change += bracket % 2 === 0 ? 1 : -1
      lowest = Math.min(lowest, change)
      highest = Math.max(highest, change)
    }
    return [change, lowest, highest]
  }

  /** In parts, as a file that comes in chunks. */
  const inParts = (bytes: Buffer, cuts: readonly number[]): ReturnType<typeof expected> => {
    const found: number[] = []
    let [at, isInString] = [0, false]
    for (const cut of [...cuts.map((each) => each % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
      while (at < cut) {
        const part = bracketsIn(bytes.subarray(0, cut), at, isInString)
        expect([part.change, part.lowest, part.highest]).toEqual(changesOf(part))
        for (const bracket of part.places.subarray(0, part.count)) {
          const position = (bracket >> 1) + part.shift
          found.push('}]'.includes(String.fromCharCode(bytes[position] ?? 0)) === (bracket % 2 === 1) ? position : -1)
        }
        at = part.next
        isInString = part.isInString
      }
    }
    return { positions: found, isInString }
  }

  it('are the same as those that are found byte by byte, wherever the text is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
        expect(inParts(bytes, cuts)).toEqual(expected(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('are found in a text of many parts', () => {
    const long = Buffer.from('{"a":"\\"{","b":["c"]},'.repeat(20_000))
    expect(inParts(long, [])).toEqual(expected(long))
  })
})
