import { link, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/journal/chain.ts'
import { evidenceStore, verifyEvidence } from '../../src/journal/evidence.ts'
import { type Faults, faultyDisk } from './faulty-disk.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

const filesIn = async (directory: string): Promise<string[]> => (await readdir(join(directory, 'evidence'))).sort()

describe('kept evidence', () => {
  it('has a number, a safe name, its size and its hash', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    const ref = await store.keep('GetRole web-app.json', '{"Role":{}}')
    expect(ref).toEqual({ file: 'evidence/1-getrole-web-app.json', sha256: sha256('{"Role":{}}'), bytes: 11 })
    expect((await store.keep('console output', Buffer.from([0, 255]))).file).toBe('evidence/2-console-output.txt')
    expect(await readFile(join(directory, ref.file), 'utf8')).toBe('{"Role":{}}')
    if (ownUid !== undefined) {
      expect((await lstat(join(directory, ref.file))).mode & 0o777).toBe(0o600)
      expect((await lstat(join(directory, 'evidence'))).mode & 0o777).toBe(0o700)
    }
  })

  it('is kept once when the content is the same, also at once and in a later run', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    const refs = await Promise.all([store.keep('a', 'same'), store.keep('b', 'same'), store.keep('c', 'other')])
    refs.push(await evidenceStore(directory).keep('d', 'same'))
    expect(refs.map(({ file }) => file)).toEqual(['evidence/1-a.txt', 'evidence/1-a.txt', 'evidence/2-c.txt', 'evidence/1-a.txt'])
    expect(await filesIn(directory)).toEqual(['1-a.txt', '2-c.txt'])
  })

  it('never overwrites: numbers go on from what is there, even if part of it was removed', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    for (const content of ['one', 'two', 'three']) await store.keep('answer', content)
    await rm(join(directory, 'evidence', '2-answer.txt'))
    expect((await evidenceStore(directory).keep('answer', 'four')).file).toBe('evidence/4-answer.txt')
    await writeFile(join(directory, 'evidence', '4-answer.txt'), 'kept by somebody else')
    await expect(store.keep('answer', 'five')).rejects.toMatchObject({ kind: 'blocked', why: expect.stringContaining('EEXIST') })
    expect(await readFile(join(directory, 'evidence', '4-answer.txt'), 'utf8')).toBe('kept by somebody else')
  })

  it('has a name of allowed characters, whatever the hint', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    let n = 0
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (hint) => {
        n += 1
        expect((await store.keep(hint, String(n))).file).toMatch(
          /^evidence\/\d+-[a-z0-9](?:[a-z0-9.-]{0,58}[a-z0-9])?\.(?:json|txt)$/,
        )
      }),
      { numRuns: 20, examples: [['../../etc/passwd'], ['..'], [''], ['.json'], ['CON'], ['a\u0000b'], ['🔥'], ['-rf.TXT']] },
    )
    expect(await verifyEvidence(directory, [])).toHaveLength(n)
  })

  it('is complete and on the disk before it has its name', async () => {
    const directory = await temporaryDirectory()
    const seen: string[] = []
    const disk = faultyDisk({
      shortWrites: 4,
      before: async (call) => {
        seen.push(`${call}: ${(await readdir(directory)).includes('evidence') ? await filesIn(directory) : ''}`)
      },
    })
    await evidenceStore(directory, disk).keep('role', 'seven b')
    expect(seen).toEqual([
      'syncDirectory: ',
      'open: ',
      'write: .partial',
      'write: .partial',
      'sync: .partial',
      'close: .partial',
      'syncDirectory: 1-role.txt',
    ])
  })

  it.each<[string, Faults]>([
    ['is full', { capacity: 3 }],
    ['cannot sync', { failingSyncs: [1] }],
  ])('is no evidence when the disk %s, and can be kept later', async (_, faults) => {
    const directory = await temporaryDirectory()
    await expect(evidenceStore(directory, faultyDisk(faults)).keep('role', 'content')).rejects.toMatchObject({ kind: 'blocked' })
    expect(await verifyEvidence(directory, [])).toEqual([])
    expect(await evidenceStore(directory).keep('role', 'content')).toMatchObject({ file: 'evidence/1-role.txt' })
    expect(await filesIn(directory)).toEqual(['1-role.txt'])
  })

  it('survives a crash between naming and tidying up', async () => {
    const directory = await temporaryDirectory()
    const ref = await evidenceStore(directory).keep('role', 'content')
    await link(join(directory, ref.file), join(directory, 'evidence', '.partial'))
    await evidenceStore(directory).keep('role', 'later content')
    expect(await verifyEvidence(directory, [ref])).toEqual([
      { file: 'evidence/2-role.txt', problem: 'added', why: expect.any(String) },
    ])
  })

  it.runIf(ownUid !== undefined)('is not written through a symbolic link', async () => {
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'elsewhere'))
    await symlink(join(directory, 'elsewhere'), join(directory, 'evidence'))
    await expect(evidenceStore(directory).keep('role', 'content')).rejects.toMatchObject({ kind: 'blocked' })
    expect(await readdir(join(directory, 'elsewhere'))).toEqual([])
  })
})

describe('recalled evidence', () => {
  it('is what was kept', async () => {
    const directory = await temporaryDirectory()
    const ref = await evidenceStore(directory).keep('role', 'Zürich')
    expect(await evidenceStore(directory).recall(ref)).toBe('Zürich')
  })

  it('is not given back unless its SHA-256 is what the journal says: changed, exchanged or missing', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    const refs = [await store.keep('role', 'web-app'), await store.keep('role', 'web-api')]
    const [one, other] = refs
    if (!one || !other) return expect.fail()
    await writeFile(join(directory, one.file), 'web-apq')
    expect(await store.recall(one)).toBeUndefined()
    await writeFile(join(directory, one.file), 'web-api')
    expect(await store.recall(one)).toBeUndefined()
    expect(await store.recall({ ...other, file: one.file })).toBe('web-api')
    await rm(join(directory, other.file))
    expect(await store.recall(other)).toBeUndefined()
  })

  it('is looked for in the evidence folder alone', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'outside'), 'x')
    const ref = { file: 'evidence/../outside', sha256: sha256('x'), bytes: 1 }
    expect(await evidenceStore(directory).recall(ref)).toBeUndefined()
  })
})

describe('verifying evidence', () => {
  it('finds nothing wrong with what was only kept', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    const refs = [await store.keep('a', 'one'), await store.keep('b', '')]
    expect(await verifyEvidence(directory, refs)).toEqual([])
    expect(await verifyEvidence(await temporaryDirectory(), [])).toEqual([])
  })

  it('names what is missing, changed, replaced by a link, or added', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStore(directory)
    const refs = [
      await store.keep('a', 'one'),
      await store.keep('b', 'two'),
      await store.keep('c', 'three'),
      await store.keep('d', 'four'),
    ]
    await rm(join(directory, 'evidence/1-a.txt'))
    await writeFile(join(directory, 'evidence/2-b.txt'), 'twO')
    await rename(join(directory, 'evidence/3-c.txt'), join(directory, 'moved'))
    await symlink(join(directory, 'moved'), join(directory, 'evidence/3-c.txt'))
    await writeFile(join(directory, 'evidence/9-planted.txt'), '')
    const problems = await verifyEvidence(directory, refs)
    expect(problems.map(({ file, problem }) => `${file} ${problem}`)).toEqual([
      'evidence/1-a.txt missing',
      'evidence/2-b.txt changed',
      'evidence/3-c.txt linked',
      'evidence/9-planted.txt added',
    ])
    expect(problems[1]?.why).toContain(sha256('twO'))
  })

  it.each(['evidence/../outside', '/etc/hostname', '../x', 'evidence/1-a.txt/../../x'])(
    'never looks outside for %s',
    async (file) => {
      const directory = await temporaryDirectory()
      await writeFile(join(directory, 'outside'), 'x')
      expect(await verifyEvidence(directory, [{ file, sha256: sha256('x'), bytes: 1 }])).toMatchObject([
        { file, problem: 'missing' },
      ])
    },
  )
})
