import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer, scriptFor } from '../../../src/stages/verify-rotation/script.ts'
import { NEW_KEY } from '../../support/rotation.ts'

const LINES = ['Role=web-app', `AccessKeyId=${NEW_KEY}`, 'LastUpdated=2026-11-25T11:59:40Z', 'Expiration=2026-11-25T18:30:00Z']
const ANSWER = {
  wellFormed: true,
  roleName: 'web-app',
  accessKeyId: NEW_KEY,
  lastUpdated: '2026-11-25T11:59:40Z',
  expiration: '2026-11-25T18:30:00Z',
}

const answerOf = (...lines: readonly string[]) => readAnswer(lines.join('\n'))
const replaced = (name: string, line: string) => answerOf(...LINES.map((each) => (each.startsWith(`${name}=`) ? line : each)))

const whyOf = (stdout: string): string => {
  const answer = readAnswer(stdout)
  return answer.wellFormed ? 'well-formed' : answer.why
}

describe('the script', () => {
  it.each([
    ['linux', 'AWS-RunShellScript'],
    ['windows', 'AWS-RunPowerShellScript'],
  ] as const)('for %s runs in document %s', (platform, document) => {
    expect(scriptFor(platform).document).toBe(document)
  })

  it.each(['linux', 'windows'] as const)('for %s is fixed text: nothing of a finding can get into it', (platform) => {
    expect(scriptFor(platform).commands).toBe(scriptFor(platform).commands)
    expect(scriptFor.length).toBe(1)
  })

  it.each(['linux', 'windows'] as const)('for %s asks the metadata service only, over IMDSv2', (platform) => {
    const text = scriptFor(platform).commands.join('\n')
    expect(text.match(/https?:\/\/[\w.:]+/g)).toEqual(['http://169.254.169.254'])
    expect(text).toContain('X-aws-ec2-metadata-token-ttl-seconds')
  })

  it.each(['linux', 'windows'] as const)('for %s never names the secret or the session token', (platform) => {
    expect(scriptFor(platform).commands.join('\n')).not.toMatch(/SecretAccessKey|"?Token"?\\?\)/)
  })

  it('for windows writes the four lines that are read', () => {
    const written = scriptFor('windows').commands.filter((line) => line.startsWith('Write-Output'))
    expect(written.map((line) => /"(\w+)=/.exec(line)?.[1])).toEqual(['Role', 'AccessKeyId', 'LastUpdated', 'Expiration'])
  })
})

describe('an answer is read', () => {
  it('when each of the four lines is there once, in any order', () => {
    expect(answerOf(...LINES)).toEqual(ANSWER)
    expect(answerOf(...[...LINES].reverse())).toEqual(ANSWER)
  })

  it('with Windows’s line ends and fractions of seconds', () => {
    expect(readAnswer(LINES.join('\r\n'))).toEqual(ANSWER)
    expect(replaced('LastUpdated', 'LastUpdated=2026-11-25T11:59:40.123Z')).toMatchObject({
      lastUpdated: '2026-11-25T11:59:40.123Z',
    })
  })

  it('whatever else is printed around it', () => {
    const noise = fc.array(
      fc.string().filter((line) => !/^(?:Role|AccessKeyId|LastUpdated|Expiration|FAILED)=|[\r\n]/.test(line)),
    )
    fc.assert(
      fc.property(noise, noise, (before, behind) => {
        expect(answerOf(...before, ...LINES, ...behind)).toEqual(ANSWER)
      }),
    )
  })
})

describe('an answer is not what the script prints', () => {
  const MALFORMED = 'the instance’s answer is not what the script prints'

  it.each([
    ['when it is empty', ''],
    ['when a line is missing', LINES.slice(1).join('\n')],
    ['when a line is there twice', [...LINES, 'Role=web-app'].join('\n')],
    ['when there are two keys', [...LINES, 'AccessKeyId=ASIAXCSEC6TNAGAIN000'].join('\n')],
    ['when lines are indented', LINES.map((line) => ` ${line}`).join('\n')],
    ['when it stands behind more than is read', `${'x'.repeat(24_000)}\n${LINES.join('\n')}`],
  ])('%s', (_, stdout) => {
    expect(whyOf(stdout)).toBe(MALFORMED)
  })

  it.each([
    ['Role', 'web app'],
    ['Role', ''],
    ['Role', 'x'.repeat(65)],
    ['Role', 'web-app;reboot'],
    ['Role', '../other'],
    ['AccessKeyId', 'AKIAIOSFODNN7EXAMPLE'],
    ['AccessKeyId', 'ASIAXCSEC6TNNEWKEYQ'],
    ['AccessKeyId', 'asiaxcsec6tnnewkeyq7'],
    ['AccessKeyId', `${NEW_KEY}\u0000`],
    ['LastUpdated', 'now'],
    ['LastUpdated', '2026-11-25T11:59:40+01:00'],
    ['LastUpdated', '2026-11-25 11:59:40Z'],
    ['Expiration', '1795572221'],
    ['Expiration', '2026-11-25T18:30:00Z and more'],
  ])('when %s is %j', (name, value) => {
    expect(replaced(name, `${name}=${value}`)).toEqual({ wellFormed: false, why: MALFORMED })
  })

  it('whatever an instance says, it is read or refused, never thrown over', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (stdout) => void expect(() => readAnswer(stdout)).not.toThrow()))
  })
})

describe('a script that failed says why', () => {
  it.each([
    ['FAILED=token', /gave no token/],
    ['FAILED=role', /lists no role/],
    ['FAILED=other', /failed on the instance/],
    ['FAILED=constructor', /failed on the instance/],
  ])('%s', (line, why) => {
    expect(whyOf(line)).toMatch(why)
  })

  it('and nothing it printed besides counts', () => {
    expect(whyOf([...LINES, 'FAILED=role'].join('\n'))).toMatch(/lists no role/)
  })
})
