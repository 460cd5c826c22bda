import type {
  GetLoginProfileRequest,
  GetLoginProfileResponse,
  GetUserPolicyRequest,
  GetUserPolicyResponse,
  ListAttachedUserPoliciesRequest,
  ListAttachedUserPoliciesResponse,
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  ListMFADevicesRequest,
  ListMFADevicesResponse,
  ListUserPoliciesRequest,
  ListUserPoliciesResponse,
} from '@aws-sdk/client-iam'
import { groupsOfUser } from '../../authorization/identity-policies.ts'
import { operation } from '../../service.ts'
import { attachedPage, inlinePage } from './attached.ts'
import { encodeDocument, groupAnswer, iamPage, noSuchEntity, userNamed, wholeSecondDate } from './found.ts'
import { onUser, userMeant } from './users.ts'

const getUserPolicy = operation<GetUserPolicyRequest, GetUserPolicyResponse>({
  authorize: onUser('iam:GetUserPolicy'),
  run: (account, { UserName, PolicyName }) => {
    const policy = userNamed(account, UserName).inline.get(PolicyName ?? '')
    if (!policy) throw noSuchEntity(`The user policy with name ${PolicyName} cannot be found.`)
    return { UserName, PolicyName, PolicyDocument: encodeDocument(policy.document) }
  },
  writes: false,
})

const listUserPolicies = operation<ListUserPoliciesRequest, ListUserPoliciesResponse>({
  authorize: onUser('iam:ListUserPolicies'),
  run: (account, input) => inlinePage(account, userNamed(account, input.UserName), input),
  writes: false,
})

const listAttachedUserPolicies = operation<ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse>({
  authorize: onUser('iam:ListAttachedUserPolicies'),
  run: (account, input) => attachedPage(account, userNamed(account, input.UserName), input),
  writes: false,
})

const listGroupsForUser = operation<ListGroupsForUserRequest, ListGroupsForUserResponse>({
  authorize: onUser('iam:ListGroupsForUser'),
  run: (account, input) => {
    const groups = groupsOfUser(account, userNamed(account, input.UserName))
    const { items, end } = iamPage(account, groups, ({ name }) => name, input)
    return { Groups: items.map((group) => groupAnswer(account, group)), ...end }
  },
  writes: false,
})

const listMfaDevices = operation<ListMFADevicesRequest, ListMFADevicesResponse>({
  authorize: onUser('iam:ListMFADevices'),
  run: (account, input, { credential }) => {
    const { name, mfaDevices = [] } = userMeant(account, input.UserName, credential)
    const { items, end } = iamPage(account, mfaDevices, ({ serial }) => serial, input)
    const MFADevices = items.map(({ serial, enabledAt }) => ({
      UserName: name,
      SerialNumber: serial,
      EnableDate: wholeSecondDate(enabledAt),
    }))
    return { MFADevices, ...end }
  },
  writes: false,
})

const getLoginProfile = operation<GetLoginProfileRequest, GetLoginProfileResponse>({
  authorize: onUser('iam:GetLoginProfile'),
  run: (account, { UserName }, { credential }) => {
    const { name, passwordSince } = userMeant(account, UserName, credential)
    if (passwordSince === undefined) throw noSuchEntity(`Login Profile for User ${name} cannot be found.`)
    return { LoginProfile: { UserName: name, CreateDate: wholeSecondDate(passwordSince), PasswordResetRequired: false } }
  },
  writes: false,
})

export const userPolicyOperations = {
  GetUserPolicy: getUserPolicy,
  ListUserPolicies: listUserPolicies,
  ListAttachedUserPolicies: listAttachedUserPolicies,
  ListGroupsForUser: listGroupsForUser,
  ListMFADevices: listMfaDevices,
  GetLoginProfile: getLoginProfile,
}
