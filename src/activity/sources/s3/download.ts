import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { AwsClock } from '../../../aws/clock.ts'
import type { Bucket, LogObject } from './bucket.ts'
import { ARCHIVE_CLASSES, archived, type ObjectTrouble, objectTrouble } from './object-trouble.ts'

export type Downloaded = { readonly bytes: Buffer } | { readonly trouble: ObjectTrouble }

/** The SDK tries a request again, but not a body that breaks off. */
const ATTEMPTS = 3

/** Fetches an object into memory. Rejects only when the reading was aborted. */
export const download = async (bucket: Bucket, object: LogObject, clock: AwsClock): Promise<Downloaded> => {
  if (object.storageClass !== undefined && ARCHIVE_CLASSES.has(object.storageClass)) return { trouble: archived }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { bytes: await fetchOnce(bucket, object.key) }
    } catch (error) {
      bucket.signal.throwIfAborted()
      const trouble = objectTrouble(error)
      if (trouble.kind !== 'later' || attempt === ATTEMPTS) return { trouble }
      await clock.sleep(attempt, bucket.signal)
    }
  }
}

const fetchOnce = async (bucket: Bucket, key: string): Promise<Buffer> => {
  bucket.calls += 1
  const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.address.bucket, Key: key }), {
    abortSignal: bucket.signal,
  })
  const bytes = await Body?.transformToByteArray()
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.alloc(0)
}
