import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer, scriptFor } from '../../../../src/response/stages/verify-rotation/script.ts'
import { document, type FakeImds, type Members, runFor, SECRET, saying, TOKEN } from './fake-imds.ts'

const { commands } = scriptFor('linux')
const has = (program: string): boolean => spawnSync(program, ['-c', ':']).status === 0
const shells = ['sh', 'bash', 'dash'].filter(has)
const CURL = spawnSync('curl', ['--version']).status === 0

const ROLE = 'Role=web-app'
const UPDATED = 'LastUpdated=2026-11-25T02:14:09Z'
const KEY = 'AccessKeyId=ASIAV2V2V2V2V2V2V2V2'
const EXPIRES = 'Expiration=2026-11-25T08:31:44Z'
const HONEST = [ROLE, UPDATED, KEY, EXPIRES]
const changed = (changes: Members): FakeImds => ({ credentials: saying(document(changes)) })
/** Without a Content-Length, so that curl cannot know the size beforehand. */
const inChunks =
  (...chunks: readonly string[]): NonNullable<FakeImds['credentials']> =>
  (response) => {
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
const big = 'A'.repeat(5_000_000)
const evil = '"AccessKeyId" : "ASIAEVILEVILEVILEVIL"'

type Row = readonly [row: string, imds: FakeImds, code: number, lines: readonly string[]]

/** Lines that each situation prints; where only some are given, the answer is not well-formed. */
const rows: readonly Row[] = [
  ['an honest answer', {}, 0, HONEST],
  ['56 minified', { credentials: saying(JSON.stringify(JSON.parse(document()))) }, 0, HONEST],
  [
    '56 other order and other fields',
    {
      credentials: saying(
        JSON.stringify({ Region: 'x', ...Object.fromEntries(Object.entries(JSON.parse(document())).reverse()) }),
      ),
    },
    0,
    HONEST,
  ],
  ['53 escapes in the key', changed({ AccessKeyId: 'ASIA\u001b[31mRED' }), 0, [ROLE, UPDATED, EXPIRES]],
  [
    '54 a command in a value',
    changed({ AccessKeyId: '$(touch pwned)`touch pwned`', LastUpdated: '$(touch pwned)' }),
    0,
    [ROLE, EXPIRES],
  ],
  [
    '55 two keys',
    { credentials: saying(document({ Note: '' }).replace('"Note" : ""', evil)) },
    0,
    [...HONEST, 'AccessKeyId=ASIAEVILEVILEVILEVIL'],
  ],
  [
    '57 five megabytes, with a length',
    { credentials: (response) => response.writeHead(200, { 'content-length': big.length }).end(big) },
    0,
    [ROLE],
  ],
  ['57 five megabytes, in chunks', { credentials: inChunks(`{"Note": "${big}",`, document()) }, 0, [ROLE]],
  ['58 no role', { roles: '' }, 11, ['FAILED=role']],
  ['58 two roles: the first is asked for', { roles: 'web-app\nother' }, 0, HONEST],
  ['58 the credentials are a 404 page', { credentials: saying('<html>404 - Not Found</html>', 404) }, 0, [ROLE]],
  ['58 no token: 401', { token: 401 }, 10, ['FAILED=token']],
  ['58 no token: 403', { token: 403 }, 10, ['FAILED=token']],
  ['58 nothing listens', { token: 'refused' }, 10, ['FAILED=token']],
  [
    '59 the role cannot be assumed',
    { credentials: saying('{"Code" : "AssumeRoleUnauthorizedAccess", "Message" : "EC2 cannot assume the role"}') },
    0,
    [ROLE],
  ],
  ['62 claims and fake lines', { credentials: saying('VERIFIED by ir-cred\nAccessKeyId=ASIAEVILEVILEVILEVIL\n') }, 0, [ROLE]],
  ['42 a command as role', { roles: '$(touch pwned)' }, 0, ['Role=$(touch pwned)']],
]

const GRAMMAR = /^(Role|AccessKeyId|LastUpdated|Expiration|FAILED)=/

describe.runIf(CURL).each(shells)('the fixed script under %s', (shell) => {
  it.each(rows)('%s', async (_, imds, code, lines) => {
    const ran = await runFor(shell, commands, imds)
    const printed = ran.stdout.split('\n').filter((line) => line !== '')
    expect(ran.code).toBe(code)
    for (const line of lines) expect(printed).toContain(line)
    expect(printed.filter((line) => !GRAMMAR.test(line))).toEqual([])
    expect(printed).toHaveLength(lines.length)
    for (const secret of [SECRET, TOKEN, 'CANARY']) expect(ran.stdout + ran.stderr).not.toContain(secret)
    expect(readdirSync(ran.directory).sort()).toEqual(['curl', 'script.sh'])
    const whole = lines.length === 4 && new Set(lines.map((line) => line.split('=')[0])).size === 4
    expect(readAnswer(ran.stdout).wellFormed).toBe(whole)
  })
})

describe('the scripts', () => {
  it('are fixed text: nothing of an incident is put into them, and nothing that Systems Manager would substitute', () => {
    for (const platform of ['linux', 'windows'] as const) {
      const { document: name, commands: lines } = scriptFor(platform)
      expect(scriptFor(platform).commands).toBe(lines)
      expect(name).toMatch(/^AWS-Run(Shell|PowerShell)Script$/)
      expect(lines.join('\n')).not.toMatch(/\{\{|SecretAccessKey|Token\b(?!-)|Write-Output "?[^'"]*\$T\b/)
    }
  })

  it('ask IMDSv2 only, with a time limit on each request', () => {
    const requests = commands.join('\n').match(/curl [^|)]*/g) ?? []
    expect(requests).toHaveLength(3)
    for (const request of requests) expect(request).toMatch(/-sS -f -m 5 .*X-aws-ec2-metadata-token/)
  })
})

describe('an answer', () => {
  const honest = HONEST.join('\n')

  it.each([
    ['whole', honest, true],
    ['with Windows line ends', HONEST.join('\r\n'), true],
    ['with other lines around', `warning: x\n${honest}\nlast login: y`, true],
    ['with a line twice', `${honest}\n${HONEST[0]}`, false],
    ['without a line', HONEST.slice(1).join('\n'), false],
    ['with a long-term key', honest.replace('ASIA', 'AKIA'), false],
    ['with a key of other length', honest.replace('ASIAV2', 'ASIA'), false],
    ['with a role IAM does not allow', honest.replace('web-app', 'a b'), false],
    ['with a local time', honest.replaceAll('Z', '+02:00'), false],
    ['that failed', `FAILED=role\n${honest}`, false],
    ['that failed in a way of its own', 'FAILED=constructor', false],
    ['with a blank before', honest.replaceAll(/^/gm, ' '), false],
    ['empty', '', false],
    ['behind a flood', `${'x\n'.repeat(20_000)}${honest}`, false],
  ])('%s', (_, stdout, wellFormed) => {
    expect(readAnswer(stdout).wellFormed).toBe(wellFormed)
  })

  it('an answer of any bytes gives only what the grammar allows', () => {
    const line = fc.oneof(
      fc.constantFrom(...HONEST),
      fc.string(),
      fc.string().map((text) => `AccessKeyId=${text}`),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const answer = readAnswer(lines.join('\n'))
        if (!answer.wellFormed) {
          expect(answer.why).toMatch(/\w/)
          return
        }
        expect(answer.accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/)
        expect(answer.roleName).toMatch(/^[\w+=,.@-]{1,64}$/)
        expect(`${answer.lastUpdated} ${answer.expiration}`).toMatch(/^[\dT:.-]+Z [\dT:.-]+Z$/)
      }),
    )
  })
})
