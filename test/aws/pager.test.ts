import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allPages, type FetchPage, iamPages, wholeList } from '../../src/aws/pager.ts'
import { Failure } from '../../src/incident/values/failure.ts'

/** A service whose pages are told by their tokens; '' is the first. Counts how often it was asked. */
const serving = (pages: Readonly<Record<string, { items?: readonly number[]; next?: string }>>) => {
  const asked: string[] = []
  const page: FetchPage<number> = async (token = '') => {
    asked.push(token)
    if (asked.length > 1_000) throw new Error('it asks for ever')
    return { items: pages[token]?.items, next: pages[token]?.next }
  }
  return { page, asked }
}

/** Page after page, each with its number, and always another token. */
const endless: FetchPage<number> = async (token = '0') => ({ items: [Number(token)], next: String(Number(token) + 1) })

describe('a list', () => {
  it('a list of one page is complete', async () => {
    expect(await allPages(serving({ '': { items: [1, 2] } }).page)).toEqual({ items: [1, 2] })
  })

  it('a list without items is empty and complete', async () => {
    expect(await allPages(serving({}).page)).toEqual({ items: [] })
  })

  it('goes on behind an empty page', async () => {
    const { page } = serving({ '': { items: [], next: 'a' }, a: { next: 'b' }, b: { items: [3] } })
    expect(await allPages(page)).toEqual({ items: [3] })
  })

  it('ends at an empty token', async () => {
    const { page, asked } = serving({ '': { items: [1], next: '' } })
    expect(await allPages(page)).toEqual({ items: [1] })
    expect(asked).toEqual([''])
  })

  it('has every item once, in order, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer(), { maxLength: 5 }), { minLength: 1, maxLength: 12 }), async (cut) => {
        const name = (index: number) => (index === 0 ? '' : `page-${index}`)
        const pages = Object.fromEntries(
          cut.map((items, index) => [name(index), { items, ...(index + 1 < cut.length ? { next: name(index + 1) } : {}) }]),
        )
        expect(await allPages(serving(pages).page)).toEqual({ items: cut.flat() })
      }),
    )
  })

  it('a list that cannot be read throws: it is not short', async () => {
    await expect(allPages(async () => Promise.reject(new Error('denied')))).rejects.toThrow('denied')
  })
})

describe('a list says that it is incomplete', () => {
  it.each([
    ['a token is answered with itself', { '': { items: [1], next: 'a' }, a: { items: [2], next: 'a' } }, [1, 2]],
    [
      'tokens go round in a circle (A → B → A)',
      { '': { items: [1], next: 'a' }, a: { items: [2], next: 'b' }, b: { items: [3], next: 'a' } },
      [1, 2, 3],
    ],
  ])('a list says that it is incomplete when %s', async (_, pages, items) => {
    const { page, asked } = serving(pages)
    expect(await allPages(page)).toEqual({ items, incomplete: 'the service repeated a page token' })
    expect(asked).toHaveLength(items.length)
  })

  it('a list with more pages than the limit says that it is incomplete', async () => {
    const { items, incomplete } = await allPages(endless, { pages: 7, items: 1_000 })
    expect(items).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(incomplete).toBe('stopped after 7 pages')
  })

  it('a list with more items than the limit says that it is incomplete', async () => {
    const { page, asked } = serving({ '': { items: [1, 2], next: 'a' }, a: { items: [3], next: 'b' } })
    expect(await allPages(page, { pages: 9, items: 2 })).toEqual({ items: [1, 2], incomplete: 'stopped after 2 items' })
    expect(asked).toEqual([''])
  })

  it('a list whose last page reaches the limits exactly is complete', async () => {
    const { page } = serving({ '': { items: [1], next: 'a' }, a: { items: [2] } })
    expect(await allPages(page, { pages: 2, items: 2 })).toEqual({ items: [1, 2] })
  })

  it('a list that never ends says after 400 pages that it is incomplete', async () => {
    const { items, incomplete } = await allPages(endless)
    expect(items).toHaveLength(400)
    expect(incomplete).toBe('stopped after 400 pages')
  })
})

describe('a list on which a change depends', () => {
  it('is given whole', async () => {
    expect(await wholeList('snapshots', serving({ '': { items: [1], next: 'a' }, a: { items: [2] } }).page)).toEqual([1, 2])
  })

  it('is not given in part', async () => {
    const given = wholeList('snapshots', serving({ '': { items: [1], next: 'a' }, a: { next: 'a' } }).page)
    await expect(given).rejects.toBeInstanceOf(Failure)
    await expect(given).rejects.toMatchObject({ kind: 'unavailable', why: 'the service repeated a page token' })
  })
})

interface Answer {
  readonly Users?: readonly string[]
  readonly IsTruncated?: boolean
  readonly Marker?: string
}

/** IAM with a list of users, whose pages are told by their markers; '' is the first. */
const usersIn = (pages: Readonly<Record<string, Answer>>) =>
  iamPages(
    async (marker = '') => pages[marker] ?? {},
    ({ Users }) => Users,
  )

describe('a list of IAM', () => {
  it('goes on at the marker while it is truncated', async () => {
    const pages = { '': { Users: ['alice'], IsTruncated: true, Marker: 'more' }, more: { Users: ['bob'], IsTruncated: false } }
    expect(await usersIn(pages)).toEqual({ items: ['alice', 'bob'] })
  })

  it('ends where it is not truncated, whatever marker stands there', async () => {
    const pages = { '': { Users: ['alice'], IsTruncated: false, Marker: 'more' }, more: { Users: ['bob'] } }
    expect(await usersIn(pages)).toEqual({ items: ['alice'] })
  })

  it('says when its end was not found', async () => {
    const pages = { '': { IsTruncated: true, Marker: 'again' }, again: { Users: ['bob'], IsTruncated: true, Marker: 'again' } }
    expect(await usersIn(pages)).toEqual({ items: ['bob'], incomplete: 'the service repeated a page token' })
  })
})
