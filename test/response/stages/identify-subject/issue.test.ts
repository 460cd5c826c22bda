import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyIssue, type ProfileHolding, whyNotTheInstance } from '../../../../src/incident/facts/issue.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import { issuedTo } from '../../../../src/response/stages/identify-subject/issue.ts'
import { subjectLike } from '../../../support/stage-context.ts'

const KEY = 'ASIAXCSEC6TNGZ6EZUUO'
const INSTANCE = 'i-08faaaafb15777f5a'
const OTHER = 'i-0aa1b2c3d4e5f6071'

const recordOf = (parts: object) => {
  const record = readRecord({
    eventTime: '2026-11-25T01:07:00Z',
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: 'us-east-1',
    ...parts,
  })
  if (!record) throw new Error('no record')
  return record
}

const issue = (userIdentity: object, parts: object = {}) =>
  recordOf({
    userIdentity,
    requestParameters: { roleSessionName: INSTANCE },
    responseElements: { credentials: { accessKeyId: KEY } },
    ...parts,
  })

const call = (userIdentity: object, errorCode?: string) =>
  recordOf({
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    userIdentity: { type: 'AssumedRole', accessKeyId: KEY, principalId: `AROAXCSEC6TNB2WZPQ7LK:${INSTANCE}`, ...userIdentity },
    ...(errorCode ? { errorCode } : {}),
  })

describe('the record of an issue says who a key was issued to', () => {
  it.each([
    ['an instance, when EC2 itself called', { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, {}, 'ec2-instance'],
    ['a service, when another one called', { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' }, {}, 'service'],
    ['a principal, when a user called', { type: 'IAMUser', accessKeyId: 'AKIAXCSEC6TNEXAMPLE1' }, {}, 'principal'],
    [
      'a principal, when EC2 called on his behalf',
      { type: 'AssumedRole', accessKeyId: 'ASIAXCSEC6TNEXAMPLE1', invokedBy: 'ec2.amazonaws.com' },
      {},
      'principal',
    ],
    ['a principal, when another account called', { type: 'AWSAccount', accountId: '444455556666' }, {}, 'principal'],
    ['a web identity', { type: 'WebIdentityUser' }, { eventName: 'AssumeRoleWithWebIdentity' }, 'web-identity'],
    ['a SAML identity', { type: 'SAMLUser' }, { eventName: 'AssumeRoleWithSAML' }, 'saml'],
  ])('%s', (_, identity, parts, to) => {
    expect(issuedTo({ record: issue(identity, parts), calls: [] })).toMatchObject({ to, knownBy: 'issue record' })
  })

  it('before anything that the key’s own calls say', () => {
    const record = issue({ type: 'IAMUser', accessKeyId: 'AKIAXCSEC6TNEXAMPLE1' })
    const calls = [call({ sessionContext: { ec2RoleDelivery: '2.0' } })]
    expect(issuedTo({ record, calls })).toMatchObject({ to: 'principal' })
  })
})

describe('a key’s own calls say who it was issued to, without a record of the issue', () => {
  const byCalls = (...calls: ReturnType<typeof call>[]) => issuedTo({ record: undefined, calls })

  it('the instance that EC2 delivered it to', () => {
    expect(byCalls(call({ sessionContext: { ec2RoleDelivery: '2.0' } }))).toEqual({
      to: 'ec2-instance',
      knownBy: 'own calls',
      instanceId: INSTANCE,
    })
  })

  it('the instance that inScopeOf names', () => {
    const credentialsIssuedTo = `arn:aws:ec2:us-east-1:111122223333:instance/${OTHER}`
    expect(byCalls(call({ inScopeOf: { issuerType: 'AWS::EC2::Instance', credentialsIssuedTo } }))).toMatchObject({
      to: 'ec2-instance',
      instanceId: OTHER,
    })
  })

  it('another resource that inScopeOf names, whatever the session is called', () => {
    const credentialsIssuedTo = 'arn:aws:lambda:us-east-1:111122223333:function:resize'
    expect(byCalls(call({ inScopeOf: { credentialsIssuedTo } }))).toMatchObject({
      to: 'service',
      resource: { untrusted: credentialsIssuedTo },
    })
  })

  it('nobody, when they say nothing: a session name proves nothing', () => {
    expect(byCalls(call({}))).toEqual({ to: 'unknown', knownBy: 'nothing' })
  })
})

const HOLDINGS: readonly ProfileHolding[] = [
  { holds: 'the role' },
  { holds: 'another role', profile: 'other', roleName: 'quarantine' },
  { holds: 'no role' },
  { holds: 'no role', profile: 'empty' },
  { holds: 'unknown', why: 'iam:GetInstanceProfile was denied' },
]
const TO: readonly KeyIssue['to'][] = ['ec2-instance', 'principal', 'web-identity', 'saml', 'service', 'unknown']

describe('the instance is left alone', () => {
  const left = (to: KeyIssue['to'], profile: ProfileHolding, instanceId = INSTANCE) =>
    whyNotTheInstance(
      subjectLike({
        issue: {
          ...{ to, knownBy: 'issue record', profile, sources: [], regions: ['us-east-1'], incomplete: [] },
          ...(to === 'ec2-instance' ? { instanceId } : {}),
        },
      }),
    )

  it('unless the key was issued to it, or to somebody unknown, and nothing shows that the role is no longer on it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TO), fc.constantFrom(...HOLDINGS), fc.constantFrom(INSTANCE, OTHER), (to, profile, id) => {
        const isIts = to === 'unknown' || (to === 'ec2-instance' && id === INSTANCE)
        const mayHold = profile.holds === 'the role' || profile.holds === 'unknown'
        expect(left(to, profile, id) === undefined).toBe(isIts && mayHold)
      }),
    )
  })

  it('and the reason names the instance and the key', () => {
    for (const to of TO) expect(left(to, { holds: 'no role' })).toMatch(new RegExp(`${INSTANCE}.*${KEY}|${KEY}.*${INSTANCE}`))
  })

  it('in no journal of an earlier version, which knows nothing of the issue', () => {
    expect(whyNotTheInstance(subjectLike())).toBeUndefined()
  })
})
