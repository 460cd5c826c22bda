import { appendFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { sessionSummary } from '../../../../src/investigation/analysis/session-summary.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { keepAnswer } from '../../../../src/investigation/sources/log-files/cache/kept-answers.ts'
import { touch } from '../../../../src/investigation/sources/log-files/cache/segment-files.ts'
import { scanLogs } from '../../../../src/investigation/sources/log-files/scan-logs.ts'
import { cacheIn, NOW } from './caches.ts'
import { delivered, stolenCall, strangerCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const FOLD = { name: 'activity', make: activityFold }
const question = questionOf(theKey)

/** Logs, their cache, and the answer that was kept in it. */
const kitchen = async () => {
  const folder = temporaryFolder()
  const paths = writeLogs(join(folder, 'logs'), {
    'a.json': delivered([stolenCall(), stolenCall()]),
    'b.json': delivered([strangerCall()]),
  })
  const cache = await cacheIn(folder, paths)
  const ask = (asked = question, place = cache) => scanLogs({ paths, questions: [asked], fold: FOLD, threads: 1, cache: place })
  const answer = await ask()
  keepAnswer(cache, answer.cached.name ?? '', answer, NOW)
  return { paths, cache, ask, answer, answersIn: () => readdirSync(cache.folder).filter((name) => name.endsWith('.answer')) }
}

const eventsIn = ({ states: [state] }: Awaited<ReturnType<Awaited<ReturnType<typeof kitchen>>['ask']>>) =>
  state && sessionSummary(activityFold(question).finish(state, question)).events

describe('an answer that was kept', () => {
  it('is given to the same question again, though nothing else is left of the cache', async () => {
    const { cache, ask, answer } = await kitchen()
    for (const name of readdirSync(cache.folder))
      if (name.endsWith('.segment')) writeFileSync(join(cache.folder, name), 'damaged')
    const again = await ask()
    expect({ ...again, cached: undefined }).toEqual({ ...answer, cached: undefined })
    expect(again.cached.files).toBe(2)
    expect(eventsIn(again)).toBe(2)
  })

  it.each([
    ['another question', async ({ ask }: Awaited<ReturnType<typeof kitchen>>) => ask(questionOf(theKey, { wholeAccount: true }))],
    ['another program', async ({ ask, cache }) => ask(question, { ...cache, writer: 'test 2' })],
  ])('is not given to %s', async (_, askOtherwise) => {
    const kept = await kitchen()
    const other = await askOtherwise(kept)
    expect(other.cached.name).not.toBe(kept.answer.cached.name)
    expect(eventsIn(other)).toBe(2)
  })

  it('is not given when a file has changed', async () => {
    const { paths, ask } = await kitchen()
    appendFileSync(paths[0] ?? '', '\n')
    expect((await ask()).cached.files).toBe(1)
  })

  it('that is damaged is none', async () => {
    const { cache, ask, answersIn } = await kitchen()
    for (const name of answersIn()) writeFileSync(join(cache.folder, name), 'damaged')
    expect(eventsIn(await ask())).toBe(2)
  })

  it('that was of use lately outlives younger ones', async () => {
    const { cache, ask, answersIn } = await kitchen()
    const [first = ''] = answersIn()
    touch([join(cache.folder, first)], new Date(0))
    touch((await ask()).cached.used, new Date(Date.now() + 3_600_000))
    for (let index = 0; index < 20; index += 1) keepAnswer(cache, `z${index}`, {}, NOW)
    expect(answersIn()).toContain(first)
  })

  it('counts among what the cache may hold: what has not been of use for longest goes first', async () => {
    const { cache, answersIn } = await kitchen()
    const sizeOf = () => readdirSync(cache.folder).reduce((sum, name) => sum + statSync(join(cache.folder, name)).size, 0)
    const small = { ...cache, most: sizeOf() + 10 }
    for (const name of readdirSync(cache.folder))
      touch([join(cache.folder, name)], new Date(name.endsWith('.segment') ? Date.now() : 0))
    keepAnswer(small, 'younger', 'x'.repeat(100), NOW)
    expect(answersIn()).toEqual(['younger.answer'])
    expect(sizeOf()).toBeLessThanOrEqual(small.most)
    keepAnswer({ ...cache, most: 50 }, 'too large', 'x'.repeat(100), NOW)
    expect(answersIn()).toEqual(['younger.answer'])
  })

  it('may be read by its owner only, and gives way to twenty younger ones', async () => {
    const { cache, answersIn } = await kitchen()
    const [first = ''] = answersIn()
    expect(statSync(join(cache.folder, first)).mode & 0o077).toBe(0)
    for (let index = 0; index < 20; index += 1) keepAnswer(cache, `z${index}`, {}, NOW)
    expect(answersIn()).toHaveLength(20)
    expect(existsSync(join(cache.folder, 'z19.answer'))).toBe(true)
  })
})
