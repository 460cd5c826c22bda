import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { given } from '../../../../incident/values/given.ts'
import { REGION } from '../../../../incident/values/region.ts'
import { isGzip } from '../decode/gzip-file.ts'

/** The signature of a digest file, as the metadata of its object in S3 has it. */
export interface DigestSignature {
  /** Hexadecimal. */
  readonly value: string
  /** CloudTrail's is SHA256withRSA. */
  readonly algorithm: string
}

/** A digest file, as far as it is compared ("CloudTrail digest file structure"). */
export interface Digest {
  readonly path: string
  /** Of the contents, decompressed. */
  readonly hash: string
  readonly endTime: string
  readonly bucket: string
  readonly object: string
  readonly fingerprint: string
  /** The Region whose key signed it, by the place where CloudTrail delivered it; missing where that names no Region. */
  readonly region?: string
  /** The signature beside it; missing for a file on a disk. */
  readonly signature?: DigestSignature
  readonly previous: { readonly object: string; readonly hash: string; readonly signature: string } | undefined
  readonly previousSignature: string
  readonly logFiles: readonly { readonly object: string; readonly hash: string }[]
}

/** A digest file that could not be read, and why: a sentence. */
export interface UnreadDigest {
  readonly path: string
  readonly why: string
}

/** No digest is larger decompressed. Bytes. */
const LARGEST_DIGEST = 64 * 2 ** 20

/** Reads a digest file from its bytes. */
export const readDigest = (path: string, raw: Buffer, signature?: DigestSignature): Digest | UnreadDigest => {
  try {
    const contents = isGzip(raw) ? gunzipSync(raw, { maxOutputLength: LARGEST_DIGEST }) : raw
    return digestIn(path, contents, JSON.parse(contents.toString('utf8')), signature)
  } catch (error) {
    return { path, why: `${error instanceof Error ? error.message : String(error)}.` }
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const digestIn = (
  path: string,
  contents: Buffer,
  document: Readonly<Record<string, unknown>>,
  signature: DigestSignature | undefined,
): Digest => {
  const previous = textOf(document.previousDigestS3Object)
  const previousSignature = textOf(document.previousDigestSignature)
  const logFiles = Array.isArray(document.logFiles) ? document.logFiles : []
  const object = textOf(document.digestS3Object)
  const region = /\/CloudTrail-Digest\/([a-z0-9-]+)\//.exec(object)?.[1] ?? ''
  return {
    ...{ path, hash: createHash('sha256').update(contents).digest('hex'), endTime: textOf(document.digestEndTime), object },
    ...{ bucket: textOf(document.digestS3Bucket), fingerprint: textOf(document.digestPublicKeyFingerprint) },
    ...given({ signature, region: REGION.test(region) ? region : undefined }),
    previous:
      previous === ''
        ? undefined
        : { object: previous, hash: textOf(document.previousDigestHashValue), signature: previousSignature },
    // CloudTrail signs the word where there is no digest before.
    previousSignature: previousSignature === '' ? 'null' : previousSignature,
    logFiles: logFiles.map((file) => ({ object: textOf(file?.s3Object), hash: textOf(file?.hashValue) })),
  }
}
