import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { DigestKey } from '../../../../src/investigation/sources/log-files/digests/digest-signatures.ts'
import { delivered, gzipped, stolenCall } from './logs.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const keyOf = (key: KeyObject): DigestKey => ({
  fingerprint: 'f1',
  value: key.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
})

/** The key that signs the digests of `digestChain`. */
export const trailKey = keyOf(publicKey)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A file of a trail, as it lies in its bucket. */
interface Delivered {
  readonly key: string
  readonly bytes: Buffer
}

export interface DeliveredDigest extends Delivered {
  readonly signature: string
}

/** Digests of one log file each, as CloudTrail writes them: hashes of what is compressed, and the signature before. */
export const digestChain = (hours: readonly string[], region = 'us-east-1', bucket = 'trail-logs') => {
  const logs: Delivered[] = []
  const digests: DeliveredDigest[] = []
  let [before, signature] = ['', '']
  for (const hour of hours) {
    const folder = (name: string): string => `AWSLogs/111122223333/${name}/${region}/2026/03/01`
    const log = `${folder('CloudTrail')}/111122223333_CloudTrail_${region}_20260301T${hour}30Z_abcdefgh.json.gz`
    const key = `${folder('CloudTrail-Digest')}/111122223333_CloudTrail-Digest_${region}_org_us-east-1_20260301T${hour}0000Z.json.gz`
    const contents = delivered([stolenCall({ eventID: `${region}-${hour}`, eventTime: `2026-03-01T${hour}:20:00Z` })])
    const digest = JSON.stringify({
      ...{ digestEndTime: `2026-03-01T${hour}:59:00Z`, digestS3Bucket: bucket, digestS3Object: key },
      digestPublicKeyFingerprint: 'f1',
      previousDigestS3Object: digests.at(-1)?.key ?? null,
      previousDigestHashValue: before === '' ? null : sha256(before),
      previousDigestSignature: signature || null,
      logFiles: [{ s3Object: log, hashValue: sha256(contents) }],
    })
    const signed = `2026-03-01T${hour}:59:00Z\n${bucket}/${key}\n${sha256(digest)}\n${signature || 'null'}`
    signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'hex')
    before = digest
    logs.push({ key: log, bytes: gzipped(contents) })
    digests.push({ key, bytes: gzipped(digest), signature })
  }
  return { logs, digests }
}
