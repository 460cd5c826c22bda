import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  SetDefaultPolicyVersionRequest,
} from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import { iamArn } from '../../account/arns.ts'
import type { ManagedPolicy, PolicyVersion } from '../../account/holdings.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { iamIdFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { noSuchEntity, wholeSecondDate } from './found.ts'
import { refuseConflict, refuseMalformedPolicy, refuseTaken } from './holders.ts'
import { versionsOf } from './managed-policies.ts'

/** "IAM and AWS STS quotas". */
const VERSIONS_PER_POLICY = 5

const onPolicy =
  (action: string) =>
  (_: Account, { PolicyArn = '*' }: { readonly PolicyArn: string | undefined }) => [
    { action: `iam:${action}`, resource: PolicyArn },
  ]

const policyAt = (account: Account, arn = ''): ManagedPolicy => {
  const policy = account.managedPolicies.get(arn)
  if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`)
  return policy
}

const versionOf = (policy: ManagedPolicy, arn: string | undefined, id: string | undefined): PolicyVersion => {
  const version = versionsOf(policy).find((one) => one.id === id)
  if (!version) throw noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`)
  return version
}

const createPolicy = operation<CreatePolicyRequest, CreatePolicyResponse>({
  authorize: (account, { PolicyName = '', Path = '/' }) => [
    { action: 'iam:CreatePolicy', resource: iamArn(account, `policy${Path}`.replace(/\/$/, ''), PolicyName) },
  ],
  run: (account, { PolicyName: name = '', Path = '/', PolicyDocument: document = '' }) => {
    const arn = iamArn(account, `policy${Path}`.replace(/\/$/, ''), name)
    refuseTaken(account.managedPolicies.has(arn), `A policy called ${name}`)
    refuseMalformedPolicy(document)
    const version: PolicyVersion = { id: 'v1', document, createdAt: timeIn(account) }
    account.managedPolicies.set(arn, { name, document, versions: [version], defaultVersion: version.id })
    const CreateDate = wholeSecondDate(version.createdAt)
    return {
      Policy: {
        PolicyName: name,
        PolicyId: iamIdFrom(account.random, 'ANPA'),
        Arn: arn,
        Path,
        DefaultVersionId: version.id,
        AttachmentCount: 0,
        IsAttachable: true,
        CreateDate,
        UpdateDate: CreateDate,
      },
    }
  },
  writes: true,
})

const deletePolicy = operation<DeletePolicyRequest, object>({
  authorize: onPolicy('DeletePolicy'),
  run: (account, { PolicyArn = '' }) => {
    const policy = policyAt(account, PolicyArn)
    const holders = [...account.roles.values(), ...account.users.values(), ...account.groups.values()]
    refuseConflict(
      holders.some(({ attachedPolicies }) => attachedPolicies.includes(PolicyArn)),
      'detach the policy from all entities',
    )
    refuseConflict(versionsOf(policy).length > 1, 'delete all non-default versions')
    account.managedPolicies.delete(PolicyArn)
    return {}
  },
  writes: true,
})

const createPolicyVersion = operation<CreatePolicyVersionRequest, CreatePolicyVersionResponse>({
  authorize: onPolicy('CreatePolicyVersion'),
  run: (account, { PolicyArn = '', PolicyDocument: document = '', SetAsDefault = false }) => {
    const policy = policyAt(account, PolicyArn)
    refuseMalformedPolicy(document)
    const former = versionsOf(policy)
    if (former.length >= VERSIONS_PER_POLICY) {
      throw new ServiceError('LimitExceeded', 'A managed policy can have up to 5 versions.', 409)
    }
    const newest = Math.max(...former.map(({ id }) => Number(id.slice(1))))
    const version: PolicyVersion = { id: `v${newest + 1}`, document, createdAt: timeIn(account) }
    const versions = [...former, version]
    account.managedPolicies.set(
      PolicyArn,
      SetAsDefault ? { ...policy, document, versions, defaultVersion: version.id } : { ...policy, versions },
    )
    return {
      PolicyVersion: { VersionId: version.id, IsDefaultVersion: SetAsDefault, CreateDate: wholeSecondDate(version.createdAt) },
    }
  },
  writes: true,
})

const setDefaultPolicyVersion = operation<SetDefaultPolicyVersionRequest, object>({
  authorize: onPolicy('SetDefaultPolicyVersion'),
  run: (account, { PolicyArn = '', VersionId }) => {
    const policy = policyAt(account, PolicyArn)
    const { id, document } = versionOf(policy, PolicyArn, VersionId)
    account.managedPolicies.set(PolicyArn, { ...policy, versions: versionsOf(policy), document, defaultVersion: id })
    return {}
  },
  writes: true,
})

const deletePolicyVersion = operation<DeletePolicyVersionRequest, object>({
  authorize: onPolicy('DeletePolicyVersion'),
  run: (account, { PolicyArn = '', VersionId }) => {
    const policy = policyAt(account, PolicyArn)
    const { id } = versionOf(policy, PolicyArn, VersionId)
    refuseConflict(id === (policy.defaultVersion ?? 'v1'), 'make another version the default')
    account.managedPolicies.set(PolicyArn, { ...policy, versions: versionsOf(policy).filter((one) => one.id !== id) })
    return {}
  },
  writes: true,
})

export const policyLifeOperations = {
  CreatePolicy: createPolicy,
  DeletePolicy: deletePolicy,
  CreatePolicyVersion: createPolicyVersion,
  SetDefaultPolicyVersion: setDefaultPolicyVersion,
  DeletePolicyVersion: deletePolicyVersion,
}
