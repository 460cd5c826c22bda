import type { AwsClock } from '../../../aws/clock.ts'
import type { DigestCheck, MissingDigests } from '../../../incident/facts/coverage.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { checkDigests } from '../log-files/digests/check-digests.ts'
import { type Digest, type DigestSignature, readDigest, type UnreadDigest } from '../log-files/digests/digest.ts'
import type { ReadPublicKeys } from '../log-files/digests/digest-signatures.ts'
import { missingDigests } from '../log-files/discover/named-coverage.ts'
import type { Bucket, LogObject } from './bucket.ts'
import { addressOf } from './bucket-address.ts'
import type { BucketRun } from './bucket-run.ts'
import { bytesIn, download, type ObjectMetadata } from './download.ts'
import { findDigests, type Search } from './find-objects.ts'
import { workThrough } from './in-parallel.ts'

/** How the log files of a bucket compare with the digest files beside them. */
export interface BucketValidation {
  readonly digestCheck: DigestCheck
  readonly missingDigests: readonly MissingDigests[]
  /** How many digest files there are. */
  readonly digests: number
}

/**
 * Validates the log files that were read against the trail's digest files: their hashes, and the chain of the digests with the
 * signatures in the metadata of their objects ("Validating CloudTrail log file integrity").
 */
export const validateBucket = async <State>(
  run: BucketRun<State>,
  search: Search,
  publicKeys: ReadPublicKeys | undefined,
): Promise<BucketValidation> => {
  const { bucket, hashes = new Map(), bad, objects } = run
  const pathOf = ({ key }: LogObject): string => addressOf({ ...bucket.address, prefix: key })
  const keys = new Map(objects.map((object) => [pathOf(object), object.key]))
  const found: LogObject[] = []
  const digests = await readDigests(run, findDigests(bucket, search), found)
  const digestCheck = await checkDigests(
    {
      ...{ digests, logs: [...keys.keys()], range: search.range, hasSignatures: true },
      hashOf: async (path) =>
        hashes.get(keys.get(path) ?? '') ?? { why: bad.find((each) => each.path === path)?.why ?? 'It was not read.' },
    },
    publicKeys,
    bucket.signal,
  )
  return { digestCheck, missingDigests: missingDigests(found.map(({ key }) => key)), digests: found.length }
}

/** In the order of their keys, which is that of time within a trail. */
const readDigests = async <State>(
  { bucket, clock, inFlight }: BucketRun<State>,
  pages: AsyncIterable<readonly LogObject[]>,
  found: LogObject[],
): Promise<readonly (Digest | UnreadDigest)[]> => {
  const read = new Map<string, Digest | UnreadDigest>()
  const readOne = async (object: LogObject): Promise<void> => {
    found.push(object)
    read.set(object.key, await digestOf(bucket, object, clock))
  }
  try {
    await workThrough(pages, ({ size }) => size, inFlight, readOne)
  } catch (error) {
    // The log files were read, and their answer is there without the digests.
    if (!(error instanceof Failure) || error.kind === 'interrupted') throw error
    read.set('', { path: `the list of digest files in ${addressOf(bucket.address)}`, why: `${error.message}.` })
  }
  return [...read].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, digest]) => digest)
}

const digestOf = async (bucket: Bucket, object: LogObject, clock: AwsClock): Promise<Digest | UnreadDigest> => {
  const path = addressOf({ ...bucket.address, prefix: object.key })
  const fetched = await download(bucket, object, clock, async (body, listed, metadata) => ({
    raw: await bytesIn(body, listed),
    signature: signatureIn(metadata),
  }))
  if ('error' in fetched) {
    if (fetched.error.kind === 'bug') throw fetched.error.cause
    return { path, why: fetched.error.why }
  }
  const { raw, signature } = fetched.taken
  return readDigest(path, raw, ...(signature ? [signature] : []))
}

/** CloudTrail writes both ("CloudTrail digest file structure"). */
const signatureIn = (metadata: ObjectMetadata): DigestSignature | undefined => {
  const { signature: value, 'signature-algorithm': algorithm } = metadata
  return value === undefined ? undefined : { value, algorithm: algorithm ?? '' }
}
