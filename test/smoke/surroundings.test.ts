import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endedOf, IR_CRED } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import type { Ran } from '../support/run-bin.ts'
import { type ServedAccount, serveAccount } from '../support/served-account.ts'
import { ranBin } from '../support/start-bin.ts'

const home = emptyHomes()
let account: ServedAccount

beforeAll(async () => {
  account = await serveAccount(home())
})

afterAll(async () => {
  // Whatever was wrong was seen before anything was changed.
  if (account) expect((await account.stop()).ended.writes).toBe(0)
})

const OWN = 'http://127.0.0.1:1'

interface Wrong {
  readonly args?: readonly string[]
  /** Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const present = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

/** Responds as the account's responder, with everything approved, and something wrong. */
const respond = ({ args, env = {} }: Wrong): Promise<Ran> =>
  ranBin(['respond', account.findingId, '--yes', '--no-input', ...(args ?? ['--endpoint-url', account.endpoint])], {
    env: present({ ...account.responderAt(home()), AWS_EC2_METADATA_DISABLED: 'true', ...env }),
  })

const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined }

describe.concurrent('what is wrong around a response ends it, before a change, with the reason and what to do', () => {
  it.each<[what: string, wrong: Wrong, code: number, told: RegExp]>([
    [
      'an endpoint that only the environment names',
      { args: [], env: { AWS_ENDPOINT_URL: OWN } },
      2,
      /AWS_ENDPOINT_URL is set.*\n → confirm it with --endpoint-url http:\/\/127\.0\.0\.1:1, or unset/,
    ],
    ['an endpoint of one service', { args: [], env: { AWS_ENDPOINT_URL_IAM: OWN } }, 2, /AWS_ENDPOINT_URL_IAM is set/],
    ['an endpoint that is no URL', { args: ['--endpoint-url', '127.0.0.1:4599'] }, 2, /is not a URL\n → write it as http:/],
    [
      'certificate checks switched off',
      { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
      2,
      /switches certificate checks off.*\n → unset it/,
    ],
    ['no Region', { env: { AWS_REGION: undefined } }, 2, /no Region is set\n → name one with --region/],
    [
      'a secret that does not belong to the key',
      { env: { AWS_SECRET_ACCESS_KEY: 'wrong' } },
      4,
      /secret access key does not belong to the access key id.*\n → set both again/,
    ],
    ['a session token of somebody else', { env: { AWS_SESSION_TOKEN: 'wrong' } }, 4, /InvalidClientTokenId.*\n → sign in again/],
    ['a key that AWS does not know', { env: { AWS_ACCESS_KEY_ID: 'ASIA0000000000000000' } }, 4, /InvalidClientTokenId/],
    ['no credentials', { env: NO_CREDENTIALS }, 4, /could not get credentials.*\n → sign in again/],
    [
      'a profile that does not exist',
      { args: ['--profile', 'acme'], env: NO_CREDENTIALS },
      4,
      /there is no profile "acme": neither the config.*\n → .*aws configure.*\nnext: .* --profile acme\n/,
    ],
    ['nobody at the endpoint', { args: ['--endpoint-url', OWN] }, 7, /ECONNREFUSED.*\n → check the network, proxy and endpoint/],
    [
      'a host without a name',
      { args: ['--endpoint-url', 'http://aws.invalid'] },
      7,
      /\n → check the network, proxy and endpoint/,
    ],
    ['no home', { env: { HOME: undefined } }, 5, /no directory for the journal.*\n → .*--state-dir/],
  ])('%s', async (_, wrong, code, told) => {
    const ran = await respond(wrong)
    expect(ran.stderr).toMatch(told)
    expect(ran.stderr).not.toMatch(/^ +at |bug/m)
    expect(ran.code).toBe(code)
  })

  it.each([
    ['a key that AWS does not know', 4],
    ['nobody at the endpoint', 7],
  ])('%s: the command to go on with is the same once more', async (what, code) => {
    const endpoint = code === 7 ? OWN : account.endpoint
    const ran = await respond({
      args: ['--json', '--region', 'us-east-1', '--endpoint-url', endpoint],
      env: what.startsWith('a key') ? { AWS_ACCESS_KEY_ID: 'ASIA0000000000000000' } : {},
    })
    const next = `${IR_CRED} respond ${account.findingId} --region us-east-1 --endpoint-url ${endpoint}`
    expect(ran.stderr).toContain(`\nnext: ${next}\nexit ${code}\n`)
    expect(endedOf(ran)).toMatchObject({ ending: 'failed', exitCode: code, incident: '', writes: 0, continueWith: next })
  })
})

describe.concurrent('a place for the journal that is not safe or not there', () => {
  const refused = async (stateDir: string, told: RegExp): Promise<void> => {
    const ran = await respond({ args: ['--endpoint-url', account.endpoint, '--state-dir', stateDir] })
    expect(ran.stderr).toMatch(told)
    expect(ran.code).toBe(5)
  }

  it('a symbolic link', async () => {
    const folder = home()
    symlinkSync(folder, `${folder}-link`)
    await refused(`${folder}-link`, /is not safe to use: it is a symbolic link\n → .*--state-dir/)
  })

  it('a directory that others can write to', async () => {
    const folder = join(home(), 'open')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    await refused(folder, /other users can write to it\n → Run: chmod go-w '.*open'/)
  })

  it('a file', async () => {
    const file = join(home(), 'file')
    writeFileSync(file, '')
    await refused(file, /not a directory.*\n → /)
  })

  it.skipIf(process.getuid?.() === 0)('a directory that cannot be written to (root can write everywhere)', async () => {
    const folder = join(home(), 'fixed')
    mkdirSync(folder, { mode: 0o555 })
    await refused(join(folder, 'below'), /permission is denied.*\n → .*--state-dir/)
  })
})
