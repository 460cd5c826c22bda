import { execFileSync } from 'node:child_process'
import { chmod, chown, link, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createIncident } from '../../src/journal/directory.ts'
import { realDisk, replaceFile } from '../../src/journal/disk.ts'
import { checkIncidentFiles, checkOwnFolder, isGroupOfOne, type PathFacts, type PathLook } from '../../src/journal/path-trust.ts'
import { listIncidents, readJournal, refuseRemains } from '../../src/journal/read.ts'
import { ID, newRoot, open, withEntries } from './journals.ts'
import { failureOf } from './refusal.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

const ME = 1000
const STATE = '/home/ada/state'
const option = '--state-dir <directory>'

const own = (parts: Partial<PathFacts> = {}): PathFacts => ({
  kind: 'directory',
  uid: ME,
  gid: ME,
  mode: 0o755,
  links: 2,
  ...parts,
})
const system: PathFacts = own({ uid: 0, gid: 0 })

/** A disk with these names, besides those that every disk has. */
const lookAt = (
  names: Readonly<Record<string, PathFacts & { readonly target?: string }>>,
  privateGroups: readonly number[] = [],
): PathLook => {
  const all: Readonly<Record<string, PathFacts>> = {
    '/': system,
    '/home': system,
    '/home/ada': own(),
    [STATE]: own({ mode: 0o700 }),
    ...names,
  }
  return {
    facts: async (path) => all[path],
    target: async (path) => names[path]?.target ?? '',
    isPrivateGroup: async (gid) => privateGroups.includes(gid),
  }
}

const refusal = (look: PathLook, path = STATE) =>
  checkOwnFolder(path, { uid: ME, option, look }).then(
    () => undefined,
    ({ kind, why }) => ({ kind, why }),
  )

describe('the way to a state directory', () => {
  it.each<[string, Parameters<typeof lookAt>[0], string?]>([
    ['of the user and the system', {}],
    ['that does not exist yet', {}, '/home/ada/new/state'],
    ['below a sticky directory', { '/tmp': { ...system, mode: 0o1777 }, '/tmp/state': own({ mode: 0o700 }) }, '/tmp/state'],
    ['through a link of the user', { '/link': { ...own(), kind: 'link', target: 'home/ada' } }, '/link/state'],
    ['through a link of the system', { '/link': { ...system, kind: 'link', target: '/home/../home/ada' } }, '/link/state'],
  ])('%s is safe', async (_, names, path) => {
    expect(await refusal(lookAt(names), path)).toBeUndefined()
  })

  it.each<[string, Parameters<typeof lookAt>[0], RegExp, string?]>([
    ['that others can write to', { [STATE]: own({ mode: 0o777 }) }, /^other users can write/],
    ['that others can write to, sticky', { [STATE]: own({ mode: 0o1777 }) }, /^other users can write/],
    ['of somebody else', { [STATE]: own({ uid: 1001 }) }, /belongs to user id 1001/],
    ['of root', { [STATE]: system }, /belongs to user id 0, not to you/],
    ['below a directory that others can write to', { '/home/ada': own({ mode: 0o777 }) }, /^\/home\/ada: other users can write/],
    [
      'below one that a group can write to',
      { '/home/ada': own({ mode: 0o775, gid: 100 }) },
      /^\/home\/ada: other users can write/,
    ],
    ['below one of somebody else', { '/home/ada': own({ uid: 1001 }) }, /^\/home\/ada: it belongs to user id 1001/],
    [
      'through a link of somebody else',
      { '/link': { ...own({ uid: 1001 }), kind: 'link', target: '/home/ada' } },
      /^\/link: it belongs/,
      '/link/state',
    ],
    [
      'through a link to somebody else’s directory',
      { '/link': { ...own(), kind: 'link', target: '/other' }, '/other': own({ uid: 1001 }) },
      /^\/other: it belongs/,
      '/link/state',
    ],
    ['through links in a circle', { '/link': { ...own(), kind: 'link', target: '/link' } }, /circle/, '/link/state'],
    [
      'that would be made where others can write',
      { '/open': { ...system, mode: 0o777 } },
      /^\/open: other users/,
      '/open/new/state',
    ],
  ])('%s is refused', async (_, names, why, path) => {
    expect(await refusal(lookAt(names), path)).toEqual({ kind: 'blocked', why: expect.stringMatching(why) })
  })

  it('may be open to a group that has no member but the user', async () => {
    expect(await refusal(lookAt({ '/home/ada': own({ mode: 0o775 }) }, [ME]))).toBeUndefined()
  })

  it('belongs to the system where root has another number, as in a user namespace', async () => {
    const nobody = { ...system, uid: 65534 }
    expect(await refusal(lookAt({ '/': nobody, '/home': nobody }))).toBeUndefined()
  })

  it.each([
    [['ada:x:1000:'], ['ada:x:1000:1000::/home/ada:/bin/sh'], true],
    [['ada:x:1000:ada'], ['ada:x:1000:1000::/home/ada:/bin/sh'], true],
    [['ada:x:1000:bob'], ['ada:x:1000:1000::/home/ada:/bin/sh'], false],
    [['users:x:1000:'], ['ada:x:1000:1000:::', 'bob:x:1001:1000:::'], false],
    [[], ['ada:x:1000:1000:::'], false],
    [['ada:x:1000:'], [], false],
  ])('a group is private by %j and %j: %s', (groups, users, is) => {
    expect(isGroupOfOne(ME, ME, groups, users)).toBe(is)
  })
})

const pipe = (path: string): void => void execFileSync('mkfifo', [path])

/** What somebody can put into an incident's directory, and why it is refused. */
const PLANTED: readonly (readonly [string, (directory: string) => Promise<unknown>, RegExp])[] = [
  ['a journal that is a link', async (at) => swapForLink(join(at, 'journal.ndjson')), /symbolic link/],
  ['a journal that is a pipe', async (at) => rm(join(at, 'journal.ndjson')).then(() => pipe(join(at, 'journal.ndjson'))), /pipe/],
  ['a journal with a second name', (at) => link(join(at, 'journal.ndjson'), `${at}-copy`), /hard link/],
  ['a journal that others can write to', (at) => chmod(join(at, 'journal.ndjson'), 0o666), /other users can write/],
  ['a lock that is a link', (at) => symlink('/etc/hostname', join(at, 'lock')), /symbolic link/],
  ['a lock that is a pipe', async (at) => pipe(join(at, 'lock')), /pipe/],
  ['a report that is a link', (at) => symlink('/etc/hostname', join(at, 'report.md')), /symbolic link/],
  ['evidence that is a link', (at) => symlink('/etc', join(at, 'evidence')), /symbolic link/],
  ['evidence that is a file', (at) => writeFile(join(at, 'evidence'), ''), /not a directory/],
  [
    'evidence that others can write to',
    async (at) => mkdir(join(at, 'evidence')).then(() => chmod(join(at, 'evidence'), 0o777)),
    /other users/,
  ],
  [
    'a link in the evidence',
    async (at) => mkdir(join(at, 'evidence')).then(() => symlink('/etc/hostname', join(at, 'evidence', '1-a.json'))),
    /symbolic link/,
  ],
  ['a directory that others can write to', (at) => chmod(at, 0o777), /other users can write/],
]

const swapForLink = async (path: string): Promise<void> => {
  await rename(path, `${path}-elsewhere`)
  await symlink(`${path}-elsewhere`, path)
}

describe.runIf(ownUid !== undefined)('what somebody put into an incident’s directory', () => {
  it.each(PLANTED)('%s is not believed, not written to, and harms no other incident', async (_, plant, why) => {
    const root = await withEntries()
    await plant(join(root, ID))
    for (const work of [() => readJournal(root, ID), () => open(root), () => createIncident(root, ID, ownUid)])
      expect(await failureOf(work())).toMatchObject({ kind: 'blocked', why: expect.stringMatching(why) })
    const whole = await withEntries()
    await rename(join(whole, ID), join(root, 'whole'))
    const listed = await listIncidents(root)
    expect(listed.map(({ id, damage }) => [id, damage !== undefined])).toEqual([
      [ID, true],
      ['whole', true],
    ])
    expect(listed[0]?.damage).toMatch(why)
    expect(listed[1]?.damage).toMatch(/comes from the journal of another incident/)
  })

  it.runIf(ownUid === 0)('a file of somebody else is not believed', async () => {
    const root = await withEntries()
    await chown(join(root, ID, 'journal.ndjson'), 12345, 12345)
    expect(await failureOf(readJournal(root, ID))).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining('user id 12345'),
    })
  })

  it('a file of somebody else is not believed, by the facts of the disk', async () => {
    const root = await withEntries()
    const look: PathLook = { ...lookAt({}), facts: async () => own({ kind: 'file', uid: 1001, links: 1 }) }
    expect(await failureOf(checkIncidentFiles({ path: join(root, ID), evidence: true }, { uid: ME, look }))).toMatchObject({
      why: 'it belongs to user id 1001, not to you (1000)',
    })
  })

  it('a journal of gigabytes is refused without being read', async () => {
    const root = await withEntries()
    await truncate(join(root, ID, 'journal.ndjson'), 2 ** 36)
    expect(await failureOf(readJournal(root, ID))).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining('larger than any'),
    })
    expect(await failureOf(open(root))).toMatchObject({ kind: 'blocked' })
  })

  it('a journal that is gone beside its evidence is not begun anew', async () => {
    const root = await withEntries()
    await mkdir(join(root, ID, 'evidence'))
    await writeFile(join(root, ID, 'evidence', '1-finding.json'), '{}')
    await rm(join(root, ID, 'journal.ndjson'))
    for (const work of [() => readJournal(root, ID), () => refuseRemains(join(root, ID))])
      expect(await failureOf(work())).toMatchObject({
        kind: 'blocked',
        what: expect.stringContaining('is missing'),
      })
    expect((await listIncidents(root)).map(({ damage }) => damage)).toEqual([expect.stringContaining('is missing')])
  })

  it('nothing is made below a directory that others can write to', async () => {
    const base = await temporaryDirectory()
    await mkdir(join(base, 'open'))
    await chmod(join(base, 'open'), 0o777)
    expect(await failureOf(createIncident(join(base, 'open', 'state'), 'theft', ownUid))).toMatchObject({
      kind: 'blocked',
      remedy: expect.stringContaining(`chmod go-w ${join(base, 'open')}`),
    })
    expect(await failureOf(readFile(join(base, 'open', 'state')))).toMatchObject({ code: 'ENOENT' })
    expect(await failureOf(listIncidents(join(base, 'open')))).toMatchObject({ kind: 'blocked' })
  })
})

describe('a file that is put in the place of another', () => {
  it('replaces a link and leaves alone what it leads to', async () => {
    const root = await newRoot()
    const path = join(root, 'report.md')
    await writeFile(join(root, 'precious'), 'precious')
    await symlink(join(root, 'precious'), path)
    await replaceFile(realDisk, path, Buffer.from('report'))
    expect([await readFile(path, 'utf8'), await readFile(join(root, 'precious'), 'utf8')]).toEqual(['report', 'precious'])
  })
})
