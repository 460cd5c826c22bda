import { createHash } from 'node:crypto'
import type { GetPolicyRequest, GetPolicyResponse, GetPolicyVersionRequest, GetPolicyVersionResponse } from '@aws-sdk/client-iam'
import type { Account } from '../../account.ts'
import { operation } from '../../service.ts'
import { encodeDocument, noSuchEntity } from './found.ts'

/** Managed policies of the simulated account never change: one version, made long before the incident. */
const ONLY_VERSION = 'v1'
const MADE = Date.UTC(2021, 1, 3, 10, 0, 0)

const policyId = (arn: string): string => `ANPA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`

const found = (account: Account, arn: string | undefined): { readonly name: string; readonly document: string } => {
  const policy = account.managedPolicies.get(arn ?? '')
  if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`)
  return policy
}

const countOf = (account: Account, isMeant: (holder: { attachedPolicies: readonly string[]; boundary?: string }) => boolean) =>
  [...account.roles.values(), ...account.users.values()].filter(isMeant).length

const getPolicy = operation<GetPolicyRequest, GetPolicyResponse>({
  authorize: (_, { PolicyArn = '*' }) => [{ action: 'iam:GetPolicy', resource: PolicyArn }],
  run: (account, { PolicyArn = '' }) => {
    const { name } = found(account, PolicyArn)
    const Policy = {
      PolicyName: name,
      PolicyId: policyId(PolicyArn),
      Arn: PolicyArn,
      Path: PolicyArn.replace(/^[^/]*/, '').slice(0, -name.length),
      DefaultVersionId: ONLY_VERSION,
      AttachmentCount: countOf(account, ({ attachedPolicies }) => attachedPolicies.includes(PolicyArn)),
      PermissionsBoundaryUsageCount: countOf(account, ({ boundary }) => boundary === PolicyArn),
      IsAttachable: true,
      CreateDate: new Date(MADE),
      UpdateDate: new Date(MADE),
    }
    return { Policy }
  },
  writes: false,
})

const getPolicyVersion = operation<GetPolicyVersionRequest, GetPolicyVersionResponse>({
  authorize: (_, { PolicyArn = '*' }) => [{ action: 'iam:GetPolicyVersion', resource: PolicyArn }],
  run: (account, { PolicyArn, VersionId }) => {
    const { document } = found(account, PolicyArn)
    if (VersionId !== ONLY_VERSION) {
      throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`)
    }
    return {
      PolicyVersion: {
        Document: encodeDocument(document),
        VersionId: ONLY_VERSION,
        IsDefaultVersion: true,
        CreateDate: new Date(MADE),
      },
    }
  },
  writes: false,
})

export const managedPolicyOperations = { GetPolicy: getPolicy, GetPolicyVersion: getPolicyVersion }
