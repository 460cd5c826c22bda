import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { createGunzip, gunzipSync } from 'node:zlib'
import type { DigestCheck } from '../../../../incident/facts/coverage.ts'
import { type Instant, parseInstant } from '../../../../incident/values/instant.ts'
import { CHUNK, isGzip } from '../decode/gunzip.ts'
import { fileError } from '../discover/files-on-disk.ts'

/** A public key of CloudTrail (ListPublicKeys): its fingerprint, and its value in base64. */
export interface DigestKey {
  readonly fingerprint: string
  readonly value: string
}

/** The digests whose keys are asked for: their Regions, and the time in which CloudTrail signed them. */
export interface SignedDigests {
  readonly regions: readonly string[]
  readonly from: Instant
  readonly until: Instant
}

/** CloudTrail's public keys, and in sentences why these may not be all. */
export interface PublicKeys {
  readonly keys: readonly DigestKey[]
  readonly incomplete: readonly string[]
}

export type ReadPublicKeys = (digests: SignedDigests) => Promise<PublicKeys>

/** A digest file, as far as it is compared ("CloudTrail digest file structure"). */
interface Digest {
  readonly path: string
  readonly contents: Buffer
  readonly endTime: string
  readonly bucket: string
  readonly object: string
  readonly fingerprint: string
  readonly previous: { readonly object: string; readonly hash: string; readonly signature: string } | undefined
  readonly previousSignature: string
  readonly logFiles: readonly { readonly object: string; readonly hash: string }[]
}

/** No digest is larger decompressed. Bytes. */
const LARGEST_DIGEST = 64 * 2 ** 20

/**
 * Compares log files with the digest files beside them: each log file's hash with the one in its digest, each digest's hash with
 * the one in the next digest, and, where CloudTrail can be asked for its public keys, each digest's signature. The signature of a digest lies in the
 * metadata of its object in S3; on a disk only the next digest has it, so the newest one of a trail has none.
 */
export const checkDigests = async (
  digestPaths: readonly string[],
  logPaths: readonly string[],
  readKeys: ReadPublicKeys | undefined,
  signal: AbortSignal,
): Promise<DigestCheck> => {
  const problems: string[] = []
  const digests = digestPaths.flatMap((path) => readDigest(path, problems))
  const logs = new Map(logPaths.map((path) => [basename(path), path]))
  const compared = { logFiles: 0, signatures: 0 }
  const listed = new Set<string>()
  for (const digest of digests)
    for (const { object, hash } of digest.logFiles) {
      signal.throwIfAborted()
      const path = logs.get(basename(object))
      listed.add(basename(object))
      if (path === undefined) problems.push(`${object} is missing: ${basename(digest.path)} names it.`)
      else {
        compared.logFiles += 1
        const found = await hashOf(path)
        if ('why' in found) problems.push(`${path} cannot be compared: ${found.why}`)
        else if (found.hash !== hash) problems.push(`${path} was changed after CloudTrail delivered it.`)
      }
    }
  const asked = signedBy(digests)
  const read = asked && (await readKeys?.(asked))
  checkChain(digests, keysIn(read), compared, problems)
  problems.push(...unlisted(logs, listed, digests))
  return { digests: digests.length, ...compared, problems, method: methodOf(digests, read) }
}

/** Undefined where no key could be read. Where CloudTrail has none, no signature is CloudTrail's. */
const keysIn = (read: PublicKeys | undefined): readonly DigestKey[] | undefined =>
  read && (read.keys.length > 0 || read.incomplete.length === 0) ? read.keys : undefined

const methodOf = (digests: readonly Digest[], read: PublicKeys | undefined): string => {
  if (digests.length === 0) return 'There are no digest files, so nothing could be compared.'
  const missing = (read?.incomplete ?? []).map((sentence) => ` ${sentence}.`).join('')
  if (keysIn(read) === undefined)
    return `Hashes only: without CloudTrail’s public keys, whoever changed a log file can have changed the digests too.${missing}`
  return `Signatures are those that the next digest file names; the newest digest of a trail has its signature in S3 only.${missing}`
}

/** CloudTrail has a key for each Region and time. Undefined where no digest says when it ends. */
const signedBy = (digests: readonly Digest[]): SignedDigests | undefined => {
  const ends = digests.flatMap(({ endTime }) => parseInstant(endTime) ?? []).sort()
  const [from, until] = [ends[0], ends.at(-1)]
  if (!from || !until) return undefined
  const regions = digests.flatMap(({ object }) => /\/CloudTrail-Digest\/([a-z0-9-]+)\//.exec(object)?.[1] ?? [])
  return { regions: [...new Set(regions)].sort(), from, until }
}

/** Each digest names the one before it. */
const checkChain = (
  digests: readonly Digest[],
  keys: readonly DigestKey[] | undefined,
  compared: { signatures: number },
  problems: string[],
): void => {
  const byObject = new Map(digests.map((digest) => [digest.object, digest]))
  const oldest = oldestOfTrails(digests)
  for (const { previous, object, path } of digests) {
    if (!previous) continue
    const before = byObject.get(previous.object)
    if (!before) {
      if (!oldest.has(object)) problems.push(`${previous.object} is missing: ${basename(path)} names it as the digest before.`)
    } else if (sha256(before.contents) !== previous.hash)
      problems.push(`${before.path} was changed: ${basename(path)} has another hash.`)
    else if (keys) checkSignature(before, previous.signature, keys, compared, problems)
  }
}

const checkSignature = (
  digest: Digest,
  signature: string,
  keys: readonly DigestKey[],
  compared: { signatures: number },
  problems: string[],
): void => {
  const key = keys.find(({ fingerprint }) => fingerprint === digest.fingerprint)
  if (!key) {
    problems.push(`The signature of ${digest.path} could not be verified: CloudTrail gave no public key ${digest.fingerprint}.`)
    return
  }
  const { endTime, bucket, object, contents, previousSignature } = digest
  const signed = `${endTime}\n${bucket}/${object}\n${sha256(contents)}\n${previousSignature}`
  if (verify('RSA-SHA256', Buffer.from(signed), publicKeyOf(key), Buffer.from(signature, 'hex'))) compared.signatures += 1
  else problems.push(`The signature of ${digest.path} is not CloudTrail’s.`)
}

const publicKeyOf = ({ value }: DigestKey): KeyObject => {
  const key = Buffer.from(value, 'base64')
  try {
    return createPublicKey({ key, format: 'der', type: 'pkcs1' })
  } catch {
    return createPublicKey({ key, format: 'der', type: 'spki' })
  }
}

/** The trail of a digest, by its name without the time. */
const trailOf = (object: string): string => basename(object).replace(/_\d{8}T\d{6}Z.*$/, '')

const oldestOfTrails = (digests: readonly Digest[]): ReadonlySet<string> => {
  const oldest = new Map<string, Digest>()
  for (const digest of digests) {
    const before = oldest.get(trailOf(digest.object))
    if (!before || digest.endTime < before.endTime) oldest.set(trailOf(digest.object), digest)
  }
  return new Set([...oldest.values()].map(({ object }) => object))
}

/** Log files between the first and the last digest that no digest names: CloudTrail did not deliver them so. */
const unlisted = (
  logs: ReadonlyMap<string, string>,
  listed: ReadonlySet<string>,
  digests: readonly Digest[],
): readonly string[] => {
  const ends = digests.map(({ endTime }) => endTime.replaceAll(/[-:]/g, '').slice(0, 'YYYYMMDDTHHMM'.length)).sort()
  const [first = '', last = ''] = [ends[0], ends.at(-1)]
  return [...logs].flatMap(([name, path]) => {
    const at = /_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4})Z_/.exec(name)?.[1]
    const isBetween = at !== undefined && at > first && at < last
    return isBetween && !listed.has(name) ? [`${path} is named by no digest file.`] : []
  })
}

const readDigest = (path: string, problems: string[]): readonly Digest[] => {
  try {
    const raw = readFileSync(path)
    const contents = isGzip(raw) ? gunzipSync(raw, { maxOutputLength: LARGEST_DIGEST }) : raw
    return [digestIn(path, contents, JSON.parse(contents.toString('utf8')))]
  } catch (error) {
    problems.push(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
    return []
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const digestIn = (path: string, contents: Buffer, document: Readonly<Record<string, unknown>>): Digest => {
  const previous = textOf(document.previousDigestS3Object)
  const signature = textOf(document.previousDigestSignature)
  const logFiles = Array.isArray(document.logFiles) ? document.logFiles : []
  return {
    ...{ path, contents, endTime: textOf(document.digestEndTime), bucket: textOf(document.digestS3Bucket) },
    ...{ object: textOf(document.digestS3Object), fingerprint: textOf(document.digestPublicKeyFingerprint) },
    previous: previous === '' ? undefined : { object: previous, hash: textOf(document.previousDigestHashValue), signature },
    // CloudTrail signs the word where there is no digest before.
    previousSignature: signature === '' ? 'null' : signature,
    logFiles: logFiles.map((file) => ({ object: textOf(file?.s3Object), hash: textOf(file?.hashValue) })),
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

type FileHash = { readonly hash: string } | { readonly why: string }

/** The hash of a file's contents, decompressed: that is what a digest names. A file that was unpacked has the same. */
const hashOf = async (path: string): Promise<FileHash> => {
  try {
    const hash = createHash('sha256')
    for await (const chunk of contentsOf(path)) hash.update(chunk)
    return { hash: hash.digest('hex') }
  } catch (error) {
    return { why: fileError(error, path) }
  }
}

async function* contentsOf(path: string): AsyncGenerator<Buffer> {
  const isCompressed = startsAsGzip(path)
  const stream = createReadStream(path, { highWaterMark: CHUNK })
  if (!isCompressed) yield* stream
  else {
    const gunzip = createGunzip()
    stream.on('error', (error) => gunzip.destroy(error)).pipe(gunzip)
    yield* gunzip
  }
}

const startsAsGzip = (path: string): boolean => {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(2)
    readSync(file, head)
    return isGzip(head)
  } finally {
    closeSync(file)
  }
}
