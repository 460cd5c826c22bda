import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { GetRolePolicyCommand, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { containmentOf, openSourceAlarm } from '../../../../src/incident/facts/issue.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import { sourcesOf } from '../../../../src/response/stages/identify-subject/sources.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'
import 'aws-sdk-client-mock-vitest/extend'

const cloudtrail = mockClient(CloudTrailClient)
const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ cloudtrail: CloudTrailClient, iam: IAMClient })
const { role } = subjectLike()
const following = { accountId: '111122223333', region: 'us-east-1', regions: ['us-east-1'], role, deniesAll: true }
const LONG_TERM = 'AKIAXCSEC6TNMALLORY1'
const SESSION = 'ASIAXCSEC6TNSESSION1'

const issueOf = (accessKeyId: string, userIdentity: object, more: object = {}) => ({
  eventTime: '2026-11-25T11:00:00Z',
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  awsRegion: 'us-east-1',
  userIdentity,
  requestParameters: { roleSessionName: 'x' },
  responseElements: { credentials: { accessKeyId } },
  ...more,
})

const user = { type: 'IAMUser', accountId: '111122223333', userName: 'mallory', accessKeyId: LONG_TERM }
const session = (roleName: string) => ({
  type: 'AssumedRole',
  accountId: '111122223333',
  arn: `arn:aws:sts::111122223333:assumed-role/${roleName}/x`,
  accessKeyId: SESSION,
})

/** CloudTrail shows this of the issue of a key. */
const shows = (key: string, record: object) =>
  cloudtrail
    .on(LookupEventsCommand, { LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: key }] })
    .resolves({ Events: [{ CloudTrailEvent: JSON.stringify(record) }] })

const follow = (record: object) => {
  const read = readRecord(record)
  if (!read) throw new Error('no record')
  return sourcesOf(read, following, contextLike())
}

beforeEach(() => {
  cloudtrail.reset()
  iam.reset()
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
  iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException', 404))
})

describe('the source of a session', () => {
  it('is a principal of another account, where the records end; its trail names the call by the shared event id', async () => {
    const caller = { type: 'AWSAccount', accountId: '444455556666', principalId: 'AROAOTHER:bob' }
    const { sources, sourcesEnd } = await follow(issueOf('ASIA1', caller, { sharedEventID: 'shared-1' }))
    expect(sources).toMatchObject([{ kind: 'other-account', accountId: '444455556666', sharedEventId: 'shared-1' }])
    expect(sourcesEnd).toContain('account 444455556666')
    const [source] = sources
    expect(source && containmentOf(source)).toMatch(/Tell the owner of account 444455556666 \(sharedEventID shared-1/)
    expect(source && openSourceAlarm(source, 'web-app')).toContain('a principal of another account')
  })

  it('ends unknown where CloudTrail does not show the issue of the caller’s key', async () => {
    const { sources, sourcesEnd } = await follow(issueOf('ASIA1', session('ci')))
    expect(sources).toMatchObject([{ kind: 'role-session', name: 'ci', accessKeyId: SESSION }])
    expect(sourcesEnd).toBe(`CloudTrail does not show who ${SESSION} was issued to`)
  })

  it.each([
    ['a web identity', { type: 'WebIdentityUser', userName: 'repo:acme/app' }, 'AssumeRoleWithWebIdentity', 'web-identity'],
    ['a SAML identity', { type: 'SAMLUser', principalId: 'x:alice' }, 'AssumeRoleWithSAML', 'saml'],
    ['a service', { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' }, 'AssumeRole', 'service'],
    ['the root user', { type: 'Root', accountId: '111122223333' }, 'GetSessionToken', 'root'],
  ])('is %s, and nothing is looked up above it', async (_, identity, eventName, kind) => {
    const { sources, sourcesEnd } = await follow(issueOf('ASIA1', identity, { eventName }))
    expect(sources).toMatchObject([{ kind }])
    expect(sourcesEnd).toBeUndefined()
    expect(cloudtrail).not.toHaveReceivedCommand(LookupEventsCommand)
  })

  it('in a circle is followed once', async () => {
    shows(SESSION, issueOf(SESSION, session('ci')))
    const { sources } = await follow(issueOf('ASIA1', session('ci')))
    expect(sources).toHaveLength(2)
  })

  it('says what could not be read, and never ends the run', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('AccessDeniedException'))
    const { incomplete } = await follow(issueOf('ASIA1', session('ci')))
    expect(incomplete.join()).toContain('cloudtrail:LookupEvents')
  })
})

describe('a source is contained', () => {
  const keys = (...AccessKeyMetadata: object[]) => iam.on(ListAccessKeysCommand).resolves({ AccessKeyMetadata })
  const closedOf = async (record: object) => (await follow(record)).sources[0]?.closed

  it('when its key is inactive, deleted with its user, or no longer the user’s; else it is open', async () => {
    const record = issueOf('ASIA1', user)
    keys({ AccessKeyId: LONG_TERM, Status: 'Active' })
    expect(await closedOf(record)).toBeUndefined()
    keys({ AccessKeyId: LONG_TERM, Status: 'Inactive' })
    expect(await closedOf(record)).toBe('the key is inactive')
    keys()
    expect(await closedOf(record)).toBe('the user no longer has the key')
    iam.on(ListAccessKeysCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await closedOf(record)).toBe('the user does not exist any more')
  })

  it('not when that cannot be read: it stays open', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('AccessDenied', 403))
    expect(await closedOf(issueOf('ASIA1', user))).toBeUndefined()
  })

  it('when its role denies sessions issued before a time after its issue', async () => {
    shows(SESSION, issueOf(SESSION, user, { eventTime: '2026-11-25T10:00:00Z' }))
    keys({ AccessKeyId: LONG_TERM, Status: 'Active' })
    const denying = (cutoff: string) =>
      iam.on(GetRolePolicyCommand).resolves({
        PolicyDocument: encodeURIComponent(
          JSON.stringify({
            Statement: [
              { Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } },
            ],
          }),
        ),
      })
    denying('2026-11-25T09:00:00Z')
    expect(await closedOf(issueOf('ASIA1', session('ci')))).toBeUndefined()
    denying('2026-11-25T11:30:00Z')
    expect(await closedOf(issueOf('ASIA1', session('ci')))).toContain('role ci denies sessions issued before')
  })

  it('when it is a session that has expired, or one of the role that the response revokes', async () => {
    expect(await closedOf(issueOf('ASIA1', session('web-app')))).toContain('the same role')
    shows(SESSION, issueOf(SESSION, user, { eventTime: '2026-11-24T10:00:00Z' }))
    keys({ AccessKeyId: LONG_TERM, Status: 'Active' })
    expect(await closedOf(issueOf('ASIA1', session('ci')))).toContain('expired at 2026-11-24T22:00:00Z')
  })
})
