import { describe, expect, it } from 'vitest'
import { settle } from '../../src/aws/settle.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Patience, World } from '../../src/response/world.ts'
import { writeOnce } from '../../src/response/write.ts'
import { noonClock } from '../support/noon.ts'
import { refusalOfAsync } from '../support/refusal.ts'

type Answer = 'accepted' | 'lost' | { readonly code: string; readonly status?: number; readonly message?: string }

const effect = { operation: 'iam:PutRolePolicy', resource: 'role/web-app', sentence: 'deny older sessions' }

const sendingOf = (answer: Answer) => {
  if (answer === 'accepted') return { sending: { outcome: 'accepted', requestId: 'r' }, output: { done: true } } as const
  if (answer === 'lost') return { sending: { outcome: 'unknown', why: 'the answer was lost' } } as const
  const { code, status = 400, message = 'no' } = answer
  const error = Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status } })
  return { sending: { outcome: 'refused', code, message: untrusted(message) }, error } as const
}

interface Writing {
  /** What AWS answers, one sending after the other; the last one for good. */
  readonly answers: readonly Answer[]
  /** What setting the clock by a read throws. */
  readonly read?: Error
  readonly signal?: AbortSignal
}

/** A stage's write to an AWS that answers like this, in time that passes only while somebody waits. */
const writing = ({ answers, read, signal = new AbortController().signal }: Writing) => {
  const clock = noonClock()
  const entries: Entry[] = []
  const progress: string[] = []
  const log: string[] = []
  let sent = 0
  const world = {
    now: clock.now,
    nonce: () => 'nonce-1',
    settle: (patience: object, look: () => Promise<undefined>, between: () => Promise<void>) =>
      settle(look, { ...(patience as Patience), clock, signal, between }),
    sendOnce: async () => {
      log.push('sent')
      sent += 1
      return sendingOf(answers[Math.min(sent, answers.length) - 1] ?? 'accepted')
    },
    setClock: async () => {
      log.push('clock')
      if (read) throw read
    },
    signal,
  } as unknown as World
  const recorder = {
    record: async (entry: Entry) => {
      entries.push(entry)
      return '0123456789abcdef'
    },
    emit: (event: object) => void progress.push('text' in event ? String(event.text) : ''),
  }
  const since = clock.now()
  return {
    entries,
    progress,
    log,
    seconds: () => secondsBetween(since, clock.now()),
    result: () =>
      writeOnce(
        { stage: 'revoke-sessions', world, recorder, between: async () => {} },
        { client: {}, command: {}, effect, options: {} },
      ),
  }
}

const outcomesOf = (entries: readonly Entry[]) =>
  entries.map((entry) => (entry.type === 'sent' ? entry.outcome : entry.type)).join(' ')

describe('a write', () => {
  it('a write that AWS accepts gives the output', async () => {
    const { result, entries } = writing({ answers: ['accepted'] })
    expect(await result()).toEqual({ done: true })
    expect(outcomesOf(entries)).toBe('intended accepted')
  })

  it('a write whose answer is lost is not sent again', async () => {
    const { result, entries } = writing({ answers: ['lost', 'accepted'] })
    expect(await result()).toBeUndefined()
    expect(outcomesOf(entries)).toBe('intended unknown')
  })
})

describe('a write that AWS refuses for now', () => {
  it.each([
    ['Throttling', 2],
    ['ConcurrentModification', 5],
    ['IncorrectState', 5],
    ['IncorrectInstanceState', 5],
    ['ResourceInUseException', 5],
    ['InvalidInstanceId', 5],
    ['ConcurrentSnapshotLimitExceeded', 5],
    ['SnapshotCreationPerVolumeRateExceeded', 15],
    ['InsufficientInstanceCapacity', 60],
  ])('%s: is sent again after %d s, with an intent of its own and under the same nonce', async (code, pause) => {
    const { result, entries, seconds } = writing({ answers: [{ code }, 'accepted'] })
    expect(await result()).toEqual({ done: true })
    expect(outcomesOf(entries)).toBe('intended refused intended accepted')
    expect(new Set(entries.map((entry) => 'nonce' in entry && entry.nonce))).toEqual(new Set(['nonce-1']))
    expect(seconds()).toBe(pause)
  })

  it('says what it waits for, and how long at most', async () => {
    const { result, progress } = writing({ answers: [{ code: 'ConcurrentModification' }, 'accepted'] })
    await result()
    expect(progress).toEqual([
      'AWS refuses iam:PutRolePolicy for now (ConcurrentModification): waiting for another change of the same resource to end, at most 3 min; trying again in 5 s',
    ])
  })

  it.each([
    ['Throttling', 'unavailable', 17, 4, 'AWS to take more requests of this kind', 'wait a minute, then continue'],
    [
      'ConcurrentModification',
      'unavailable',
      180,
      7,
      'another change of the same resource to end',
      'wait until the other change has ended, then continue',
    ],
    [
      'SnapshotCreationPerVolumeRateExceeded',
      'unavailable',
      45,
      4,
      'the next snapshot of the same volume to be allowed',
      'wait a minute, then continue',
    ],
    [
      'IncorrectInstanceState',
      'blocked',
      180,
      7,
      'the instance to reach a state that allows it',
      'look at the resource in the console; once its state allows the call, continue',
    ],
    [
      'InsufficientInstanceCapacity',
      'unavailable',
      120,
      3,
      'AWS to have free capacity',
      'wait until AWS has capacity again, then continue',
    ],
  ])('%s for good: ends as %s after %d s and %d tries', async (code, kind, budget, tries, waitsFor, remedy) => {
    const { result, log, seconds, progress } = writing({ answers: [{ code }] })
    const failure = await refusalOfAsync(result())
    expect(failure).toMatchObject({ kind, remedy, what: 'AWS refused iam:PutRolePolicy on role/web-app' })
    expect(failure?.why).toMatch(new RegExp(`^${code}: no, still after .* of waiting for ${waitsFor}$`))
    expect(log).toHaveLength(tries)
    expect(seconds()).toBe(budget)
    expect(progress).toHaveLength(tries - 1)
  })

  it('a write that AWS refuses for two reasons in turn waits for each', async () => {
    const { result, seconds } = writing({ answers: [{ code: 'Throttling' }, { code: 'ConcurrentModification' }, 'accepted'] })
    await result()
    expect(seconds()).toBe(7)
  })
})

const SKEWED = 'Signature expired: 20261125T020000Z is now earlier than 20261125T021500Z'
const WRONG_SECRET = 'The request signature we calculated does not match the signature you provided.'

describe('a write that AWS refuses for its time', () => {
  const clock = [
    { code: 'RequestTimeTooSkewed' },
    { code: 'RequestInTheFuture' },
    { code: 'RequestExpired' },
    { code: 'InvalidSignatureException', message: SKEWED },
    { code: 'SignatureDoesNotMatch', message: 'Signature not yet current: 20261125T040000Z is still later than now' },
  ]

  it.each(clock)('$code: is sent again once a read has set the clock', async (refused) => {
    const { result, log, progress } = writing({ answers: [refused, 'accepted'] })
    expect(await result()).toEqual({ done: true })
    expect(log).toEqual(['sent', 'clock', 'sent'])
    expect(progress).toEqual([
      `AWS refuses iam:PutRolePolicy (${refused.code}): setting the clock by an answer of AWS and trying again`,
    ])
  })

  it.each(clock.filter(({ code }) => code !== 'RequestExpired'))('$code again: names the clock, and is over', async (refused) => {
    const { result, log } = writing({ answers: [refused] })
    expect(await refusalOfAsync(result())).toMatchObject({
      kind: 'unavailable',
      why: expect.stringMatching(/^the time of the request is too far from AWS’s \(/),
      remedy: 'set this machine’s clock, then continue',
    })
    expect(log).toEqual(['sent', 'clock', 'sent'])
  })

  it('RequestExpired again: STS has accepted the credentials meanwhile, so it is the clock', async () => {
    const { result, log } = writing({ answers: [{ code: 'RequestExpired' }] })
    expect(await refusalOfAsync(result())).toMatchObject({
      kind: 'unavailable',
      meaning: 'clock',
      why: 'STS accepts your credentials, and this service takes the time of the request for too far from its own (RequestExpired: no)',
      remedy: 'set this machine’s clock, then continue',
    })
    expect(log).toEqual(['sent', 'clock', 'sent'])
  })

  it('RequestExpired: the credentials may have ended where STS does not accept them either', async () => {
    const read = Object.assign(new Error('x'), { name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } })
    const { result, log } = writing({ answers: [{ code: 'RequestExpired' }, 'accepted'], read })
    expect(await refusalOfAsync(result())).toMatchObject({
      kind: 'identity',
      meaning: 'expired',
      why: 'your credentials have ended, or the time of the request is too far from AWS’s (RequestExpired: no)',
      remedy: expect.stringMatching(/^sign in again .* set this machine’s clock; then continue$/),
    })
    expect(log).toEqual(['sent', 'clock'])
  })

  it('is not sent again when the read fails too', async () => {
    const read = Object.assign(new Error('x'), { name: 'TimeoutError' })
    const { result, log } = writing({ answers: [{ code: 'RequestTimeTooSkewed' }, 'accepted'], read })
    expect(await refusalOfAsync(result())).toMatchObject({ kind: 'unavailable', meaning: 'clock' })
    expect(log).toEqual(['sent', 'clock'])
  })
})

describe('a write that AWS refuses for good', () => {
  it.each([
    ['ExpiredToken', 'no', 'identity', /^your credentials have ended \(ExpiredToken: no\)$/, /^sign in again /],
    ['ExpiredTokenException', 'no', 'identity', /^your credentials have ended/, /^sign in again /],
    ['InvalidClientTokenId', 'no', 'identity', /^AWS does not know these credentials/, /^sign in again /],
    ['UnrecognizedClientException', 'no', 'identity', /^AWS does not know these credentials/, /^sign in again /],
    [
      'SignatureDoesNotMatch',
      WRONG_SECRET,
      'identity',
      /^the secret access key does not belong to/,
      /^set both again, or sign in/,
    ],
    ['AccessDenied', 'no', 'identity', /^AccessDenied: no$/, /permission \(`ir-cred policy` prints/],
    ['UnauthorizedOperation', 'no', 'identity', /^UnauthorizedOperation: no$/, /permission \(`ir-cred policy` prints/],
    ['NoSuchEntity', 'no', 'blocked', /^NoSuchEntity: no$/, /^check the account and the Region$/],
    ['MalformedPolicyDocument', 'no', 'blocked', /^MalformedPolicyDocument: no$/, /^read the reason above/],
    ['LimitExceeded', 'no', 'blocked', /^LimitExceeded: no$/, /^read the reason above/],
  ])('%s: is sent once, and ends with kind, reason and remedy', async (code, message, kind, why, remedy) => {
    const { result, log, entries, progress } = writing({ answers: [{ code, message, status: 403 }] })
    const failure = await refusalOfAsync(result())
    expect(failure).toMatchObject({ kind, what: 'AWS refused iam:PutRolePolicy on role/web-app' })
    expect(failure?.why).toMatch(why)
    expect(failure?.remedy).toMatch(remedy)
    expect(log).toEqual(['sent'])
    expect(outcomesOf(entries)).toBe('intended refused')
    expect(progress).toEqual([])
  })
})
