import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../src/incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../src/incident/facts/subject.ts'
import { revocationDocument } from '../../../src/incident/revocation-document.ts'
import { type Instant, plus } from '../../../src/incident/values/instant.ts'
import { revokeSessions } from '../../../src/response/stages/revoke-sessions.ts'
import { blockText } from '../../support/block-text.ts'
import { blastRadiusLike, restartedIncident } from '../../support/rotation.ts'
import { assessed, factOf, incidentWith } from '../../support/stage-context.ts'
import { ready } from '../../support/stage-on-account.ts'

const POLICY = 'AWSRevokeOlderSessions'

/** An account in which everything is known that comes before the revocation. */
const scopedAccount = async () => {
  const known = await ready('custom-threat-list', 'revoke-sessions')
  const facts = { subject: known.subject, blastRadius: known.blastRadius }
  const openedAt = known.context.now()
  const role = () => known.built.account.roles.get('web-app')
  return {
    ...known,
    facts,
    role,
    see: () => assessed(revokeSessions, facts, known.context, { openedAt, intents: known.intents() }),
    act: async () => revokeSessions.act?.(incidentWith(facts, { openedAt, intents: known.intents() }), known.context),
    stand: (document: string) => void role()?.inline.set(POLICY, { document, writtenAt: 0 }),
  }
}

describe('the revocation of a role’s sessions', () => {
  it('needs one change, which names the role and its cost', async () => {
    const { see, facts } = await scopedAccount()
    const needed = await see()
    if (needed.status !== 'needed') throw new Error(needed.status)
    expect(needed.effects).toEqual([
      {
        operation: 'iam:PutRolePolicy',
        resource: facts.subject.role.arn,
        sentence: expect.stringContaining(`by inline policy ${POLICY}`),
        cost: expect.stringContaining('3 other consumers besides i-08faaaafb15777f5a'),
        undo: expect.stringContaining('12 hours'),
        parameters: {
          RoleName: 'web-app',
          PolicyName: POLICY,
          PolicyDocument: expect.objectContaining({ Version: '2012-10-17' }),
        },
        undoCommand: `aws iam delete-role-policy --role-name web-app --policy-name ${POLICY}`,
      },
    ])
    expect(needed.typed).toBe('web-app')
  })

  it('asks to acknowledge what is cut off and what the deny does not stop', async () => {
    const needed = await (await scopedAccount()).see()
    const text = blockText((needed.status === 'needed' && needed.acknowledgement) || [])
    for (const told of ['web-2', 'web-3', 'lambda.amazonaws.com', 'Kubernetes (EKS)', 'sts:GetCallerIdentity', 'To undo this']) {
      expect(text).toContain(told)
    }
  })

  it('writes one policy, whose cut-off is 30 seconds ahead and journaled before', async () => {
    const { act, role, intents, writes, context } = await scopedAccount()
    const now = context.now()
    await act()
    const { document = '' } = role()?.inline.get(POLICY) ?? {}
    const cutoff = intents()[0]?.planned.cutoff as Instant
    expect(document).toBe(revocationDocument(cutoff))
    expect(Date.parse(cutoff) - Date.parse(now)).toBeGreaterThan(29_000)
    expect(Date.parse(cutoff) - Date.parse(now)).toBeLessThan(40_000)
    expect(intents().map(({ outcome }) => outcome)).toEqual(['accepted'])
    expect(writes()).toEqual(['iam:PutRolePolicy'])
  })

  it('is established once the policy was read back and simulated', async () => {
    const { act, see, intents, kept } = await scopedAccount()
    await act()
    const fact = factOf(await see())
    expect(fact).toMatchObject({
      policyName: POLICY,
      cutoff: intents()[0]?.planned.cutoff,
      writtenBy: 'ours',
      simulation: { olderSession: 'explicitDeny', newerSession: 'implicitDeny' },
    })
    expect(kept.map(({ name }) => name)).toContain('revocation-read-back')
  })
})

describe('an existing policy of the revocation’s name', () => {
  it('is replaced when its cut-off is from before the incident, and its document is kept', async () => {
    const { stand, see, act, kept, context } = await scopedAccount()
    const old = revocationDocument(plus(context.now(), -86_400))
    stand(old)
    expect((await see()).status).toBe('needed')
    await act()
    expect(kept).toContainEqual({ name: `prior-${POLICY}`, content: old })
    expect((await see()).status).toBe('established')
  })

  it('is named by the fact, by file and hash, for whoever undoes the revocation', async () => {
    const { stand, see, act, context } = await scopedAccount()
    const old = revocationDocument(plus(context.now(), -86_400))
    stand(old)
    const needed = await see()
    expect(JSON.stringify(needed)).toContain('The deny replaces it')
    expect(needed).toMatchObject({ effects: [{ undo: expect.stringContaining('put the earlier document of the policy back') }] })
    await act()
    const fact = factOf(await see())
    expect(fact.priorDocument && (await context.recall(fact.priorDocument))).toBe(old)
    expect(blockText(revokeSessions.describe({ revocation: fact }))).toContain('an earlier policy AWSRevokeOlderSessions')
  })

  it('is none of the incident’s own: a second write names the document before the first', async () => {
    const { stand, see, act, context } = await scopedAccount()
    await act()
    stand(revocationDocument(plus(context.now(), -600)))
    await act()
    expect(factOf(await see()).priorDocument).toBeUndefined()
  })

  it('is enough when somebody wrote it while the incident was open', async () => {
    const { stand, see, context, writes } = await scopedAccount()
    stand(revocationDocument(plus(context.now(), 20)))
    expect(factOf(await see()).writtenBy).toBe('found')
    expect(writes()).toEqual([])
  })

  it('is no revocation when it has another meaning', async () => {
    const { stand, see } = await scopedAccount()
    stand(JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }] }))
    expect((await see()).status).toBe('needed')
  })
})

it('a role whose inline policies fill the quota gets the deny as a managed policy: two changes', async () => {
  const { facts, context } = await scopedAccount()
  const full: Facts['blastRadius'] = { ...facts.blastRadius, inlinePolicySize: 10_200 }
  const needed = await assessed(revokeSessions, { ...facts, blastRadius: full }, context)
  const operations = needed.status === 'needed' ? needed.effects.map(({ operation }) => operation) : []
  expect(operations).toEqual(['iam:CreatePolicy', 'iam:AttachRolePolicy'])
})

describe('the re-check of the revocation', () => {
  const revoked = async () => {
    const on = await scopedAccount()
    await on.act()
    const fact = factOf(await on.see())
    const incident = incidentWith({ ...on.facts, revocation: fact })
    return { ...on, fact, again: async () => revokeSessions.recheck?.look(incident, on.context) }
  }

  it('is due after 10 and 60 seconds', () => {
    expect(revokeSessions.recheck?.after).toEqual([10, 60])
  })

  it('succeeds while the policy is as it was read back', async () => {
    const { again, fact } = await revoked()
    expect(await again()).toEqual({ stands: true, says: `${POLICY} stands, cut-off ${fact.cutoff}` })
  })

  it('succeeds when somebody moved the cut-off forward', async () => {
    const { again, stand, fact } = await revoked()
    stand(revocationDocument(plus(fact.cutoff, 100)))
    expect(await again()).toMatchObject({ stands: true })
  })

  it.each<[string, (on: Awaited<ReturnType<typeof revoked>>) => unknown, RegExp]>([
    ['was deleted', ({ role }) => role()?.inline.delete(POLICY), /^REVOCATION GONE: .* is GONE/],
    ['was moved back', ({ stand, fact }) => stand(revocationDocument(plus(fact.cutoff, -1))), /has the earlier cut-off/],
    ['was emptied', ({ stand }) => stand('{}'), /is GONE/],
  ])('fails with an alarm when the policy %s', async (_, change, says) => {
    const on = await revoked()
    change(on)
    expect(await on.again()).toEqual({ stands: false, says: expect.stringMatching(says) })
  })
})

describe('the description of a revocation', () => {
  const { revocation } = restartedIncident().facts
  const text = (parts: Partial<Facts['revocation']> = {}) =>
    blockText(revokeSessions.describe({ revocation: { ...revocation, ...parts } }))

  it('shows the cut-off, who wrote it, and the result of IAM’s simulation', () => {
    expect(text()).toContain('simulation: older session explicitDeny, newer one implicitDeny')
    expect(text()).not.toContain('look at the policy in the console')
    expect(text({ writtenBy: 'found' })).toContain('written by somebody else')
  })

  it('warns when the simulation does not deny an older session', () => {
    expect(text({ simulation: { olderSession: 'allowed', newerSession: 'allowed' } })).toContain(
      'look at the policy in the console',
    )
  })

  it('says that the simulation was not available', () => {
    expect(text({ simulation: { unavailable: 'AccessDenied' } })).toContain('not available: AccessDenied')
  })

  it('says that the policy is stored, not that it has reached every endpoint', () => {
    expect(text()).toContain('It can take some minutes to reach every endpoint')
  })

  it('warns beforehand when the role may edit IAM', async () => {
    const { facts, context } = await scopedAccount()
    const powerful = blastRadiusLike({}, { canEditIam: true })
    const needed = await assessed(revokeSessions, { ...facts, blastRadius: powerful }, context)
    expect(blockText((needed.status === 'needed' && needed.acknowledgement) || [])).toContain('the attacker could remove it')
  })
})

describe('a false alarm can be declared at the revocation', () => {
  const asks = async (
    subject: Partial<InstanceRoleSession>,
    outcomes: readonly ('accepted' | 'refused' | 'unknown' | undefined)[] = [],
  ) => {
    const { facts, context, built } = await scopedAccount()
    const effect = { operation: 'ec2:CreateSnapshots', resource: 'i-1', sentence: 'x' }
    const intents = outcomes.map((outcome, index) => ({
      ...{ stage: 'preserve-evidence', nonce: `n${index}`, effect, at: context.now(), planned: {} },
      ...(outcome === undefined ? {} : { outcome }),
    }))
    const changed = { ...facts, subject: { ...facts.subject, ...subject } }
    const needed = await assessed(revokeSessions, changed, context, { intents })
    if (needed.status !== 'needed') throw new Error(needed.status)
    expect(built.account.roles.get('web-app')?.inline.has(POLICY)).toBe(false)
    return { falseAlarm: needed.falseAlarm, text: blockText(needed.acknowledgement ?? []) }
  }
  const addresses = (calls: number, address = '198.51.100.23') => ({
    usualUse: {
      ...{ before: '2026-11-25T01:07:00Z' as Instant, calls: 1200, readBackTo: '2026-11-12T00:00:00Z' as Instant },
      ...{ regions: ['us-east-1'], incomplete: [], addresses: [{ address, calls, days: 1, sessions: [] }] },
    },
  })

  it.each<[string, Partial<InstanceRoleSession>, RegExp]>([
    [
      'the role called from the address before',
      addresses(681),
      /called from 198\.51\.100\.23 before the theft \(681 of 1200 calls read\)/,
    ],
    [
      'the address is a NAT gateway of the account',
      { caller: { ip: '203.0.113.10', origin: 'nat-gateway', resource: 'nat-1' }, ...addresses(0, '203.0.113.10') },
      /your NAT gateway nat-1/,
    ],
    [
      'the address is an Elastic IP of the account',
      { caller: { ip: '203.0.113.11', origin: 'elastic-ip' }, ...addresses(0, '203.0.113.11') },
      /an Elastic IP of this account/,
    ],
  ])('where %s, and the question says so', async (_, subject, hint) => {
    const { falseAlarm, text } = await asks(subject)
    expect(falseAlarm).toMatch(hint)
    expect(text).toMatch(hint)
    expect(text).toContain('answer false-alarm')
  })

  it.each<[string, Partial<InstanceRoleSession>]>([
    ['the role never called from the address, as far as was read', addresses(0)],
    [
      'another address of the finding was not used before',
      {
        usualUse: {
          ...addresses(681).usualUse,
          addresses: [...addresses(681).usualUse.addresses, ...addresses(0, '192.0.2.9').usualUse.addresses],
        },
      },
    ],
    ['only a private address was used before, which other networks have too', addresses(9, '10.0.1.20')],
    [
      'the calls came from the instance itself',
      { caller: { ip: '203.0.113.25', origin: 'instance' }, ...addresses(9, '203.0.113.25') },
    ],
    ['the finding names no address', { caller: { origin: 'unknown' } }],
  ])('not where %s', async (_, subject) => {
    const { falseAlarm, text } = await asks(subject)
    expect(falseAlarm).toBeUndefined()
    expect(text).not.toContain('false alarm')
  })

  it.each(['accepted', 'unknown', undefined] as const)(
    'not after a change whose outcome is %s; the history is told all the same',
    async (outcome) => {
      const { falseAlarm, text } = await asks(addresses(681), ['refused', outcome])
      expect(falseAlarm).toBeUndefined()
      expect(text).toContain('This may be a false alarm')
      expect(text).not.toContain('answer false-alarm')
    },
  )

  it('after a change that AWS refused, because that is none', async () => {
    expect((await asks(addresses(681), ['refused'])).falseAlarm).toBeDefined()
  })
})
