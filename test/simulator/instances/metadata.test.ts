import { describe, expect, it } from 'vitest'
import { metadataAnswer } from '../../../src/simulator/instances/metadata.ts'
import { INSTANCE_ID, instanceLike, ROLE, type TestAccount, testAccount } from '../../support/account.ts'

const PATH = `http://169.254.169.254/latest/meta-data/iam/security-credentials/${ROLE}`

const ask = ({ account, instance }: TestAccount, headers: Record<string, string> = {}) =>
  metadataAnswer(account, instance, { method: 'GET', url: PATH, headers })

const tokenFor = ({ account }: TestAccount, instance: TestAccount['instance'], seconds: number): string =>
  metadataAnswer(account, instance, {
    method: 'PUT',
    url: 'http://169.254.169.254/latest/api/token',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) },
  })?.body ?? ''

const withToken = (test: TestAccount, token: string) => ask(test, { 'x-aws-ec2-metadata-token': token })

describe('the metadata service of an instance', () => {
  it('hands out one set with a token and another one without', () => {
    const test = testAccount()
    expect(ask(test)?.body).toContain(test.onInstance('1.0').accessKeyId)
    expect(withToken(test, tokenFor(test, test.instance, 60))?.body).toContain(test.onInstance('2.0').accessKeyId)
  })

  it('answers nothing while the instance is down', () => {
    const test = testAccount()
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    expect(ask(test)).toBeUndefined()
    test.wait(40)
    expect(ask(test)).toBeUndefined()
  })

  it('accepts its own tokens only, and only for as long as they were asked for', () => {
    const test = testAccount()
    const token = tokenFor(test, test.instance, 60)
    const foreign = tokenFor(test, instanceLike({ id: 'i-0bbbbbbbbbbbbbbbb' }), 60)
    expect(withToken(test, foreign)?.status).toBe(401)
    expect(withToken(test, 'nonsense')?.status).toBe(401)
    test.wait(59)
    expect(withToken(test, token)?.status).toBe(200)
    test.wait(1)
    expect(withToken(test, token)?.status).toBe(401)
  })

  it('shows LastUpdated, which may lie well after the issue, and the expiration counted from the issue', () => {
    const test = testAccount()
    test.wait(4 * 3600)
    const credential = test.onInstance('1.0')
    const { LastUpdated, Expiration } = JSON.parse(ask(test)?.body ?? '{}')
    expect(Date.parse(Expiration) - credential.issuedAt).toBe((6 * 60 + 35) * 60_000)
    expect(Date.parse(LastUpdated)).toBeGreaterThanOrEqual(credential.issuedAt)
    expect(Date.parse(LastUpdated)).toBeLessThanOrEqual(test.account.clock.now())
  })
})
