import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  openWindow,
  pagesLeft,
  restOfWindow,
  split,
  turnPage,
  type Window,
} from '../../../../src/investigation/sources/event-history/region-lookup.ts'

const PAGE = 50

/** LookupEvents over these times: newest first, and a token is how many events came before. */
const pageOf = (times: readonly number[], { from, until, token = '0' }: Window) => {
  const asked = times.filter((time) => time >= from && time <= until).sort((a, b) => b - a)
  const shown = asked.slice(Number(token), Number(token) + PAGE)
  const next = Number(token) + shown.length
  const oldest = shown.at(-1)
  return { shown, ...(oldest === undefined ? {} : { oldest }), ...(next < asked.length ? { token: String(next) } : {}) }
}

/** Reads everything; after each page what is left is parted where `parts` says so. */
const readAll = (times: readonly number[], range: readonly [number, number], parts: readonly boolean[]) => {
  const windows = [openWindow(...range)]
  const seen = new Set<number>()
  let calls = 0
  for (let open = windows.find(({ done }) => !done); open; open = windows.find(({ done }) => !done)) {
    const page = pageOf(times, open)
    turnPage(open, page)
    for (const time of page.shown) seen.add(time)
    const longest = windows.toSorted((a, b) => pagesLeft(b) - pagesLeft(a))[0]
    const older = parts[calls % parts.length] && longest ? split(longest) : undefined
    if (older) windows.push(older)
    calls += 1
  }
  return { calls, windows: windows.length, seen: seen.size }
}

describe('the windows of a lookup', () => {
  it('the windows show every event however they are parted, with no more calls than pages and windows', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 20_000 }), { maxLength: 900 })
    fc.assert(
      fc.property(times, fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (happened, parts) => {
        const { calls, windows, seen } = readAll(happened, [0, 20_000], parts)
        expect(seen).toBe(happened.length)
        expect(calls).toBeLessThanOrEqual(Math.ceil(happened.length / PAGE) + windows)
      }),
      { numRuns: 200 },
    )
  })

  it('are not parted before anything is known of them', () => {
    expect(split(openWindow(0, 1000))).toBeUndefined()
  })

  it('are not parted for less than two pages', () => {
    const window = openWindow(0, 1000)
    turnPage(window, { oldest: 600, token: 'next' })
    expect(pagesLeft(window)).toBe(1.5)
    expect(split(window)).toBeUndefined()
  })

  it('are parted in the middle of what is left', () => {
    const window = openWindow(0, 1000)
    turnPage(window, { oldest: 900, token: 'next' })
    expect(split(window)).toMatchObject({ from: 0, until: 449, stop: 0, reached: 449 })
    expect(window).toMatchObject({ stop: 450, from: 0, until: 1000, token: 'next', done: false })
    turnPage(window, { oldest: 449, token: 'more' })
    expect(window.done).toBe(true)
  })

  it('may be asked for anew from the oldest event that was read', () => {
    const window = openWindow(0, 1000)
    turnPage(window, { oldest: 900, token: 'next' })
    expect(restOfWindow(window)).toMatchObject({ from: 0, until: 900, pages: 0, done: false })
  })

  it('have no pages left when they are done, or given up', () => {
    const window = openWindow(0, 1000)
    turnPage(window, {})
    expect(pagesLeft(window)).toBe(0)
    expect(pagesLeft({ ...openWindow(0, 1000), gap: 'why' })).toBe(0)
  })
})
