import { ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import type { AwsClients } from '../../../../aws/clients.ts'
import { codeOf, unreadReason } from '../../../../aws/failure.ts'
import { allPages, type Pages } from '../../../../aws/pager.ts'
import { Failure } from '../../../../incident/values/failure.ts'
import type { DigestKey, ReadPublicKeys, SignedDigests } from './digest-signatures.ts'

/**
 * Reads the public keys with which CloudTrail signed digests ("ListPublicKeys"): of each Region, those that were valid in the time of the
 * digests. A Region that refuses or does not answer is named, whatever the reason: the answer is there without its keys.
 */
export const publicKeysFrom =
  (cloudtrail: (region: string) => AwsClients['cloudtrail']): ReadPublicKeys =>
  async (digests) => {
    const notRead = new Map<string, string>()
    const read = await Promise.all(
      digests.regions.map(async (region) => {
        try {
          const { items, incomplete } = await keysOf(cloudtrail(region), digests)
          if (incomplete !== undefined) notRead.set(region, `or not all: ${incomplete}`)
          return items
        } catch (error) {
          notRead.set(region, `because cloudtrail:ListPublicKeys ${whyNot(error)}`)
          return []
        }
      }),
    )
    return { keys: read.flat(), notRead }
  }

const keysOf = (client: AwsClients['cloudtrail'], { from, until }: SignedDigests): Promise<Pages<DigestKey>> =>
  allPages<DigestKey>(async (NextToken) => {
    const range = { StartTime: new Date(from), EndTime: new Date(until) }
    const { PublicKeyList, NextToken: next } = await client.send(
      new ListPublicKeysCommand({ ...range, ...(NextToken === undefined ? {} : { NextToken }) }),
    )
    const items = PublicKeyList?.flatMap(({ Fingerprint, Value }) =>
      Fingerprint && Value ? [{ fingerprint: Fingerprint, value: Buffer.from(Value).toString('base64') }] : [],
    )
    return { items, next }
  })

/** The end of a sentence. Thrown is an interruption, and a mistake in ir-cred. */
const whyNot = (error: unknown): string => {
  const why = unreadReason(error)
  if (why !== undefined) return why
  const isMistake = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  if (!(error instanceof Error) || error.name === 'AbortError' || isMistake) throw error
  if (error instanceof Failure && error.kind === 'interrupted') throw error
  return error instanceof Failure ? `failed: ${error.message}` : `does not accept your credentials: ${inCode(codeOf(error))}`
}

const inCode = (code: string): string => code.replace(/[^\w.]/g, '?').slice(0, 80)
