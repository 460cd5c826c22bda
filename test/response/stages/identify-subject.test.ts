import { describe, expect, it } from 'vitest'
import type { FoundFinding } from '../../../src/incident/facts/facts.ts'
import { whyNotTheInstance } from '../../../src/incident/facts/issue.ts'
import type { Subject, UsualUse } from '../../../src/incident/facts/subject.ts'
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
    expect(subject).toMatchObject({ delivery: '1.0' })
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

describe('the history of the finding’s address', () => {
  it('shows no use where the attacker’s address is new, over all that was read', async () => {
    const { usualUse } = factOf(await identify())
    expect(usualUse).toMatchObject({
      regions: ['us-east-1'],
      addresses: [{ address: '198.51.100.23', calls: 0 }],
      incomplete: [],
    })
    expect(usualUse?.calls).toBeGreaterThan(500)
  })

  it('shows the use of the role’s own way out, before anything is asked', async () => {
    const { usualUse, caller } = factOf(await identify({}, await build('usual-address')))
    expect(caller.origin).toBe('foreign')
    expect(usualUse?.addresses[0]?.calls).toBeGreaterThan(500)
    expect(usualUse?.addresses[0]?.days).toBeGreaterThan(30)
  })

  it('is not sampled for the instance’s own address', async () => {
    expect(factOf(await identify({}, await build('called-from-the-host'))).usualUse).toBeUndefined()
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

  it.each(['terminated', 'shutting-down'] as const)(
    'a %s instance is no stop: its sessions are revoked without it',
    async (state) => {
      const built = await build('custom-threat-list')
      subjectInstanceOf(built).state = state
      const seen = await identify({}, built)
      expect(seen).toMatchObject({
        status: 'established',
        fact: { issue: { profile: { holds: 'no role: terminated', by: 'CloudTrail does not show who did it (yet)' } } },
      })
      if (seen.status === 'established') expect(whyNotTheInstance(seen.fact)).toContain('which is terminated now')
    },
  )

  it('a finding about credentials of another account is a stop, and the remedy is that of the other kind', async () => {
    const stop = await identify({
      userType: 'AWSAccount',
      principalId: '444455556666',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    })
    expect(stop).toMatchObject({ status: 'blocked', remedy: expect.stringContaining('Trust & Safety') })
  })
})

describe('the words on the history of an address', () => {
  const ADDRESS = '198.51.100.23'
  const used = {
    address: ADDRESS,
    calls: 681,
    days: 41,
    first: '2026-10-12T00:00:00Z',
    last: '2026-11-24T00:00:00Z',
    sessions: [],
  }
  const history = (parts: object = {}, use: object = used) =>
    said(
      subjectLike({
        usualUse: {
          ...{ before: '2026-11-25T01:07:00Z', calls: 1200, readBackTo: '2026-11-12T00:00:00Z', regions: ['us-east-1'] },
          ...{ addresses: [use], incomplete: [] },
          ...parts,
        } as unknown as UsualUse,
      }),
    )

  it('say how many of the calls read came from there, that it may be an own way out, and not that a copy is outside', () => {
    const text = history()
    expect(text).toMatch(
      /Of 1,200 calls of role web-app before the theft, read back to .*, 681 came from 198\.51\.100\.23 on 41 days/,
    )
    expect(text).toContain('It may be your own way out')
    expect(text).not.toContain('assume that somebody outside')
  })

  it('say of no use that it proves nothing', () => {
    const text = history({}, { address: ADDRESS, calls: 0, days: 0, sessions: [] })
    expect(text).toMatch(/None of 1,200 calls .* came from 198\.51\.100\.23\. That proves nothing\./)
    expect(text).toContain('assume that somebody outside holds a copy of the key')
  })

  it('say that it is not known where nothing could be read, and why', () => {
    const nothing = { readBackTo: undefined, calls: 0, incomplete: ['cloudtrail:LookupEvents is denied'] }
    const text = history(nothing, { address: ADDRESS, calls: 0, days: 0, sessions: [] })
    expect(text).toContain(
      `not known: whether the role called from ${ADDRESS} before the theft: cloudtrail:LookupEvents is denied`,
    )
    expect(text).not.toContain('None of')
  })

  it('say what was not read beside what was', () => {
    expect(history({ incomplete: ['2 other sessions of the role were not looked up'] })).toContain(
      'the history is not all read: 2 other sessions of the role were not looked up',
    )
  })

  it('draw nothing from a private address, which other networks have too', () => {
    const text = history({}, { ...used, address: '10.0.1.20' })
    expect(text).toContain('other networks have the same private address')
    expect(text).not.toContain('It may be your own way out')
  })

  it('name the address that is not explained, where the finding has several', () => {
    const text = history({ addresses: [used, { address: '192.0.2.9', calls: 0, days: 0, sessions: [] }] })
    expect(text).toContain('681 came from 198.51.100.23')
    expect(text).toContain('came from 192.0.2.9. That proves nothing.')
    expect(text).toContain('Nothing shows that 192.0.2.9 is your own: assume that somebody outside holds a copy of the key.')
  })

  it('name the sessions that called, at most three, escaped', () => {
    const sessions = ['i-1\u001b[2J', 'b', 'c', 'd', 'e'].map((untrusted) => ({ untrusted }))
    expect(history({}, { ...used, sessions })).toMatch(/by sessions .*, b, c and 2 more/)
  })

  it('name the Regions whose addresses were compared, and what could not be read', () => {
    const gap = 'Elastic IPs in eu-west-1: not known: ec2:DescribeAddresses is denied'
    const text = said(subjectLike({ addressRegions: ['us-east-1'], addressGaps: [gap] }))
    expect(text).toContain('no NAT gateway and no Elastic IP of this account in us-east-1')
    expect(text).toContain(gap)
    const none = said(subjectLike({ addressRegions: [], addressGaps: [gap] }))
    expect(none).toContain('the account’s other addresses are not known')
    expect(none).not.toContain('no NAT gateway')
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

describe('who the key was issued to', () => {
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
