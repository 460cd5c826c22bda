import { ANYWHERE, type PolicyScope, partitionOfScope, roleArns } from '../../aws/policy-scope.ts'
import { Failure } from '../../incident/values/failure.ts'
import { arnOf, isAccountId, isInstanceId } from '../../incident/values/identifiers.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import { type CommonOptions, printable } from '../options.ts'

/** The options of `ir-cred policy`, as commander parses them. */
export interface PolicyOptions extends CommonOptions {
  readonly account?: readonly string[]
  readonly role?: readonly string[]
  readonly instanceId?: readonly string[]
  readonly responderRole?: readonly string[]
  readonly adminRole?: readonly string[]
  readonly awsDocuments?: boolean
  readonly document?: boolean
  readonly format?: string
}

const refuseOption = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

/** A path and a name, with or without the slash before it. `*` is IAM's. */
const ROLE_NAME = /^\/?[\w+=.@*-][\w+=,.@/*-]{0,511}$/

/** The ARN of one role, or of several by `*`. */
const roleArnOf = (role: string) => {
  const arn = arnOf(role)
  const isRole = arn?.service === 'iam' && arn.region === '' && isAccountId(arn.accountId) && arn.resource.startsWith('role/')
  return isRole && ROLE_NAME.test(arn.resource.slice('role/'.length)) ? arn : undefined
}

const checkAccount = (id: string): void => {
  if (!isAccountId(id)) throw refuseOption(`--account "${printable(id)}" is not an account id`, 'write its 12 digits')
}

const checkInstance = (id: string): void => {
  if (!isInstanceId(id))
    throw refuseOption(`--instance-id "${printable(id)}" is not an instance id`, 'write it as i-08faaaafb15777f5a')
}

const checkRole = (flag: string, role: string): void => {
  if (roleArnOf(role) || ROLE_NAME.test(role)) return
  throw refuseOption(
    `${flag} "${printable(role)}" is not a role`,
    'write its ARN (arn:aws:iam::…:role/…), or its path and name, such as service/web-app',
  )
}

/** One policy is for one partition, and every account in a role's ARN is one that was named. */
const checkPlaces = (scope: PolicyScope): void => {
  const unknown = scope.regions.find((region) => !partitionOf(region))
  if (unknown !== undefined)
    throw refuseOption(`--region ${unknown} is in no partition that ir-cred knows`, 'leave --region out, or correct it')
  const partition = partitionOfScope(scope)
  const otherRegion = scope.regions.find((region) => partitionOf(region)?.id !== partition)
  if (otherRegion !== undefined)
    throw refuseOption(`--region ${otherRegion} is not in partition ${partition}`, 'print a policy for each partition')
  for (const role of [...scope.roles, ...scope.protectedRoles]) {
    const { partition: ofRole = partition, accountId: account } = roleArnOf(role) ?? {}
    if (ofRole !== partition)
      throw refuseOption(`role ${role} is not in partition ${partition}`, 'print a policy for each partition')
    const isNamed = account === undefined || scope.accounts.length === 0 || scope.accounts.includes(account)
    if (!isNamed)
      throw refuseOption(`role ${role} is in account ${account}, which --account does not name`, `add --account ${account}`)
  }
  const protectedArns = roleArns(scope.protectedRoles, scope)
  const both = roleArns(scope.roles, scope).find((arn) => protectedArns.includes(arn))
  if (both !== undefined)
    throw refuseOption(
      `${both} is both to be revoked and never to be changed`,
      'name it by --role, or by --responder-role or --admin-role',
    )
}

/** What the policy is narrowed to. Without AWS's documents as soon as it is narrowed at all. Throws Failure usage. */
export const policyScopeOf = (options: PolicyOptions): PolicyScope => {
  const { account = [], region = [], role = [], instanceId = [], responderRole = [], adminRole = [] } = options
  for (const id of account) checkAccount(id)
  for (const id of instanceId) checkInstance(id)
  for (const one of role) checkRole('--role', one)
  for (const one of responderRole) checkRole('--responder-role', one)
  for (const one of adminRole) checkRole('--admin-role', one)
  const given = [account, region, role, instanceId, responderRole, adminRole].some((values) => values.length > 0)
  if (!given && options.awsDocuments === undefined) return ANYWHERE
  const scope = {
    accounts: account,
    regions: region,
    roles: role,
    instances: instanceId,
    protectedRoles: [...responderRole, ...adminRole],
    awsDocuments: options.awsDocuments ?? false,
  }
  checkPlaces(scope)
  return scope
}
