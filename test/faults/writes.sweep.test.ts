import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { buildQuick, changesIn, EACH_ONCE, eachOnceIn, RESPONSE_CALLS, runWith } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { breaks, type Kind, type Refusal, refuses, SIGNATURE_EXPIRED } from './kinds.ts'

/** Closed in a later round than another way of the run, or before a renewal: the cut-off is moved, or the function renewed, once more then. */
const ONCE_MORE = ['cognito-identity:UpdateIdentityPool', 'lambda:UpdateFunctionUrlConfig', 'lambda:RemovePermission']

const writes = RESPONSE_CALLS.filter(({ access }) => access === 'write')
  .map((call) => ({ operation: `${call.service}:${call.operation}`, stage: call.stages[0] ?? '' }))
  .filter(({ operation }) => !ONCE_MORE.includes(operation))

/** Those of a response to a session of an instance's role. What else becomes of a user's writes: test/response/subjects/users.test.ts. */
const ofRole = writes.filter(({ operation }) => runWith(operation) === 'custom-threat-list')

/** What a fault of the first sending comes to. `sent`: the outcomes on record, in order. */
interface Comes {
  readonly kind: Kind
  readonly sent: readonly string[]
}

const comes: readonly Comes[] = [
  // Provably not applied: it is sent again, with an intent of its own.
  { kind: 'throttled', sent: ['refused', 'accepted'] },
  { kind: 'clock skew', sent: ['refused', 'accepted'] },
  // Nobody knows; it is read back, and sent again because it is provably absent.
  { kind: 'a 500', sent: ['unknown', 'accepted'] },
  { kind: 'connection lost before', sent: ['unknown', 'accepted'] },
  { kind: 'empty 200', sent: ['unknown', 'accepted'] },
  { kind: 'HTML 200', sent: ['unknown', 'accepted'] },
  // Nobody knows; it is read back, and found.
  { kind: 'connection lost after', sent: ['unknown'] },
  { kind: 'truncated 200', sent: ['unknown'] },
]

const outcomesOf = (journal: readonly Entry[], operation: string): readonly string[] => {
  const nonces = new Set(
    journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry.nonce] : [])),
  )
  return journal.flatMap((entry) => (entry.type === 'sent' && nonces.has(entry.nonce) ? [entry.outcome] : []))
}

const intentsOf = (journal: readonly Entry[], operation: string) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry] : []))

describe.each(writes)('$operation', ({ operation }) => {
  it.each(comes)('finishes and changes once after: $kind', async ({ kind, sent }) => {
    const built = await buildQuick(runWith(operation))
    const { result, journal } = await runInMemory({ built, fault: breaks(kind, { operation }), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(outcomesOf(journal, operation)).toEqual(sent)
    expect(intentsOf(journal, operation)).toHaveLength(sent.length)
    expect(changesIn(built)).toEqual(eachOnceIn(runWith(operation)))
  })

  it('is continued by the next run when it was denied once and then permitted', async () => {
    const built = await buildQuick(runWith(operation))
    const journal: Entry[] = []
    await runInMemory({ built, journal, fault: breaks('denied', { operation }), proofWait: 0 })
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(eachOnceIn(runWith(operation)))
  })
})

/** Refusals that say something about the responder's credentials. No write is applied, and none is sent again. */
const credentials: readonly (readonly [refusal: Refusal, why: RegExp, remedy: RegExp])[] = [
  [['ExpiredToken', 403], /^your credentials have ended \(ExpiredToken/, /^sign in again \(for SSO: aws sso login\), then/],
  [
    ['ExpiredTokenException', 400],
    /^your credentials have ended \(ExpiredToken/,
    /^sign in again \(for SSO: aws sso login\), then/,
  ],
  [
    ['SignatureDoesNotMatch', 403, 'The request signature we calculated does not match the signature you provided.'],
    /^the secret access key does not belong to the access key id/,
    /^set both again, or sign in again/,
  ],
]

describe.each(ofRole)('$operation', ({ operation, stage }) => {
  it.each(credentials)(
    'a write refused as %j ends as a matter of the sign-in, and can be continued',
    async (refusal, why, remedy) => {
      const built = await buildQuick()
      const journal: Entry[] = []
      const fault = refuses(refusal, { operation, times: 99 })
      const { result, events } = await runInMemory({ built, journal, fault, proofWait: 0 })
      expect(result).toMatchObject({ ending: 'failed', exitCode: 4, failure: { kind: 'identity' } })
      expect(result.failure?.what).toMatch(new RegExp(`^AWS refused ${operation} on `))
      expect(result.failure?.why).toMatch(why)
      expect(result.failure?.remedy).toMatch(remedy)
      expect(events.findLast((event) => event.type === 'entered')).toMatchObject({ stage })
      expect(outcomesOf(journal, operation)).toEqual(['refused'])
      expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
      expect(changesIn(built)).toEqual(EACH_ONCE)
    },
  )

  it.each([
    ['RequestExpired', 400, 'Request has expired.'],
    ['SignatureDoesNotMatch', 403, SIGNATURE_EXPIRED],
    ['ConcurrentModification', 409],
    ['IncorrectState', 400],
  ] satisfies readonly Refusal[])('a write refused once as %s is sent again, and changes once', async (...refusal) => {
    const built = await buildQuick()
    const { result, journal } = await runInMemory({ built, fault: refuses(refusal, { operation }), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(outcomesOf(journal, operation)).toEqual(['refused', 'accepted'])
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

/** Refusals that a service gives of one operation alone. */
const ofItsOwn: readonly (readonly [operation: string, code: string, least: number])[] = [
  ['ec2:CreateSnapshots', 'SnapshotCreationPerVolumeRateExceeded', 15],
  ['ec2:CreateSnapshots', 'ConcurrentSnapshotLimitExceeded', 5],
  ['ec2:StopInstances', 'IncorrectInstanceState', 5],
  ['ec2:StartInstances', 'IncorrectInstanceState', 5],
  ['ssm:SendCommand', 'InvalidInstanceId', 5],
]

describe.each(ofItsOwn)('%s refused as %s', (operation, code, least) => {
  it(`is sent again after ${least} seconds or more, and says what it waits for`, async () => {
    const built = await buildQuick()
    const ran = await runInMemory({ built, fault: refuses([code, 400], { operation, times: 2 }), proofWait: 0 })
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(outcomesOf(ran.journal, operation)).toEqual(['refused', 'refused', 'accepted'])
    const times = intentsOf(ran.journal, operation).map(({ at }) => at)
    for (const [index, at] of times.slice(1).entries()) {
      expect(secondsBetween(times[index] ?? at, at)).toBeGreaterThanOrEqual(least)
    }
    const waits = ran.events.flatMap((event) => (event.type === 'progress' && event.text.includes(code) ? [event.text] : []))
    expect(waits).toHaveLength(2)
    expect(waits[0]).toMatch(
      new RegExp(`^AWS refuses ${operation} for now \\(${code}\\): waiting for .*, at most .*; trying again in`),
    )
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

/** A response can do without Detective: test/faults/denied-reads.sweep.test.ts tells what becomes of a refused start. */
const CLOSES = 'ec2:ModifyInstanceMetadataOptions'
const notDetective = ofRole.filter(({ operation }) => operation !== 'detective:StartInvestigation' && operation !== CLOSES)

describe('a way that AWS refuses to have closed', () => {
  it.each(['denied', 'throttled'] as const)('holds nothing up, and stays open at the end: %s', async (kind) => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, fault: breaks(kind, { operation: CLOSES, times: 99 }), proofWait: 0 })
    const { ModifyInstanceMetadataOptions: _, ...others } = EACH_ONCE
    expect(changesIn(built)).toEqual(others)
    expect(result.exitCode).toBe(0)
    expect(result.incident.facts.access?.ways.map(({ state }) => state)).not.toContain('closed')
  })
})

/** The rotation is proven by CloudTrail's issue record too: a command that Systems Manager does not take holds nothing up. */
const SEND = 'ssm:SendCommand'
const needed = notDetective.filter(({ operation }) => operation !== SEND)

describe.each(needed)('$operation', ({ operation, stage }) => {
  it('stops the run when denied, names the permission, and nothing later is changed', async () => {
    const built = await buildQuick()
    const { result, journal, events } = await runInMemory({ built, fault: breaks('denied', { operation }), proofWait: 0 })
    expect(result.exitCode).toBe(4)
    expect(result.failure?.what).toContain(operation)
    expect(result.failure?.remedy).toMatch(/permission.*ir-cred policy/)
    expect(events.findLast((event) => event.type === 'entered')).toMatchObject({ stage })
    expect(outcomesOf(journal, operation)).toEqual(['refused'])
    const index = Object.keys(EACH_ONCE).indexOf(operation.replace(/.*:/, ''))
    expect(changesIn(built)).toEqual(Object.fromEntries(Object.entries(EACH_ONCE).slice(0, index)))
  })

  it('ends the run as unavailable when throttled for good, and the run can be continued', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const { result } = await runInMemory({ built, journal, fault: breaks('throttled', { operation, times: 99 }), proofWait: 0 })
    const intents = intentsOf(journal, operation)
    expect(result.exitCode).toBe(7)
    expect(outcomesOf(journal, operation)).toEqual(['refused', 'refused', 'refused', 'refused'])
    const [first, last] = [intents[0]?.at, intents.at(-1)?.at]
    expect(first && last && secondsBetween(first, last)).toBeGreaterThanOrEqual(15)
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

type RefusedForGood = readonly [refusal: Refusal, exitCode: number, remedy: RegExp]

const ofTheClock: readonly RefusedForGood[] = [
  [['RequestTimeTooSkewed', 403], 7, /clock/],
  [['SignatureDoesNotMatch', 403, SIGNATURE_EXPIRED], 7, /clock/],
]
const ofTheChange: readonly RefusedForGood[] = [
  [['ConcurrentModification', 409], 7, /other change/],
  [['IncorrectInstanceState', 400], 5, /state/],
]

describe.each(notDetective)('$operation', ({ operation }) => {
  it.each([...ofTheClock, ...(operation === SEND ? [] : ofTheChange)])(
    'a write refused for good as %j ends with %d and the remedy, and can be continued',
    async (refusal, exitCode, remedy) => {
      const built = await buildQuick()
      const journal: Entry[] = []
      const fault = refuses(refusal, { operation, times: 99 })
      const { result } = await runInMemory({ built, journal, fault, proofWait: 0 })
      expect(result).toMatchObject({ exitCode, failure: { what: expect.stringContaining(operation) } })
      expect(result.failure?.remedy).toMatch(remedy)
      expect(new Set(outcomesOf(journal, operation))).toEqual(new Set(['refused']))
      expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
      expect(changesIn(built)).toEqual(EACH_ONCE)
    },
  )
})

describe.each(notDetective)('$operation', ({ operation }) => {
  it('a write refused as RequestExpired has the clock set by a read, then the clock is named: STS accepts the credentials', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const fault = refuses(['RequestExpired', 400, 'Request has expired.'], { operation, times: 99 })
    const { result, calls } = await runInMemory({ built, journal, fault, proofWait: 0 })
    expect(result).toMatchObject({ ending: 'failed', exitCode: 7 })
    expect(result.failure?.why).toMatch(
      /^STS accepts your credentials, and this service takes the time of the request for too far/,
    )
    expect(result.failure?.remedy).toBe('set this machine’s clock, then continue')
    expect(outcomesOf(journal, operation)).toEqual(['refused', 'refused'])
    expect(calls.slice(-3)).toEqual([operation, 'sts:GetCallerIdentity', operation])
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

describe.each(needed)('$operation', ({ operation }) => {
  it('a write answered by a page in HTML for good ends with its operation, and says that a proxy may have answered', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, fault: breaks('HTML 200', { operation, times: 99 }), proofWait: 0 })
    expect(result.exitCode).not.toBe(0)
    expect(result.failure?.why).toContain(
      `the answer to ${operation} (HTTP 200, text/html) carries no AWS request id; a proxy or a captive portal may have given it`,
    )
  })
})

describe('a command that Systems Manager does not take for good', () => {
  it.each([
    ['AccessDeniedException', breaks('denied', { operation: SEND, times: 99 })],
    ['ThrottlingException', breaks('throttled', { operation: SEND, times: 99 })],
    ['ConcurrentModification', refuses(['ConcurrentModification', 409], { operation: SEND, times: 99 })],
    ['IncorrectInstanceState', refuses(['IncorrectInstanceState', 400], { operation: SEND, times: 99 })],
  ])('holds nothing up: the rotation is proven by the issue record, and the next run asks: %s', async (code, fault) => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const { result } = await runInMemory({ built, journal, fault, proofWait: 0 })
    const { SendCommand: _, ...others } = EACH_ONCE
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(result.incident.facts.rotation).toMatchObject({ verdict: 'rotated', unasked: true })
    expect(result.incident.facts.rotation?.why).toContain(
      `could not be asked: Systems Manager does not take the command: ssm:SendCommand answers ${code}`,
    )
    expect(new Set(outcomesOf(journal, SEND))).toEqual(new Set(['refused']))
    expect(changesIn(built)).toEqual(others)
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('holds nothing up either where a page in HTML answers in place of Systems Manager', async () => {
    const fault = breaks('HTML 200', { operation: SEND, times: 99 })
    const { result, journal } = await runInMemory({ built: await buildQuick(), fault, proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(result.incident.facts.rotation?.why).toMatch(/could not be asked: the command was sent, and .* does not list it/)
    expect(new Set(outcomesOf(journal, SEND))).toEqual(new Set(['unknown']))
  })
})

describe('a start that is lost', () => {
  it('is noticed within two minutes', async () => {
    const built = await buildQuick()
    const fault = breaks('connection lost before', { operation: 'ec2:StartInstances' })
    const { journal } = await runInMemory({ built, fault, proofWait: 0 })
    const [lost, again] = intentsOf(journal, 'ec2:StartInstances').map(({ at }) => at)
    expect(lost && again && secondsBetween(lost, again)).toBeLessThan(120)
  })
})
