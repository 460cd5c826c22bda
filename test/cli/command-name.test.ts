import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandNameOf, withCommandName } from '../../src/cli/command-name.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'

const SCRIPT = '/srv/ir-cred/bin/ir-cred.js'

interface Machine {
  readonly script?: string
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** Links, each with the file that it leads to. */
  readonly links?: Readonly<Record<string, string>>
}

const named = ({ script = SCRIPT, cwd = '/srv/ir-cred', env = {}, links = {} }: Machine): string =>
  commandNameOf({
    ...{ script, cwd, env },
    realPath: (path) => links[path] ?? (path === SCRIPT ? path : undefined),
  })

describe('how ir-cred is started again', () => {
  it.each<[what: string, Machine, name: string]>([
    ['npx or npm exec started it', { env: { npm_command: 'exec', PATH: '/usr/bin' } }, 'npx ir-cred'],
    [
      'the PATH leads to this very file',
      { script: '/usr/bin/ir-cred', env: { PATH: '/bin:/usr/bin' }, links: { '/usr/bin/ir-cred': SCRIPT } },
      'ir-cred',
    ],
    [
      'Node was given the file that the PATH leads to',
      { env: { PATH: '/usr/bin' }, links: { '/usr/bin/ir-cred': SCRIPT } },
      'ir-cred',
    ],
    [
      'the PATH leads to another ir-cred',
      { env: { PATH: '/usr/bin' }, links: { '/usr/bin/ir-cred': '/opt/ir-cred/bin/ir-cred.js' } },
      'node bin/ir-cred.js',
    ],
    [
      'the PATH leads to another ir-cred first',
      {
        env: { PATH: '/opt/bin:/usr/bin' },
        links: { '/opt/bin/ir-cred': '/opt/ir-cred/bin/ir-cred.js', '/usr/bin/ir-cred': SCRIPT },
      },
      'node bin/ir-cred.js',
    ],
    ['Node started it below the working directory', {}, 'node bin/ir-cred.js'],
    ['Node started it in its own directory', { cwd: '/srv/ir-cred/bin' }, 'node ir-cred.js'],
    ['Node started it from elsewhere', { cwd: '/home/alice' }, `node ${SCRIPT}`],
    ['Node started it from beside', { cwd: '/srv/ir-cred/src' }, `node ${SCRIPT}`],
    ['its path has a space', { script: '/srv/my tools/bin/ir-cred.js', cwd: '/' }, "node 'srv/my tools/bin/ir-cred.js'"],
    [
      'a script of npm started it: only npm has this folder on the PATH',
      {
        script: '/srv/app/node_modules/.bin/ir-cred',
        cwd: '/srv/app',
        env: { npm_command: 'run-script', PATH: '/srv/app/node_modules/.bin:/usr/bin' },
        links: { '/srv/app/node_modules/.bin/ir-cred': SCRIPT },
      },
      'node node_modules/.bin/ir-cred',
    ],
  ])('the command name is right when %s', (_, machine, name) => {
    expect(named(machine)).toBe(name)
  })
})

describe('a command in a text', () => {
  const NPX = 'npx ir-cred'

  it('is printed as it works here, wherever the text stands', () => {
    const event = { type: 'blocked', remedy: 'run `ir-cred policy`, or `ir-cred doctor`', blocks: [['see `ir-cred report x`']] }
    expect(withCommandName(event, NPX)).toEqual({
      type: 'blocked',
      remedy: 'run `npx ir-cred policy`, or `npx ir-cred doctor`',
      blocks: [['see `npx ir-cred report x`']],
    })
  })

  it('is left as it is where ir-cred is on the PATH', () => {
    const event = { remedy: 'run `ir-cred policy`' }
    expect(withCommandName(event, 'ir-cred')).toBe(event)
  })

  it.each(['ir-cred reads log files', 'ir-cred policy', '`aws ir-cred`', '`ir-cred`'])(
    'is not what only looks like it: %s',
    (text) => {
      expect(withCommandName(text, NPX)).toBe(text)
    },
  )

  it('is no part of untrusted text', () => {
    const line = ['user agent ', untrusted('`ir-cred policy`')]
    expect(withCommandName(line, NPX)).toEqual(line)
  })

  it('is replaced once, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = withCommandName(value, NPX)
        expect(withCommandName(once, NPX)).toEqual(once)
        expect(JSON.stringify(once).replaceAll('`npx ir-cred ', '`ir-cred ')).toBe(JSON.stringify(value))
      }),
    )
  })
})
