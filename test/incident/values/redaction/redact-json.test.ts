import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactJson } from '../../../../src/incident/values/redaction/redact-json.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const HIDDEN = '"[redacted:session-token]"'

describe('secrets', () => {
  it.each([
    ['secretAccessKey', 'aws-secret-key'],
    ['SECRETACCESSKEY', 'aws-secret-key'],
    ['sessionToken', 'session-token'],
    ['Token', 'session-token'],
    ['x-amz-security-token', 'session-token'],
    ['masterUserPassword', 'password'],
    ['db_password', 'password'],
    ['KeyMaterial', 'private-key'],
    ['Authorization', 'bearer-token'],
    ['refresh_token', 'bearer-token'],
    ['SecretString', 'api-token'],
    ['apiKey', 'api-token'],
  ])('the value of %s is hidden', (key, kind) => {
    expect(redactJson(`{"${key}" : "${SECRET}", "AccessKeyId":"ASIAEXAMPLE"}`)).toBe(
      `{"${key}" : "[redacted:${kind}]", "AccessKeyId":"ASIAEXAMPLE"}`,
    )
  })

  it.each([
    [
      'an object',
      `{"Token":{"untrusted":"${SECRET}","n":3},"b":"kept"}`,
      `{"Token":{"untrusted":${HIDDEN},"n":${HIDDEN}},"b":"kept"}`,
    ],
    [
      'nested arrays',
      `{"Token":[["${SECRET}"],{"a":["${SECRET}"]}],"b":[1]}`,
      `{"Token":[[${HIDDEN}],{"a":[${HIDDEN}]}],"b":[1]}`,
    ],
    ['a number', '{"Token":12345,"b":true}', `{"Token":${HIDDEN},"b":true}`],
    ['null, which hides nothing', '{"Token":null}', '{"Token":null}'],
    [
      'a secret inside a hidden object',
      `{"Token":{"Token":{"a":"${SECRET}"},"b":"${SECRET}"}}`,
      `{"Token":{"Token":{"a":${HIDDEN}},"b":${HIDDEN}}}`,
    ],
  ])('are hidden when the value is %s', (_, json, redacted) => {
    expect(redactJson(json)).toBe(redacted)
  })

  it('are hidden in JSON that a string holds, at every depth', () => {
    const event = JSON.stringify({ responseElements: { credentials: { sessionToken: SECRET, accessKeyId: 'ASIAEXAMPLE' } } })
    const nested = JSON.stringify({
      Events: [{ CloudTrailEvent: event }, { wrapped: JSON.stringify({ CloudTrailEvent: event }) }],
    })
    const redacted = redactJson(nested)
    expect(redacted).not.toContain(SECRET)
    const { Events } = JSON.parse(redacted)
    expect(JSON.parse(Events[0].CloudTrailEvent).responseElements.credentials).toEqual({
      sessionToken: '[redacted:session-token]',
      accessKeyId: 'ASIAEXAMPLE',
    })
    expect(JSON.parse(JSON.parse(Events[1].wrapped).CloudTrailEvent).responseElements.credentials.sessionToken).toBe(
      '[redacted:session-token]',
    )
  })

  it('are hidden when the name or the value is written with escapes', () => {
    expect(redactJson(`{"\\u0053ecretAccess\\u004bey":"a\\"${SECRET}\\\\"}`)).toBe(
      `{"\\u0053ecretAccess\\u004bey":"[redacted:aws-secret-key]"}`,
    )
  })

  it('are hidden in every beginning of an answer that was cut off', () => {
    const event = JSON.stringify({ sessionToken: SECRET, accessKeyId: 'ASIAEXAMPLE' })
    const answer = JSON.stringify({ CloudTrailEvent: event, Token: SECRET })
    for (let length = 0; length <= answer.length; length += 1)
      expect(redactJson(answer.slice(0, length))).not.toContain(SECRET.slice(0, 4))
  })
})

describe('everything else', () => {
  it.each([
    '{"nextToken":"AAAA","tokenIssueTime":"2026-03-04T02:31:09Z","note":"my token is abc","passwordResetRequired":true}',
    '{ "big": 9007199254740993, "twice":1,"twice":2,\n"text":"say \\"hello\\"" }',
    '{"x":{"a":"{\\"nextToken\\":\\"A\\"}"}}',
    '<html>no JSON at all</html>',
    ']]}}"',
    '',
  ])('stays byte for byte: %s', (text) => {
    expect(redactJson(text)).toBe(text)
  })

  it('stays the same value, and redacting twice changes nothing more', () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.constant(null),
        tie('array'),
        tie('object'),
        tie('text'),
      ),
      array: fc.array(tie('node'), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom('Token', 'sessiontoken', 'a', 'b"', '{'), tie('node'), { maxKeys: 3 }),
      text: tie('object').map((object) => JSON.stringify(object)),
    })).node
    fc.assert(
      fc.property(value, (source) => {
        const once = redactJson(JSON.stringify(source))
        expect(JSON.parse(once)).toEqual(withoutSecrets(source))
        expect(redactJson(once)).toBe(once)
      }),
      { numRuns: 60 },
    )
  })

  it('a megabyte without an end is no problem', () => {
    expect(redactJson(`{"Token":"${'x'.repeat(1_000_000)}`)).toBe(`{"Token":${HIDDEN}`)
    expect(redactJson(`{"a":"${'\\"'.repeat(500_000)}`)).toHaveLength(1_000_006)
  })
})

/** The plain, slow way to say it, to compare with. */
const withoutSecrets = (value: unknown, hidden = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, hidden))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        withoutSecrets(item, hidden || ['token', 'sessiontoken'].includes(key.toLowerCase())),
      ]),
    )
  if (value === null) return null
  if (hidden) return value === '' ? '' : '[redacted:session-token]'
  return typeof value === 'string' && value.startsWith('{"') ? withoutSecretsIn(value) : value
}

const withoutSecretsIn = (text: string): string => {
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(text)))
  } catch {
    return text
  }
}
