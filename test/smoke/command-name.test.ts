import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyHomes } from '../support/homes.ts'

const home = emptyHomes()
const NODE = dirname(process.execPath)
const BIN = join(process.cwd(), 'bin/ir-cred.js')

interface Started {
  readonly code: number | null
  readonly stderr: string
}

/** Runs a command line as a shell does. */
const shell = (line: string, cwd: string, env: Record<string, string>): Promise<Started> =>
  new Promise((resolve) => {
    const child = execFile('sh', ['-c', line], { cwd, env: { HOME: home(), ...env } }, (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    )
  })

/** The command that a refusal names. */
const printed = ({ stderr }: Started): string => /`([^`]+ incidents)`/.exec(stderr)?.[1] ?? ''

describe.concurrent('a command that ir-cred prints works as printed where it was started', {
  skip: process.platform === 'win32',
}, () => {
  const report = 'report web-app-1125-7f3a'

  it('a printed command works when ir-cred is on the PATH', async () => {
    const folder = home()
    symlinkSync(BIN, join(folder, 'ir-cred'))
    const env = { PATH: `${folder}:${NODE}:/usr/bin:/bin` }
    const refused = await shell(`ir-cred ${report}`, home(), env)
    expect(printed(refused)).toBe('ir-cred incidents')
    expect(await shell(printed(refused), home(), env)).toEqual({ code: 0, stderr: '' })
  })

  it('a printed command works when node runs ir-cred from the checkout', async () => {
    const env = { PATH: `${NODE}:/usr/bin:/bin` }
    const refused = await shell(`node bin/ir-cred.js ${report}`, process.cwd(), env)
    expect(printed(refused)).toBe('node bin/ir-cred.js incidents')
    expect(await shell(printed(refused), process.cwd(), env)).toEqual({ code: 0, stderr: '' })
  })

  it('a printed command works when node runs ir-cred from elsewhere', async () => {
    const env = { PATH: `${NODE}:/usr/bin:/bin` }
    const refused = await shell(`node ${BIN} ${report}`, home(), env)
    expect(printed(refused)).toBe(`node ${BIN} incidents`)
    expect(await shell(printed(refused), home(), env)).toEqual({ code: 0, stderr: '' })
  })

  it('a printed command works when npx runs the installed package', async () => {
    const project = home()
    mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
    symlinkSync(process.cwd(), join(project, 'node_modules/ir-cred'))
    symlinkSync('../ir-cred/bin/ir-cred.js', join(project, 'node_modules/.bin/ir-cred'))
    const env = { PATH: `${NODE}:/usr/bin:/bin`, npm_config_offline: 'true', npm_config_update_notifier: 'false' }
    const refused = await shell(`npx --no-install ir-cred ${report}`, project, env)
    expect(printed(refused)).toBe('npx ir-cred incidents')
    expect((await shell(printed(refused), project, env)).code).toBe(0)
  })
})
