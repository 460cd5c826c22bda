import { describe, expect, it } from 'vitest'
import { checkEndpoint, checkTls } from '../../../src/cli/connection/endpoint.ts'
import { refusalOf } from '../../support/refusal.ts'

const LOCAL = 'http://127.0.0.1:4599'

describe('the endpoint', () => {
  it('is AWS’s own where nothing is said', () => expect(checkEndpoint({ HOME: '/home/alice' }, undefined)).toBeUndefined())

  it.each([{}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, { AWS_ENDPOINT_URL_IAM: 'http://127.0.0.1:1' }])(
    'is the one given by flag, whatever the environment says: %j',
    (env) => expect(checkEndpoint(env, LOCAL)).toBe(LOCAL),
  )

  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_GUARDDUTY'])('is not taken from %s alone', (name) => {
    const refusal = refusalOf(() => checkEndpoint({ [name]: LOCAL }, undefined))
    expect(refusal).toMatchObject({
      kind: 'usage',
      what: `${name} is set in the environment (${LOCAL})`,
      remedy: `confirm it with --endpoint-url ${LOCAL}, or unset ${name}`,
    })
  })

  it('names every variable to unset', () => {
    const env = { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_EC2: LOCAL }
    expect(refusalOf(() => checkEndpoint(env, undefined))?.remedy).toMatch(/unset AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EC2$/)
  })

  it.each([
    { AWS_ENDPOINT_URL: '' },
    { AWS_ENDPOINT_URLS: LOCAL },
    { MY_AWS_ENDPOINT_URL: LOCAL },
    { AWS_ENDPOINT_URL: LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
  ])('is AWS’s own with %j, as for the SDK', (env) => expect(checkEndpoint(env, undefined)).toBeUndefined())

  it.each(['', '127.0.0.1:4599', 'localhost', 'ftp://127.0.0.1', 'file:///etc/passwd', 'javascript:1', 'http//x'])(
    '%j is none',
    (given) => expect(refusalOf(() => checkEndpoint({}, given))).toMatchObject({ kind: 'usage', remedy: `write it as ${LOCAL}` }),
  )
})

describe('certificate checks', () => {
  it('cannot be switched off', () => {
    expect(refusalOf(() => checkTls({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }))).toMatchObject({
      kind: 'usage',
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: '1' }, { NODE_TLS_REJECT_UNAUTHORIZED: undefined }])('are on with %j', (env) =>
    expect(refusalOf(() => checkTls(env))).toBeUndefined(),
  )
})
