import { describe, expect, it } from 'vitest'
import { answerMetadata, type Metadata, type MetadataRequest } from '../../../src/simulator/instances/imds.ts'
import { metadata, roleless, TOKEN } from '../shell/instance.ts'

const ROLE = '/latest/meta-data/iam/security-credentials/web-app'

const ask = (path: string, { method = 'GET', headers = {} }: Partial<MetadataRequest> = {}, overrides: Partial<Metadata> = {}) =>
  answerMetadata({ method, url: `http://169.254.169.254${path}`, headers }, metadata(overrides))

const withToken = (token = TOKEN) => ({ headers: { 'x-aws-ec2-metadata-token': token } })
const put = (headers: Record<string, string>) => ({ method: 'PUT', headers })
const ttl = (seconds: string) => ({ 'x-aws-ec2-metadata-token-ttl-seconds': seconds })

describe('a token', () => {
  it('is put for a number of seconds', () => {
    const asked: number[] = []
    const newToken = (seconds: number) => {
      asked.push(seconds)
      return 'new-token'
    }
    expect(ask('/latest/api/token', put(ttl('60')), { newToken })).toEqual({ status: 200, body: 'new-token' })
    expect(ask('/latest/api/token', put(ttl('21600')), { newToken })?.status).toBe(200)
    expect(asked).toEqual([60, 21_600])
  })
  it.each(['0', '21601', 'soon', '-1', '1.5', ''])('is refused for %j seconds', (seconds) => {
    expect(ask('/latest/api/token', put(ttl(seconds)))?.status).toBe(400)
  })
  it('is refused without the header that says how long', () => {
    expect(ask('/latest/api/token', put({}))?.status).toBe(400)
  })
  it('is forbidden through a proxy, which an open one would be', () => {
    expect(ask('/latest/api/token', put({ ...ttl('60'), 'x-forwarded-for': '203.0.113.9' }))?.status).toBe(403)
  })
  it('is forbidden at a path of a version', () => {
    expect(ask('/2021-07-15/api/token', put(ttl('60')))?.status).toBe(403)
  })
})

describe('role credentials', () => {
  const keyOf = (answer: ReturnType<typeof ask>) => JSON.parse(answer?.body ?? '').AccessKeyId
  it('are the IMDSv1 set without a token and the IMDSv2 set with one', () => {
    expect(keyOf(ask(ROLE))).toBe('ASIAV1V1V1V1V1V1V1V1')
    expect(keyOf(ask(ROLE, withToken()))).toBe('ASIAV2V2V2V2V2V2V2V2')
  })
  it('are the IMDSv2 set where tokens are required, and 401 without one', () => {
    expect(keyOf(ask(ROLE, withToken(), { tokens: 'required' }))).toBe('ASIAV2V2V2V2V2V2V2V2')
    expect(ask(ROLE, {}, { tokens: 'required' })?.status).toBe(401)
  })
  it.each(['optional', 'required'] as const)('are refused for an invalid token while tokens are %s', (tokens) => {
    expect(ask(ROLE, withToken('expired'), { tokens })?.status).toBe(401)
  })
  it('come as JSON of one member a line, blanks around the colon', () => {
    expect(ask(ROLE)?.body.split('\n')[4]).toBe('  "AccessKeyId" : "ASIAV1V1V1V1V1V1V1V1",')
    expect(Object.keys(JSON.parse(ask(ROLE)?.body ?? ''))).toEqual([
      'Code',
      'LastUpdated',
      'Type',
      'AccessKeyId',
      'SecretAccessKey',
      'Token',
      'Expiration',
    ])
  })
  it('are not found under another name, such as that of the profile', () => {
    expect(ask('/latest/meta-data/iam/security-credentials/web-profile')?.status).toBe(404)
  })
  it('are listed by the name of the role', () => {
    expect(ask('/latest/meta-data/iam/security-credentials/')).toEqual({ status: 200, body: 'web-app' })
    expect(ask('/latest/meta-data/iam/security-credentials')).toEqual({ status: 200, body: 'web-app' })
  })
  it('are not there where the instance profile has no role', () => {
    const answer = (path: string) => answerMetadata({ method: 'GET', url: path, headers: {} }, roleless())
    expect(answer('/latest/meta-data/iam/security-credentials/')?.status).toBe(404)
    expect(answer(ROLE)?.status).toBe(404)
    expect(answer('/latest/meta-data/iam/info')?.status).toBe(200)
  })
})

describe('other metadata', () => {
  it.each([
    ['/latest/meta-data/instance-id', 'i-0123456789abcdef0'],
    ['/2021-07-15/meta-data/instance-id', 'i-0123456789abcdef0'],
    ['/latest/meta-data/', 'iam/\ninstance-id'],
    ['/latest/meta-data/iam/', 'info\nsecurity-credentials/'],
  ])('%s', (path, body) => {
    expect(ask(path)).toEqual({ status: 200, body })
  })
  it('tells the instance profile without a secret', () => {
    const body = ask('/latest/meta-data/iam/info')?.body ?? ''
    expect(JSON.parse(body)).toEqual({
      Code: 'Success',
      LastUpdated: '2026-11-25T02:14:09Z',
      InstanceProfileArn: 'arn:aws:iam::111122223333:instance-profile/web-profile',
      InstanceProfileId: 'AIPAEXAMPLEPROFILE',
    })
  })
  it.each(['/', '/latest/user-data', '/latest/meta-data/constructor', '/latest/meta-data/iam/security-credentials/../x'])(
    '%s is not found',
    (path) => {
      expect(ask(path)?.status).toBe(404)
    },
  )
  it.each(['POST', 'DELETE'])('takes no %s', (method) => {
    expect(ask(ROLE, { method })?.status).toBe(405)
  })
  it('answers nothing at all when the service is off', () => {
    expect(ask(ROLE, {}, { enabled: false })).toBeUndefined()
    expect(ask('/latest/api/token', put(ttl('60')), { enabled: false })).toBeUndefined()
  })
})
