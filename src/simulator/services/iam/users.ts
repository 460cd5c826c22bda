import type {
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  GetUserRequest,
  GetUserResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  UpdateAccessKeyRequest,
  User as UserAnswer,
} from '@aws-sdk/client-iam'
import { given } from '../../../incident/values/given.ts'
import type { Account, User } from '../../account/account.ts'
import { userArn } from '../../account/arns.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import type { AccessKey } from '../../account/identities.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { boundaryAnswer, iamPage, iamTagList, noSuchEntity, userNamed, wholeSecondDate } from './found.ts'

/** Without UserName IAM takes the caller, who must then be a user. Throws ValidationError for a role session. */
export const userMeant = (account: Account, name: string | undefined, { principal }: IssuedCredential): User => {
  if (name !== undefined) return userNamed(account, name)
  if (principal.type === 'user') return userNamed(account, principal.userName)
  throw new ServiceError('ValidationError', 'Must specify userName when calling with non-User credentials')
}

const noSuchKey = (id: string | undefined): ServiceError => noSuchEntity(`The Access Key with id ${id} cannot be found.`)

/** Temporary keys (`ASIA…`) belong to sessions: IAM's key operations do not know them. */
const ownerOf = (account: Account, keyId: string): User => {
  const user = [...account.users.values()].find(({ accessKeys }) => accessKeys.has(keyId))
  if (!user) throw noSuchKey(keyId)
  return user
}

export const onUser =
  (action: string) =>
  (account: Account, { UserName }: { readonly UserName?: string | undefined }) => [
    { action, resource: UserName === undefined ? '*' : userArn(account, UserName) },
  ]

/** A user as ListUsers, GetUser and CreateUser give it. */
export const userAnswer = (account: Account, { name, id, path, createdAt }: User): UserAnswer => ({
  Path: path,
  UserName: name,
  UserId: id,
  Arn: userArn(account, name),
  CreateDate: wholeSecondDate(createdAt),
})

const getUser = operation<GetUserRequest, GetUserResponse>({
  authorize: onUser('iam:GetUser'),
  run: (account, { UserName }, { credential }) => {
    const user = userMeant(account, UserName, credential)
    const { tags, boundary } = user
    return {
      User: {
        ...userAnswer(account, user),
        ...given({
          PermissionsBoundary: boundary !== undefined ? boundaryAnswer(boundary) : undefined,
          Tags: Object.keys(tags).length === 0 ? undefined : iamTagList(tags),
        }),
      },
    }
  },
  writes: false,
})

const listAccessKeys = operation<ListAccessKeysRequest, ListAccessKeysResponse>({
  authorize: onUser('iam:ListAccessKeys'),
  run: (account, input, { credential }) => {
    const user = userMeant(account, input.UserName, credential)
    const { items, end } = iamPage(account, [...user.accessKeys.values()], ({ id }) => id, input)
    const metadata = ({ id, status, createdAt }: AccessKey) => ({
      UserName: user.name,
      AccessKeyId: id,
      Status: status,
      CreateDate: wholeSecondDate(createdAt),
    })
    return { AccessKeyMetadata: items.map(metadata), ...end }
  },
  writes: false,
})

const getAccessKeyLastUsed = operation<GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse>({
  run: (account, { AccessKeyId = '' }) => {
    const user = ownerOf(account, AccessKeyId)
    const now = timeIn(account)
    const record = account.trail
      .all()
      .findLast(({ accessKeyId, deliveredAt }) => accessKeyId === AccessKeyId && deliveredAt <= now)
    const never = { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' }
    return {
      UserName: user.name,
      AccessKeyLastUsed: record
        ? {
            LastUsedDate: wholeSecondDate(record.at),
            ServiceName: record.eventSource.replace('.amazonaws.com', ''),
            Region: record.region,
          }
        : never,
    }
  },
  writes: false,
})

const updateAccessKey = operation<UpdateAccessKeyRequest, object>({
  authorize: onUser('iam:UpdateAccessKey'),
  run: (account, { UserName, AccessKeyId = '', Status }, { credential }) => {
    const user = userMeant(account, UserName, credential)
    const key = user.accessKeys.get(AccessKeyId)
    if (!key) throw noSuchKey(AccessKeyId)
    if (Status !== 'Active' && Status !== 'Inactive') {
      throw new ServiceError('ValidationError', `Value '${Status}' at 'status' is not Active or Inactive.`)
    }
    if (Status !== key.status) user.accessKeys.set(AccessKeyId, { ...key, status: Status, changedAt: timeIn(account) })
    return {}
  },
  writes: true,
})

export const userOperations = {
  GetUser: getUser,
  ListAccessKeys: listAccessKeys,
  GetAccessKeyLastUsed: getAccessKeyLastUsed,
  UpdateAccessKey: updateAccessKey,
}
