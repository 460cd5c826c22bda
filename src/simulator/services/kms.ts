import type {
  DescribeKeyRequest,
  DescribeKeyResponse,
  GrantOperation,
  ListGrantsRequest,
  ListGrantsResponse,
  ListKeysRequest,
  ListKeysResponse,
  RevokeGrantRequest,
} from '@aws-sdk/client-kms'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import type { KmsKey } from '../account/holdings.ts'
import { regional } from '../account/regional.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { type Authorization, operation, type Service } from '../service.ts'

const keyArn = ({ partition, region, id }: Account, keyId: string): string => `arn:${partition}:kms:${region}:${id}:key/${keyId}`

/** A key by its id or its ARN. Throws NotFoundException. */
const keyNamed = (account: Account, named = ''): KmsKey => {
  const id = named.startsWith('arn:') ? named.replace(keyArn(account, ''), '') : named
  const key = account.kmsKeys.get(id)
  if (key) return key
  if (named.includes('alias/'))
    throw new ServiceError('NotFoundException', `The simulated account has no aliases: ${named} is not found.`)
  throw new ServiceError('NotFoundException', `Key '${named.startsWith('arn:') ? named : keyArn(account, named)}' does not exist`)
}

const onKey =
  (action: string) =>
  (account: Account, { KeyId = '' }: { readonly KeyId?: string | undefined }): readonly Authorization[] => [
    { action: `kms:${action}`, resource: KeyId.startsWith('arn:') ? KeyId : keyArn(account, KeyId) },
  ]

interface Asked {
  readonly Marker?: string | undefined
  readonly Limit?: number | undefined
}

const pageOfKms = <T>(items: readonly T[], keyOf: (item: T) => string, { Marker, Limit = 50 }: Asked, boundTo: unknown) => {
  const page = pageOf({
    ...{ items, keyOf, boundTo, token: Marker, size: Limit },
    refuse: () => new ServiceError('InvalidMarkerException', 'Invalid marker.'),
  })
  return { items: page.items, end: { Truncated: page.nextToken !== undefined, ...given({ NextMarker: page.nextToken }) } }
}

const listKeys = operation<ListKeysRequest, ListKeysResponse>({
  run: (account, { Marker, Limit }) => {
    const { items, end } = pageOfKms([...account.kmsKeys.values()], ({ id }) => id, { Marker, Limit }, null)
    return { Keys: items.map(({ id }) => ({ KeyId: id, KeyArn: keyArn(account, id) })), ...end }
  },
  writes: false,
})

const describeKey = operation<DescribeKeyRequest, DescribeKeyResponse>({
  authorize: onKey('DescribeKey'),
  run: (account, { KeyId }) => {
    const { id, description, createdAt, manager = 'CUSTOMER' } = keyNamed(account, KeyId)
    return {
      KeyMetadata: {
        ...{ AWSAccountId: account.id, KeyId: id, Arn: keyArn(account, id), CreationDate: new Date(createdAt) },
        ...{ Enabled: true, Description: description, KeyUsage: 'ENCRYPT_DECRYPT', KeyState: 'Enabled' },
        ...{ Origin: 'AWS_KMS', KeyManager: manager, KeySpec: 'SYMMETRIC_DEFAULT', MultiRegion: false },
      },
    }
  },
  writes: false,
})

const listGrants = operation<ListGrantsRequest, ListGrantsResponse>({
  authorize: onKey('ListGrants'),
  run: (account, { KeyId, GrantId, GranteePrincipal, Marker, Limit }) => {
    const key = keyNamed(account, KeyId)
    const grants = [...key.grants.values()].filter(
      ({ id, grantee }) => (GrantId ?? id) === id && (GranteePrincipal ?? grantee) === grantee,
    )
    const { items, end } = pageOfKms(grants, ({ id }) => id, { Marker, Limit }, { KeyId, GrantId, GranteePrincipal })
    return {
      Grants: items.map(({ id, name, grantee, operations, createdAt }) => ({
        ...{ KeyId: keyArn(account, key.id), GrantId: id, Name: name, CreationDate: new Date(createdAt) },
        ...{ GranteePrincipal: grantee, IssuingAccount: `arn:${account.partition}:iam::${account.id}:root` },
        Operations: operations as GrantOperation[],
      })),
      ...end,
    }
  },
  writes: false,
})

const revokeGrant = operation<RevokeGrantRequest, object>({
  authorize: onKey('RevokeGrant'),
  run: (account, { KeyId, GrantId }) => {
    const key = keyNamed(account, KeyId)
    if (!key.grants.delete(GrantId ?? '')) throw new ServiceError('NotFoundException', `Grant ID ${GrantId} not found`)
    return {}
  },
  writes: true,
  resources: (account, { KeyId }) => [{ type: 'AWS::KMS::Key', name: keyArn(account, keyNamed(account, KeyId).id) }],
})

/** KMS, as far as a responder looks for grants and takes them away. Nothing is encrypted. */
export const kms: Service = regional({
  ListKeys: listKeys,
  DescribeKey: describeKey,
  ListGrants: listGrants,
  RevokeGrant: revokeGrant,
})
