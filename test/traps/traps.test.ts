import { describe, expect, it } from 'vitest'
import { meetMutant, mutated, mutatedFile } from './mutants.ts'
import { allTraps, trapOf, traps } from './table/all.ts'
import { notMet } from './table/not-met.ts'
import { isHandled, meetTrap } from './table/trap.ts'

describe.each(traps)('%s: a situation that the obvious tool does harm in is handled', (_, some) => {
  it.each(some)('$id: $situation', async (trap) => {
    const { did, failed, threw } = await meetTrap(trap)
    expect({ failed, threw }).toEqual({ failed: [], threw: undefined })
    expect(did).not.toBe('')
  })
})

describe('the table of the traps', () => {
  it('has each situation once, and at least 60', () => {
    const ids = allTraps.map(({ id }) => id)
    expect(ids.length).toBeGreaterThanOrEqual(60)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(ids.filter((id) => notMet.some((one) => one.ids.includes(id)))).toEqual([])
  })
})

describe('a mutation', () => {
  it.each(allTraps)('of $id replaces a text that stands once in its file', ({ mutation }) => {
    expect(() => mutatedFile(mutation)).not.toThrow()
  })

  it.each([
    ['does not stand there', 'a word'],
    ['stands there twice', 'text text'],
  ])('is refused when the text to replace %s', (_, source) => {
    expect(() => mutated(source, { file: 'x.ts', find: 'text', replace: '' })).toThrow('not once')
  })

  it.each(['R25', 'F03'])('lets its trap fall, by a check and not by an error: %s', async (id) => {
    const { failed, threw } = await meetMutant(trapOf(id))
    expect(threw).toBeUndefined()
    expect(failed.length).toBeGreaterThan(0)
  })

  it('that changes nothing leaves its trap handled', async () => {
    const { mutation, ...trap } = trapOf('F03')
    expect(isHandled(await meetMutant({ ...trap, mutation: { ...mutation, replace: mutation.find } }))).toBe(true)
  })
})
