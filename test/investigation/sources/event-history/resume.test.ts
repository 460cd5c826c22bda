import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { readCursor } from '../../../../src/investigation/sources/event-history/cursor.ts'
import type { HistoryPage } from '../../../../src/investigation/sources/event-history.ts'
import { ago, type Happened, type HistoryRun, historyOf } from './virtual-history.ts'

const KEY = 'ASIAEXAMPLEEXAMPLE01'
const SIBLING = 'ASIAEXAMPLEEXAMPLE02'
const SESSION = 'i-0123456789abcdef0'

const events: readonly Happened[] = [
  ...Array.from({ length: 700 }, (_, index) => ({ ago: 600 + index * 10, accessKeyId: KEY, username: SESSION })),
  ...Array.from({ length: 300 }, (_, index) => ({ ago: 650 + index * 30, accessKeyId: SIBLING, username: SESSION })),
]

const asked = {
  questions: [questionOf({ kind: 'access-key-id', value: KEY }, { scope: { from: ago(3 * 3600) } })],
  followChainedSessions: true,
  range: {},
}

/** Reads as far as `pages` pages, which are kept. */
const interrupted = async (pages: number, run: Partial<HistoryRun> = {}) => {
  const controller = new AbortController()
  const kept: HistoryPage[] = []
  const page = (each: HistoryPage): void => {
    if (kept.push(each) === pages) controller.abort(new Error('Ctrl-C'))
  }
  const history = historyOf({ events, asked, ...run, signal: controller.signal, options: { page } })
  await expect(history.answer()).rejects.toThrow('Ctrl-C')
  return { kept, calls: history.requests.length }
}

/** As the journal gives it back. */
const resumeFrom = (kept: readonly HistoryPage[]) => ({
  cursor: JSON.parse(JSON.stringify(kept.at(-1)?.cursor)),
  events: kept.flatMap((page) => page.events),
})

const idsOf = async (history: ReturnType<typeof historyOf>) => {
  const { states, report } = await history.answer()
  return { ids: states.get(`access-key-id ${KEY}`)?.state.counter.ids.size, incomplete: report.incomplete }
}

describe('a reading that was interrupted', () => {
  it.each([1, 5, 14, 20])('goes on after page %i with the same answer, and reads nothing twice', async (pages) => {
    const whole = historyOf({ events, asked })
    const expected = await idsOf(whole)
    const { kept, calls } = await interrupted(pages)
    const rest = historyOf({ events, asked, options: { resume: resumeFrom(kept) } })
    expect(await idsOf(rest)).toEqual(expected)
    // A call that was on its way when the reading ended is made again.
    expect(calls + rest.requests.length).toBeLessThanOrEqual(whole.requests.length + 3)
  })

  it('goes on with several windows where answers are slow', async () => {
    const whole = historyOf({ events, asked, latency: 3 })
    const expected = await idsOf(whole)
    const { kept } = await interrupted(8, { latency: 3 })
    const rest = historyOf({ events, asked, latency: 3, options: { resume: resumeFrom(kept) } })
    expect(await idsOf(rest)).toEqual(expected)
    expect(kept.length * 1 + rest.requests.length).toBeLessThanOrEqual(whole.requests.length + 10)
  })

  it('tries again what failed', async () => {
    let isDown = true
    const fault: HistoryRun['fault'] = async (request, next) => {
      const isCut = isDown && new TextDecoder().decode(request.body).includes('NextToken')
      return isCut
        ? { status: 400, headers: { 'x-amzn-requestid': 'no' }, body: JSON.stringify({ __type: 'ExpiredTokenException' }) }
        : next(request)
    }
    const kept: HistoryPage[] = []
    const first = historyOf({ events, asked, fault, options: { page: (page) => void kept.push(page) } })
    const { incomplete } = await idsOf(first)
    expect(incomplete[0]).toMatch(/^CloudTrail in eu-central-1 could not be read: ExpiredTokenException/)
    isDown = false
    const rest = historyOf({ events, asked, fault, options: { resume: resumeFrom(kept) } })
    expect(await idsOf(rest)).toEqual(await idsOf(historyOf({ events, asked })))
  })
})

describe('a cursor', () => {
  const cursor = { version: 1, begun: ago(0), asked: 'this', lookups: { one: { windows: [] } } }

  it('is taken back for the same questions only', () => {
    expect(readCursor(cursor, 'this')).toEqual(cursor)
    expect(readCursor(cursor, 'that')).toBeUndefined()
  })

  it.each([
    undefined,
    null,
    'cursor',
    {},
    { ...cursor, version: 2 },
    { ...cursor, lookups: null },
    { ...cursor, lookups: { one: { windows: [{ from: 'yesterday' }] } } },
  ])('a cursor that is none is not taken: %j', (value) => {
    expect(readCursor(value, 'this')).toBeUndefined()
  })

  it('a cursor of other questions is left alone: the reading begins anew', async () => {
    const { kept } = await interrupted(5)
    const other = { ...asked, followChainedSessions: false }
    const history = historyOf({ events, asked: other, options: { resume: resumeFrom(kept) } })
    const fresh = historyOf({ events, asked: other })
    expect(await idsOf(history)).toEqual(await idsOf(fresh))
    expect(history.requests.length).toBe(fresh.requests.length)
  })
})
