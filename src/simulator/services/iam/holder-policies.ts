import type { Account, AccountRole, User } from '../../account/account.ts'
import type { Group } from '../../account/identities.ts'
import { timeIn } from '../../agenda.ts'
import { documentInForce } from '../../authorization/identity-policies.ts'
import { type Operation, operation } from '../../service.ts'
import { noSuchEntity } from './found.ts'
import {
  GROUPS,
  type HolderInput,
  nameIn,
  onHolder,
  type PolicyHolderKind,
  ROLES,
  refuseMalformedPolicy,
  refuseOverQuota,
  refuseProtected,
  USERS,
} from './holders.ts'

interface AttachInput extends HolderInput {
  readonly PolicyArn?: string | undefined
}

interface InlineInput extends HolderInput {
  readonly PolicyName?: string | undefined
  readonly PolicyDocument?: string | undefined
}

/** AttachUserPolicy and DetachUserPolicy, and the same of roles and groups. */
const attaching = <H extends User | AccountRole | Group>(kind: PolicyHolderKind<H>): Record<string, Operation> => ({
  [`Attach${kind.word}Policy`]: operation<AttachInput, object>({
    authorize: onHolder(`Attach${kind.word}Policy`, kind),
    run: (account, input) => {
      const { PolicyArn = '' } = input
      const holder = kind.named(account, nameIn(input, kind))
      refuseProtected(holder)
      if (!account.managedPolicies.has(PolicyArn)) {
        throw noSuchEntity(`Policy ${PolicyArn} does not exist or is not attachable.`)
      }
      kind.replace(account, { ...holder, attachedPolicies: [...new Set([...holder.attachedPolicies, PolicyArn])] })
      return {}
    },
    writes: true,
  }),
  [`Detach${kind.word}Policy`]: operation<AttachInput, object>({
    authorize: onHolder(`Detach${kind.word}Policy`, kind),
    run: (account, input) => {
      const holder = kind.named(account, nameIn(input, kind))
      refuseProtected(holder)
      const attachedPolicies = holder.attachedPolicies.filter((arn) => arn !== input.PolicyArn)
      if (attachedPolicies.length === holder.attachedPolicies.length) {
        throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`)
      }
      kind.replace(account, { ...holder, attachedPolicies })
      return {}
    },
    writes: true,
  }),
})

/** PutUserPolicy and DeleteUserPolicy, and the same of groups; those of roles stand with the role's own. */
const inline = (kind: PolicyHolderKind<User> | PolicyHolderKind<Group>): Record<string, Operation> => {
  const authorize = (verb: string) => (account: Account, input: InlineInput) => [
    { action: `iam:${verb}${kind.word}Policy`, resource: kind.arn(account, nameIn(input, kind)) },
  ]
  return {
    [`Put${kind.word}Policy`]: operation<InlineInput, object>({
      authorize: authorize('Put'),
      run: (account, input) => {
        const { PolicyName = '', PolicyDocument = '' } = input
        const holder = kind.named(account, nameIn(input, kind))
        refuseMalformedPolicy(PolicyDocument)
        refuseOverQuota(kind, holder, PolicyName, PolicyDocument)
        const before = documentInForce(account, holder, PolicyName)
        const written = { document: PolicyDocument, writtenAt: timeIn(account) }
        holder.inline.set(PolicyName, before === undefined ? written : { ...written, before })
        holder.deleted.delete(PolicyName)
        return {}
      },
      writes: true,
    }),
    [`Delete${kind.word}Policy`]: operation<InlineInput, object>({
      authorize: authorize('Delete'),
      run: (account, input) => {
        const { PolicyName = '' } = input
        const holder = kind.named(account, nameIn(input, kind))
        if (!holder.inline.has(PolicyName)) {
          throw noSuchEntity(`The ${kind.word.toLowerCase()} policy with name ${PolicyName} cannot be found.`)
        }
        const document = documentInForce(account, holder, PolicyName)
        holder.inline.delete(PolicyName)
        if (document !== undefined) holder.deleted.set(PolicyName, { document, deletedAt: timeIn(account) })
        return {}
      },
      writes: true,
    }),
  }
}

/** Policies on users and groups, and what attaches them to roles. */
export const holderPolicyOperations: Readonly<Record<string, Operation>> = {
  ...attaching(USERS),
  ...attaching(ROLES),
  ...attaching(GROUPS),
  ...inline(USERS),
  ...inline(GROUPS),
}
