import { describe, expect, it } from 'vitest'
import type { Responder } from '../../src/response/ports.ts'
import type { Fault, WireRequest, WireResponse } from '../../src/simulator/wire/message.ts'
import { nobody, runInMemory, yes } from '../support/run-in-memory.ts'
import { build } from '../support/scenario.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** The answers of an account whose headers somebody on the way changes. */
const changing = (
  change: (response: WireResponse, request: WireRequest, number: number) => Readonly<Record<string, string>>,
): Fault =>
  (() => {
    let answers = 0
    return async (request, next) => {
      const response = await next(request)
      answers += 1
      return { ...response, headers: change(response, request, answers) }
    }
  })()

const shifted = ({ headers }: WireResponse, seconds: number) => ({
  ...headers,
  date: new Date(Date.parse(headers.date ?? '') + seconds * 1000).toUTCString(),
})

const serviceOf = ({ headers }: WireRequest): string => /\/(\w+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? ''

/** Runs the runbook; gives the cut-off's distance to the account's own time + 30 s when it was sent, and what was stopped and started. */
const respondThrough = async (fault: Fault, responder: Responder = yes) => {
  const { result, journal, account } = await runInMemory({ built: await build('custom-threat-list'), fault, responder })
  const calls = account.calls()
  const count = (operation: string) =>
    calls.filter((call) => call.operation === operation && call.writes && call.outcome === 'ok').length
  const sent = calls.find(({ operation, outcome }) => operation === 'PutRolePolicy' && outcome === 'ok')
  const intent = journal.find((entry) => entry.type === 'intended' && entry.stage === 'revoke-sessions')
  const cutoff = intent?.type === 'intended' ? intent.planned?.cutoff : undefined
  const off = sent && cutoff ? (Date.parse(cutoff) - sent.at) / 1000 - 30 : undefined
  return { result, journal, off, stops: count('StopInstances'), starts: count('StartInstances') }
}

const CASES: readonly (readonly [string, Fault])[] = [
  ['one Date is a day ahead', changing((response, _, number) => shifted(response, number === 30 ? DAY : 0))],
  ['the first Date is a day ahead', changing((response, _, number) => shifted(response, number === 1 ? DAY : 0))],
  ['the first Date is ten minutes old', changing((response, _, number) => shifted(response, number === 1 ? -600 : 0))],
  ['every Date is an hour ahead', changing((response) => shifted(response, HOUR))],
  ['every Date is a day old', changing((response) => shifted(response, -DAY))],
  [
    'IAM’s Dates are ten minutes old',
    changing((response, request) => shifted(response, serviceOf(request) === 'iam' ? -600 : 0)),
  ],
  ['no answer has a Date', changing(({ headers: { date: _, ...others } }) => others)],
  ['every answer comes out of a cache', changing((response) => ({ ...shifted(response, -HOUR), age: '3600' }))],
  ['every answer has two Dates', changing(({ headers }) => ({ ...headers, date: `${headers.date}, ${headers.date}` }))],
]

describe('a response writes a cut-off of the true time, and stops and starts once', () => {
  it.each(CASES)('where %s', async (_, fault) => {
    const { result, off, stops, starts } = await respondThrough(fault)
    expect(result.exitCode).toBe(0)
    expect(Math.abs(off ?? Number.NaN)).toBeLessThan(60)
    expect({ stops, starts }).toEqual({ stops: 1, starts: 1 })
  })
})

describe('where every Date is four minutes ahead of this machine', () => {
  const fourMinutes = () => changing((response) => shifted(response, 240))

  it('--yes does not decide which is right: nothing is written, and the remedy says what to do', async () => {
    const { result, journal, off, stops } = await respondThrough(fourMinutes())
    expect(result.ending).toBe('blocked')
    expect({ off, stops }).toEqual({ off: undefined, stops: 0 })
    const blocked = journal.find(({ type }) => type === 'blocked')
    expect(blocked).toMatchObject({ stage: 'revoke-sessions', why: expect.stringContaining('nothing shows which is right') })
  })

  it.each([
    ['aws', 240],
    ['machine', 0],
  ])('the cut-off is that of the time which the responder chooses: %s', async (choice, ahead) => {
    const asked: string[] = []
    const responder: Responder = {
      ...yes,
      choose: async ({ what }) => {
        asked.push(what)
        return choice
      },
    }
    const { off, stops, starts } = await respondThrough(fourMinutes(), responder)
    expect(Math.abs((off ?? Number.NaN) - ahead)).toBeLessThan(10)
    expect(asked).toEqual(['Which time is right?'])
    expect({ stops, starts }).toEqual({ stops: 1, starts: 1 })
  })
})

it('nobody at a terminal, and a wrong Date: changes are declined as ever', async () => {
  const { result, off } = await respondThrough(CASES[0]?.[1] as Fault, nobody)
  expect(result.ending).toBe('declined')
  expect(off).toBeUndefined()
})
