import { link, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { sha256 } from './chain.ts'
import { type Disk, realDisk, writeNew } from './disk.ts'
import { errorCode, orDiskFailure } from './disk-failure.ts'
import { makeDirectory } from './make-directory.ts'

/** A piece of evidence, as the journal refers to it. */
export interface StoredEvidence {
  /** Relative to the incident's directory: `evidence/3-get-role.json`. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
}

export interface EvidenceProblem {
  readonly file: string
  readonly problem: 'missing' | 'altered' | 'extra'
  /** A sentence. */
  readonly why: string
}

export interface EvidenceStore {
  /**
   * Keeps content, as it is: secrets are the caller's to redact. Resolves when the file is complete, on the disk and under its name.
   * The name is only a hint and may be any text. The same content is kept once. Rejects with Failure `blocked` when the disk refuses.
   */
  keep(name: string, content: string | Uint8Array): Promise<StoredEvidence>
  /** What was kept, as UTF-8; undefined when it is not there, or not as it was kept. */
  recall(ref: StoredEvidence): Promise<string | undefined>
}

const FOLDER = 'evidence'
const FILE = /^evidence\/(\d{1,6})-[a-z0-9.-]{1,80}\.(?:json|txt)$/
/** Where a file is written before it gets its name. */
const PARTIAL = '.partial'

/** The evidence of one incident, in `<directory>/evidence/`. Only the holder of the incident's lock may keep things there. */
export const evidenceStore = (directory: string, disk: Disk = realDisk): EvidenceStore => {
  let shelf: Shelf | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const keep = async (name: string, bytes: Uint8Array): Promise<StoredEvidence> => {
    shelf ??= await shelfOf(directory, disk)
    const hash = sha256(bytes)
    const same = shelf.byHash.get(hash)
    if (same) return same
    const ref = { file: `${FOLDER}/${shelf.highest + 1}-${safeName(name)}`, sha256: hash, bytes: bytes.length }
    await writeNamed(disk, directory, ref.file, bytes)
    shelf.byHash.set(hash, ref)
    shelf.highest += 1
    return ref
  }
  return {
    keep: (name, content) => {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
      const done = queue.then(() => orDiskFailure(`The evidence in ${directory} cannot be kept`, () => keep(name, bytes)))
      queue = done.catch(() => undefined)
      return done
    },
    recall: async (ref) => {
      const bytes = await contentOf(disk, directory, ref.file)
      return typeof bytes === 'string' || sha256(bytes) !== ref.sha256 ? undefined : Buffer.from(bytes).toString('utf8')
    },
  }
}

/** Compares the evidence on the disk with what the journal says of it. Nothing is changed. No problems: an empty list. */
export const verifyEvidence = async (directory: string, refs: readonly StoredEvidence[]): Promise<readonly EvidenceProblem[]> => {
  const problems: EvidenceProblem[] = []
  for (const ref of refs) {
    const problem = await problemOf(directory, ref)
    if (problem) problems.push(problem)
  }
  const known = new Set(refs.map(({ file }) => file))
  for (const name of await namesIn(directory)) {
    const file = `${FOLDER}/${name}`
    if (!known.has(file)) problems.push({ file, problem: 'extra', why: 'The journal does not know this file.' })
  }
  return problems
}

/** A file's name from any text: only a-z, 0-9, dot and hyphen, at most 60 characters, ending in .json or .txt. */
const safeName = (hint: string): string => {
  const text = hint.toLowerCase()
  const extension = text.endsWith('.json') ? 'json' : 'txt'
  const stem = text
    .replace(/\.(json|txt)$/, '')
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .slice(0, 60)
    .replace(/^[.-]+|[.-]+$/g, '')
  return `${stem || 'evidence'}.${extension}`
}

/** What is already there: from an earlier run of the same incident, perhaps from a crash just before it was journaled. */
interface Shelf {
  readonly byHash: Map<string, StoredEvidence>
  highest: number
}

const shelfOf = async (directory: string, disk: Disk): Promise<Shelf> => {
  const shelf: Shelf = { byHash: new Map(), highest: 0 }
  for (const name of await namesIn(directory)) {
    const file = `${FOLDER}/${name}`
    shelf.highest = Math.max(shelf.highest, Number(FILE.exec(file)?.[1] ?? 0))
    const bytes = await contentOf(disk, directory, file)
    if (typeof bytes !== 'string') shelf.byHash.set(sha256(bytes), { file, sha256: sha256(bytes), bytes: bytes.length })
  }
  return shelf
}

/** Complete and durable first, named then: a crash leaves no half file, and a hard link never overwrites one. */
const writeNamed = async (disk: Disk, directory: string, file: string, bytes: Uint8Array): Promise<void> => {
  const folder = join(directory, FOLDER)
  await makeDirectory(folder, disk)
  if (!(await lstat(folder)).isDirectory()) throw notAFolder(folder)
  const partial = join(folder, PARTIAL)
  await rm(partial, { force: true })
  await writeNew(disk, partial, bytes)
  await link(partial, join(directory, file))
  await rm(partial)
  await disk.syncDirectory(folder)
}

const problemOf = async (directory: string, { file, ...kept }: StoredEvidence): Promise<EvidenceProblem | undefined> => {
  const bytes = await contentOf(realDisk, directory, file)
  if (bytes === 'missing') return { file, problem: 'missing', why: 'There is no such file.' }
  if (bytes === 'unreadable') return { file, problem: 'altered', why: 'It cannot be read as a plain file.' }
  const hash = sha256(bytes)
  if (hash === kept.sha256) return undefined
  const why = `It has ${bytes.length} bytes and SHA-256 ${hash}; what was kept had ${kept.bytes} bytes and ${kept.sha256}.`
  return { file, problem: 'altered', why }
}

/** A reference comes from a file too: nothing is ever looked for outside of the evidence folder, and no link is followed. */
const contentOf = async (disk: Disk, directory: string, file: string): Promise<Uint8Array | 'missing' | 'unreadable'> => {
  if (!FILE.test(file)) return 'missing'
  try {
    const opened = await disk.open(join(directory, file), 'read')
    return await opened.readAll().finally(() => opened.close())
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return errorCode(error) === 'ENOENT' ? 'missing' : 'unreadable'
  }
}

const namesIn = async (directory: string): Promise<string[]> => {
  try {
    const names = await readdir(join(directory, FOLDER))
    return names.filter((name) => name !== PARTIAL).sort()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

const notAFolder = (folder: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: `${folder} is not a directory of its own`,
    remedy: 'Move it away, then run the command again.',
  })
