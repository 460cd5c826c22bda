import type {
  AddUserToGroupRequest,
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupRequest,
  GetGroupRequest,
  GetGroupResponse,
  RemoveUserFromGroupRequest,
} from '@aws-sdk/client-iam'
import type { Account, User } from '../../account/account.ts'
import { userArn } from '../../account/arns.ts'
import type { Group } from '../../account/identities.ts'
import { timeIn } from '../../agenda.ts'
import { iamIdFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { groupAnswer, groupNamed, iamPage, noSuchEntity, userNamed, wholeSecondDate } from './found.ts'
import { GROUPS, onHolder, refuseConflict, refuseTaken } from './holders.ts'

/** A group's users by name. */
const membersOf = (account: Account, group: string): User[] =>
  [...account.users.values()]
    .filter(({ groups = [] }) => groups.includes(group))
    .sort((one, other) => (one.name < other.name ? -1 : 1))

const createGroup = operation<CreateGroupRequest, CreateGroupResponse>({
  authorize: onHolder('CreateGroup', GROUPS),
  run: (account, { GroupName: name = '', Path: path = '/' }) => {
    refuseTaken(account.groups.has(name), `Group with name ${name}`)
    const group: Group = {
      name,
      path,
      id: iamIdFrom(account.random, 'AGPA'),
      createdAt: timeIn(account),
      attachedPolicies: [],
      inline: new Map(),
      deleted: new Map(),
    }
    account.groups.set(name, group)
    return { Group: groupAnswer(account, group) }
  },
  writes: true,
})

const deleteGroup = operation<DeleteGroupRequest, object>({
  authorize: onHolder('DeleteGroup', GROUPS),
  run: (account, { GroupName }) => {
    const { name, attachedPolicies, inline } = groupNamed(account, GroupName)
    refuseConflict(membersOf(account, name).length > 0, 'remove users from group')
    refuseConflict(attachedPolicies.length > 0, 'detach all policies')
    refuseConflict(inline.size > 0, 'delete policies')
    account.groups.delete(name)
    return {}
  },
  writes: true,
})

const getGroup = operation<GetGroupRequest, GetGroupResponse>({
  authorize: onHolder('GetGroup', GROUPS),
  run: (account, input) => {
    const group = groupNamed(account, input.GroupName)
    const { items, end } = iamPage(account, membersOf(account, group.name), ({ name }) => name, input)
    const Users = items.map(({ name, id, path, createdAt }) => ({
      UserName: name,
      UserId: id,
      Path: path,
      Arn: userArn(account, name),
      CreateDate: wholeSecondDate(createdAt),
    }))
    return { Group: groupAnswer(account, group), Users, ...end }
  },
  writes: false,
})

const addUserToGroup = operation<AddUserToGroupRequest, object>({
  authorize: onHolder('AddUserToGroup', GROUPS),
  run: (account, { GroupName, UserName }) => {
    const { name } = groupNamed(account, GroupName)
    const user = userNamed(account, UserName)
    account.users.set(user.name, { ...user, groups: [...new Set([...(user.groups ?? []), name])] })
    return {}
  },
  writes: true,
})

const removeUserFromGroup = operation<RemoveUserFromGroupRequest, object>({
  authorize: onHolder('RemoveUserFromGroup', GROUPS),
  run: (account, { GroupName, UserName }) => {
    const { name } = groupNamed(account, GroupName)
    const user = userNamed(account, UserName)
    const { groups = [] } = user
    if (!groups.includes(name)) throw noSuchEntity(`The user with name ${user.name} is not in group ${name}.`)
    account.users.set(user.name, { ...user, groups: groups.filter((other) => other !== name) })
    return {}
  },
  writes: true,
})

export const groupLifeOperations = {
  CreateGroup: createGroup,
  DeleteGroup: deleteGroup,
  GetGroup: getGroup,
  AddUserToGroup: addUserToGroup,
  RemoveUserFromGroup: removeUserFromGroup,
}
