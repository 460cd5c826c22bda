import { codeOf, errorMeaningOf, isAwsError } from '../../../aws/failure.ts'
import { NO_SUCH_BUCKET } from './bucket.ts'

/** Why an object could not be read. */
export interface ObjectError {
  /** `later`: it may be readable later. `end`: no object can be read. `bug`: an error in ir-cred. All others: this object cannot be read. */
  readonly kind: 'missing' | 'archived' | 'key' | 'key-denied' | 'denied' | 'later' | 'end' | 'bug'
  /** A sentence. */
  readonly why: string
  /** What was thrown. */
  readonly cause: unknown
}

const ARCHIVED_WHY = 'It is archived. Restore it before you read it.'

export const ARCHIVE_CLASSES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE'])

export const archived: ObjectError = { kind: 'archived', why: ARCHIVED_WHY, cause: undefined }

/** Node's errors for a connection that ends during a download: the SDK does not turn them into AWS errors. */
const CONNECTION_LOST = /^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|EPIPE|ETIMEDOUT)$/

/** A download that brings more than the list of the bucket says. */
export class LongerThanListed extends Error {}

export const objectErrorOf = (error: unknown): ObjectError => {
  if (error instanceof LongerThanListed)
    return { kind: 'later', why: 'It is larger than the list of the bucket says; the download was ended.', cause: error }
  if (!(error instanceof Error)) return { kind: 'bug', why: 'An error in ir-cred.', cause: error }
  const code = codeOf(error)
  const isLost = 'code' in error && CONNECTION_LOST.test(String(error.code))
  if (isLost || error.message === 'aborted') return { kind: 'later', why: 'The download ended early.', cause: error }
  if (!isAwsError(error)) return { kind: 'bug', why: 'An error in ir-cred.', cause: error }
  if (/^KMS\b|^KMS[A-Z]/.test(code)) return { kind: 'key', why: `Its KMS key cannot be used: ${code}.`, cause: error }
  if (code === 'InvalidObjectState') return archived
  const meaning = errorMeaningOf(error)
  if (meaning === 'not-found' && code !== NO_SUCH_BUCKET)
    return { kind: 'missing', why: 'It was deleted while ir-cred read the bucket.', cause: error }
  if (meaning === 'denied') return deniedError(error)
  if (meaning === 'throttled' || meaning === 'unavailable')
    return { kind: 'later', why: `It could not be downloaded: ${code}.`, cause: error }
  return { kind: 'end', why: `It could not be downloaded: ${code}.`, cause: error }
}

/** S3's message names the action when it is the KMS key that denies access. */
const deniedError = (error: Error): ObjectError =>
  /kms:/i.test(error.message)
    ? { kind: 'key-denied', why: 'kms:Decrypt is denied on its KMS key.', cause: error }
    : { kind: 'denied', why: 's3:GetObject is denied.', cause: error }
