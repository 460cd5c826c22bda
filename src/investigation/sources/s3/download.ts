import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { AwsClock } from '../../../aws/clock.ts'
import type { Bucket, LogObject } from './bucket.ts'
import { ARCHIVE_CLASSES, archived, LongerThanListed, type ObjectError, objectErrorOf } from './object-error.ts'

/** What `download` took of an object, or why it could not be read. */
export type Downloaded<T> = { readonly taken: T } | { readonly error: ObjectError }

/** The body of an object, as a stream. */
export type Body = NonNullable<GetObjectCommandOutput['Body']>

/** What its writer noted beside it (`x-amz-meta-…`). */
export type ObjectMetadata = Readonly<Record<string, string>>

/** The SDK repeats a failed request, but not a download that ends early. */
const ATTEMPTS = 3

/**
 * Downloads an object and hands its body to `take`; starts again when the download ends early. Rejects only when the reading is
 * aborted.
 */
export const download = async <T>(
  bucket: Bucket,
  object: LogObject,
  clock: AwsClock,
  take: (body: Body | undefined, object: LogObject, metadata: ObjectMetadata) => Promise<T>,
): Promise<Downloaded<T>> => {
  if (object.storageClass !== undefined && ARCHIVE_CLASSES.has(object.storageClass)) return { error: archived }
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { Body, Metadata = {} } = await fetchOnce(bucket, object.key)
      return { taken: await take(Body, object, Metadata) }
    } catch (thrown) {
      bucket.signal.throwIfAborted()
      const error = objectErrorOf(thrown)
      if (error.kind !== 'later' || attempt === ATTEMPTS) return { error }
      await clock.sleep(attempt, bucket.signal)
    }
  }
}

const fetchOnce = (bucket: Bucket, key: string): Promise<GetObjectCommandOutput> => {
  bucket.calls += 1
  return bucket.client.send(new GetObjectCommand({ Bucket: bucket.address.bucket, Key: key }), { abortSignal: bucket.signal })
}

/** The whole body in memory. */
export const bytesIn = async (body: Body | undefined, { size }: LogObject): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of chunksIn(body, size)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The body as it comes in. Throws once it is larger than the list of the bucket says: an answer without an end fills no memory. */
export async function* chunksIn(body: Body | undefined, size: number): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > size) throw new LongerThanListed()
    yield chunk
  }
}
