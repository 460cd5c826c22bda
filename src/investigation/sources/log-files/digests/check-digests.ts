import { basename } from 'node:path'
import type { DigestCheck } from '../../../../incident/facts/coverage.ts'
import type { TimeRange } from '../../../question.ts'
import { mayHoldRecordsOf } from '../discover/file-names.ts'
import type { FileHash } from './content-hash.ts'
import type { Digest, UnreadDigest } from './digest.ts'
import { checkSignatures, type PublicKeys, type ReadPublicKeys, signedBy } from './digest-signatures.ts'

/** The digest files and the log files of a place: a disk, or a bucket. */
export interface DigestsAndLogs {
  readonly digests: readonly (Digest | UnreadDigest)[]
  /** Paths of the log files of the range. */
  readonly logs: readonly string[]
  hashOf(path: string): Promise<FileHash>
  /** Log files outside it were not read, by their names: they are not compared. */
  readonly range: TimeRange
  /** Whether the signature of a digest lies beside it, as it does in S3. */
  readonly hasSignatures: boolean
}

/**
 * Compares log files with digest files: each log file's hash with the one in its digest, each digest's hash with the one in the next
 * digest, and, where CloudTrail can be asked for its public keys, each digest's signature. The signature of a digest lies in the
 * metadata of its object in S3; on a disk only the next digest has it, so the newest one of a trail has none.
 */
export const checkDigests = async (
  { digests: found, logs, hashOf, range, hasSignatures }: DigestsAndLogs,
  readKeys: ReadPublicKeys | undefined,
  signal: AbortSignal,
): Promise<DigestCheck> => {
  const digests = found.filter((each) => 'hash' in each)
  const unread = found.filter((each) => 'why' in each)
  const byName = new Map(logs.map((path) => [basename(path), path]))
  const problems = unread.map(({ path, why }) => `${path} cannot be read: ${why}`)
  let logFiles = 0
  for (const digest of digests)
    for (const named of digest.logFiles) {
      signal.throwIfAborted()
      if (!mayHoldRecordsOf(named.object, range)) continue
      const path = byName.get(basename(named.object))
      if (path !== undefined) logFiles += 1
      problems.push(...(await compared(named, digest, path, hashOf)))
    }
  const asked = signedBy(digests)
  const read = asked && (await readKeys?.(asked))
  const { verified, problems: forged, notVerified } = read ? checkSignatures(digests, read) : NO_SIGNATURES
  problems.push(...brokenLinks(digests, unread), ...forged, ...unlisted(byName, digests, unread))
  return {
    digests: digests.length,
    logFiles,
    signatures: verified,
    problems,
    notVerified,
    method: methodOf(digests, read, hasSignatures),
  }
}

const NO_SIGNATURES = { verified: 0, problems: [], notVerified: [] }

const compared = async (
  { object, hash }: Digest['logFiles'][number],
  digest: Digest,
  path: string | undefined,
  hashOf: DigestsAndLogs['hashOf'],
): Promise<readonly string[]> => {
  if (path === undefined) return [`${object} is missing: ${basename(digest.path)} names it.`]
  const found = await hashOf(path)
  if ('why' in found) return [`${path} cannot be compared: ${found.why}`]
  return found.hash === hash ? [] : [`${path} was changed after CloudTrail delivered it.`]
}

const methodOf = (digests: readonly Digest[], read: PublicKeys | undefined, hasSignatures: boolean): string => {
  if (digests.length === 0) return 'There are no digest files, so nothing could be compared.'
  if (!read || (read.keys.length === 0 && read.notRead.size > 0))
    return 'Hashes only: without CloudTrail’s public keys, whoever changed a log file can have changed the digests too.'
  return hasSignatures
    ? 'Signatures are those in the metadata of the digest files.'
    : 'Signatures are those that the next digest file names; the newest digest of a trail has its signature in S3 only.'
}

/** Each digest names the one before it. */
const brokenLinks = (digests: readonly Digest[], unread: readonly UnreadDigest[]): readonly string[] => {
  const byObject = new Map(digests.map((digest) => [digest.object, digest]))
  const notRead = new Set(unread.map(({ path }) => basename(path)))
  const oldest = oldestOfTrails(digests)
  return digests.flatMap(({ previous, object, path }) => {
    const before = previous && byObject.get(previous.object)
    if (before) return before.hash === previous.hash ? [] : [`${before.path} was changed: ${basename(path)} has another hash.`]
    if (oldest.has(object)) return []
    if (!previous)
      return [
        `${basename(path)} names no digest before it: the validation of the trail’s log files was off before, and began anew.`,
      ]
    return notRead.has(basename(previous.object))
      ? []
      : [`${previous.object} is missing: ${basename(path)} names it as the digest before.`]
  })
}

/** The trail of a digest, by its name without the time. Digests that CloudTrail made afterwards are a chain of their own. */
const trailOf = (object: string): string => basename(object).replace(/_\d{8}T\d{6}Z/, '')

const oldestOfTrails = (digests: readonly Digest[]): ReadonlySet<string> => {
  const oldest = new Map<string, Digest>()
  for (const digest of digests) {
    const before = oldest.get(trailOf(digest.object))
    if (!before || digest.endTime < before.endTime) oldest.set(trailOf(digest.object), digest)
  }
  return new Set([...oldest.values()].map(({ object }) => object))
}

/** The account and the Region, by the name of a digest file or of a log file. */
const PLACE = /(\d{12})_CloudTrail(?:-Digest)?_([a-z0-9-]+)_/
const placeOf = (path: string): string => PLACE.exec(basename(path))?.slice(1, 3).join(' ') ?? ''

/**
 * Log files that no digest names, between the first and the last digest of their account and Region: CloudTrail did not deliver them
 * so. Whose trail a log file is, its name does not say: where there are several, they count from the last one's first digest on.
 */
const unlisted = (
  logs: ReadonlyMap<string, string>,
  digests: readonly Digest[],
  unread: readonly UnreadDigest[],
): readonly string[] => {
  const listed = new Set(digests.flatMap(({ logFiles }) => logFiles.map(({ object }) => basename(object))))
  const periods = periodsOf(digests)
  const notRead = new Set(unread.map(({ path }) => placeOf(path)))
  return [...logs].flatMap(([name, path]) => {
    const at = /_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4})Z_/.exec(name)?.[1]
    const period = periods.get(placeOf(name))
    if (at === undefined || !period || notRead.has(placeOf(name)) || listed.has(name)) return []
    return at > period.from && at < period.until ? [`${path} is named by no digest file.`] : []
  })
}

interface Period {
  readonly from: string
  readonly until: string
}

/** In which time the digests of an account and Region name every log file. Times as log files are named: `20260301T0830`. */
const periodsOf = (digests: readonly Digest[]): ReadonlyMap<string, Period> => {
  const trails = new Map<string, Period & { readonly place: string }>()
  for (const { object, endTime } of digests) {
    const end = endTime.replaceAll(/[-:]/g, '').slice(0, 'YYYYMMDDTHHMM'.length)
    const { from = end, until = end } = trails.get(trailOf(object)) ?? {}
    trails.set(trailOf(object), { from: earlierText(end, from), until: laterText(end, until), place: placeOf(object) })
  }
  const periods = new Map<string, Period>()
  for (const { place, from, until } of trails.values()) {
    const before = periods.get(place) ?? { from, until }
    periods.set(place, { from: laterText(from, before.from), until: earlierText(until, before.until) })
  }
  return periods
}

const earlierText = (a: string, b: string): string => [a, b].sort()[0] ?? a
const laterText = (a: string, b: string): string => [a, b].sort()[1] ?? a
