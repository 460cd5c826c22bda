import { SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Account } from '../account/account.ts'
import { ec2Arn, principalArns } from '../account/arns.ts'
import { type CredentialPrincipal, type IssuedCredential, principalId } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'

/** Where and how a request was made: what condition keys say about it beside its principal. */
export interface RequestOrigin {
  readonly sourceIp: string
  readonly userAgent: string
  readonly region: string
}

type Values = Record<string, readonly string[]>

const holderTags = (account: Account, principal: CredentialPrincipal): Readonly<Record<string, string>> => {
  if (principal.type === 'role-session') return account.roles.get(principal.roleName)?.tags ?? {}
  return principal.type === 'user' ? (account.users.get(principal.userName)?.tags ?? {}) : {}
}

/** "AWS global condition context keys", aws:PrincipalType. */
const PRINCIPAL_TYPES: Readonly<Record<CredentialPrincipal['type'], string>> = {
  user: 'User',
  'role-session': 'AssumedRole',
  'federated-user': 'FederatedUser',
  root: 'Account',
  'web-identity': 'Anonymous',
}

const principalKeys = (account: Account, { principal, sessionTags = {}, assumedRoot }: IssuedCredential): Values => {
  const tags = Object.entries({ ...holderTags(account, principal), ...sessionTags })
  return {
    'aws:userid': [principalId(account, principal)],
    'aws:PrincipalAccount': [account.id],
    'aws:PrincipalType': [PRINCIPAL_TYPES[principal.type]],
    ...given({ 'aws:AssumedRoot': assumedRoot ? ['true'] : undefined }),
    // A role, never its session: "AWS global condition context keys", aws:PrincipalArn.
    'aws:PrincipalArn': principalArns(account, principal).slice(-1),
    ...given({ 'aws:username': principal.type === 'user' ? [principal.userName] : undefined }),
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:PrincipalTag/${key}`, [value]])),
  }
}

/** aws:TokenIssueTime exists for temporary credentials only: that is why a revocation by it leaves long-term keys alone. */
const sessionKeys = ({ sessionToken, issuedAt }: IssuedCredential): Values =>
  sessionToken === undefined
    ? {}
    : { 'aws:TokenIssueTime': [instantOf(new Date(issuedAt))], 'aws:MultiFactorAuthPresent': ['false'] }

const instanceKeys = (account: Account, { instanceId, ec2RoleDelivery }: IssuedCredential): Values => {
  const instance = instanceId === undefined ? undefined : account.instances.get(instanceId)
  if (!instance || ec2RoleDelivery === undefined) return {}
  return {
    'ec2:SourceInstanceARN': [ec2Arn(account, 'instance', instance.id)],
    'ec2:RoleDelivery': [ec2RoleDelivery],
    'aws:Ec2InstanceSourceVpc': [instance.vpcId],
    'aws:Ec2InstanceSourcePrivateIPv4': [instance.privateIp],
  }
}

const originKeys = (account: Account, { sourceIp, userAgent, region }: RequestOrigin): Values => {
  const now = instantOf(new Date(timeIn(account)))
  return {
    'aws:SourceIp': [sourceIp],
    'aws:UserAgent': [userAgent],
    'aws:RequestedRegion': [region],
    'aws:CurrentTime': [now],
    'aws:EpochTime': [String(Math.floor(timeIn(account) / SECOND_MS))],
    'aws:SecureTransport': ['true'],
    'aws:ViaAWSService': ['false'],
  }
}

/** The condition keys of a request made with a credential ("AWS global condition context keys"; EC2's own for role credentials). */
export const requestKeys = (account: Account, credential: IssuedCredential, origin: RequestOrigin): Values => ({
  ...originKeys(account, origin),
  ...principalKeys(account, credential),
  ...sessionKeys(credential),
  ...instanceKeys(account, credential),
})
