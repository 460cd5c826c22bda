import type { AttachedPolicy } from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import { managedPolicy } from '../../authorization/identity-policies.ts'
import { iamPage } from './found.ts'

interface Paged {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

interface Holder {
  readonly attachedPolicies: readonly string[]
  readonly inline: ReadonlyMap<string, unknown>
}

/** A page of the managed policies that are attached to a role, user or group. */
export const attachedPage = (account: Account, { attachedPolicies }: Holder, input: Paged) => {
  const { items, end } = iamPage(account, attachedPolicies, (arn) => arn, input)
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
