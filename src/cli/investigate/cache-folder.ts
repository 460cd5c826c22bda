import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure } from '../../incident/values/failure.ts'
import { diskFailure, makeDirectory, PRIVATE_FILE, realDisk } from '../../journal/disk.ts'

/**
 * Makes the folder of --cache ready and tries whether it takes files: before anything is read, because keeping comes last.
 * Throws Failure `blocked` when it does not.
 */
export const prepareCacheFolder = async (folder: string): Promise<void> => {
  const trial = join(folder, `${randomUUID()}.unfinished`)
  try {
    if (folder === '') throw new Failure({ kind: 'usage', what: 'The cache folder is empty', remedy: REMEDY })
    await makeDirectory(resolve(folder), realDisk)
    await writeFile(trial, '', { mode: PRIVATE_FILE, flag: 'wx' })
    await rm(trial, { force: true })
  } catch (error) {
    const { kind, what, why = what } = diskFailure(error, `The cache ${folder} cannot be used`)
    if (kind === 'usage') throw error
    throw new Failure({ kind, what: `The cache ${folder} cannot be used`, why, remedy: REMEDY, cause: error })
  }
}

const REMEDY = 'Name another folder with --cache <folder>, or leave it out: everything works without it.'
