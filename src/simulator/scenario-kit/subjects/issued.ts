import { DAY_MS, MINUTE_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { AccountRole } from '../../account/account.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import { acts, type PlannedCall, trailEventOf } from '../../actors/actor.ts'
import { credentialsOn } from '../../actors/workload.ts'
import { between } from '../../random.ts'
import { recordEvent } from '../../records/record.ts'
import { FIRST_CALL_BEFORE } from '../incident.ts'
import { workloadPolicy } from '../policies.ts'
import { addRoleTo, type StandardAccount } from '../standard-account.ts'
import type { SubjectNames } from './subject.ts'

/** When the stolen set was issued (ms): a little before the attacker's first call. */
export const issuedAt = ({ now }: StandardAccount): number => now - FIRST_CALL_BEFORE - 3 * MINUTE_MS

/** The set under the key id that a finding prescribes. */
export const underKey = (
  { account }: StandardAccount,
  credential: IssuedCredential,
  accessKeyId: string | undefined,
): IssuedCredential => (accessKeyId === undefined ? credential : account.credentials.register({ ...credential, accessKeyId }))

interface SubjectRole {
  readonly name: string
  readonly id: string
  readonly path?: string
  readonly trustPolicy: string
  readonly policy?: string
}

/** The role of a subject, under the names that are prescribed: the account's own role of that name, or a new one. */
export const roleFor = ({ account, now }: StandardAccount, names: SubjectNames, usual: SubjectRole): AccountRole => {
  const { trustPolicy, path = '/', policy = workloadPolicy } = usual
  const parts = { name: names.name ?? usual.name, id: names.id ?? usual.id, path, trustPolicy }
  return account.roles.get(parts.name) ?? addRoleTo(account, now, parts, `${parts.name}-rights`, policy)
}

const CALLS: readonly Omit<PlannedCall, 'afterSeconds' | 'userAgent'>[] = [
  { call: 's3:ListBuckets', asks: 's3:ListAllMyBuckets' },
  { call: 's3:GetBucketLocation', resource: 'arn:aws:s3:::acme-web-uploads', parameters: { BucketName: 'acme-web-uploads' } },
  { call: 'ec2:DescribeInstances' },
]

/** Who the owner's workload is to CloudTrail. */
export interface CallingWorkload {
  readonly sourceIp: string
  readonly userAgent: string
}

/** What the workload did in the days before, once a day: the baseline. The sets of those days are long gone. */
export const writeUsualCalls = (
  { account, now }: StandardAccount,
  credential: IssuedCredential,
  { sourceIp, userAgent }: CallingWorkload,
  days: number,
): void => {
  for (let day = days; day > 0; day -= 1) {
    const planned = CALLS[day % CALLS.length]
    if (!planned) continue
    const at = now - day * DAY_MS + between(account.random, 0, 6) * 60 * MINUTE_MS
    recordEvent(account, { ...trailEventOf({ ...planned, userAgent, afterSeconds: 0 }, sourceIp, credential), at })
  }
}

/** The workload goes on through the incident with whatever credentials it has at the moment. */
export const consumerActs = (
  { account }: StandardAccount,
  credential: () => IssuedCredential | undefined,
  { sourceIp, userAgent }: CallingWorkload,
): void => {
  function* goingOn() {
    for (let turn = 0; ; turn += 1) {
      const planned = CALLS[turn % CALLS.length]
      if (planned) yield { ...planned, userAgent, afterSeconds: between(account.random, 120, 300) }
    }
  }
  acts(account, { who: 'workload', credential, sourceIp: () => sourceIp }, goingOn())
}

/** Nothing of the owner's lives on the stolen credentials: the account's instances are the only workload. */
export const noWorkload = ({ account, subjectInstance }: StandardAccount) => ({
  newCredentials: () => credentialsOn(account, subjectInstance),
})

/** The members of a record of STS's that names the set it issued. */
export const issuedElements = ({ accessKeyId, sessionToken, expiresAt }: IssuedCredential): object => ({
  Credentials: {
    AccessKeyId: accessKeyId,
    SessionToken: sessionToken,
    ...given({ Expiration: expiresAt === undefined ? undefined : new Date(expiresAt) }),
  },
})
