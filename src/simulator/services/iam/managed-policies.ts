import { createHash } from 'node:crypto'
import type {
  GetPolicyRequest,
  GetPolicyResponse,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  Policy,
} from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import type { ManagedPolicy, PolicyVersion } from '../../account/holdings.ts'
import { operation } from '../../service.ts'
import { encodeDocument, noSuchEntity, policyPath, wholeSecondDate } from './found.ts'

/** Policies that nobody has changed have one version, made long before the incident. */
const ONLY_VERSION = 'v1'
const MADE = Date.UTC(2021, 1, 3, 10, 0, 0)

const policyId = (arn: string): string => `ANPA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`

/** The versions of a policy, oldest first. */
export const versionsOf = ({ document, versions }: ManagedPolicy): readonly PolicyVersion[] =>
  versions ?? [{ id: ONLY_VERSION, document, createdAt: MADE }]

const found = (account: Account, arn: string | undefined): ManagedPolicy => {
  const policy = account.managedPolicies.get(arn ?? '')
  if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`)
  return policy
}

const countOf = (account: Account, isMeant: (holder: { attachedPolicies: readonly string[]; boundary?: string }) => boolean) =>
  [...account.roles.values(), ...account.users.values(), ...account.groups.values()].filter(isMeant).length

/** Whether a managed policy is one of AWS's own, which are the same in every account. */
export const isAwsOwned = (arn: string): boolean => /^arn:[^:]*:iam::aws:/.test(arn)

/** A managed policy as GetPolicy and ListPolicies give it. Throws NoSuchEntity. */
export const policySummary = (account: Account, arn: string): Policy => {
  const policy = found(account, arn)
  const { name, defaultVersion = ONLY_VERSION } = policy
  const dates = versionsOf(policy).map(({ createdAt }) => createdAt)
  return {
    PolicyName: name,
    PolicyId: policyId(arn),
    Arn: arn,
    Path: policyPath(arn, name),
    DefaultVersionId: defaultVersion,
    AttachmentCount: countOf(account, ({ attachedPolicies }) => attachedPolicies.includes(arn)),
    PermissionsBoundaryUsageCount: countOf(account, ({ boundary }) => boundary === arn),
    IsAttachable: true,
    CreateDate: wholeSecondDate(Math.min(...dates)),
    UpdateDate: wholeSecondDate(Math.max(...dates)),
  }
}

const getPolicy = operation<GetPolicyRequest, GetPolicyResponse>({
  authorize: (_, { PolicyArn = '*' }) => [{ action: 'iam:GetPolicy', resource: PolicyArn }],
  run: (account, { PolicyArn = '' }) => ({ Policy: policySummary(account, PolicyArn) }),
  writes: false,
})

const getPolicyVersion = operation<GetPolicyVersionRequest, GetPolicyVersionResponse>({
  authorize: (_, { PolicyArn = '*' }) => [{ action: 'iam:GetPolicyVersion', resource: PolicyArn }],
  run: (account, { PolicyArn, VersionId }) => {
    const policy = found(account, PolicyArn)
    const version = versionsOf(policy).find(({ id }) => id === VersionId)
    if (!version) throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`)
    return {
      PolicyVersion: {
        Document: encodeDocument(version.document),
        VersionId: version.id,
        IsDefaultVersion: version.id === (policy.defaultVersion ?? ONLY_VERSION),
        CreateDate: wholeSecondDate(version.createdAt),
      },
    }
  },
  writes: false,
})

export const managedPolicyOperations = { GetPolicy: getPolicy, GetPolicyVersion: getPolicyVersion }
