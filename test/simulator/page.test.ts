import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServiceError } from '../../src/simulator/call.ts'
import { pageOf } from '../../src/simulator/page.ts'

const page = (items: readonly number[], size: number, token?: string, boundTo: unknown = {}) =>
  pageOf({ items, size, token, boundTo, keyOf: String, refuse: () => new ServiceError('InvalidToken', 'no') })

const walk = (items: readonly number[], size: number): number[][] => {
  const pages: number[][] = []
  let token: string | undefined
  do {
    const next = page(items, size, token)
    pages.push([...next.items])
    token = next.nextToken
  } while (token !== undefined)
  return pages
}

test('the pages of a list are the list, none larger than asked for and none empty but of an empty list', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, size) => {
      const pages = walk(items, size)
      expect(pages.flat()).toEqual(items)
      expect(pages.every((one) => one.length <= size && (one.length > 0 || items.length === 0))).toBe(true)
    }),
  )
})

test('a token goes on behind its item even when newer ones have come in front', () => {
  const { nextToken = '' } = page([3, 2, 1], 1)
  expect(page([5, 4, 3, 2, 1], 1, nextToken).items).toEqual([2])
})

test.each([
  ['that was made up', 'nonsense', {}],
  ['of other parameters', page([3, 2, 1], 1).nextToken ?? '', { other: true }],
])('a token %s is refused', (_, token, boundTo) => {
  expect(() => page([3, 2, 1], 1, token, boundTo)).toThrow(ServiceError)
})
