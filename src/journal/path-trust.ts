import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { shellWord } from '../incident/values/shell-word.ts'
import { errorCode } from './disk.ts'

/** What decides whether a name on the disk can be trusted. */
export interface PathFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly uid: number
  readonly gid: number
  /** Permission bits with the sticky bit, such as 0o1777. */
  readonly mode: number
  /** How many names the file has. */
  readonly links: number
}

/** The disk as the checks see it. Tests pass one with other owners. */
export interface PathLook {
  /** The facts of the name itself, links not followed; undefined where there is none. */
  facts(path: string): Promise<PathFacts | undefined>
  target(link: string): Promise<string>
  /** Whether a group has no member but this user. */
  isPrivateGroup(gid: number, uid: number): Promise<boolean>
}

/** The user who runs this process; undefined where the system has none (Windows). */
export const ownUserId = (): number | undefined => {
  const { uid } = userInfo()
  return uid < 0 ? undefined : uid
}

const PERMISSIONS = 0o7777
const OTHERS_WRITE = 0o002
const GROUP_WRITES = 0o020
const STICKY = 0o1000
const ROOT_USER = 0
/** As many links as Linux follows in one path. */
const MOST_LINKS = 40

const realLook: PathLook = {
  facts: async (path) => {
    const stats = await lstat(path).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined
      throw error
    })
    if (!stats) return undefined
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'other'
    return { kind, uid: stats.uid, gid: stats.gid, mode: stats.mode & PERMISSIONS, links: stats.nlink }
  },
  target: (link) => readlink(link),
  isPrivateGroup: async (gid, uid) => {
    const [groups, users] = await Promise.all([linesOf('/etc/group'), linesOf('/etc/passwd')])
    return isGroupOfOne(gid, uid, groups, users)
  },
}

const linesOf = async (path: string): Promise<readonly string[]> => (await readFile(path, 'utf8').catch(() => '')).split('\n')

/**
 * Whether group(5) and passwd(5) show a user private group: the user's own, and nobody else in it. Many Linux systems give each user
 * one, and a umask with which the group may write. A group or user that these files do not name is not known to be private.
 */
export const isGroupOfOne = (gid: number, uid: number, groups: readonly string[], users: readonly string[]): boolean => {
  const fields = (lines: readonly string[]) => lines.map((line) => line.split(':'))
  const group = fields(groups).find(([, , id]) => id === String(gid))
  const inGroup = fields(users).filter(([, , , id]) => id === String(gid))
  const own = inGroup.find(([, , id]) => id === String(uid))
  // The group of the administrator is open to others on many systems.
  if (uid === ROOT_USER || !group || !own) return false
  const members = (group[3] ?? '').split(',').filter((name) => name !== '')
  return inGroup.length === 1 && members.every((name) => name === own[0])
}

/** Who is looked at, and which option names another place. */
export interface Checked {
  readonly uid: number | undefined
  /** Such as `--state-dir <directory>`. */
  readonly option: string
  readonly look?: PathLook
}

/** Where a path ends once its links are followed, and what is there. */
interface WayEnd {
  readonly path: string
  readonly facts: PathFacts
}

/**
 * Refuses a path that somebody else could lead elsewhere: every component above it belongs to the user or to the system, is writable
 * by nobody else (or is sticky, as /tmp is), and each symbolic link on the way is the user's or the system's own. What does not exist
 * is no risk, and gives undefined. The system's owner is root, and whoever owns `/`: in a user namespace root has another number.
 * Throws Failure `blocked`.
 */
const checkWayTo = async (path: string, uid: number, { option, look = realLook }: Checked): Promise<WayEnd | undefined> => {
  const { root } = parse(path)
  const top = await look.facts(root)
  const trusted = new Set([uid, ROOT_USER, top?.uid ?? ROOT_USER])
  const refuse = (component: string, why: string, remedy = `Name another place with ${option}.`) =>
    new Failure({ kind: 'blocked', what: `The way to ${path} is not safe`, why: `${component}: ${why}`, remedy })
  let end: WayEnd | undefined = top && { path: root, facts: top }
  let rest = namesOf(path)
  let links = 0
  for (let name = rest.shift(); name !== undefined && end; name = rest.shift()) {
    if (await isOpenToOthers(end.facts, uid, look))
      throw refuse(
        end.path,
        'other users can write to it',
        `Run: chmod go-w ${shellWord(end.path)}, or name another place with ${option}.`,
      )
    const next: string = name === '..' ? dirname(end.path) : join(end.path, name)
    const facts = await look.facts(next)
    if (facts && !trusted.has(facts.uid)) throw refuse(next, `it belongs to user id ${facts.uid}`)
    if (facts?.kind !== 'link') {
      end = facts && { path: next, facts }
      continue
    }
    links += 1
    if (links > MOST_LINKS) throw refuse(next, 'symbolic links lead in a circle')
    const target = await look.target(next)
    rest = [...namesOf(target), ...rest]
    if (isAbsolute(target) && top) end = { path: root, facts: top }
  }
  return end
}

const namesOf = (path: string): string[] => path.split(sep).filter((name) => name !== '' && name !== '.')

/** Whether somebody else could replace what is in the directory. In a sticky one only the owner of a name can. */
const isOpenToOthers = async ({ kind, mode, gid }: PathFacts, uid: number, look: PathLook): Promise<boolean> => {
  if (kind !== 'directory' || mode & STICKY) return false
  if (mode & OTHERS_WRITE) return true
  return (mode & GROUP_WRITES) !== 0 && !(await look.isPrivateGroup(gid, uid))
}

/**
 * Refuses a folder that is not the user's own, that others can write to, or to which others could lead elsewhere. A missing one is
 * fine, if the way to where it would be is. Throws Failure `blocked`.
 */
export const checkOwnFolder = async (folder: string, checked: Checked): Promise<void> => {
  const { uid, option } = checked
  if (uid === undefined) return
  const end = await checkWayTo(resolve(folder), uid, checked)
  if (end?.facts.kind !== 'directory') return
  const refuse = (why: string, remedy: string) =>
    new Failure({ kind: 'blocked', what: `The directory ${folder} is not safe to use`, why, remedy })
  const { facts } = end
  if (facts.uid !== uid)
    throw refuse(`it belongs to user id ${facts.uid}, not to you (${uid})`, `Name one of your own with ${option}.`)
  if (facts.mode & (OTHERS_WRITE | GROUP_WRITES)) throw refuse('other users can write to it', `Run: chmod go-w '${folder}'`)
}

/** The files of an incident, and whether evidence is looked at: an audit checks each file of evidence by itself. */
interface IncidentFiles {
  readonly path: string
  readonly evidence: boolean
}

/**
 * Refuses an incident's directory in which something is a link, no plain file, somebody else's, or a journal or lock that others can
 * write to. Throws Failure `blocked`. A directory that does not exist is fine.
 */
export const checkIncidentFiles = async (
  { path, evidence }: IncidentFiles,
  { uid, look = realLook }: Omit<Checked, 'option'>,
): Promise<void> => {
  for (const name of await namesInside(path)) {
    const child = join(path, name)
    const facts = await look.facts(child)
    // A run that goes on makes files and takes them away.
    if (!facts) continue
    const why = whyNotTrusted(name, facts, uid)
    if (why !== undefined) throw untrustedFile(child, why)
    if (facts.kind === 'directory' && (evidence || name !== EVIDENCE_FOLDER))
      await checkIncidentFiles({ path: child, evidence }, { uid, look })
  }
}

const EVIDENCE_FOLDER = 'evidence'
/** What is believed as it stands. Evidence is believed by its hash, and a report is written anew. */
const BELIEVED = /^(journal\.ndjson|lock(\..*)?)$/
const JOURNAL_FILE = 'journal.ndjson'

const whyNotTrusted = (name: string, { kind, uid, mode, links }: PathFacts, own: number | undefined): string | undefined => {
  if (kind === 'link') return 'it is a symbolic link'
  if (kind === 'other') return 'it is a pipe, a device or a socket, not a file'
  if (kind === 'file' && name === EVIDENCE_FOLDER) return 'it is a file, not a directory'
  if (name === JOURNAL_FILE && kind === 'file' && links > 1)
    return 'it has a second name (a hard link), so what is written to it is written there too'
  if (own === undefined) return undefined
  if (uid !== own) return `it belongs to user id ${uid}, not to you (${own})`
  const isWritable = (mode & (OTHERS_WRITE | GROUP_WRITES)) !== 0
  return isWritable && (kind === 'directory' || BELIEVED.test(name)) ? 'other users can write to it' : undefined
}

/**
 * Refuses a folder in which a file with one of these endings is a link, no plain file, somebody else's, or one that others can write to. A folder
 * that does not exist is fine. Throws Failure `blocked`.
 */
export const checkKeptFiles = async (folder: string, endings: readonly string[], uid: number | undefined): Promise<void> => {
  for (const name of await namesInside(folder)) {
    if (!endings.some((ending) => name.endsWith(ending))) continue
    const facts = await realLook.facts(join(folder, name))
    if (!facts) continue
    const isWritable = uid !== undefined && (facts.mode & (OTHERS_WRITE | GROUP_WRITES)) !== 0
    const why = whyNotTrusted(name, facts, uid) ?? (isWritable ? 'other users can write to it' : undefined)
    if (why !== undefined)
      throw new Failure({
        kind: 'blocked',
        what: `${join(folder, name)} cannot be trusted`,
        why,
        remedy: 'Remove it: what is kept can be read again.',
      })
  }
}

const namesInside = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return []
    throw error
  }
}

const untrustedFile = (path: string, why: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: `${path} cannot be trusted, and with it this incident`,
    why,
    remedy:
      'Look who put it there. If it is yours, put a plain file of your own in its place, with mode 600; otherwise restore the incident from a copy. Other incidents are not affected.',
  })
