import type {
  GetGroupPolicyRequest,
  GetGroupPolicyResponse,
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
  ListGroupPoliciesRequest,
  ListGroupPoliciesResponse,
} from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import { groupArn } from '../../account/arns.ts'
import { type Authorization, operation } from '../../service.ts'
import { attachedPage, inlinePage } from './attached.ts'
import { encodeDocument, groupNamed, noSuchEntity } from './found.ts'

const onGroup =
  (action: string) =>
  (account: Account, { GroupName = '' }: { readonly GroupName: string | undefined }): readonly Authorization[] => [
    { action, resource: groupArn(account, GroupName) },
  ]

const getGroupPolicy = operation<GetGroupPolicyRequest, GetGroupPolicyResponse>({
  authorize: onGroup('iam:GetGroupPolicy'),
  run: (account, { GroupName, PolicyName }) => {
    const policy = groupNamed(account, GroupName).inline.get(PolicyName ?? '')
    if (!policy) throw noSuchEntity(`The group policy with name ${PolicyName} cannot be found.`)
    return { GroupName, PolicyName, PolicyDocument: encodeDocument(policy.document) }
  },
  writes: false,
})

const listGroupPolicies = operation<ListGroupPoliciesRequest, ListGroupPoliciesResponse>({
  authorize: onGroup('iam:ListGroupPolicies'),
  run: (account, input) => inlinePage(account, groupNamed(account, input.GroupName), input),
  writes: false,
})

const listAttachedGroupPolicies = operation<ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse>({
  authorize: onGroup('iam:ListAttachedGroupPolicies'),
  run: (account, input) => attachedPage(account, groupNamed(account, input.GroupName), input),
  writes: false,
})

export const groupOperations = {
  GetGroupPolicy: getGroupPolicy,
  ListGroupPolicies: listGroupPolicies,
  ListAttachedGroupPolicies: listAttachedGroupPolicies,
}
