import type { Account, Instance } from '../../account/account.ts'

/** The members of a group, or of all groups. */
export const membersOf = (account: Account, groupName?: string): Instance[] =>
  [...account.instances.values()].filter(
    ({ autoScalingGroup, state }) =>
      autoScalingGroup !== undefined && state !== 'terminated' && (groupName ?? autoScalingGroup) === autoScalingGroup,
  )
