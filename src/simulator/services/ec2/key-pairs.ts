import type {
  CreateKeyPairRequest,
  DeleteKeyPairRequest,
  DescribeKeyPairsRequest,
  DescribeKeyPairsResult,
  KeyPair as KeyPairAnswer,
} from '@aws-sdk/client-ec2'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { ec2Arn } from '../../account/arns.ts'
import type { KeyPair } from '../../account/holdings.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { hexFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { refuseDryRun } from './found.ts'

const keyPairArn = (account: Account, name: string): string => ec2Arn(account, 'key-pair', name)

/** CreateKeyPair: its private key opens nothing, because nobody can sign in to a simulated instance. */
export const createKeyPair = operation<CreateKeyPairRequest, KeyPairAnswer>({
  authorize: (account, { KeyName = '' }) => [{ action: 'ec2:CreateKeyPair', resource: keyPairArn(account, KeyName) }],
  run: (account, input) => {
    const { KeyName: name = '' } = input
    if (account.keyPairs.has(name)) throw new ServiceError('InvalidKeyPair.Duplicate', `The keypair already exists`)
    refuseDryRun(input)
    const fingerprint = (hexFrom(account.random, 40).match(/../g) ?? []).join(':')
    const pair: KeyPair = { name, fingerprint, id: `key-0${hexFrom(account.random, 16)}`, createdAt: timeIn(account) }
    account.keyPairs.set(name, pair)
    const KeyMaterial = '-----BEGIN RSA PRIVATE KEY-----\n(of a simulated key pair)\n-----END RSA PRIVATE KEY-----'
    return { KeyName: name, KeyPairId: pair.id, KeyFingerprint: fingerprint, KeyMaterial }
  },
  writes: true,
  written: ({ KeyName }, output) => ({
    request: { keyName: KeyName, keyType: 'rsa', keyFormat: 'pem' },
    ...given({ response: output ? { ...output, KeyMaterial: '<sensitiveDataRemoved>' } : undefined }),
  }),
})

const fields: FilterFields<KeyPair> = {
  fingerprint: ({ fingerprint }) => [fingerprint],
  'key-name': ({ name }) => [name],
  'key-pair-id': ({ id }) => [id],
}

/** DescribeKeyPairs. Throws InvalidKeyPair.NotFound for a name that there is not. */
export const describeKeyPairs = operation<DescribeKeyPairsRequest, DescribeKeyPairsResult>({
  run: (account, input) => {
    const { KeyNames = [], Filters } = input
    const missing = KeyNames.find((name) => !account.keyPairs.has(name))
    if (missing !== undefined) {
      throw new ServiceError('InvalidKeyPair.NotFound', `The key pair '${missing}' does not exist`)
    }
    refuseDryRun(input)
    const asked = [...account.keyPairs.values()].filter(({ name }) => KeyNames.length === 0 || KeyNames.includes(name))
    const KeyPairs = filtered(asked, Filters, fields).map(({ id, name, fingerprint, createdAt }) => ({
      KeyPairId: id,
      KeyName: name,
      KeyFingerprint: fingerprint,
      KeyType: 'rsa' as const,
      CreateTime: new Date(createdAt),
    }))
    return { KeyPairs }
  },
  writes: false,
})

/** DeleteKeyPair; of a name that there is not, too. */
export const deleteKeyPair = operation<DeleteKeyPairRequest, object>({
  authorize: (account, { KeyName = '*' }) => [{ action: 'ec2:DeleteKeyPair', resource: keyPairArn(account, KeyName) }],
  run: (account, input) => {
    refuseDryRun(input)
    const { KeyName = '' } = input
    const id = account.keyPairs.get(KeyName)?.id
    account.keyPairs.delete(KeyName)
    return { Return: true, ...given({ KeyPairId: id }) }
  },
  writes: true,
})
