import type { Account, Instance } from '../account/account.ts'

/** Every network has one group of its own, named after it, that lets everything out. */
export const groupOfNetwork = (vpcId: string): string => vpcId.replace('vpc-', 'sg-')

/** The security groups of an instance, by id. */
export const groupIdsOf = ({ securityGroupIds, vpcId }: Instance): readonly string[] =>
  securityGroupIds ?? [groupOfNetwork(vpcId)]

/** Whether any of the instance's groups lets calls out: without an outbound rule nothing on it reaches AWS, whoever runs it. The metadata service is filtered by no group. */
export const mayCallOut = (account: Account, instance: Instance): boolean =>
  groupIdsOf(instance).some(
    (id) =>
      id === groupOfNetwork(instance.vpcId) ||
      [...account.securityGroupRules.values()].some(({ groupId, isEgress }) => isEgress && groupId === id),
  )
