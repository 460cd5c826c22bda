import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addText,
  mergeTexts,
  numberOfText,
  textCount,
  textTable,
  textWithNumber,
} from '../../../src/investigation/analysis/text-table.ts'

/** Any text that JSON can hold, half characters among them. */
const text = fc.oneof(fc.constantFrom('', 'a', 'é', '\ud800', '198.51.100.7'), fc.string(), fc.string({ unit: 'binary' }))

describe('a text table', () => {
  it('gives each text one number, and the text back', () => {
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const table = textTable()
        const numbers = new Map<string, number>()
        for (const each of texts) {
          const known = numbers.get(each) ?? numbers.size
          numbers.set(each, known)
          expect(addText(table, each)).toBe(known)
        }
        const sent = structuredClone(table)
        sent.recent.clear()
        for (const [each, number] of numbers) {
          expect(textWithNumber(sent, number)).toBe(each)
          expect(numberOfText(sent, each)).toBe(number)
        }
        expect(textCount(sent)).toBe(numbers.size)
        expect(numberOfText(sent, 'not among them')).toBe(-1)
      }),
    )
  })

  it('takes the texts of another one, and says which numbers they have here', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (own, others) => {
        const [into, other] = [textTable(), textTable()]
        for (const each of own) addText(into, each)
        for (const each of others) addText(other, each)
        const here = mergeTexts(into, other)
        others.forEach((each) => {
          expect(textWithNumber(into, here[numberOfText(other, each)] ?? -1)).toBe(each)
        })
        expect(textCount(into)).toBe(new Set([...own, ...others]).size)
      }),
    )
  })
})
