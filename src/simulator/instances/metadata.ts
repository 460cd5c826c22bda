import { SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Account, Instance } from '../account/account.ts'
import { profileArn } from '../account/arns.ts'
import { timeIn } from '../agenda.ts'
import { handedOut, roleOfInstance } from '../issue-credentials.ts'
import { answerMetadata, type ImdsCredentials, type Metadata, type MetadataAnswer, type MetadataRequest } from './imds.ts'

const instant = (ms: number): string => instantOf(new Date(ms))

const credentialsOf = (account: Account, instance: Instance, delivery: '1.0' | '2.0'): ImdsCredentials | undefined => {
  const credential = handedOut(account, instance, delivery, timeIn(account))
  const sets = instance.delivered[delivery === '1.0' ? 'v1' : 'v2']
  const set = sets.findLast(({ accessKeyId }) => accessKeyId === credential?.accessKeyId)
  if (!credential || !set) return undefined
  return {
    Code: 'Success',
    LastUpdated: instant(set.lastUpdated),
    Type: 'AWS-HMAC',
    AccessKeyId: credential.accessKeyId,
    SecretAccessKey: credential.secretAccessKey,
    Token: credential.sessionToken ?? '',
    Expiration: instant(credential.expiresAt ?? 0),
  }
}

/** A session token of the metadata service says itself who it is good for, and until when; nobody signs it in a simulation. */
const newToken = (account: Account, { id }: Instance, ttlSeconds: number): string =>
  Buffer.from(`${id} ${timeIn(account) + ttlSeconds * SECOND_MS}`).toString('base64url')

const isValidToken = (account: Account, instance: Instance, token: string): boolean => {
  const [id, until] = Buffer.from(token, 'base64url').toString('utf8').split(' ')
  return id === instance.id && timeIn(account) < Number(until)
}

const metadataOf = (account: Account, instance: Instance): Metadata => {
  const profile = instance.profileName === undefined ? undefined : account.instanceProfiles.get(instance.profileName)
  const role = roleOfInstance(account, instance)
  const [v1, v2] = [credentialsOf(account, instance, '1.0'), credentialsOf(account, instance, '2.0')]
  return {
    tokens: instance.httpTokens,
    enabled: instance.metadataEnabled,
    instanceId: instance.id,
    ...given({ roleName: role?.name }),
    ...(profile ? { profileArn: profileArn(account, profile.name), profileId: profile.id } : {}),
    ...given({ v1, v2 }),
    validToken: (token) => isValidToken(account, instance, token),
    newToken: (ttlSeconds) => newToken(account, instance, ttlSeconds),
  }
}

/** What the instance's own metadata service answers it now; undefined while it is off or the instance is not running. */
export const metadataAnswer = (account: Account, instance: Instance, request: MetadataRequest): MetadataAnswer | undefined =>
  instance.state === 'running' ? answerMetadata(request, metadataOf(account, instance)) : undefined
