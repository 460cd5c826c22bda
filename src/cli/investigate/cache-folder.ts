import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure } from '../../incident/values/failure.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { diskFailure, makeDirectory, PRIVATE_FILE, realDisk } from '../../journal/disk.ts'
import { checkKeptFiles, checkOwnFolder, ownUserId } from '../../journal/path-trust.ts'

/**
 * Makes the folder of --cache ready and tries whether it takes files: before anything is read, because keeping comes last. What is kept
 * is believed later, so nobody else may be able to write there. Throws Failure `blocked` when it cannot be used.
 */
export const prepareCacheFolder = async (folder: string): Promise<void> => {
  if (folder === '') throw new Failure({ kind: 'usage', what: 'The cache folder is empty', remedy: REMEDY })
  await refuseOthers(folder)
  const trial = join(folder, `${randomUUID()}.unfinished`)
  try {
    await makeDirectory(resolve(folder), realDisk)
    await writeFile(trial, '', { mode: PRIVATE_FILE, flag: 'wx' })
    await rm(trial, { force: true })
  } catch (error) {
    throw cannotBeUsed(folder, error)
  }
}

/** The endings of the files that are believed later: records, and answers. */
const KEPT = ['.segment', '.answer']

/** The folder, the way to it and what is kept in it are the user's own. */
const refuseOthers = async (folder: string): Promise<void> => {
  const uid = ownUserId()
  try {
    await checkOwnFolder(folder, { uid, option: '--cache <folder>' })
    await checkKeptFiles(folder, KEPT, uid)
  } catch (error) {
    throw error instanceof Failure ? error : cannotBeUsed(folder, error)
  }
}

const cannotBeUsed = (folder: string, error: unknown): Failure => {
  const { kind, what, why = what } = diskFailure(error, `The cache ${quotedPath(folder)} cannot be used`)
  return new Failure({ kind, what: `The cache ${quotedPath(folder)} cannot be used`, why, remedy: REMEDY, cause: error })
}

const REMEDY = 'Name another folder with --cache <folder>, or leave it out: everything works without it.'
