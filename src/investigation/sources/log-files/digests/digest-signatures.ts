import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type Instant, parseInstant } from '../../../../incident/values/instant.ts'
import type { Digest, DigestSignature } from './digest.ts'

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

/** CloudTrail's public keys, and the Regions of which they could not be read, or not all: with the reason, a sentence. */
export interface PublicKeys {
  readonly keys: readonly DigestKey[]
  readonly notRead: ReadonlyMap<string, string>
}

export type ReadPublicKeys = (digests: SignedDigests) => Promise<PublicKeys>

/** What the signatures of digests show. */
export interface CheckedSignatures {
  readonly verified: number
  /** Sentences. */
  readonly problems: readonly string[]
  /** Whose signatures could not be verified, and why: sentences. */
  readonly notVerified: readonly string[]
}

/** CloudTrail has a key for each Region and time. Undefined where no digest says when it ends. */
export const signedBy = (digests: readonly Digest[]): SignedDigests | undefined => {
  const ends = digests.flatMap(({ endTime }) => parseInstant(endTime) ?? []).sort()
  const [from, until] = [ends[0], ends.at(-1)]
  if (!from || !until) return undefined
  return { regions: [...new Set(digests.flatMap(({ region }) => region ?? []))].sort(), from, until }
}

/** What one digest's signature shows; `not` completes "… digest files are not verified: ". */
type Verdict = 'verified' | { readonly problem: string } | { readonly not: string }

/**
 * Verifies each digest's signature: the one beside it, or the one that the next digest names. The newest digest of a trail on a disk
 * has none, which the method of the check says.
 */
export const checkSignatures = (digests: readonly Digest[], read: PublicKeys): CheckedSignatures => {
  const named = new Map(digests.flatMap(({ previous }) => (previous ? [[previous.object, previous.signature] as const] : [])))
  const keys = new Map(read.keys.map((key) => [key.fingerprint, publicKeyOf(key)]))
  const verdicts = digests.flatMap((digest) => {
    const signature = digest.signature ?? previousOnes(named.get(digest.object))
    return signature ? [verdictOf(digest, signature, keys, read)] : []
  })
  const left = new Map<string, number>()
  for (const verdict of verdicts)
    if (typeof verdict === 'object' && 'not' in verdict) left.set(verdict.not, (left.get(verdict.not) ?? 0) + 1)
  return {
    verified: verdicts.filter((verdict) => verdict === 'verified').length,
    problems: verdicts.flatMap((verdict) => (typeof verdict === 'object' && 'problem' in verdict ? [verdict.problem] : [])),
    notVerified: [...left].map(([why, count]) => `${count === 1 ? 'one digest file is' : `${count} digest files are`} ${why}`),
  }
}

const ALGORITHM = 'SHA256withRSA'

const previousOnes = (value: string | undefined): DigestSignature | undefined =>
  value === undefined || value === '' ? undefined : { value, algorithm: ALGORITHM }

const verdictOf = (
  digest: Digest,
  { value, algorithm }: DigestSignature,
  keys: ReadonlyMap<string, KeyObject | undefined>,
  { notRead }: PublicKeys,
): Verdict => {
  const { path, region, fingerprint, endTime, bucket, object, hash, previousSignature } = digest
  if (algorithm !== ALGORITHM) return { not: `not verified: their signature is of another form than ${ALGORITHM}` }
  const key = keys.get(fingerprint)
  if (!key) {
    const why = region === undefined ? undefined : notRead.get(region)
    if (why !== undefined) return { not: `not verified: CloudTrail’s public keys of ${region} could not be read, ${why}` }
    if (region === undefined) return { not: 'not verified: they name no Region whose public keys could be asked for' }
    if (keys.has(fingerprint)) return { not: `not verified: CloudTrail’s public key of ${region} has an unknown form` }
    return { problem: `The signature of ${path} is not CloudTrail’s: CloudTrail has no such public key in ${region}.` }
  }
  const signed = `${endTime}\n${bucket}/${object}\n${hash}\n${previousSignature}`
  if (verify('RSA-SHA256', Buffer.from(signed), key, Buffer.from(value, 'hex'))) return 'verified'
  return { problem: `The signature of ${path} is not CloudTrail’s.` }
}

/** Undefined for a key of another form. */
const publicKeyOf = ({ value }: DigestKey): KeyObject | undefined => {
  const key = Buffer.from(value, 'base64')
  for (const type of ['pkcs1', 'spki'] as const)
    try {
      return createPublicKey({ key, format: 'der', type })
    } catch {
      // The other form.
    }
  return undefined
}
