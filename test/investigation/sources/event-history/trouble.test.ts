import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import type { Fault, WireResponse } from '../../../../src/simulator/wire/message.ts'
import { ago, type Happened, historyOf } from './virtual-history.ts'

const KEY = 'ASIAEXAMPLEEXAMPLE01'

const ofKey = (count: number): Happened[] =>
  Array.from({ length: count }, (_, index) => ({ ago: 600 + index * 10, accessKeyId: KEY, username: 'i-0123456789abcdef0' }))

const asked = {
  questions: [questionOf({ kind: 'access-key-id', value: KEY }, { scope: { from: ago(6 * 3600) }, baselineDays: 0 })],
  followChainedSessions: false,
  range: {},
}

const options = { baselineCalls: 0 }

const refusal = (code: string, message = 'no', status = 400): WireResponse => ({
  status,
  headers: { 'x-amzn-requestid': 'refused', 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ __type: code, message }),
})

const isIn = (region: string, authorization: string | undefined): boolean => authorization?.includes(`/${region}/`) === true

/** A fault on the calls of one Region; the nth of them (from 1). */
const faultIn = (region: string, fault: (nth: number) => WireResponse | undefined): Fault => {
  let nth = 0
  return async (request, next) => {
    if (!isIn(region, request.headers.authorization)) return next(request)
    nth += 1
    return fault(nth) ?? next(request)
  }
}

const answered = async (fault: Fault, events = ofKey(500)) => {
  const history = historyOf({ events, asked, fault, options })
  const { states, report } = await history.answer()
  const incomplete = report.incomplete.filter((sentence) => !sentence.includes('stopped after 0 calls'))
  return { history, report, incomplete, events: states.get(`access-key-id ${KEY}`)?.state.counter.ids.size }
}

describe('a lookup that is throttled', () => {
  it('waits and reads on, and nothing is missing', async () => {
    const { events, incomplete } = await answered(
      faultIn('eu-central-1', (nth) => (nth % 4 === 3 ? refusal('ThrottlingException', 'Rate exceeded') : undefined)),
    )
    expect(events).toBe(500)
    expect(incomplete).toEqual([])
  })
})

describe('a Region that cannot be read', () => {
  it('is named, and the others are read', async () => {
    const { events, incomplete } = await answered(faultIn('us-east-1', () => refusal('AccessDeniedException')))
    expect(events).toBe(500)
    expect(incomplete).toEqual(['CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents is denied'])
  })

  it('is asked no more', async () => {
    const { history } = await answered(faultIn('us-east-1', () => refusal('AccessDeniedException')))
    expect(history.requests.filter(({ region }) => region === 'us-east-1')).toHaveLength(1)
  })

  it('keeps what was read before, and what was not is named with its times', async () => {
    const { events, incomplete } = await answered(
      faultIn('eu-central-1', (nth) => (nth > 3 ? refusal('ExpiredTokenException') : undefined)),
    )
    expect(events).toBe(150)
    expect(incomplete).toEqual([
      'CloudTrail in eu-central-1 could not be read: ExpiredTokenException: no',
      `CloudTrail in eu-central-1, AccessKeyId ${KEY}, was not read from ${ago(6 * 3600)} to ${ago(600 + 149 * 10)}: ExpiredTokenException: no`,
    ])
  })

  it('is a failure when there is no other one', async () => {
    await expect(answered(async () => refusal('AccessDeniedException', 'not you'))).rejects.toMatchObject({
      kind: 'identity',
      what: 'could not read CloudTrail’s event history',
    })
  })
})

describe('pages that lead nowhere', () => {
  const again: Fault = async (request, next) => {
    const answer = await next(request)
    if (!isIn('eu-central-1', request.headers.authorization)) return answer
    return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), NextToken: 'the same' }) }
  }

  it('are named when a token comes back', async () => {
    const { incomplete } = await answered(async (request, next) => {
      const { NextToken, ...rest } = JSON.parse(new TextDecoder().decode(request.body))
      return again(NextToken === 'the same' ? { ...request, body: Buffer.from(JSON.stringify(rest)) } : request, next)
    })
    expect(incomplete).toContain(
      `CloudTrail in eu-central-1, AccessKeyId ${KEY}, was not read from ${ago(6 * 3600)} to ${ago(600 + 49 * 10)}: the service repeated a page token`,
    )
  })

  it('are named when they stay empty', async () => {
    let token = 0
    const { incomplete, history } = await answered(async (request, next) => {
      if (!isIn('us-east-1', request.headers.authorization)) return next(request)
      token += 1
      const { NextToken: _, ...rest } = JSON.parse(new TextDecoder().decode(request.body))
      const answer = await next({ ...request, body: Buffer.from(JSON.stringify(rest)) })
      return { ...answer, body: JSON.stringify({ Events: [], NextToken: `${token}` }) }
    }, [])
    expect(incomplete.filter((sentence) => sentence.includes('20 pages in a row were empty'))).toHaveLength(2)
    expect(history.requests.length).toBeLessThan(60)
  })
})

describe('a token that CloudTrail takes no more', () => {
  it('is replaced by a new query for what is left', async () => {
    const { events, incomplete } = await answered(
      faultIn('eu-central-1', (nth) => (nth === 4 ? refusal('InvalidNextTokenException') : undefined)),
    )
    expect(events).toBe(500)
    expect(incomplete).toEqual([])
  })
})

describe('an event that is no valid record', () => {
  it('is counted and named, and the others are read', async () => {
    const { events, incomplete } = await answered(async (request, next) => {
      const answer = await next(request)
      return { ...answer, body: answer.body.replace('\\"eventName\\"', '\\"eventname\\"') }
    }, ofKey(40))
    expect(events).toBe(39)
    expect(incomplete).toEqual(['1 events of the history could not be read: they are not valid records'])
  })
})

describe('an interrupted reading', () => {
  it('ends at once with the reason', async () => {
    const controller = new AbortController()
    const history = historyOf({
      ...{ events: ofKey(500), asked, signal: controller.signal },
      options: { ...options, page: () => controller.abort(new Error('Ctrl-C')) },
    })
    await expect(history.answer()).rejects.toThrow('Ctrl-C')
    expect(history.requests.length).toBeLessThan(4)
  })
})

describe('what the history cannot show', () => {
  it('is said: management events only, late by minutes, 90 days', async () => {
    const old = questionOf({ kind: 'access-key-id', value: KEY }, { scope: { from: ago(100 * 86_400) }, wholeAccount: true })
    const { report } = { report: (await historyOf({ events: [], asked: { ...asked, questions: [old] } }).answer()).report }
    expect(report.limits).toEqual([
      'Event history holds management events only: reads of S3 objects and other data events are not in it.',
      'Events reach it about 5 minutes after the call, some only after 15.',
    ])
    expect(report).toMatchObject({ coveredFrom: ago(90 * 86_400), coveredUntil: ago(15 * 60) })
    expect(report.incomplete).toEqual([
      `event history goes back 90 days: calls before ${ago(90 * 86_400)} are not in it`,
      'event history is read by key and by session: what is new for the whole account cannot be known from it',
    ])
  })
})
