import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactSecrets } from '../../src/journal/redact.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const HIDDEN = '"[redacted]"'

describe('secrets', () => {
  it.each(['secretAccessKey', 'SecretAccessKey', 'SECRETACCESSKEY', 'sessionToken', 'SessionToken', 'Token', 'token'])(
    'the value of %s is hidden',
    (key) => {
      expect(redactSecrets(`{"${key}" : "${SECRET}", "AccessKeyId":"ASIAEXAMPLE"}`)).toBe(
        `{"${key}" : ${HIDDEN}, "AccessKeyId":"ASIAEXAMPLE"}`,
      )
    },
  )

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
    expect(redactSecrets(json)).toBe(redacted)
  })

  it('are hidden in JSON that a string holds, at every depth', () => {
    const event = JSON.stringify({ responseElements: { credentials: { sessionToken: SECRET, accessKeyId: 'ASIAEXAMPLE' } } })
    const nested = JSON.stringify({
      Events: [{ CloudTrailEvent: event }, { wrapped: JSON.stringify({ CloudTrailEvent: event }) }],
    })
    const redacted = redactSecrets(nested)
    expect(redacted).not.toContain(SECRET)
    const { Events } = JSON.parse(redacted)
    expect(JSON.parse(Events[0].CloudTrailEvent).responseElements.credentials).toEqual({
      sessionToken: '[redacted]',
      accessKeyId: 'ASIAEXAMPLE',
    })
    expect(JSON.parse(JSON.parse(Events[1].wrapped).CloudTrailEvent).responseElements.credentials.sessionToken).toBe('[redacted]')
  })

  it('are hidden when the name or the value is written with escapes', () => {
    expect(redactSecrets(`{"\\u0053ecretAccess\\u004bey":"a\\"${SECRET}\\\\"}`)).toBe(`{"\\u0053ecretAccess\\u004bey":${HIDDEN}}`)
  })

  it('are hidden in every beginning of an answer that was cut off', () => {
    const event = JSON.stringify({ sessionToken: SECRET, accessKeyId: 'ASIAEXAMPLE' })
    const answer = JSON.stringify({ CloudTrailEvent: event, Token: SECRET })
    for (let length = 0; length <= answer.length; length += 1)
      expect(redactSecrets(answer.slice(0, length))).not.toContain(SECRET.slice(0, 4))
  })
})

describe('everything else', () => {
  it.each([
    '{"nextToken":"AAAA","tokenIssueTime":"2026-03-04T02:31:09Z","note":"my token: abc"}',
    '{ "big": 9007199254740993, "twice":1,"twice":2,\n"text":"say \\"hello\\"" }',
    '{"x":{"a":"{\\"nextToken\\":\\"A\\"}"}}',
    '<html>no JSON at all</html>',
    ']]}}"',
    '',
  ])('stays byte for byte: %s', (text) => {
    expect(redactSecrets(text)).toBe(text)
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
        const once = redactSecrets(JSON.stringify(source))
        expect(JSON.parse(once)).toEqual(withoutSecrets(source))
        expect(redactSecrets(once)).toBe(once)
      }),
      { numRuns: 60 },
    )
  })

  it('a megabyte without an end is no problem', () => {
    expect(redactSecrets(`{"Token":"${'x'.repeat(1_000_000)}`)).toBe(`{"Token":${HIDDEN}`)
    expect(redactSecrets(`{"a":"${'\\"'.repeat(500_000)}`)).toHaveLength(1_000_006)
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
  if (hidden) return '[redacted]'
  return typeof value === 'string' && value.startsWith('{"') ? withoutSecretsIn(value) : value
}

const withoutSecretsIn = (text: string): string => {
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(text)))
  } catch {
    return text
  }
}
