import type {
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  CreateUserRequest,
  CreateUserResponse,
  DeleteAccessKeyRequest,
  DeleteUserRequest,
} from '@aws-sdk/client-iam'
import { given } from '../../../incident/values/given.ts'
import type { Account, User } from '../../account/account.ts'
import { userArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { issueUserKey } from '../../issue-credentials.ts'
import { iamIdFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { noSuchEntity, tagsGiven, userNamed, wholeSecondDate } from './found.ts'
import { onHolder, refuseConflict, refuseTaken, USERS } from './holders.ts'
import { userAnswer } from './users.ts'

/** "IAM and AWS STS quotas". */
const KEYS_PER_USER = 2

const newUser = (
  account: Account,
  { UserName: name = '', Path: path = '/', Tags, PermissionsBoundary: boundary }: CreateUserRequest,
): User => ({
  name,
  path,
  id: iamIdFrom(account.random, 'AIDA'),
  createdAt: timeIn(account),
  tags: tagsGiven(Tags),
  attachedPolicies: [],
  inline: new Map(),
  deleted: new Map(),
  accessKeys: new Map(),
  ...given({ boundary }),
})

const createUser = operation<CreateUserRequest, CreateUserResponse>({
  authorize: (account, { UserName = '', Path = '/' }) => [
    { action: 'iam:CreateUser', resource: userArn(account, UserName).replace(/:user\/.*$/, `:user${Path}${UserName}`) },
  ],
  run: (account, input) => {
    refuseTaken(account.users.has(input.UserName ?? ''), `User with name ${input.UserName}`)
    const user = newUser(account, input)
    account.users.set(user.name, user)
    return { User: userAnswer(account, user) }
  },
  writes: true,
})

const deleteUser = operation<DeleteUserRequest, object>({
  authorize: onHolder('DeleteUser', USERS),
  run: (account, { UserName }) => {
    const user = userNamed(account, UserName)
    refuseConflict(user.accessKeys.size > 0, 'delete access keys')
    refuseConflict(user.passwordSince !== undefined, 'delete login profile')
    refuseConflict(user.attachedPolicies.length > 0, 'detach all policies')
    refuseConflict(user.inline.size > 0, 'delete policies')
    refuseConflict((user.groups ?? []).length > 0, 'remove users from group')
    refuseConflict((user.mfaDevices ?? []).length > 0, 'delete MFA device')
    account.users.delete(user.name)
    return {}
  },
  writes: true,
})

const createAccessKey = operation<CreateAccessKeyRequest, CreateAccessKeyResponse>({
  authorize: onHolder('CreateAccessKey', USERS),
  run: (account, { UserName }) => {
    const user = userNamed(account, UserName)
    if (user.accessKeys.size >= KEYS_PER_USER) {
      throw new ServiceError('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`, 409)
    }
    const { accessKeyId, secretAccessKey, issuedAt } = issueUserKey(account, user)
    return {
      AccessKey: {
        UserName: user.name,
        AccessKeyId: accessKeyId,
        Status: 'Active',
        SecretAccessKey: secretAccessKey,
        CreateDate: wholeSecondDate(issuedAt),
      },
    }
  },
  writes: true,
})

const deleteAccessKey = operation<DeleteAccessKeyRequest, object>({
  authorize: onHolder('DeleteAccessKey', USERS),
  run: (account, { UserName, AccessKeyId = '' }) => {
    if (!userNamed(account, UserName).accessKeys.delete(AccessKeyId)) {
      throw noSuchEntity(`The Access Key with id ${AccessKeyId} cannot be found.`)
    }
    return {}
  },
  writes: true,
})

export const userLifeOperations = {
  CreateUser: createUser,
  DeleteUser: deleteUser,
  CreateAccessKey: createAccessKey,
  DeleteAccessKey: deleteAccessKey,
}
