import { describe, expect, it } from 'vitest'
import { rawText } from '../../src/incident/values/untrusted.ts'
import { answers } from '../faults/kinds.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE } from '../support/scenario.ts'
import { saidBy } from './said.ts'
import { called, calledFrom, findingFile, type Members } from './situations.ts'

describe('a key that is no session of an instance’s role', () => {
  const others: readonly (readonly [string, Members, RegExp])[] = [
    [
      'a federated user’s session',
      { UserType: 'FederatedUser', PrincipalId: '111122223333:bob', UserName: 'bob' },
      /GetFederationToken/,
    ],
    ['another account’s', { UserType: 'AWSAccount', PrincipalId: '444455556666', UserName: '' }, /inform its owner/],
  ]

  it.each(others)(
    '%s is recognised, and refused with what to do by hand, before anything is changed',
    async (_, details, remedy) => {
      const built = await buildQuick()
      const { result } = await runInMemory({ built, request: findingFile(built, details), proofWait: 0 })
      expect(result).toMatchObject({ exitCode: 5, failure: { remedy: expect.stringMatching(remedy) } })
      expect(changesIn(built)).toEqual({})
    },
  )
})

it('the root user’s key is no role’s: nothing is changed, and what is done by hand is looked at', async () => {
  const built = await buildQuick()
  const details = { UserType: 'Root', PrincipalId: '111122223333', UserName: 'Root' }
  const { result } = await runInMemory({ built, request: findingFile(built, details), proofWait: 0 })
  expect(result).toMatchObject({ exitCode: 6, incident: { facts: { byHand: { of: 'root-user' } } } })
  expect(changesIn(built)).toEqual({})
})

describe('a sample finding', () => {
  it.each([
    ['by its title', { Title: '[SAMPLE] An API was invoked' }],
    ['by a mark in its service', { Service: { ServiceName: 'guardduty', Count: 1, AdditionalInfo: { sample: true } } }],
    [
      'by a mark inside a text',
      { Service: { ServiceName: 'guardduty', Count: 1, AdditionalInfo: { Value: '{"sample":true}' } } },
    ],
  ])('is refused %s, and nothing is changed', async (_, more) => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, request: findingFile(built, {}, more), proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('SAMPLE finding') } })
    expect(changesIn(built)).toEqual({})
  })
})

describe('a finding that describes no instance', () => {
  it('takes the instance from the principal id', async () => {
    const { result } = await runInMemory({ built: await buildQuick('no-instance-details'), proofWait: 0 })
    expect(result.incident.facts.subject).toMatchObject({ instanceId: SUBJECT_INSTANCE, instanceFrom: 'principal id' })
    expect(result.exitCode).toBe(0)
  })

  it('is refused when it contradicts itself, so that no instance is stopped on a guess', async () => {
    const built = await buildQuick()
    const request = findingFile(built, { PrincipalId: 'AROAXCSEC6TNB2WZPQ7LK:i-0aa1b2c3d4e5f6071' })
    const { result } = await runInMemory({ built, request, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('contradicts itself') } })
  })
})

describe('a finding of a member account', () => {
  it('is refused with the administrator account’s credentials, whose role of the same name is another one', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, request: findingFile(built, {}, { AccountId: '444455556666' }), proofWait: 0 })
    expect(result.failure).toMatchObject({
      why: expect.stringMatching(/^the finding is about account/),
      remedy: expect.stringContaining('--assume-role'),
    })
    expect(changesIn(built)).toEqual({})
  })
})

describe('a search for a finding', () => {
  it.each([
    { by: 'finding-id', id: '0'.repeat(32) },
    { by: 'access-key-id', accessKeyId: 'ASIAXXXXXXXXXXXXXXXX' },
    { by: 'role', roleName: 'nobody' },
    { by: 'instance-id', instanceId: 'i-00000000000000000' },
  ] as const)('ends the run by $by with what was searched and what else to try', async (request) => {
    const { result } = await runInMemory({ built: await buildQuick(), request, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('us-east-1') } })
    // Who has named the key is not told to name it.
    const others =
      request.by === 'access-key-id' ? /--region.*--profile\), or wait .*--wait/ : /--region.*--access-key-id.*--wait/
    expect(result.failure?.remedy).toMatch(others)
  })

  it.each([
    { by: 'access-key-id', accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO' },
    { by: 'role', roleName: 'web-app' },
    { by: 'instance-id', instanceId: SUBJECT_INSTANCE },
  ] as const)('finds the one that exists, or the chosen one, by $by', async (request) => {
    const built = await buildQuick()
    const responder = { ...yes, choose: async () => built.findingId }
    const { result } = await runInMemory({ built, request, responder, proofWait: 0 })
    expect(result.incident.facts.subject?.instanceId).toBe(SUBJECT_INSTANCE)
    expect(result.exitCode).toBe(0)
  })

  it('finds none when several match and none is chosen', async () => {
    const { result } = await runInMemory({
      built: await buildQuick(),
      request: { by: 'role', roleName: 'web-app' },
      proofWait: 0,
    })
    expect(result).toMatchObject({ exitCode: 3, failure: { why: expect.stringMatching(/\d+ findings match/) } })
  })
})

describe('GetCallerIdentity, which answers under any deny', () => {
  it('counts neither as a refusal nor as a success of the attacker', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built })
    const cutoff = Date.parse(result.incident.facts.revocation?.cutoff ?? '')
    const calls = built.account.trail
      .all()
      .filter(({ accessKeyId, at }) => accessKeyId === built.cast.attacker.accessKeyId && at > cutoff + 300_000)
    const answeredAnyway = calls.filter(({ document }) => document().errorCode === undefined)
    expect(new Set(answeredAnyway.map(({ eventName }) => eventName))).toEqual(new Set(['GetCallerIdentity']))
    expect(result.incident.facts.closure?.successesAfterGrace).toBe(0)
    expect(result.exitCode).toBe(0)
  })
})

describe('a role that the attacker assumed with the stolen key', () => {
  it('is reported, since the revocation does not reach its session', async () => {
    const built = await buildQuick()
    const RoleArn = 'arn:aws:iam::111122223333:role/deploy'
    called(built, {
      credential: built.cast.attacker,
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      requestParameters: { RoleArn, RoleSessionName: 'x' },
      responseElements: { Credentials: { AccessKeyId: 'ASIAXCSEC6TNCHAINED1' } },
    })
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(ran.result.incident.facts.activity?.chainedSessions.rows.map(({ roleArn }) => roleArn && rawText(roleArn))).toContain(
      RoleArn,
    )
    expect(saidBy(ran, 'trace-activity')).toMatch(
      /role\/deploy at [^\n]* key ASIAXCSEC6TNCHAINED1[^\n]* NOT denied by the revocation/,
    )
  })
})

describe('the origin of the calls', () => {
  it('leaves the run unconfirmed when it is the instance itself, which is not restarted but isolated, and the other stages run', async () => {
    const built = await buildQuick('called-from-the-host')
    const ran = await runInMemory({ built })
    expect(ran.result.incident.facts.subject?.caller.origin).toBe('instance')
    expect(saidBy(ran, 'identify-subject')).toMatch(/isolate/i)
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join()).toMatch(
      /Isolate it by a security group without rules: aws ec2 modify-network-interface-attribute/,
    )
    expect(Object.keys(changesIn(built))).not.toEqual(expect.arrayContaining(['StopInstances']))
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1, CreateSnapshots: 1 })
    for (const stage of ['investigate-session', 'trace-activity', 'hunt-persistence', 'close-incident'])
      expect(ran.result.incident.decided[stage]).toBeUndefined()
  })

  it.each([
    ['203.0.113.10', 'nat-gateway'],
    ['203.0.113.11', 'elastic-ip'],
    ['198.51.100.99', 'foreign'],
  ])('is distinguished: %s is %s', async (IpAddressV4, origin) => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, request: calledFrom(built, IpAddressV4), dryRun: true })
    expect(result.incident.facts.subject?.caller).toMatchObject({ ip: IpAddressV4, origin })
  })
})

describe('the stolen session', () => {
  it('is looked up in CloudTrail by key and by session, with its other keys', async () => {
    const asked: string[] = []
    const fault = answers('cloudtrail:LookupEvents', async ({ input }, next) => {
      asked.push(JSON.stringify(input.LookupAttributes))
      return next()
    })
    const built = await buildQuick()
    const other = built.account.credentials.find('ASIAXCSEC6TN3WQJ5KVD')
    if (!other) throw new Error('the instance has no other set')
    called(built, { credential: other, eventSource: 's3.amazonaws.com', eventName: 'ListBuckets' })
    const { result } = await runInMemory({ built, fault, proofWait: 0 })
    expect(asked.join()).toMatch(/"AccessKeyId","AttributeValue":"ASIAXCSEC6TNGZ6EZUUO"/)
    expect(asked.join()).toMatch(new RegExp(`"Username","AttributeValue":"${SUBJECT_INSTANCE}"`))
    expect(result.incident.facts.activity?.siblingKeys.rows).toMatchObject([
      { accessKeyId: other.accessKeyId, events: 1, ec2RoleDelivery: '1.0' },
    ])
  })

  it('is investigated in Detective by the role’s ARN, since Detective takes no session', async () => {
    const asked: unknown[] = []
    const fault = answers('detective:StartInvestigation', async ({ input }, next) => {
      asked.push(input.EntityArn)
      return next()
    })
    await runInMemory({ built: await buildQuick(), fault, proofWait: 0 })
    expect(asked).toEqual(['arn:aws:iam::111122223333:role/service/web-app'])
  })
})
