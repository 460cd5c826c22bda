import { describe, expect, it } from 'vitest'
import { iamPages } from '../../src/aws/iam-pages.ts'

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
