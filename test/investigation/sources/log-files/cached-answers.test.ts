import { appendFileSync, existsSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { sessionSummary } from '../../../../src/investigation/analysis/session-summary.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { markUsed } from '../../../../src/investigation/sources/log-files/cache/cache-files.ts'
import { cacheAnswer } from '../../../../src/investigation/sources/log-files/cache/cached-answers.ts'
import { scanLogs } from '../../../../src/investigation/sources/log-files/scan-logs.ts'
import { cacheIn, NOW } from './caches.ts'
import { delivered, stolenCall, strangerCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const FOLD = { name: 'activity', make: activityFold }
const question = questionOf(theKey)

/** Logs, their cache, and an answer in it. */
const logsAndAnswer = async () => {
  const folder = temporaryFolder()
  const paths = writeLogs(join(folder, 'logs'), {
    'a.json': delivered([stolenCall(), stolenCall()]),
    'b.json': delivered([strangerCall()]),
  })
  const cache = await cacheIn(folder, paths)
  const ask = (asked = question, place = cache) => scanLogs({ paths, questions: [asked], fold: FOLD, threads: 1, cache: place })
  const answer = await ask()
  if (answer.cached.asked) cacheAnswer(cache, answer.cached.asked, answer, NOW)
  return { paths, cache, ask, answer, answersIn: () => readdirSync(cache.folder).filter((name) => name.endsWith('.answer')) }
}

const named = (name: string) => ({ name, question: name })

const eventsIn = ({ states: [state] }: Awaited<ReturnType<Awaited<ReturnType<typeof logsAndAnswer>>['ask']>>) =>
  state && sessionSummary(activityFold(question).finish(state, question)).events

describe('a cached answer', () => {
  it('is given to the same question again, without the rest of the cache', async () => {
    const { cache, ask, answer } = await logsAndAnswer()
    for (const name of readdirSync(cache.folder))
      if (name.endsWith('.segment')) writeFileSync(join(cache.folder, name), 'damaged')
    const again = await ask()
    expect({ ...again, cached: undefined }).toEqual({ ...answer, cached: undefined })
    expect(again.cached.files).toBe(2)
    expect(eventsIn(again)).toBe(2)
  })

  it.each([
    [
      'another question',
      async ({ ask }: Awaited<ReturnType<typeof logsAndAnswer>>) => ask(questionOf(theKey, { wholeAccount: true })),
    ],
    ['another program', async ({ ask, cache }) => ask(question, { ...cache, writer: 'test 2' })],
  ])('is not given to %s', async (_, askOtherwise) => {
    const cached = await logsAndAnswer()
    const other = await askOtherwise(cached)
    expect(other.cached.asked?.name).not.toBe(cached.answer.cached.asked?.name)
    expect(eventsIn(other)).toBe(2)
  })

  it('is not given when a file has changed', async () => {
    const { paths, ask } = await logsAndAnswer()
    appendFileSync(paths[0] ?? '', '\n')
    expect((await ask()).cached.files).toBe(1)
  })

  it('carries its question: an answer under the name of another question is ignored', async () => {
    const { cache, ask, answersIn } = await logsAndAnswer()
    expect((await ask()).cached.asked).toBeUndefined()
    const elsewhere = questionOf({ ...theKey, value: 'ASIAXCSEC6TNOTHERKEY' })
    const [kept = ''] = answersIn()
    const wanted = (await ask(elsewhere)).cached.asked
    renameSync(join(cache.folder, kept), join(cache.folder, `${wanted?.name}.answer`))
    expect((await ask(elsewhere)).cached.asked).toEqual(wanted)
  })

  it('is not read through a link', async () => {
    const { cache, ask, answersIn } = await logsAndAnswer()
    const [kept = ''] = answersIn()
    renameSync(join(cache.folder, kept), join(cache.folder, '..', 'elsewhere'))
    symlinkSync(join(cache.folder, '..', 'elsewhere'), join(cache.folder, kept))
    expect((await ask()).cached.asked).toBeDefined()
  })

  it('a cached answer that is damaged is ignored', async () => {
    const { cache, ask, answersIn } = await logsAndAnswer()
    for (const name of answersIn()) writeFileSync(join(cache.folder, name), 'damaged')
    expect(eventsIn(await ask())).toBe(2)
  })

  it('a cached answer that was used lately stays longer than newer ones', async () => {
    const { cache, ask, answersIn } = await logsAndAnswer()
    const [first = ''] = answersIn()
    markUsed([join(cache.folder, first)], new Date(0))
    markUsed((await ask()).cached.used, new Date(Date.now() + 3_600_000))
    for (let index = 0; index < 20; index += 1) cacheAnswer(cache, named(`z${index}`), {}, NOW)
    expect(answersIn()).toContain(first)
  })

  it('counts towards the limit of the cache: what was used longest ago is removed first', async () => {
    const { cache, answersIn } = await logsAndAnswer()
    const sizeOf = () => readdirSync(cache.folder).reduce((sum, name) => sum + statSync(join(cache.folder, name)).size, 0)
    const small = { ...cache, maxBytes: sizeOf() + 10 }
    for (const name of readdirSync(cache.folder))
      markUsed([join(cache.folder, name)], new Date(name.endsWith('.segment') ? Date.now() : 0))
    cacheAnswer(small, named('younger'), 'x'.repeat(100), NOW)
    expect(answersIn()).toEqual(['younger.answer'])
    expect(sizeOf()).toBeLessThanOrEqual(small.maxBytes)
    cacheAnswer({ ...cache, maxBytes: 50 }, named('too large'), 'x'.repeat(100), NOW)
    expect(answersIn()).toEqual(['younger.answer'])
  })

  it('can be read by its owner only, and is removed after twenty newer ones', async () => {
    const { cache, answersIn } = await logsAndAnswer()
    const [first = ''] = answersIn()
    expect(statSync(join(cache.folder, first)).mode & 0o077).toBe(0)
    for (let index = 0; index < 20; index += 1) cacheAnswer(cache, named(`z${index}`), {}, NOW)
    expect(answersIn()).toHaveLength(20)
    expect(existsSync(join(cache.folder, 'z19.answer'))).toBe(true)
  })
})
