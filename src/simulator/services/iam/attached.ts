import type { AttachedPolicy } from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import { managedPolicy } from '../../authorization/identity-policies.ts'
import { iamPage, policyPath } from './found.ts'

interface Paged {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

interface PagedBelow extends Paged {
  readonly PathPrefix?: string | undefined
}

interface Holder {
  readonly attachedPolicies: readonly string[]
  readonly inline: ReadonlyMap<string, unknown>
}

/** A page of the managed policies that are attached to a role, user or group. */
export const attachedPage = (account: Account, { attachedPolicies }: Holder, input: PagedBelow) => {
  const { PathPrefix = '/' } = input
  const below = attachedPolicies.filter((arn) => policyPath(arn, managedPolicy(account, arn).name).startsWith(PathPrefix))
  const { items, end } = iamPage(account, below, (arn) => arn, input)
  const AttachedPolicies: AttachedPolicy[] = items.map((arn) => ({
    PolicyName: managedPolicy(account, arn).name,
    PolicyArn: arn,
  }))
  return { AttachedPolicies, ...end }
}

/** A page of the names of its inline policies. */
export const inlinePage = (account: Account, { inline }: Holder, input: Paged) => {
  const { items, end } = iamPage(account, [...inline.keys()].sort(), (name) => name, input)
  return { PolicyNames: items, ...end }
}
