import { chmod, lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createIncident, incidentId, openIncident, rootWith, stateRoot } from '../../src/journal/directory.ts'
import { faultyDisk } from './faulty-disk.ts'
import { failureOf } from './refusal.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

const modeOf = async (path: string): Promise<number> => (await lstat(path)).mode & 0o777

describe('the state root', () => {
  it.each([
    [{ XDG_STATE_HOME: '/state', HOME: '/home/ada' }, undefined, '/state/ir-cred'],
    [{ HOME: '/home/ada' }, undefined, '/home/ada/.local/state/ir-cred'],
    [{ XDG_STATE_HOME: '', HOME: '/home/ada' }, undefined, '/home/ada/.local/state/ir-cred'],
    [{ XDG_STATE_HOME: 'relative', HOME: '/home/ada' }, undefined, '/home/ada/.local/state/ir-cred'],
    [{ XDG_STATE_HOME: '/state', HOME: '/home/ada' }, '/cases/', '/cases'],
    [{}, '/cases/2026/../now', '/cases/now'],
  ])('the state root for %j and --state-dir %s is %s', (environment, stateDir, root) => {
    expect(stateRoot(environment, stateDir)).toBe(root)
  })

  it.each([{}, { HOME: '' }, { HOME: 'ada', XDG_STATE_HOME: 'state' }])(
    'the state root for %j has to be named',
    (environment) => {
      expect(() => stateRoot(environment)).toThrow(
        expect.objectContaining({ kind: 'blocked', remedy: expect.stringContaining('--state-dir') }),
      )
    },
  )

  it('is never the working directory because of an empty --state-dir', () => {
    expect(() => stateRoot({ HOME: '/home/ada' }, '')).toThrow(expect.objectContaining({ kind: 'usage' }))
  })
})

describe('an incident id', () => {
  it.each(['a', '0', 'stolen-key-2026-03-04', 'a'.repeat(40)])('%s is one', (text) => {
    expect(incidentId(text)).toBe(text)
  })

  it.each([
    '',
    '../x',
    '../../x',
    '.',
    'CON',
    'con',
    'nul',
    'com1',
    'drills',
    'a:b',
    'a/b',
    'a b',
    '-a',
    '🔥',
    'ok\n',
    'ａ',
    'a'.repeat(41),
  ])('%j is none', (text) => {
    expect(() => incidentId(text)).toThrow(
      expect.objectContaining({ kind: 'usage', what: expect.stringContaining("is not an incident's id") }),
    )
  })

  it('an incident id of 300 characters is refused without repeating all of them', () => {
    expect(() => incidentId('x'.repeat(300))).toThrow(/^"x{40}" … \(300 characters\) is not/)
  })
})

describe('an incident’s directory', () => {
  it('is made with everything above it, for its owner only', async () => {
    const root = join(await temporaryDirectory(), 'state', 'ir-cred')
    const { path, notes } = await createIncident(root, 'theft', ownUid)
    expect(path).toBe(join(root, 'theft'))
    expect(notes).toEqual([])
    if (ownUid !== undefined) expect([await modeOf(root), await modeOf(path)]).toEqual([0o700, 0o700])
  })

  it('has a name that is on the disk, as have those above it', async () => {
    const base = await temporaryDirectory()
    const synced: (string | undefined)[] = []
    const disk = faultyDisk({ before: (_, path) => void synced.push(path) })
    await createIncident(join(base, 'state', 'ir-cred'), 'theft', ownUid, disk)
    expect(synced).toEqual([base, join(base, 'state'), join(base, 'state', 'ir-cred')])
  })

  it('is opened again as it is', async () => {
    const root = await temporaryDirectory()
    await createIncident(root, 'theft', ownUid)
    expect(await createIncident(root, 'theft', ownUid)).toEqual(await openIncident(root, 'theft', ownUid))
  })

  it('a directory that does not exist is a mistake in the command, not on the disk', async () => {
    const root = await temporaryDirectory()
    expect(await failureOf(openIncident(root, 'theft', ownUid))).toMatchObject({
      kind: 'usage',
      why: `${join(root, 'theft')} does not exist`,
    })
  })

  it('is refused under a file', async () => {
    const root = join(await temporaryDirectory(), 'file')
    await writeFile(root, '')
    expect(await failureOf(createIncident(join(root, 'state'), 'theft', ownUid))).toMatchObject({ kind: 'blocked' })
    expect(await failureOf(openIncident(await rootWithFile('theft'), 'theft', ownUid))).toMatchObject({
      why: 'it is not a directory',
    })
  })
})

describe.runIf(ownUid !== undefined)('a directory that others could tamper with is refused', () => {
  it('a symbolic link as state root or as incident is refused', async () => {
    const base = await temporaryDirectory()
    await createIncident(join(base, 'real'), 'theft', ownUid)
    await symlink(join(base, 'real'), join(base, 'linked'))
    await symlink(join(base, 'real', 'theft'), join(base, 'real', 'alias'))
    for (const opening of [
      openIncident(join(base, 'linked'), 'theft', ownUid),
      openIncident(join(base, 'real'), 'alias', ownUid),
    ])
      expect(await failureOf(opening)).toMatchObject({ kind: 'blocked', why: 'it is a symbolic link' })
    expect(await failureOf(createIncident(join(base, 'linked'), 'new', ownUid))).toMatchObject({ kind: 'blocked' })
  })

  it('a directory of another owner is refused', async () => {
    const root = await temporaryDirectory()
    const failure = await failureOf(createIncident(root, 'theft', (ownUid ?? 0) + 1))
    expect(failure).toMatchObject({ kind: 'blocked', why: expect.stringContaining(`belongs to user id ${ownUid}`) })
  })

  it.each([0o770, 0o702, 0o777])('a directory of mode %o is refused', async (mode) => {
    const root = await temporaryDirectory()
    await createIncident(root, 'theft', ownUid)
    await chmod(root, mode)
    expect(await failureOf(openIncident(root, 'theft', ownUid))).toMatchObject({
      kind: 'blocked',
      why: 'other users can write to it',
      remedy: `Run: chmod go-w '${root}'`,
    })
  })
})

describe.runIf(ownUid !== undefined)('modes that a backup tool left', () => {
  it('are mended, with a note each', async () => {
    const root = await temporaryDirectory()
    const { path } = await createIncident(root, 'theft', ownUid)
    await mkdir(join(path, 'evidence'))
    await writeFile(join(path, 'journal.ndjson'), '')
    await writeFile(join(path, 'evidence', '1-role.json'), '{}')
    for (const [name, mode] of [
      ['.', 0o755],
      ['journal.ndjson', 0o644],
      ['evidence', 0o755],
      ['evidence/1-role.json', 0o664],
    ] as const)
      await chmod(join(path, name), mode)
    const { notes } = await openIncident(root, 'theft', ownUid)
    expect(notes).toHaveLength(4)
    expect(notes[1]).toMatch(/evidence \(mode 755\)\. Its mode is now 700\.$/)
    for (const [name, mode] of [
      ['.', 0o700],
      ['journal.ndjson', 0o600],
      ['evidence', 0o700],
      ['evidence/1-role.json', 0o600],
    ] as const)
      expect(await modeOf(join(path, name))).toBe(mode)
    expect((await openIncident(root, 'theft', ownUid)).notes).toEqual([])
  })

  it('modes of the state root, which may be shared on purpose, are only reported', async () => {
    const root = await temporaryDirectory()
    await createIncident(root, 'theft', ownUid)
    await chmod(root, 0o755)
    expect((await openIncident(root, 'theft', ownUid)).notes).toEqual([expect.stringContaining(`chmod 700 '${root}'`)])
    expect(await modeOf(root)).toBe(0o755)
  })
})

const rootWithFile = async (name: string): Promise<string> => {
  const root = await temporaryDirectory()
  await writeFile(join(root, name), '')
  return root
}

describe('the root of an incident', () => {
  it('is the state root, or the drills in it when only they have it', async () => {
    const root = await temporaryDirectory()
    await createIncident(join(root, 'drills'), 'drilled', ownUid)
    expect(await rootWith(root, 'drilled')).toBe(join(root, 'drills'))
    expect(await rootWith(root, 'nowhere')).toBe(root)
    await createIncident(root, 'drilled', ownUid)
    expect(await rootWith(root, 'drilled')).toBe(root)
  })
})
