import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkConfiguredEndpoint } from '../../../src/cli/connection/configured-endpoint.ts'

const LOCAL = 'http://127.0.0.1:4599'
afterEach(() => vi.unstubAllEnvs())

/** The SDK reads the files that the process names. */
const files = (config: string, credentials = ''): void => {
  const folder = mkdtempSync(join(tmpdir(), 'ir-cred-'))
  writeFileSync(join(folder, 'config'), config)
  writeFileSync(join(folder, 'credentials'), credentials)
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
}

const check = (env: Record<string, string> = {}, request = {}) => checkConfiguredEndpoint(env, request)

const OF_PROFILE = `[profile acme]\nendpoint_url = ${LOCAL}\n[profile chained]\nsource_profile = acme\n`
const OF_SERVICES = `[default]\nservices = local\n[services local]\ndynamodb =\n  region = x\niam =\n  endpoint_url = ${LOCAL}\n`

describe('an endpoint in the files of AWS’s tools', () => {
  it.each<[string, string, string, Record<string, string>, object, string]>([
    ['of the default profile', `[default]\nendpoint_url = ${LOCAL}\n`, '', {}, {}, 'profile "default"'],
    ['of the profile in AWS_PROFILE', OF_PROFILE, '', { AWS_PROFILE: 'acme' }, {}, 'profile "acme"'],
    ['of the profile that was named', OF_PROFILE, '', {}, { profile: 'acme' }, 'profile "acme"'],
    ['of Detective’s profile', OF_PROFILE, '', {}, { detectiveProfile: 'acme' }, 'profile "acme"'],
    ['of a source profile', OF_PROFILE, '', {}, { profile: 'chained' }, 'profile "acme"'],
    ['of a services section', OF_SERVICES, '', {}, {}, 'services section "local" of profile "default"'],
    ['in the credentials file', '', `[default]\nendpoint_url = ${LOCAL}\n`, {}, {}, 'profile "default"'],
  ])('%s has to be given on the command line', async (_, config, credentials, env, request, where) => {
    files(config, credentials)
    await expect(check(env, request)).rejects.toMatchObject({
      kind: 'usage',
      what: `an endpoint is set for AWS in ${where} (${LOCAL})`,
      remedy: expect.stringContaining(`--endpoint-url ${LOCAL}`),
    })
    await expect(check(env, { ...request, endpointUrl: LOCAL })).resolves.toBeUndefined()
    await expect(check({ ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, request)).resolves.toBeUndefined()
  })

  it.each([
    ['of a profile that is not used', OF_PROFILE],
    ['that is empty', '[default]\nendpoint_url =\n'],
    ['that the profile ignores', `[default]\nendpoint_url = ${LOCAL}\nignore_configured_endpoint_urls = true\n`],
  ])('%s is none, as for the SDK', async (_, config) => {
    files(config)
    await expect(check()).resolves.toBeUndefined()
  })

  it('a services section that is not there is named, and not a fault of the program', async () => {
    files('[default]\nservices = gone\n')
    await expect(check()).rejects.toMatchObject({ kind: 'usage', what: expect.stringContaining('services section "gone"') })
  })
})
