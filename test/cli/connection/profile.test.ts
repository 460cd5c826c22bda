import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { checkProfile } from '../../../src/cli/connection/profile.ts'

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'ir-cred-'))
  writeFileSync(
    join(folder, 'config'),
    '[default]\nregion = eu-west-1\n[profile acme]\nregion = eu-west-1\n[sso-session login]\n',
  )
  writeFileSync(join(folder, 'credentials'), '[security]\naws_access_key_id = AKIAEXAMPLEEXAMPLE00\n')
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
})
afterAll(() => vi.unstubAllEnvs())

describe('a profile that was named', () => {
  it.each([undefined, 'default', 'acme', 'security'])('%s is looked for in both files', async (name) => {
    await expect(checkProfile(name)).resolves.toBeUndefined()
  })

  it.each(['nobody', '', 'login', '__proto__', 'a\u001b[2Jb'])(
    '%j is refused, and those that are there are named',
    async (name) => {
      await expect(checkProfile(name)).rejects.toMatchObject({
        kind: 'identity',
        what: expect.stringMatching(/^there is no profile "[ -~]*"$/),
        remedy: 'name one that is there: "default", "acme", "security"',
      })
    },
  )
})
