import type { Stats } from 'node:fs'
import { link, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EvidenceRef } from '../incident/facts/evidence.ts'
import { Failure } from '../incident/values/failure.ts'
import { sha256 } from './chain.ts'
import { type Disk, errorCode, makeDirectory, orDiskFailure, realDisk, writeNew } from './disk.ts'

/** A file of evidence that is not as the journal says. */
export interface EvidenceProblem {
  /** Relative to the incident's directory: `evidence/3-get-role.json`. */
  readonly file: string
  readonly problem: 'missing' | 'changed' | 'truncated' | 'added' | 'linked'
  /** What is wrong with it, as the rest of a sentence that begins with the file. */
  readonly why: string
}

export interface EvidenceStore {
  /**
   * Keeps content as it is; the caller redacts secrets. Resolves when the file is complete, on the disk and has its name.
   * `name` is a hint and may be any text. The same content is kept once. Rejects with Failure `blocked` when the disk fails.
   */
  keep(name: string, content: string | Uint8Array): Promise<EvidenceRef>
  /** What was kept, as UTF-8; undefined when the file is missing, or its SHA-256 is not the reference's. */
  recall(ref: EvidenceRef): Promise<string | undefined>
}

const FOLDER = 'evidence'
const FILE = /^evidence\/(\d{1,6})-[a-z0-9.-]{1,80}\.(?:json|txt)$/
/** Where a file is written before it gets its name. */
const PARTIAL = '.partial'

/** The evidence of one incident, in `<directory>/evidence/`. Only the holder of the incident's lock may keep things there. */
export const evidenceStore = (directory: string, disk: Disk = realDisk): EvidenceStore => {
  let stored: Stored | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const keep = async (name: string, bytes: Uint8Array): Promise<EvidenceRef> => {
    stored ??= await storedIn(directory, disk)
    const hash = sha256(bytes)
    const same = stored.byHash.get(hash)
    if (same) return same
    const ref = { file: `${FOLDER}/${stored.highest + 1}-${safeName(name)}`, sha256: hash, bytes: bytes.length }
    await writeNamed(disk, directory, ref.file, bytes)
    stored.byHash.set(hash, ref)
    stored.highest += 1
    return ref
  }
  return {
    keep: (name, content) => {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
      const done = queue.then(() => orDiskFailure(`The evidence in ${directory} cannot be written`, () => keep(name, bytes)))
      queue = done.catch(() => undefined)
      return done
    },
    recall: async (ref) => {
      const bytes = await contentOf(disk, directory, ref.file)
      return typeof bytes === 'string' || sha256(bytes) !== ref.sha256 ? undefined : Buffer.from(bytes).toString('utf8')
    },
  }
}

/** Compares the evidence on the disk with the references in the journal. Changes nothing. Without problems, the list is empty. */
export const verifyEvidence = async (directory: string, refs: readonly EvidenceRef[]): Promise<readonly EvidenceProblem[]> => {
  const problems: EvidenceProblem[] = []
  for (const ref of refs) {
    const problem = await problemOf(directory, ref, refs)
    if (problem) problems.push(problem)
  }
  const known = new Set(refs.map(({ file }) => file))
  for (const name of await namesIn(directory)) {
    const file = `${FOLDER}/${name}`
    if (!known.has(file)) problems.push({ file, problem: 'added', why: 'is not named by the journal' })
  }
  return problems
}

/** The number in a file's name, which counts what an incident keeps; undefined for a name that ir-cred does not give. */
export const evidenceNumber = (file: string): number | undefined => {
  const number = FILE.exec(file)?.[1]
  return number === undefined ? undefined : Number(number)
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

/** What earlier runs of the same incident kept, journaled or not: a run may have crashed between the two. */
interface Stored {
  readonly byHash: Map<string, EvidenceRef>
  highest: number
}

const storedIn = async (directory: string, disk: Disk): Promise<Stored> => {
  const stored: Stored = { byHash: new Map(), highest: 0 }
  for (const name of await namesIn(directory)) {
    const file = `${FOLDER}/${name}`
    stored.highest = Math.max(stored.highest, evidenceNumber(file) ?? 0)
    const bytes = await contentOf(disk, directory, file)
    if (typeof bytes !== 'string') stored.byHash.set(sha256(bytes), { file, sha256: sha256(bytes), bytes: bytes.length })
  }
  return stored
}

/** Writes the whole file, then gives it its name: a crash leaves no partial file, and a hard link overwrites none. */
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

const problemOf = async (
  directory: string,
  { file, sha256: hash, bytes: size }: EvidenceRef,
  refs: readonly EvidenceRef[],
): Promise<EvidenceProblem | undefined> => {
  const content = await contentOf(realDisk, directory, file)
  if (content === 'missing') return { file, problem: 'missing', why: 'is missing' }
  const linked = await linkProblem(directory, file)
  if (linked !== undefined) return { file, problem: 'linked', why: linked }
  if (content === 'unreadable') return { file, problem: 'changed', why: 'cannot be read as a plain file' }
  const found = sha256(content)
  if (found === hash) return undefined
  const other = refs.find((ref) => ref.sha256 === found)
  if (other) return { file, problem: 'changed', why: `holds what was kept as ${other.file}` }
  if (content.length < size) return { file, problem: 'truncated', why: `has ${content.length} bytes; what was kept had ${size}` }
  const sizes = content.length === size ? '' : `, and ${content.length} bytes in place of ${size}`
  return { file, problem: 'changed', why: `has SHA-256 ${found} in place of ${hash}${sizes}` }
}

/** A link to elsewhere, or a second name elsewhere through which the file can be changed. A crash while it was kept leaves `.partial`. */
const linkProblem = async (directory: string, file: string): Promise<string | undefined> => {
  const found = await stateOf(join(directory, file))
  if (found?.isSymbolicLink()) return 'is a link'
  if (!found || found.nlink <= 1) return undefined
  const partial = await stateOf(join(directory, FOLDER, PARTIAL))
  const names = found.nlink - (partial?.ino === found.ino ? 1 : 0)
  return names <= 1 ? undefined : `has ${names} names: the same file stands elsewhere too`
}

const stateOf = async (path: string): Promise<Stats | undefined> => {
  try {
    return await lstat(path)
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return undefined
  }
}

/** A reference comes from a file too: only the evidence folder is read, and no link is followed. */
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
    what: `${folder} is not a directory`,
    remedy: 'Move it away, then run the command again.',
  })
