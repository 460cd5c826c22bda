import { describe, expect, it } from 'vitest'
import type { FoundFinding } from '../../../src/incident/facts/facts.ts'
import type { Subject } from '../../../src/incident/facts/subject.ts'
import type { Finding } from '../../../src/incident/finding/finding.ts'
import { findFinding } from '../../../src/response/stages/find-finding.ts'
import { identifySubject } from '../../../src/response/stages/identify-subject.ts'
import type { BuiltScenario } from '../../../src/simulator/scenarios/scenario.ts'
import { blockText } from '../../support/block-text.ts'
import { build, victimOf } from '../../support/scenario.ts'
import { assessed, factOf, subjectLike } from '../../support/stage-context.ts'
import { onAccount } from '../../support/stage-on-account.ts'

const SESSION = 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a'

/** What is identified when the finding is changed like this, or the account before. */
const identify = async (change: Partial<Finding> = {}, built?: BuiltScenario) => {
  const on = built ?? (await build('custom-threat-list'))
  const { context } = await onAccount(on, { request: { by: 'finding-id', id: on.findingId } })
  const found = factOf(await assessed(findFinding, {}, context))
  const changed: FoundFinding = { ...found, finding: { ...found.finding, ...change } }
  return assessed(identifySubject, { finding: changed }, context)
}

const said = (subject: Subject): string => blockText(identifySubject.describe({ subject }))

describe('the subject of a theft', () => {
  it('is the role’s session with the stolen key, issued when and how CloudTrail shows it', async () => {
    const subject = factOf(await identify())
    expect(subject).toMatchObject({
      accountId: '111122223333',
      region: 'us-east-1',
      role: {
        name: 'web-app',
        id: 'AROAXCSEC6TNB2WZPQ7LK',
        path: '/service/',
        arn: 'arn:aws:iam::111122223333:role/service/web-app',
      },
      accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
      principalId: SESSION,
      instanceId: 'i-08faaaafb15777f5a',
      instanceFrom: 'principal id',
      issuedAt: '2026-11-25T01:07:00Z',
      delivery: '2.0',
      caller: { ip: '198.51.100.23', origin: 'foreign' },
    })
  })

  it('has had other keys lately, of IMDSv1 as of IMDSv2: none of them is a new one', async () => {
    const subject = factOf(await identify())
    expect(subject.earlierKeys).toEqual(expect.arrayContaining(['ASIAXCSEC6TNGZ6EZUUO', 'ASIAXCSEC6TN3WQJ5KVD']))
    expect(new Set(subject.earlierKeys).size).toBe(subject.earlierKeys.length)
  })

  it('knows the addresses from which the account itself calls', async () => {
    const subject = factOf(await identify())
    expect(subject.ownAddresses).toEqual(expect.arrayContaining(['203.0.113.25', '10.0.1.11', '203.0.113.10', '203.0.113.11']))
  })

  it('whose key was taken over IMDSv1 says so', async () => {
    const subject = factOf(await identify({}, await build('looks-rotated')))
    expect(subject.delivery).toBe('1.0')
    expect(said(subject)).toContain('taken over IMDSv1')
  })

  it('whose finding describes no instance is known by the session', async () => {
    const subject = factOf(await identify({}, await build('no-instance-details')))
    expect(subject).toMatchObject({ instanceId: 'i-08faaaafb15777f5a', instanceFrom: 'principal id' })
  })

  it('whose calls came from the instance itself is a case for isolation, not for rotation', async () => {
    const subject = factOf(await identify({}, await build('called-from-the-host')))
    expect(subject.caller.origin).toBe('instance')
    expect(said(subject)).toContain('Rotation alone achieves nothing')
  })

  it('whose key CloudTrail does not show yet has no time of issue', async () => {
    const fact = factOf(await identify({ accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }))
    expect(fact.issuedAt).toBeUndefined()
    expect(said(fact)).toContain('CloudTrail shows no call of this key (yet)')
  })
})

describe('nothing is identified', () => {
  it('when the role was made anew: old sessions are none of its', async () => {
    const built = await build('custom-threat-list')
    const role = built.account.roles.get('web-app')
    if (role) built.account.roles.set('web-app', { ...role, id: 'AROAANOTHER0000000001' })
    expect(await identify({}, built)).toMatchObject({ status: 'blocked', why: expect.stringContaining('no longer exists') })
  })

  it('when the role is gone', async () => {
    const built = await build('custom-threat-list')
    built.account.roles.delete('web-app')
    expect(await identify({}, built)).toMatchObject({ status: 'blocked', why: expect.stringContaining('does not exist') })
  })

  it('when the instance was terminated, and its sessions live on', async () => {
    const built = await build('custom-threat-list')
    victimOf(built).state = 'terminated'
    expect(await identify({}, built)).toMatchObject({ status: 'blocked', remedy: expect.stringContaining('Revoke sessions') })
  })

  it('when the finding is about other credentials', async () => {
    const stop = await identify({
      userType: 'IAMUser',
      principalId: 'AIDAXCSEC6TNALICE0001',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    })
    expect(stop).toMatchObject({ status: 'blocked', remedy: expect.stringContaining('update-access-key') })
  })
})

describe('who called is told', () => {
  it.each<[Subject['caller'], RegExp, RegExp]>([
    [{ origin: 'foreign', ip: '198.51.100.23' }, /198\.51\.100\.23, foreign/, /holds a copy of the key/],
    [{ origin: 'nat-gateway', ip: '203.0.113.10', resource: 'nat-1' }, /your NAT gateway nat-1/, /false alarm/],
    [{ origin: 'elastic-ip', ip: '203.0.113.11', resource: 'i-2' }, /an Elastic IP of this account \(i-2\)/, /false alarm/],
    [{ origin: 'elastic-ip', ip: '203.0.113.11' }, /an Elastic IP of this account/, /false alarm/],
    [{ origin: 'instance', ip: '10.0.1.20' }, /the address of i-08faaaafb15777f5a itself/, /Isolate it/],
  ])('%j', (caller, address, consequence) => {
    const text = said(subjectLike({ caller }))
    expect(text).toMatch(address)
    expect(text).toMatch(consequence)
  })

  it('as unknown when the finding names no address, and nothing is concluded', () => {
    const text = said(subjectLike({ caller: { origin: 'unknown' } }))
    expect(text).toContain('the finding names no address')
    expect(text).toContain('Where the calls came from is not known')
    expect(text).not.toContain('Somebody outside holds a copy')
  })
})
