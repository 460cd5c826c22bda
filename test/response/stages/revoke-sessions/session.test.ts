import { describe, expect, it } from 'vitest'
import { evidenceStoreInMemory } from '../../../../src/cli/incident-run/evidence-store.ts'
import type { Entry } from '../../../../src/incident/entry.ts'
import { revocationDocument } from '../../../../src/incident/revocation-document.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { instantOf } from '../../../../src/incident/values/instant.ts'
import { cutoffOf, deniesBeside } from '../../../../src/response/stages/revoke-sessions/policy.ts'
import type { IssuedCredential } from '../../../../src/simulator/account/credentials.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../../src/simulator/wire/message.ts'
import { breaks } from '../../../faults/kinds.ts'
import { askedBy } from '../../../faults/operation.ts'
import { buildQuick, changesIn } from '../../../laws/whole-run.ts'
import { blockText } from '../../../support/block-text.ts'
import { type MemoryRun, runInMemory } from '../../../support/run-in-memory.ts'
import { answerTo, stolen, takenByService, unrecorded } from '../../../support/subjects.ts'

const POLICY = 'AWSRevokeOlderSessions'
const CUTOFF = '2026-11-25T02:03:41Z' as Instant
const LATER = '2026-11-25T03:00:00Z' as Instant
const [OURS, THEIRS] = ['AROAXCSEC6TNEXAMPLE00:i-08faaaafb15777f5a', 'AROAXCSEC6TNEXAMPLE00:deploy']

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) =>
  runInMemory({ built, proofWait: 0, revoke: 'session', ...parts })

type Ran = Awaited<ReturnType<typeof run>>

const saidIn = ({ events }: Ran, stage: string): string =>
  events.flatMap((event) => (event.type === 'described' && event.stage === stage ? [blockText(event.blocks)] : [])).join('\n')

const askedIn = ({ events }: Ran, stage: string): string =>
  JSON.stringify(events.filter((event) => 'stage' in event && event.stage === stage))

/** A function's session that was stolen, and one of the same role under another name. */
const twoSessions = async (scenario?: string): Promise<readonly [BuiltScenario, IssuedCredential, IssuedCredential]> => {
  const built = await buildQuick(scenario)
  const other = unrecorded(built, { sessionName: 'nightly' })
  return [built, stolen(built, takenByService(built, 'glue.amazonaws.com', { sessionName: 'GlueJob' })), other]
}

const policyOf = ({ account }: BuiltScenario, name = 'web-app'): string =>
  account.roles.get(name)?.inline.get(POLICY)?.document ?? ''

/** Writes the policy as somebody else would, some time ago. */
const written = (built: BuiltScenario, document: string): void => {
  built.account.roles.get('web-app')?.inline.set(POLICY, { document, writtenAt: 0 })
}

const anHourAgo = ({ account }: BuiltScenario): Instant => instantOf(new Date(account.clock.now() - 3_600_000))

describe('a deny on one session', () => {
  it('denies the stolen session, and no other of the role', async () => {
    const [built, session, other] = await twoSessions()
    const ran = await run(built)
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(answerTo(built, other)).toBe('allowed')
    expect(ran.result.incident.facts.revocation).toMatchObject({
      ...{ writtenBy: 'ours', session: { userId: expect.stringMatching(/^AROA\w+:GlueJob$/) } },
      simulation: { olderSession: 'explicitDeny', newerSession: 'implicitDeny', otherSession: 'implicitDeny' },
    })
  })

  it('denies every session of the role where it is not asked for', async () => {
    const [built, session, other] = await twoSessions()
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect([session, other].map((one) => answerTo(built, one))).toEqual(['explicitDeny', 'explicitDeny'])
    expect(result.incident.facts.revocation?.session).toBeUndefined()
  })

  it('spares credentials that are issued under the same name after the cut-off', async () => {
    const [built, session] = await twoSessions()
    await run(built)
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(answerTo(built, { ...session, issuedAt: built.account.clock.now() })).toBe('allowed')
  })

  it('warns before the approval of what it leaves, and says so at the end', async () => {
    const [built] = await twoSessions()
    const ran = await run(built)
    const asked = askedIn(ran, 'revoke-sessions')
    expect(asked).toContain('whoever can assume the role again gets a session of another name')
    expect(asked).toContain('other sessions live on')
    expect(saidIn(ran, 'revoke-sessions')).toMatch(/session AROA\w+:GlueJob only \(aws:userid\); other sessions live on/)
    expect(ran.result.unproven).toContainEqual(expect.stringMatching(/^that no other session of role web-app is the attacker’s/))
  })

  it('of an instance says that the workload on it shares the user id, and is established anew by stop and start', async () => {
    const built = await buildQuick()
    const ran = await run(built)
    expect(askedIn(ran, 'revoke-sessions')).toMatch(/the workload on i-\w+, which shares the user id, until its restart/)
    expect(answerTo(built, built.cast.attacker)).toBe('explicitDeny')
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 0, alarms: [] })
    expect(ran.result.incident.facts.rotation?.verdict).toMatch(/rotated|renewed/)
  })

  it('is narrowed once more where close-access moves the cut-off', async () => {
    const built = await buildQuick('web-identity')
    const other = unrecorded(built, { roleName: 'payments', sessionName: 'nightly' })
    const { result } = await run(built)
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 2, UpdateAssumeRolePolicy: 1 })
    expect(JSON.parse(policyOf(built, 'payments')).Statement).toHaveLength(1)
    expect(answerTo(built, other)).toBe('allowed')
    expect(result.incident.facts.revocation).toMatchObject({ moved: true, session: { userId: expect.any(String) } })
  })

  it('is a managed policy where the inline policies leave no room', async () => {
    const built = await buildQuick('custom-threat-list-without-room')
    const other = unrecorded(built, { sessionName: 'nightly' })
    const { result } = await run(built)
    expect(changesIn(built)).toMatchObject({ CreatePolicy: 1, AttachRolePolicy: 1 })
    expect([built.cast.attacker, other].map((one) => answerTo(built, one))).toEqual(['explicitDeny', 'allowed'])
    expect(result.incident.facts.revocation?.managed).toHaveLength(1)
  })
})

describe('what a deny on one session cuts off', () => {
  it('is renewed, and a function of the role under another name is left as it is', async () => {
    const built = await buildQuick('function-role')
    const own = built.account.functions.get('make-thumbnails')
    if (own === undefined) throw new Error('no function')
    built.account.functions.set('sweep', { ...own, name: 'sweep' })
    const { result } = await run(built)
    expect(changesIn(built)).toMatchObject({ UpdateFunctionConfiguration20150331v2: 1 })
    expect(result.incident.facts.renewal?.workloads).toMatchObject([{ name: 'make-thumbnails', state: 'renewed' }])
  })
})

describe('a later look at a deny on one session', () => {
  it('finds it in a run that goes on without --revoke, and changes nothing', async () => {
    const [built, , other] = await twoSessions()
    const journal: Entry[] = []
    await run(built, { journal })
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(result.incident.facts.revocation).toMatchObject({ writtenBy: 'ours', session: {} })
    expect(answerTo(built, other)).toBe('allowed')
  })

  it('reads it back where the answer to its writing is lost, and does not write it again', async () => {
    const [built] = await twoSessions()
    const { result } = await run(built, { fault: breaks('connection lost after', { operation: 'iam:PutRolePolicy' }) })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(result.incident.facts.revocation).toMatchObject({ writtenBy: 'ours', session: {} })
  })

  it('is an alarm where it denies another session by then', async () => {
    const [built] = await twoSessions()
    const changing: Fault = async (request, next) => {
      if ((await askedBy(request)).operation === 'detective:ListGraphs')
        written(built, policyOf(built).replace(':GlueJob', ':nightly'))
      return next(request)
    }
    const { journal } = await run(built, { fault: changing })
    expect(JSON.stringify(journal)).toContain('REVOCATION GONE')
  })

  it('widens it where --revoke role is given then', async () => {
    const [built, session, other] = await twoSessions()
    const journal: Entry[] = []
    await run(built, { journal })
    journal.push({ type: 'resumed', at: instantOf(new Date(built.account.clock.now())), responderArn: 'arn', revoke: 'role' })
    const ran = await runInMemory({ built, journal, proofWait: 0 })
    expect([session, other].map((one) => answerTo(built, one))).toEqual(['explicitDeny', 'explicitDeny'])
    expect(ran.result.incident.facts.revocation).toMatchObject({ widened: true })
    expect(saidIn(ran, 'revoke-sessions')).toContain('an earlier run denied one session')
    expect(saidIn(ran, 'revoke-sessions')).not.toContain('was removed')
  })
})

describe('what stands in the policy already', () => {
  it('stays where it denies every older session, and the deny on one session is added', async () => {
    const [built, session, other] = await twoSessions()
    const before = anHourAgo(built)
    written(built, revocationDocument(before))
    const ran = await run(built, { evidence: evidenceStoreInMemory() })
    expect(JSON.parse(policyOf(built)).Statement).toHaveLength(2)
    expect(cutoffOf(policyOf(built))).toBe(before)
    expect([session, other].map((one) => answerTo(built, one))).toEqual(['explicitDeny', 'allowed'])
    expect(ran.result.incident.facts.revocation?.session?.allBefore).toBe(before)
    expect(askedIn(ran, 'revoke-sessions')).toContain('It stays as it is')
  })

  it('is not narrowed where this incident denied every session before', async () => {
    const [built, , other] = await twoSessions()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    journal.push({ type: 'resumed', at: instantOf(new Date(built.account.clock.now())), responderArn: 'arn', revoke: 'session' })
    const ran = await runInMemory({ built, journal, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(answerTo(built, other)).toBe('explicitDeny')
    expect(saidIn(ran, 'revoke-sessions')).toContain('--revoke session does not take it away')
  })

  it('stays where it denies another session, as another incident wrote it', async () => {
    const [built, session, other] = await twoSessions()
    const role = built.account.roles.get('web-app')
    written(built, revocationDocument(instantOf(new Date(built.account.clock.now())), { userId: `${role?.id}:nightly` }))
    await run(built)
    expect([session, other].map((one) => answerTo(built, one))).toEqual(['explicitDeny', 'explicitDeny'])
  })
})

describe('a deny on one session is refused', () => {
  it('where the credentials are a user’s, and nothing is changed', async () => {
    const built = await buildQuick('user-key')
    const { result, journal } = await run(built)
    expect(changesIn(built)).toEqual({})
    expect(result.exitCode).toBe(5)
    expect(journal).toContainEqual(
      expect.objectContaining({
        type: 'blocked',
        why: expect.stringContaining('credentials of user'),
        remedy: expect.stringContaining('--revoke role'),
      }),
    )
  })
})

describe('the cut-off of a document for one session', () => {
  const both = { DateLessThan: { 'aws:TokenIssueTime': CUTOFF }, StringEquals: { 'aws:userid': OURS } }
  const documentOf = (Condition: object): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*', Condition }] })

  it.each<[string, object, Instant | undefined]>([
    ['is found where both conditions stand in one statement', both, CUTOFF],
    ['is found where the deny reaches every session', { DateLessThan: both.DateLessThan }, CUTOFF],
    ['is found among several sessions', { ...both, StringEquals: { 'aws:userid': [THEIRS, OURS] } }, CUTOFF],
    ['is found with the key in other letters', { ...both, StringEquals: { 'AWS:UserId': OURS } }, CUTOFF],
    ['is none where it denies another session', { ...both, StringEquals: { 'aws:userid': THEIRS } }, undefined],
    [
      'is none under a pattern, which is not read',
      { DateLessThan: both.DateLessThan, StringLike: { 'aws:userid': OURS } },
      undefined,
    ],
    ['is none under a further key', { ...both, StringEquals: { 'aws:userid': OURS, 'aws:SourceVpc': 'vpc-1' } }, undefined],
    ['is none under a further operator', { ...both, Bool: { 'aws:ViaAWSService': 'true' } }, undefined],
    ['is none without a date: that is no revocation', { StringEquals: both.StringEquals }, undefined],
  ])('%s', (_, condition, cutoff) => {
    expect(cutoffOf(documentOf(condition), OURS)).toBe(cutoff)
  })

  it('counts for no other session, and not for the role', () => {
    const document = revocationDocument(CUTOFF, { userId: OURS })
    expect(cutoffOf(document, OURS)).toBe(CUTOFF)
    expect([cutoffOf(document, THEIRS), cutoffOf(document)]).toEqual([undefined, undefined])
  })

  it('replaces the earlier one of the same session alone, and keeps every other deny', () => {
    const first = revocationDocument(CUTOFF, {
      userId: OURS,
      beside: JSON.parse(revocationDocument(CUTOFF, { userId: THEIRS })).Statement,
    })
    const second = revocationDocument(LATER, { userId: OURS, beside: deniesBeside(first, OURS) })
    expect(JSON.parse(second).Statement).toHaveLength(2)
    expect([cutoffOf(second, OURS), cutoffOf(second, THEIRS)]).toEqual([LATER, CUTOFF])
    const shared = documentOf({ ...both, StringEquals: { 'aws:userid': [THEIRS, OURS] } })
    expect(deniesBeside(shared, OURS)).toHaveLength(1)
    expect(deniesBeside(documentOf({ DateLessThan: both.DateLessThan }), OURS)).toHaveLength(1)
  })
})
