import { Failure } from '../incident/values/failure.ts'

interface Trouble {
  readonly why: string
  readonly remedy: string
}

const ELSEWHERE = 'Choose a directory on a healthy local disk with --state-dir <directory>.'

/** What the operating system's error codes mean to a responder, and what to do. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: {
    why: 'the disk is full',
    remedy: 'Free some space on that disk, then run the command again: it goes on from the journal.',
  },
  EDQUOT: { why: 'your disk quota is used up', remedy: 'Free some space in your quota, then run the command again.' },
  EFBIG: {
    why: 'the file would exceed the size limit of this shell',
    remedy: 'Raise the limit (ulimit -f unlimited), then run the command again.',
  },
  EIO: { why: 'the disk reports an input/output error', remedy: `Do not trust this disk: copy the directory away. ${ELSEWHERE}` },
  EROFS: { why: 'the file system is read-only', remedy: ELSEWHERE },
  EACCES: { why: 'permission is denied', remedy: `Check who owns it and its mode. ${ELSEWHERE}` },
  EPERM: { why: 'the operation is not permitted', remedy: `Check who owns it and its mode. ${ELSEWHERE}` },
  ENOENT: { why: 'it does not exist', remedy: `Check the path. ${ELSEWHERE}` },
  ENOTDIR: { why: 'a part of the path is not a directory', remedy: `Check the path. ${ELSEWHERE}` },
  EISDIR: { why: 'it is a directory', remedy: 'Move it away, then run the command again.' },
  ELOOP: { why: 'it is a symbolic link', remedy: `Replace the link by the file itself. ${ELSEWHERE}` },
  ENAMETOOLONG: { why: 'a name in the path is too long', remedy: `Check the path. ${ELSEWHERE}` },
  EMFILE: { why: 'too many files are open', remedy: 'Raise the limit (ulimit -n 1024), then run the command again.' },
  ENFILE: { why: 'too many files are open on this machine', remedy: 'Close other programs, then run the command again.' },
  ENOTSUP: { why: 'the file system does not support it', remedy: ELSEWHERE },
}

/** The code of an operating-system error, such as `ENOSPC`; undefined for anything else (Node's own `ERR_…` are mistakes in the program). */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_')
    ? error.code
    : undefined

/**
 * A disk's refusal as a Failure of kind `blocked`, which ends the work before anything else is changed.
 * `what` is what could not be done, as a sentence without a full stop. A Failure is passed through.
 */
export const diskFailure = (error: unknown, what: string): Failure => {
  if (error instanceof Failure) return error
  const code = errorCode(error)
  const trouble = code === undefined ? undefined : TROUBLES[code]
  const why = trouble === undefined ? `the disk refused it (${code ?? 'unknown error'})` : `${trouble.why} (${code})`
  return new Failure({ kind: 'blocked', what, why, remedy: trouble?.remedy ?? ELSEWHERE, cause: error })
}

/** Runs work on the disk; operating-system errors become Failures that begin with `what`. */
export const orDiskFailure = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw errorCode(error) === undefined ? error : diskFailure(error, what)
  }
}
