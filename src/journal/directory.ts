import { chmod, lstat, readdir } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { type Disk, errorCode, makeDirectory, orDiskFailure, PRIVATE_FILE, realDisk } from './disk.ts'
import { checkIncidentFiles, checkOwnFolder } from './path-trust.ts'

/** The environment variables that name the state directory (XDG Base Directory Specification). */
export interface StateEnvironment {
  readonly XDG_STATE_HOME?: string | undefined
  readonly HOME?: string | undefined
}

/** An incident's directory, ready for use, and sentences on the modes that were changed in it. */
export interface IncidentDirectory {
  readonly path: string
  readonly notes: readonly string[]
}

const PRIVATE_DIRECTORY = 0o700
const INCIDENT_ID = /^[a-z0-9][a-z0-9-]{0,39}$/
/** Where drills keep their incidents, below the state root. */
export const DRILLS = 'drills'

/** `drills` is a directory of incidents; the others are devices on Windows. */
const RESERVED = /^(drills|con|prn|aux|nul|com\d|lpt\d)$/

/**
 * The directory that holds all incidents: `stateDir` when given, otherwise `$XDG_STATE_HOME/ir-cred` or `~/.local/state/ir-cred`.
 * A relative XDG_STATE_HOME or HOME is ignored, as the specification asks. Throws Failure `blocked` when none of them is usable.
 */
export const stateRoot = (environment: StateEnvironment, stateDir?: string): string => {
  if (stateDir === '')
    throw new Failure({ kind: 'usage', what: 'The state directory is empty', remedy: 'Give --state-dir a path.' })
  if (stateDir !== undefined) return resolve(stateDir)
  const { XDG_STATE_HOME: xdg, HOME: home } = environment
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'ir-cred')
  if (home !== undefined && isAbsolute(home)) return join(home, '.local', 'state', 'ir-cred')
  throw new Failure({
    kind: 'blocked',
    what: 'There is no directory for the journal',
    why: 'neither XDG_STATE_HOME nor HOME is set to an absolute path',
    remedy: 'Name a directory with --state-dir <directory>.',
  })
}

/** Whether a name can be an incident's directory. */
export const isIncidentId = (text: string): boolean => INCIDENT_ID.test(text) && !RESERVED.test(text)

/** The text when it is an incident's id: safe as a directory's name everywhere. Throws Failure `usage` otherwise. */
export const incidentId = (text: string): string => {
  if (isIncidentId(text)) return text
  const shown = text.length > 40 ? `${JSON.stringify(text.slice(0, 40))} … (${text.length} characters)` : JSON.stringify(text)
  throw new Failure({
    kind: 'usage',
    what: `${shown} is not an incident's id`,
    why: RESERVED.test(text)
      ? 'this name is reserved'
      : 'an id has 1 to 40 of the characters a-z, 0-9 and -, and does not begin with -',
    remedy: 'List the incidents with `ir-cred incidents`.',
  })
}

/** The path of an incident's directory. Throws Failure `usage` for what is not an id. */
export const incidentPath = (root: string, id: string): string => join(root, incidentId(id))

/** Where an incident is: below the state root, or else among its drills; the state root when it is nowhere. Throws Failure `usage` for what is not an id. */
export const rootWith = async (root: string, id: string): Promise<string> => {
  const drills = join(root, DRILLS)
  return !(await exists(incidentPath(root, id))) && (await exists(incidentPath(drills, id))) ? drills : root
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/**
 * Creates an incident's directory (0700, durable) when it is missing, and opens it as `openIncident` does.
 * `uid` is the responder's; undefined where the system has none (Windows), and then owners and modes are not looked at.
 */
export const createIncident = (
  root: string,
  id: string,
  uid: number | undefined,
  disk: Disk = realDisk,
): Promise<IncidentDirectory> => {
  const path = incidentPath(root, id)
  return orDiskFailure(`The directory ${path} cannot be created`, async () => {
    // Before anything is made: in an unsafe place nothing is written.
    await checkOwnFolder(root, { uid, option: STATE_DIR })
    await makeDirectory(root, disk)
    await refuseUnsafe(root, uid)
    await makeDirectory(path, disk)
    return openIncident(root, id, uid)
  })
}

/**
 * Checks an incident's directory before anything in it is trusted, and makes files private that others can read. Refuses as
 * `checkIncident` does; throws Failure `usage` when there is no such incident.
 */
export const openIncident = async (root: string, id: string, uid: number | undefined): Promise<IncidentDirectory> => {
  const path = incidentPath(root, id)
  return orDiskFailure(`The directory ${path} cannot be used`, async () => {
    const rootNotes = await checkIncident(root, id, uid)
    return { path, notes: uid === undefined ? [] : [...rootNotes, ...(await makePrivate(path))] }
  })
}

/**
 * Checks an incident's directory before a byte of it is believed: the state root and the way to it, the directory, and each file in
 * it. Refuses what is a symbolic link, belongs to somebody else, or can be written to by others (Failure `blocked`). Changes
 * nothing. Gives sentences on what others can read. Throws Failure `usage` when there is no such incident. An audit leaves the files
 * of evidence out, because it checks each.
 */
export const checkIncident = async (
  root: string,
  id: string,
  uid: number | undefined,
  { evidence = true } = {},
): Promise<readonly string[]> => {
  const path = incidentPath(root, id)
  return orDiskFailure(`The directory ${path} cannot be used`, async () => {
    const notes = await checkRoot(root, uid)
    await refuseUnsafe(path, uid)
    await checkIncidentFiles({ path, evidence }, { uid })
    return notes
  })
}

/** Checks the state root and the way to it, as `checkIncident` does. */
const checkRoot = async (root: string, uid: number | undefined): Promise<readonly string[]> => {
  const notes = await refuseUnsafe(root, uid)
  await checkOwnFolder(root, { uid, option: STATE_DIR })
  return notes
}

/** The same for a state root that may not exist yet: then the way to where it would be is checked. */
export const checkStateRoot = (root: string, uid: number | undefined): Promise<unknown> =>
  orDiskFailure(`The state directory ${root} cannot be used`, async () =>
    (await exists(root)) ? checkRoot(root, uid) : checkOwnFolder(root, { uid, option: STATE_DIR }),
  )

const STATE_DIR = '--state-dir <directory>'

const refuseUnsafe = async (path: string, uid: number | undefined): Promise<readonly string[]> => {
  const stats = await lstat(path).catch((error: unknown) => {
    throw errorCode(error) === 'ENOENT' ? noSuchIncident(path) : error
  })
  if (stats.isSymbolicLink()) throw unsafe(path, 'it is a symbolic link', 'Name the directory itself with --state-dir.')
  if (!stats.isDirectory()) throw unsafe(path, 'it is not a directory', 'Name another one with --state-dir.')
  if (uid === undefined) return []
  if (stats.uid !== uid)
    throw unsafe(path, `it belongs to user id ${stats.uid}, not to you (${uid})`, 'Name one of your own with --state-dir.')
  if (stats.mode & 0o022) throw unsafe(path, 'other users can write to it', `Run: chmod go-w '${path}'`)
  return stats.mode & 0o044 ? [`Other users can list the incidents in ${path}. To prevent it, run: chmod 700 '${path}'`] : []
}

const unsafe = (path: string, why: string, remedy: string): Failure =>
  new Failure({ kind: 'blocked', what: `The state directory ${path} is not safe to use`, why, remedy })

const noSuchIncident = (path: string): Failure =>
  new Failure({
    kind: 'usage',
    what: 'There is no such incident',
    why: `${path} does not exist`,
    remedy: 'List the incidents with `ir-cred incidents`.',
  })

/** Backup tools restore files as 0644. Makes everything in an incident's directory private again; one sentence for each change. */
const makePrivate = async (path: string): Promise<string[]> => {
  const notes = await restrict(path, PRIVATE_DIRECTORY)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) notes.push(...(await makePrivate(child)))
    if (entry.isFile()) notes.push(...(await restrict(child, PRIVATE_FILE)))
  }
  return notes
}

const restrict = async (path: string, wanted: number): Promise<string[]> => {
  const mode = (await lstat(path)).mode & 0o777
  if ((mode & 0o077) === 0) return []
  await chmod(path, wanted)
  return [`Other users could read ${path} (mode ${mode.toString(8)}). Its mode is now ${wanted.toString(8)}.`]
}
