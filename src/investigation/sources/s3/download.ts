import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { AwsClock } from '../../../aws/clock.ts'
import type { Bucket, LogObject } from './bucket.ts'
import { ARCHIVE_CLASSES, archived, type ObjectTrouble, objectTrouble } from './object-trouble.ts'

export type Downloaded<T> = { readonly taken: T } | { readonly trouble: ObjectTrouble }

/** As it comes in. */
export type Body = NonNullable<GetObjectCommandOutput['Body']>

/** The SDK tries a request again, but not a body that breaks off. */
const ATTEMPTS = 3

/** Fetches an object, and again when its body breaks off; `take` gets what comes. Rejects only when the reading was aborted. */
export const download = async <T>(
  bucket: Bucket,
  object: LogObject,
  clock: AwsClock,
  take: (body: Body | undefined) => Promise<T>,
): Promise<Downloaded<T>> => {
  if (object.storageClass !== undefined && ARCHIVE_CLASSES.has(object.storageClass)) return { trouble: archived }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { taken: await take(await fetchOnce(bucket, object.key)) }
    } catch (error) {
      bucket.signal.throwIfAborted()
      const trouble = objectTrouble(error)
      if (trouble.kind !== 'later' || attempt === ATTEMPTS) return { trouble }
      await clock.sleep(attempt, bucket.signal)
    }
  }
}

const fetchOnce = async (bucket: Bucket, key: string): Promise<Body | undefined> => {
  bucket.calls += 1
  const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.address.bucket, Key: key }), {
    abortSignal: bucket.signal,
  })
  return Body
}

/** All of a body, in memory. */
export const bytesIn = async (body: Body | undefined): Promise<Buffer> => {
  const bytes = await body?.transformToByteArray()
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.alloc(0)
}
