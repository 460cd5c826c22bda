import { codeOf, isAwsError, problemOf } from '../../../aws/failure.ts'

/** Why an object could not be had, and what follows: this file alone cannot be read, it may be had later, or nothing can. */
export interface ObjectTrouble {
  readonly kind: 'missing' | 'archived' | 'key' | 'key-denied' | 'denied' | 'later' | 'end' | 'bug'
  /** A sentence. */
  readonly why: string
  readonly error: unknown
}

const ARCHIVED = 'It is archived, and has to be restored before it can be read.'

export const ARCHIVE_CLASSES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE'])

export const archived: ObjectTrouble = { kind: 'archived', why: ARCHIVED, error: undefined }

/** Errors of the way while the body comes in: Node has no AWS error for them. */
const CUT_OFF = /^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|EPIPE|ETIMEDOUT)$/

export const objectTrouble = (error: unknown): ObjectTrouble => {
  if (!(error instanceof Error)) return { kind: 'bug', why: 'A mistake in ir-cred.', error }
  const code = codeOf(error)
  const isWay = 'code' in error && CUT_OFF.test(String(error.code))
  if (isWay || error.message === 'aborted') return { kind: 'later', why: 'Its download was cut off.', error }
  if (!isAwsError(error)) return { kind: 'bug', why: 'A mistake in ir-cred.', error }
  if (/^KMS\b|^KMS[A-Z]/.test(code)) return { kind: 'key', why: `Its KMS key cannot be used: ${code}.`, error }
  if (code === 'InvalidObjectState') return archived
  const problem = problemOf(error)
  if (/^(NoSuchKey|NotFound)$/.test(code)) return { kind: 'missing', why: 'It was deleted while the bucket was read.', error }
  if (problem === 'denied') return deniedTrouble(error)
  if (problem === 'throttled' || problem === 'unreachable')
    return { kind: 'later', why: `It could not be downloaded: ${code}.`, error }
  return { kind: 'end', why: `It could not be downloaded: ${code}.`, error }
}

/** S3 names the action that is missing, when it is the key's and not its own. */
const deniedTrouble = (error: Error): ObjectTrouble =>
  /kms:/i.test(error.message)
    ? { kind: 'key-denied', why: 'Its KMS key lets you decrypt nothing: kms:Decrypt is denied.', error }
    : { kind: 'denied', why: 'Reading it is denied: s3:GetObject.', error }
