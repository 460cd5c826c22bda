import { ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import type { AwsClients } from '../../../../aws/clients.ts'
import { inEveryRegion, notReadSentences } from '../../../../aws/every-region.ts'
import { allPages } from '../../../../aws/pager.ts'
import type { DigestKey, ReadPublicKeys } from './check-digests.ts'

/**
 * Reads the public keys with which CloudTrail signed digests ("ListPublicKeys"): of each Region, those that were valid in the time of the
 * digests. A Region that refuses or does not answer is named.
 */
export const publicKeysFrom =
  (cloudtrail: (region: string) => AwsClients['cloudtrail']): ReadPublicKeys =>
  async ({ regions, from, until }) => {
    const { answers, notRead } = await inEveryRegion(regions, 'read CloudTrail’s public keys', (region) =>
      allPages<DigestKey>(async (NextToken) => {
        const range = { StartTime: new Date(from), EndTime: new Date(until) }
        const { PublicKeyList, NextToken: next } = await cloudtrail(region).send(
          new ListPublicKeysCommand({ ...range, ...(NextToken === undefined ? {} : { NextToken }) }),
        )
        const items = PublicKeyList?.flatMap(({ Fingerprint, Value }) =>
          Fingerprint && Value ? [{ fingerprint: Fingerprint, value: Buffer.from(Value).toString('base64') }] : [],
        )
        return { items, next }
      }),
    )
    return {
      keys: answers.flatMap(({ answer }) => answer.items),
      incomplete: [
        ...notReadSentences('cloudtrail:ListPublicKeys', notRead),
        ...answers.flatMap(({ region, answer: { incomplete } }) =>
          incomplete === undefined ? [] : [`the public keys of ${region} may not be all: ${incomplete}`],
        ),
      ],
    }
  }
