import { describe, expect, it } from 'vitest'
import type { FoundFinding } from '../../../src/incident/facts/facts.ts'
import { whyNotTheInstance } from '../../../src/incident/facts/issue.ts'
import type { Subject } from '../../../src/incident/facts/subject.ts'
import type { Finding } from '../../../src/incident/finding/finding.ts'
import { findFinding } from '../../../src/response/stages/find-finding.ts'
import { identifySubject } from '../../../src/response/stages/identify-subject.ts'
import { issueSession } from '../../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { blockText } from '../../support/block-text.ts'
import { aboutSession, obtain, userWithKey } from '../../support/obtained-session.ts'
import { build, SUBJECT_INSTANCE, subjectInstanceOf } from '../../support/scenario.ts'
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

describe('the identified subject', () => {
  it('is the role session with the stolen key, and has the time and way of its issue from CloudTrail', async () => {
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

  it('lists the other keys that the instance got lately by IMDSv1 and IMDSv2, none of which is a new one', async () => {
    const subject = factOf(await identify())
    expect(subject.earlierKeys).toEqual(expect.arrayContaining(['ASIAXCSEC6TNGZ6EZUUO', 'ASIAXCSEC6TN3WQJ5KVD']))
    expect(new Set(subject.earlierKeys).size).toBe(subject.earlierKeys.length)
  })

  it('holds the addresses from which the account itself calls', async () => {
    const subject = factOf(await identify())
    expect(subject.ownAddresses).toEqual(expect.arrayContaining(['203.0.113.25', '10.0.1.11', '203.0.113.10', '203.0.113.11']))
  })

  it('says when its key was taken over IMDSv1', async () => {
    const subject = factOf(await identify({}, await build('looks-rotated')))
    expect(subject.delivery).toBe('1.0')
    expect(said(subject)).toContain('taken over IMDSv1')
  })

  it('is known by its session when the finding describes no instance', async () => {
    const subject = factOf(await identify({}, await build('no-instance-details')))
    expect(subject).toMatchObject({ instanceId: 'i-08faaaafb15777f5a', instanceFrom: 'principal id' })
  })

  it('asks for isolation when the calls came from the instance itself', async () => {
    const subject = factOf(await identify({}, await build('called-from-the-host')))
    expect(subject.caller.origin).toBe('instance')
    expect(said(subject)).toContain('Rotation alone does not stop the attacker')
  })

  it('has no time of issue when CloudTrail does not show the key yet', async () => {
    const fact = factOf(await identify({ accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }))
    expect(fact.issuedAt).toBeUndefined()
    expect(said(fact)).toContain('CloudTrail shows neither the issue nor a call of this key (yet)')
  })
})

describe('identify-subject stops', () => {
  it('a role that was created again under its name is a stop, since the old sessions are not the new role’s', async () => {
    const built = await build('custom-threat-list')
    const role = built.account.roles.get('web-app')
    if (role) built.account.roles.set('web-app', { ...role, id: 'AROAANOTHER0000000001' })
    expect(await identify({}, built)).toMatchObject({ status: 'blocked', why: expect.stringContaining('no longer exists') })
  })

  it('a role that does not exist any more is a stop', async () => {
    const built = await build('custom-threat-list')
    built.account.roles.delete('web-app')
    expect(await identify({}, built)).toMatchObject({ status: 'blocked', why: expect.stringContaining('does not exist') })
  })

  it('a terminated instance is a stop, and the remedy is to revoke its sessions', async () => {
    const built = await build('custom-threat-list')
    subjectInstanceOf(built).state = 'terminated'
    expect(await identify({}, built)).toMatchObject({ status: 'blocked', remedy: expect.stringContaining('Revoke sessions') })
  })

  it('a finding about credentials of another kind is a stop, and the remedy is that of the other kind', async () => {
    const stop = await identify({
      userType: 'IAMUser',
      principalId: 'AIDAXCSEC6TNALICE0001',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    })
    expect(stop).toMatchObject({ status: 'blocked', remedy: expect.stringContaining('update-access-key') })
  })
})

describe('the caller of the finding', () => {
  it.each<[Subject['caller'], RegExp, RegExp]>([
    [{ origin: 'foreign', ip: '198.51.100.23' }, /198\.51\.100\.23: not the instance’s own address/, /holds a copy of the key/],
    [{ origin: 'nat-gateway', ip: '203.0.113.10', resource: 'nat-1' }, /your NAT gateway nat-1/, /false alarm/],
    [{ origin: 'elastic-ip', ip: '203.0.113.11', resource: 'i-2' }, /an Elastic IP of this account \(i-2\)/, /false alarm/],
    [{ origin: 'elastic-ip', ip: '203.0.113.11' }, /an Elastic IP of this account/, /false alarm/],
    [{ origin: 'instance', ip: '10.0.1.20' }, /the address of i-08faaaafb15777f5a itself/, /Isolate the instance/],
  ])('is described by its origin: %j', (caller, address, consequence) => {
    const text = said(subjectLike({ caller }))
    expect(text).toMatch(address)
    expect(text).toMatch(consequence)
  })

  it('is unknown when the finding names no address, and nothing follows from it', () => {
    const text = said(subjectLike({ caller: { origin: 'unknown' } }))
    expect(text).toContain('the finding names no address')
    expect(text).toContain('ir-cred does not know where the calls came from')
    expect(text).not.toContain('Somebody outside holds a copy')
  })
})

describe('to whom the key was issued', () => {
  const issueOf = async (built: BuiltScenario, regions: readonly string[] = ['us-east-1']) => {
    const { context } = await onAccount(built, { request: { by: 'finding-id', id: built.findingId }, regions })
    const finding = factOf(await assessed(findFinding, {}, context))
    const subject = factOf(await assessed(identifySubject, { finding }, context))
    return { subject, issue: subject.issue, why: whyNotTheInstance(subject) }
  }

  it('is the instance by CloudTrail’s record of the issue, and the instance holds the role now', async () => {
    const { issue, why, subject } = await issueOf(await build('custom-threat-list'))
    expect(issue).toMatchObject({
      to: 'ec2-instance',
      knownBy: 'issue record',
      instanceId: SUBJECT_INSTANCE,
      record: { operation: 'AssumeRole', region: 'us-east-1', at: '2026-11-25T01:07:00Z' },
      profile: { holds: 'the role' },
      sources: [],
    })
    expect(why).toBeUndefined()
    expect(said(subject)).toContain('by CloudTrail’s record of the issue')
  })

  it('is looked up in every Region that is searched', async () => {
    const built = await build('custom-threat-list')
    const key = userWithKey(built, 'mallory')
    aboutSession(built, obtain(built, key, { sessionName: SUBJECT_INSTANCE, region: 'eu-west-1' }))
    const { issue, why } = await issueOf(built, ['us-east-1', 'eu-west-1'])
    expect(issue).toMatchObject({ to: 'principal', record: { region: 'eu-west-1' } })
    expect(why).toContain('user mallory with key AKIA')
  })

  it('says what nothing shows, and where it was asked, when only the names and the profile agree', async () => {
    const built = await build('custom-threat-list')
    const role = built.account.roles.get('web-app')
    if (!role) throw new Error('no role')
    aboutSession(built, issueSession(built.account, role, SUBJECT_INSTANCE, 3600))
    const { issue, why, subject } = await issueOf(built)
    expect(issue).toMatchObject({ to: 'unknown', knownBy: 'nothing', regions: ['us-east-1'] })
    expect(why).toBeUndefined()
    expect(said(subject)).toContain('known only from the session’s name, the finding and the instance’s profile')
  })
})
