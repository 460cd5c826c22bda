import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { epochOf, type Instant, isBefore, plus, secondsBetween } from '../../../../src/incident/values/instant.ts'
import { detectiveScope, trainingRemarks, uncovered } from '../../../../src/investigation/enrichment/detective/scope.ts'
import { NOON } from '../../../support/noon.ts'

const at = (moment: string): Instant => `2026-11-${moment}Z` as Instant
const DAY = 86_400

describe('Detective’s scope', () => {
  const scope = (first: Instant, last: Instant, now: Instant = NOON) => detectiveScope({ first, last }, now)

  it.each<[string, Instant, Instant, string, string]>([
    ['is widened to hours', at('24T10:59:59'), at('24T12:00:01'), '24T10', '24T13'],
    ['is an hour at least', at('24T10:00:00'), at('24T10:00:00'), '24T10', '24T11'],
    ['ends by now', at('24T10:00:00'), at('25T12:00:00'), '24T10', '25T12'],
  ])('%s', (_, first, last, from, until) => {
    expect(scope(first, last)).toEqual({
      from: at(`${from}:00:00`),
      until: at(`${until}:00:00`),
      seen: { first, last },
      remarks: [],
    })
  })

  it('a scope in an hour that is not over ends now, so that what was seen is in it, and says so', () => {
    expect(scope(at('25T12:05:00'), at('25T12:10:00'), at('25T12:20:00.123'))).toMatchObject({
      from: at('25T11:00:00'),
      until: at('25T12:20:00'),
      remarks: [expect.stringMatching(/^the scope ends at 2026-11-25T12:20:00Z, in an hour that is not over/)],
    })
  })

  it('holds what was seen, ends by now, begins with an hour, and is an hour at least, whatever was seen', () => {
    const ago = fc.integer({ min: 1, max: 300 * DAY })
    fc.assert(
      fc.property(ago, ago, (one, other) => {
        const seen = { first: plus(NOON, -Math.max(one, other) - 1), last: plus(NOON, -Math.min(one, other)) }
        const { from, until } = detectiveScope(seen, plus(NOON, -0.5))
        expect(isBefore(seen.first, from) || isBefore(until, seen.last) || isBefore(NOON, until)).toBe(false)
        expect(epochOf(from) % 3_600_000).toBe(0)
        expect(secondsBetween(from, until)).toBeGreaterThanOrEqual(3_600)
      }),
    )
  })

  it('is a year at most, the last one, and says so', () => {
    const { from, remarks } = scope('2025-01-01T00:00:00Z' as Instant, NOON)
    expect(from).toBe(plus(NOON, -365 * DAY))
    expect(remarks).toEqual([`the scope begins at ${from}: Detective looks at one year at most`])
  })
})

describe('what Detective calls new', () => {
  const said = (days: number) => trainingRemarks(plus(NOON, -days * DAY), plus(NOON, -DAY), NOON)

  it('is immature while the graph is younger than two weeks', () => {
    expect(said(13)).toEqual([expect.stringMatching(/^in training: the graph was made 13 d ago.*two weeks/)])
  })

  it('is compared with fewer than 45 days while the graph is younger than that', () => {
    expect(said(20)).toEqual([expect.stringMatching(/compared with 19 days before the scope instead of 45/)])
  })

  it('needs no word when the graph is old enough, or does not tell its age', () => {
    expect(said(46)).toEqual([])
    expect(trainingRemarks(undefined, NOON, NOON)).toEqual([])
  })
})

it('an investigation that does not look at all that was seen says what it looks at', () => {
  const seen = { first: at('25T01:10:00'), last: at('25T02:50:00') }
  expect(uncovered(seen, at('25T01:00:00'), at('25T03:00:00'))).toEqual([])
  expect(uncovered(seen, at('25T02:00:00'), at('25T03:00:00'))).toEqual([
    'it looks at 2026-11-25T02:00:00Z to 2026-11-25T03:00:00Z, not at all of 2026-11-25T01:10:00Z to 2026-11-25T02:50:00Z',
  ])
})
