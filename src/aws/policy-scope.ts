import { partitionOf } from '../incident/values/partition.ts'

/** What a responder's policy is narrowed to. An empty list stands for "any". */
export interface PolicyScope {
  /** Of 12 digits. */
  readonly accounts: readonly string[]
  /** All of one partition. */
  readonly regions: readonly string[]
  /** Roles whose sessions may be revoked: ARNs, or path and name such as `service/web-app`. */
  readonly roles: readonly string[]
  /** Instances that may be stopped, started and asked. */
  readonly instances: readonly string[]
  /** Roles that no response may change: the responder's own and those of administrators, written as `roles` are. */
  readonly protectedRoles: readonly string[]
  /** Whether the commands of AWS-RunShellScript are allowed too, and not only those of the document that the account owns. */
  readonly awsDocuments: boolean
}

/** A policy that works unchanged in any account and Region. */
export const ANYWHERE: PolicyScope = {
  ...{ accounts: [], regions: [], roles: [], instances: [], protectedRoles: [] },
  awsDocuments: true,
}

const anyOf = (values: readonly string[]): readonly string[] => (values.length === 0 ? ['*'] : values)

/** The partition of the Regions, or of the roles' ARNs where no Region is given; `*` where neither is. */
export const partitionOfScope = ({ regions, roles, protectedRoles }: PolicyScope): string => {
  const [region] = regions
  if (region !== undefined) return partitionOf(region)?.id ?? '*'
  return [...roles, ...protectedRoles].map((role) => /^arn:([\w-]+):/.exec(role)?.[1]).find((id) => id !== undefined) ?? '*'
}

/** A resource of the table of calls, once for each account and Region of the scope that it depends on. */
export const fill = (resource: string, scope: PolicyScope): readonly string[] => {
  const accounts = resource.includes('ACCOUNT') ? anyOf(scope.accounts) : ['']
  const regions = resource.includes('REGION') ? anyOf(scope.regions) : ['']
  const placed = resource.replace('PARTITION', partitionOfScope(scope))
  return accounts.flatMap((account) => regions.map((region) => placed.replace('REGION', region).replace('ACCOUNT', account)))
}

/** ARNs of roles that were given by ARN, or by path and name. */
export const roleArns = (roles: readonly string[], scope: PolicyScope): readonly string[] => [
  ...new Set(
    roles.flatMap((role) =>
      role.startsWith('arn:') ? [role] : fill(`arn:PARTITION:iam::ACCOUNT:role/${role.replace(/^\/|^role\//, '')}`, scope),
    ),
  ),
]
