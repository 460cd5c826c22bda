import { describe, expect, it } from 'vitest'
import { issueInstanceCredentials, issueSession } from '../../src/simulator/issue-credentials.ts'
import { INSTANCE_ID, instanceLike, START, testAccount } from '../support/account.ts'

const SIX_HOURS_35 = (6 * 60 + 35) * 60_000

describe('credentials of an instance', () => {
  it('are two separate sets, issued in the same second', () => {
    const { onInstance } = testAccount()
    const [v1, v2] = [onInstance('1.0'), onInstance('2.0')]
    expect(v1.accessKeyId).not.toBe(v2.accessKeyId)
    expect(v1.secretAccessKey).not.toBe(v2.secretAccessKey)
    expect(v1.issuedAt).toBe(v2.issuedAt)
    expect([v1.ec2RoleDelivery, v2.ec2RoleDelivery]).toEqual(['1.0', '2.0'])
  })

  it('look like AWS keys and run 6 hours 35 minutes from their issue', () => {
    const { account, instance } = testAccount()
    const credential = issueInstanceCredentials(account, instance, '2.0', START + 1234)
    expect(credential.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    expect(credential.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/)
    expect(credential.sessionToken).toMatch(/^IQoJ[A-Za-z0-9+/]{296}$/)
    expect(credential.issuedAt).toBe(START + 1000)
    expect(credential.expiresAt).toBe(START + 1000 + SIX_HOURS_35)
  })

  it('are the same again from the same seed', () => {
    expect(testAccount().onInstance()).toEqual(testAccount().onInstance())
  })

  it('cannot be issued to an instance without a role', () => {
    const { account } = testAccount()
    const { profileName: _, ...bare } = instanceLike()
    expect(() => issueInstanceCredentials(account, bare, '2.0', START)).toThrow(RangeError)
  })
})

describe('the CloudTrail record of the issue', () => {
  const issued = () => {
    const { account, instance } = testAccount()
    const credential = issueInstanceCredentials(account, instance, '2.0', START)
    const record = account.trail.all().find(({ resources }) => resources.some(({ name }) => name === credential.accessKeyId))
    if (!record) throw new Error('the issue was not recorded')
    return { credential, record }
  }

  it('has EC2 as its caller, so that neither a key nor a user name finds it', () => {
    const { record } = issued()
    expect(record).toMatchObject({ eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com', region: 'eu-central-1', at: START })
    expect(record.accessKeyId).toBeUndefined()
    expect(record.username).toBeUndefined()
    expect(record.document()).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      sourceIPAddress: 'ec2.amazonaws.com',
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/service/web-app', roleSessionName: INSTANCE_ID },
    })
  })

  it('names the new key, the instance and the role', () => {
    const { credential, record } = issued()
    const names = record.resources.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([credential.accessKeyId, INSTANCE_ID, 'arn:aws:iam::111122223333:role/service/web-app']),
    )
  })

  it('gives the expiration in words and the token, never the secret', () => {
    const { credential, record } = issued()
    expect(record.document().responseElements).toMatchObject({
      credentials: {
        accessKeyId: credential.accessKeyId,
        sessionToken: credential.sessionToken,
        expiration: 'Nov 25, 2026, 8:35:00 AM',
      },
    })
    expect(JSON.stringify(record.document())).not.toContain(credential.secretAccessKey)
  })
})

describe('a session that somebody assumed', () => {
  it('runs for the time asked and belongs to no instance', () => {
    const { account, role } = testAccount()
    const session = issueSession(account, role, 'alice', 3600)
    expect(session).toMatchObject({ issuedAt: START, expiresAt: START + 3_600_000 })
    expect(session.ec2RoleDelivery).toBeUndefined()
    expect(account.credentials.find(session.accessKeyId)).toBe(session)
  })
})
