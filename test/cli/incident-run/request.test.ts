import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type FindingSelectors, regionOfFile, requestOf } from '../../../src/cli/incident-run/request.ts'
import { apiFinding, FINDING_ID, INSTANCE, KEY } from '../../incident/finding/findings.ts'
import { memoryHost } from '../../support/host.ts'
import { refusalOfAsync } from '../../support/refusal.ts'

const ARN = `arn:aws:guardduty:us-east-1:111122223333:detector/7ab2c0d4e6f8/finding/${FINDING_ID}`
const DOCUMENT = JSON.stringify(apiFinding)

const folder = mkdtempSync(join(tmpdir(), 'ir-cred-request-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const ask = (finding: string | undefined, options: FindingSelectors = {}, input = '') =>
  requestOf(finding, options, memoryHost({ input }).host)

const refused = (finding: string | undefined, options: FindingSelectors = {}, input = '') =>
  refusalOfAsync(ask(finding, options, input))

describe('what cannot be reported', () => {
  it.each([
    [
      'a role’s ARN is no session',
      { session: 'arn:aws:iam::111122223333:role/web-app' },
      /every session of the role: --role web-app/,
    ],
    ['a name is no session', { session: 'i-1' }, /it looks like arn:aws:sts/],
    ['a role’s ARN is no user', { user: 'arn:aws:iam::111122223333:role/web-app' }, /the user’s name/],
    ['two things', { user: 'bob', role: 'web-app' }, /name one/],
    ['a reason for nothing', { reason: 'because' }, /name it: --access-key-id/],
    ['no reason', { role: 'web-app', reason: ' ' }, /a sentence of 1 to 500 characters/],
    ['a reason that is too long', { role: 'web-app', reason: 'x'.repeat(501) }, /a sentence of 1 to 500 characters/],
  ])('%s', async (_, options: FindingSelectors, remedy) => {
    expect(await refused(undefined, options)).toMatchObject({ kind: 'usage', remedy: expect.stringMatching(remedy) })
  })

  it('a reason beside a finding, which has its own', async () => {
    expect((await refused(FINDING_ID, { reason: 'because' }))?.what).toContain('--reason')
  })
})

describe('what is asked for', () => {
  it.each([
    ['nothing', undefined, {}, { by: 'list' }],
    ['an id', FINDING_ID, {}, { by: 'finding-id', id: FINDING_ID }],
    ['an ARN', ARN, {}, { by: 'finding-id', id: ARN }],
    ['an ARN of another partition', ARN.replace('aws', 'aws-cn'), {}, { by: 'finding-id', id: ARN.replace('aws', 'aws-cn') }],
    ['a temporary key', undefined, { accessKeyId: KEY }, { by: 'access-key-id', accessKeyId: KEY }],
    [
      'a long-term key',
      undefined,
      { accessKeyId: `AKIA${KEY.slice(4)}` },
      { by: 'access-key-id', accessKeyId: `AKIA${KEY.slice(4)}` },
    ],
    ['a role', undefined, { role: 'Role+=,.@-_x' }, { by: 'role', roleName: 'Role+=,.@-_x' }],
    [
      'a role by its ARN',
      undefined,
      { role: 'arn:aws:iam::111122223333:role/service/web-app' },
      { by: 'role', roleName: 'web-app', arn: 'arn:aws:iam::111122223333:role/service/web-app' },
    ],
    [
      'a role by a session’s ARN',
      undefined,
      { role: 'arn:aws:sts::111122223333:assumed-role/web-app/i-1' },
      { by: 'role', roleName: 'web-app', arn: 'arn:aws:sts::111122223333:assumed-role/web-app/i-1' },
    ],
    ['a user', undefined, { user: 'bob' }, { by: 'user', userName: 'bob' }],
    [
      'a user by its ARN',
      undefined,
      { user: 'arn:aws:iam::111122223333:user/staff/bob' },
      { by: 'user', userName: 'bob', arn: 'arn:aws:iam::111122223333:user/staff/bob' },
    ],
    [
      'a session',
      undefined,
      { session: 'arn:aws:sts::111122223333:assumed-role/web-app/i-1' },
      { by: 'session', arn: 'arn:aws:sts::111122223333:assumed-role/web-app/i-1', roleName: 'web-app', sessionName: 'i-1' },
    ],
    [
      'a role and why it is reported',
      undefined,
      { role: 'web-app', reason: ' EDR alert ' },
      { by: 'role', roleName: 'web-app', reason: 'EDR alert' },
    ],
    ['an instance', undefined, { instanceId: INSTANCE }, { by: 'instance-id', instanceId: INSTANCE }],
    ['an old instance', undefined, { instanceId: 'i-12345678' }, { by: 'instance-id', instanceId: 'i-12345678' }],
  ])('%s', async (_, finding, options, request) => {
    expect(await ask(finding, options)).toEqual(request)
  })

  it('a file, with its text', async () => {
    const path = file('finding.json', DOCUMENT)
    expect(await ask(path)).toEqual({ by: 'file', name: path, text: DOCUMENT })
  })

  it('a file and one of the keys in it', async () => {
    const path = file('finding.json', DOCUMENT)
    expect(await ask(path, { accessKeyId: KEY })).toEqual({ by: 'file', name: path, text: DOCUMENT, accessKeyId: KEY })
  })

  it('standard input', async () => {
    expect(await ask('-', {}, DOCUMENT)).toEqual({ by: 'file', name: 'standard input', text: DOCUMENT })
  })

  it('standard input that comes in pieces, cut within a character', async () => {
    const bytes = Buffer.from(DOCUMENT)
    const cut = bytes.indexOf(Buffer.from('í')) + 1
    const { host } = memoryHost({ input: [bytes.subarray(0, cut), bytes.subarray(cut)] })
    expect(await requestOf('-', {}, host)).toMatchObject({ text: DOCUMENT })
  })
})

describe('what cannot be meant is refused', () => {
  it.each<[finding: string | undefined, options: FindingSelectors, told: RegExp]>([
    [FINDING_ID, { role: 'web-app' }, /more than one/],
    [undefined, { role: 'web-app', instanceId: INSTANCE }, /more than one/],
    [file('a.json', DOCUMENT), { accessKeyId: KEY, role: 'web-app' }, /more than one/],
    [file('b.json', DOCUMENT), { role: 'web-app' }, /more than one/],
    [file('c.json', DOCUMENT), { accessKeyId: 'nonsense' }, /not an access key id/],
    [FINDING_ID.toUpperCase(), {}, /not a finding/],
    [`${FINDING_ID}\n`, {}, /not a finding/],
    ['', {}, /not a finding/],
    [folder, {}, /it is a directory/],
    [join(folder, 'absent'), {}, /no such file/],
    [file('cut.json', DOCUMENT.slice(0, 300)), {}, /cut off/],
    [file('empty.json', ''), {}, /empty/],
    [file('latin.json', Buffer.from('{"City":"Reykjav\xedk"}', 'latin1')), {}, /UTF-8/],
    [undefined, { accessKeyId: '' }, /not an access key id/],
    [undefined, { accessKeyId: KEY.toLowerCase() }, /not an access key id/],
    [undefined, { accessKeyId: KEY.slice(1) }, /not an access key id/],
    [undefined, { accessKeyId: `${KEY}\n` }, /not an access key id/],
    [undefined, { accessKeyId: 'AIDAXCSEC6TNB2WZPQ7LK' }, /unique id of a user/],
    [undefined, { accessKeyId: 'ABIAXCSEC6TNB2WZPQ7L' }, /bearer token/],
    [undefined, { role: '' }, /not a role/],
    [undefined, { role: 'a/b' }, /not a role/],
    [undefined, { role: 'x'.repeat(65) }, /not a role/],
    [undefined, { role: '$(id)' }, /not a role/],
    [undefined, { role: 'web-app\n' }, /not a role/],
    [undefined, { role: 'arn:aws:iam::111122223333:user/alice' }, /not a role/],
    [undefined, { instanceId: INSTANCE.toUpperCase() }, /not an instance id/],
    [undefined, { instanceId: `${INSTANCE}0` }, /not an instance id/],
    [undefined, { instanceId: `${INSTANCE},i-12345678` }, /not an instance id/],
    [undefined, { instanceId: 'mi-0123456789abcdef0' }, /hybrid node/],
  ])('%j %j', async (finding, options, told) => {
    const refusal = await refused(finding, options)
    expect(refusal).toMatchObject({ kind: 'usage' })
    expect(refusal?.message).toMatch(told)
    expect(refusal?.remedy).toBeTruthy()
  })

  it('a secret is not shown again', async () => {
    const secret = `${'wJalrXUtnFEMI/K7MDENG/'}bPxRfiCYEXAMPLEKEY`
    const refusal = await refused(undefined, { accessKeyId: secret })
    expect(refusal?.message).toMatch(/looks like a secret/)
    expect(`${refusal?.message} ${refusal?.remedy}`).not.toContain(secret.slice(0, 10))
  })

  it('more than 32 MB on standard input are refused', async () => {
    const piece = Buffer.alloc(1024 * 1024, ' ')
    const { host } = memoryHost({ input: Array.from({ length: 33 }, () => piece) })
    expect((await refusalOfAsync(requestOf('-', {}, host)))?.message).toMatch(/more than 32 MB/)
  })
})

describe('any input', () => {
  it('is asked of AWS in the form that AWS takes, or refused; nothing else', async () => {
    const options = fc.record(
      {
        accessKeyId: fc.string({ unit: 'binary' }),
        role: fc.string({ unit: 'binary' }),
        instanceId: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const refusal = await refusalOfAsync(
          ask(undefined, given).then((request) => {
            expect(JSON.stringify(request)).toMatch(
              /^\{"by":"(list"|access-key-id","accessKeyId":"(ASIA|AKIA)[A-Z0-9]{16}"|role","roleName":"[\w+=,.@-]{1,64}"|instance-id","instanceId":"i-[0-9a-f]{8,17}")\}$/,
            )
          }),
        )
        expect(refusal === undefined || refusal.kind === 'usage').toBe(true)
      }),
    )
  })
})

describe('a file with findings', () => {
  const other = { ...apiFinding, Id: 'f'.repeat(32) }
  const sample = { ...apiFinding, Title: '[SAMPLE] An API was invoked' }
  const holding = (name: string, ...findings: readonly object[]) => file(name, JSON.stringify({ Findings: findings }))

  it('gives the one that --finding-id names', async () => {
    const request = await ask(holding('two.json', apiFinding, other), { findingId: other.Id })
    expect(request.by === 'file' && JSON.parse(request.text)).toEqual([other])
  })

  it('is refused where it does not hold the one that --finding-id names, and the others are named', async () => {
    const failure = await refused(holding('two.json', apiFinding, other), { findingId: 'a'.repeat(32) })
    expect(failure).toMatchObject({ kind: 'usage', remedy: expect.stringContaining(`${FINDING_ID}, ${other.Id}`) })
  })

  it.each([[undefined], [FINDING_ID]])('is what --finding-id chooses from, and not %s', async (finding) => {
    expect(await refused(finding, { findingId: other.Id })).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('no file was given'),
    })
  })

  it('is refused as blocked where it holds nothing but samples', async () => {
    expect(await refused(holding('samples.json', sample, { ...sample, Id: other.Id }))).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining('this is a SAMPLE finding (the title begins with [SAMPLE])'),
    })
  })

  it.each([
    ['an account id that is none', { AccountId: '1234567891234' }, 'the title begins with [SAMPLE]'],
    ['a time that is none', { CreatedAt: '2025-02-25 20:40:06.765' }, 'the title begins with [SAMPLE]'],
    [
      'neither, and another mark',
      { AccountId: '1', Title: 'x', Service: { AdditionalInfo: { Value: '{"sample":true}' } } },
      'additionalInfo says sample',
    ],
    [
      'neither, and a name of a sample’s',
      { AccountId: '1', Title: 'x', Resource: { AccessKeyDetails: { UserName: 'GeneratedFindingUserName' } } },
      'it holds GeneratedFindingUserName',
    ],
  ])('is refused as a sample also where it cannot be read: %s', async (_, wrong, mark) => {
    expect(await refused(holding('old.json', { ...sample, ...wrong }))).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining(mark),
    })
  })

  it('is not refused as a sample where it only cannot be read', async () => {
    expect(await ask(holding('broken.json', { ...other, AccountId: '1234567891234' }))).toMatchObject({ by: 'file' })
  })

  it('is taken where one of its findings is real', async () => {
    expect(await ask(holding('mixed.json', sample, other))).toMatchObject({ by: 'file' })
  })

  it('says the Region of its findings, where they have the same', async () => {
    const elsewhere = { ...other, Region: 'eu-west-1', Arn: undefined }
    const { Region } = apiFinding
    expect(regionOfFile(await ask(holding('one.json', apiFinding)))).toBe(Region)
    expect(regionOfFile(await ask(holding('two.json', apiFinding, elsewhere)))).toBeUndefined()
    expect(regionOfFile({ by: 'list' })).toBeUndefined()
  })
})
