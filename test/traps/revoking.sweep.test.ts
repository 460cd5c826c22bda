import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { POLICY_NAME, revocationDocument } from '../../src/incident/revocation-document.ts'
import { instantOf, plus } from '../../src/incident/values/instant.ts'
import { cutoffOf } from '../../src/response/stages/revoke-sessions/policy.ts'
import { decide } from '../../src/simulator/authorization/authorize.ts'
import { issueInstanceCredentials, issueSession } from '../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { passes, subjectInstanceOf } from '../support/scenario.ts'
import { saidBy } from './said.ts'
import { allow, webAppOf } from './situations.ts'

const cutoffIn = (built: BuiltScenario) => cutoffOf(webAppOf(built).inline.get(POLICY_NAME)?.document)

// The first run loads what the others have: its calls come in another order.
await runInMemory({ built: await buildQuick(), proofWait: 0 })

/** What AWS's clock makes it, on a machine whose clock is right. */
const undisturbed = await buildQuick()
await runInMemory({ built: undisturbed, proofWait: 0 })
const usual = cutoffIn(undisturbed)

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

describe('a responder whose machine is not on UTC', () => {
  it.each(['America/Los_Angeles', 'Asia/Tokyo', 'Asia/Kathmandu', 'UTC'])('writes the same cut-off in %s', async (zone) => {
    vi.stubEnv('TZ', zone)
    const built = await buildQuick()
    await runInMemory({ built, proofWait: 0 })
    expect(cutoffIn(built)).toBe(usual)
  })
})

describe('a machine whose clock is wrong', () => {
  it.each([
    ['by an hour back', -3600],
    ['by an hour ahead', 3600],
    ['by 4 minutes', 240],
    ['since 1970', -56 * 365 * 86_400],
  ])('writes the same cut-off: %s', async (_, seconds) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 25, 2) + seconds * 1000 })
    const built = await buildQuick()
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(cutoffIn(built)).toBe(usual)
    expect(result.exitCode).toBe(0)
  })
})

describe('a role with a path, in an instance profile of another name', () => {
  it('is found by its name and compared by its unique id', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result.incident.facts.subject).toMatchObject({ role: { name: 'web-app', path: '/service/', id: webAppOf(built).id } })
    expect(subjectInstanceOf(built).profileName).not.toBe('web-app')
    expect(webAppOf(built).inline.has(POLICY_NAME)).toBe(true)
  })

  it('is another role when it was created again under its name, and nothing is changed', async () => {
    const built = await buildQuick()
    built.account.roles.set('web-app', { ...webAppOf(built), id: 'AROAXCSEC6TNANOTHERONE' })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('which no longer exists') } })
    expect(changesIn(built)).toEqual({})
  })
})

describe('a role with other consumers', () => {
  it('names each of them, with what restores it, before the revocation', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    const before = saidBy(ran, 'scope-blast-radius')
    expect(before).toMatch(/3 other consumers of this role lose access/)
    expect(before).toMatch(/i-0aa1b2c3d4e5f6071.*stop and start it/)
    expect(before).toMatch(/lambda\.amazonaws\.com.*update the function’s configuration/)
  })
})

describe('a success of PutRolePolicy', () => {
  it('is reported as stored, not as in force, and read back three times', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(saidBy(ran, 'revoke-sessions')).toMatch(/stored\. It can take some minutes/)
    expect(ran.result.incident.rechecks.filter(({ stage }) => stage === 'revoke-sessions')).toHaveLength(3)
  })
})

describe('a role that may edit IAM', () => {
  it('makes ir-cred warn, before and with the approval, that it could remove the deny', async () => {
    const built = await buildQuick()
    webAppOf(built).inline.set('admin', { document: allow('iam:*'), writtenAt: 0 })
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(ran.result.incident.facts.blastRadius?.canEditIam).toBe(true)
    expect(saidBy(ran, 'scope-blast-radius')).toMatch(/may edit IAM: an attacker could remove the deny/)
    expect(saidBy(ran, 'revoke-sessions')).toMatch(/The role may edit IAM.*reads it back three times/)
  })
})

describe('an existing policy AWSRevokeOlderSessions', () => {
  it.each([
    ['an earlier cut-off is replaced by ours, and what stood is kept', -7200, 'ours', true],
    ['a later one is kept', 120, 'found', false],
  ])('%s', async (_, seconds, writtenBy, kept) => {
    const built = await buildQuick()
    const cutoff = plus(instantOf(new Date(built.account.clock.now())), seconds)
    webAppOf(built).inline.set(POLICY_NAME, { document: revocationDocument(cutoff), writtenAt: 0 })
    const { result, journal } = await runInMemory({ built, proofWait: 0 })
    expect(result.incident.facts.revocation).toMatchObject({ writtenBy })
    expect(journal.some((entry) => entry.type === 'kept' && entry.name === `prior-${POLICY_NAME}`)).toBe(kept)
  })
})

describe('the quota of inline policies', () => {
  it('is checked before the deny is sent, and a full one takes a managed policy', async () => {
    const built = await buildQuick()
    const Resource = Array.from({ length: 260 }, (_, index) => `arn:aws:s3:::acme-archive-${String(index).padStart(6, '0')}/*`)
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] })
    webAppOf(built).inline.set('archive', { document, writtenAt: 0 })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result.incident.facts.revocation).toMatchObject({
      managed: [expect.stringContaining(':policy/AWSRevokeOlderSessions-')],
    })
    expect(changesIn(built)).toMatchObject({ CreatePolicy: 1, AttachRolePolicy: 1 })
    expect(changesIn(built)).not.toHaveProperty('PutRolePolicy')
  })
})

describe('a role that Terraform owns', () => {
  it('makes ir-cred warn that the next run may remove the deny', async () => {
    const built = await buildQuick()
    built.account.roles.set('web-app', { ...webAppOf(built), tags: { 'managed-by': 'terraform' } })
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(saidBy(ran, 'scope-blast-radius')).toMatch(/managed by.*terraform.*may remove the deny/)
  })
})

describe('a responder who uses the compromised role', () => {
  it('is refused before anything is changed', async () => {
    const built = await buildQuick()
    webAppOf(built).inline.set('all', { document: allow('*'), writtenAt: 0 })
    const responder = issueSession(built.account, webAppOf(built), 'alice', 43_200)
    const own = { ...built, cast: { ...built.cast, responder } }
    const { result } = await runInMemory({ built: own, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('cut you off') } })
    expect(changesIn(own)).toEqual({})
  })
})

describe('the text of the policy', () => {
  const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => instantOf(new Date(seconds * 1000)))

  it('is JSON with the cut-off that it was written with, also as IAM gives it back', () => {
    fc.assert(
      fc.property(instant, (cutoff) => {
        const document = revocationDocument(cutoff)
        expect(JSON.parse(document)).toMatchObject({ Version: '2012-10-17' })
        expect([cutoffOf(document), cutoffOf(encodeURIComponent(document))]).toEqual([cutoff, cutoff])
      }),
    )
  })

  it.each([
    ['no JSON', '{"Statement": '],
    ['an allow', allow('*')],
    [
      'not every action',
      '{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-25T02:00:00Z"}}}}',
    ],
    [
      'under another condition too',
      '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-25T02:00:00Z"},"StringEquals":{"aws:userid":"x"}}}}',
    ],
    [
      'a placeholder',
      '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"[policy creation time]"}}}}',
    ],
  ])('has no cut-off when it is %s', (_, document) => {
    expect(cutoffOf(document)).toBeUndefined()
  })
})

describe('a session taken while the policy spreads', () => {
  it('is denied too, since the cut-off is 30 seconds ahead', async () => {
    const built = await buildQuick()
    await runInMemory({ built, proofWait: 0 })
    passes(built, 60)
    const cutoff = Date.parse(cutoffIn(built) ?? '')
    const origin = { sourceIp: '198.51.100.1', userAgent: 'x', region: 'us-east-1' }
    const asked = { action: 'ec2:DescribeInstances', resource: '*' }
    const taken = (ms: number) => issueInstanceCredentials(built.account, subjectInstanceOf(built), '2.0', cutoff + ms)
    expect(decide(built.account, taken(-1000), asked, origin).decision).toBe('explicitDeny')
    expect(decide(built.account, taken(0), asked, origin).decision).toBe('allowed')
  })
})
