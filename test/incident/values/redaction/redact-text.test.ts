import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newTally, redactedSentence } from '../../../../src/incident/values/redaction/kinds.ts'
import { redactText } from '../../../../src/incident/values/redaction/redact-text.ts'
import { canariesIn, PLANTED } from '../../../support/canaries.ts'

const planted = Object.values(PLANTED).flat()
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

describe('a secret in a text', () => {
  it.each(planted)('is redacted, and once only: %s', (text) => {
    const redacted = redactText(`before ${text} after`)
    expect(canariesIn(redacted)).toEqual([])
    expect(redacted).toMatch(/^before /)
    expect(redactText(redacted)).toBe(redacted)
  })

  it.each(planted)('is redacted where it is escaped as a JSON string: %s', (text) => {
    expect(canariesIn(redactText(JSON.stringify(JSON.stringify({ text }))))).toEqual([])
  })

  it.each(planted)('is redacted in UTF-16, with colours, and in base64: %s', (text) => {
    const cut = Math.floor(text.length * 0.7)
    for (const disguised of [
      [...text].join('\0'),
      `${text.slice(0, cut)}\u001b[31m${text.slice(cut)}`,
      `${text.slice(0, cut)}\u200b${text.slice(cut)}`,
      Buffer.from(text).toString('base64'),
      Buffer.from(text, 'utf16le').toString('base64'),
    ])
      expect(
        canariesIn(redactText(disguised).replaceAll('\0', '').replaceAll('\u200b', '').replaceAll('\u001b[31m', '')),
      ).toEqual([])
  })

  it.each(['\n', '\r\n'])('is redacted where a screen wrapped it with %j', (feed) => {
    const wrapped = `[  5.1] cloud-init: aws_secret_access_key=${SECRET.slice(0, 20)}${feed}${SECRET.slice(20)}${feed}next line`
    // The first word of the next line may be taken for its end.
    expect(redactText(wrapped)).toBe('[  5.1] cloud-init: aws_secret_access_key=[redacted:aws-secret-key] line')
  })

  it.each([
    ['a key whose end was cut off', `x\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz`, 'b3BlbnNz'],
    ['a key whose beginning was cut off', `b3BlbnNz\r\nAAAA\r\n-----END OPENSSH PRIVATE KEY-----\r\nx`, 'b3BlbnNz'],
    ['a value with escaped quotes', '{\\"password\\": \\"hunt\\\\\\"er2\\"}', 'er2'],
    ['the hash of a password', 'root:$6$salt$abcdefghijklmnop:1:', 'abcdefgh'],
    ['a list of passwords', 'chpasswd:\n  list: |\n    root:hunter2\n', 'hunter2'],
    ['a user of curl', 'curl -sS -u bob:hunter2 https://x', 'hunter2'],
    ['an option of mysql', 'mysqldump -u root -phunter2 db', 'hunter2'],
    ['a percent-encoded query', 'GET /?password%3Dhunter2%26x', 'hunter2'],
  ])('is redacted: %s', (_, text, secret) => {
    expect(redactText(text)).not.toContain(secret)
  })
})

describe('everything else', () => {
  it.each([
    'aws-sdk-js/3.1 ua/2.1 os/linux lang/js#20 api/iam#3 m/E,n journal/0123456789abcdef',
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf',
    'arn:aws:sts::111122223333:assumed-role/web-app/i-0abc1234567890def',
    'AKIAIOSFODNN7EXAMPLE and ASIAXCSEC6TNGZ6EZUUO',
    'iam:PassRole, sts:GetSessionToken, ssm:GetParameter, aws:TokenIssueTime',
    'TOKEN=$(curl -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)',
    'the password is not known; bypass: yes; compass: north',
    'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, commit da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'new credentials since $(date -u +%Y-%m-%dT%H:%M:%SZ)',
    'https://console.aws.amazon.com/guardduty/home?region=us-east-1#/findings?macros=current',
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 alice',
    '',
  ])('stays as it is: %s', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('redacting twice changes nothing more', () => {
    const part = fc.oneof(
      fc.constantFrom(...planted),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('\n', '"', '=', ':', ' '),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const once = redactText(parts.join(' '))
        expect(redactText(once)).toBe(once)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the cost', () => {
  it.each([
    'password=',
    'password="',
    "token=\\'",
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    'abc -----END PRIVATE KEY-----',
    'secret ',
    'AKIAIOSFODNN7EXAMPLE ',
    '://a:',
    '://aaaaaaaaaaaaaaaaaaaaaaaa',
    'SG.aaaaaaaaaaaaaaaaaaaaa',
    'mysql ',
    '\u001b]',
    'a',
    '\0',
    'YWJj',
    'abcdefghijklmnopqrstuv\n',
    '?sig=',
    'chpasswd:\na:b\n',
  ])(
    'is linear: a megabyte of %j',
    (unit) => {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length))
      const begun = performance.now()
      redactText(text)
      expect(performance.now() - begun).toBeLessThan(15_000)
    },
    30_000,
  )
})

describe('what was redacted', () => {
  it('is counted by kind, in words', () => {
    const tally = newTally()
    redactText(`password=hunter2 ${PLANTED.privateKey[0]} passwd: hunter3`, tally)
    expect(redactedSentence(tally.counts())).toBe('3 secrets were redacted: 2 passwords, 1 private key')
    expect(redactedSentence([])).toBeUndefined()
  })
})
