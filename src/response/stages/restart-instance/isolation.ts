import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { Context } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'

/** The network interfaces of an instance: each has security groups of its own. */
export const interfacesOf = async ({ instanceId, region }: InstanceRoleSession, context: Context): Promise<readonly string[]> => {
  const instance = await describeInstance(context, region, instanceId)
  return (instance?.NetworkInterfaces ?? []).flatMap(({ NetworkInterfaceId: id = '' }) =>
    /^eni-[0-9a-f]+$/.test(id) ? [id] : [],
  )
}

/** Why an instance that the attacker is on is not restarted, and what to do instead, with the commands. */
export const isolateInstead = ({ instanceId, region }: InstanceRoleSession, interfaces: readonly string[]): string => {
  const cards = interfaces.length > 0 ? interfaces : ['<each network interface>']
  const isolate = cards.map(
    (id) =>
      `aws ec2 modify-network-interface-attribute --region ${region} --network-interface-id ${id} --groups <empty security group>`,
  )
  return (
    `the calls came from ${instanceId} itself, and a restart hands the new credentials to the attacker. Isolate it by a security group ` +
    `without rules: ${isolate.join('; ')}. Keep the snapshots of this incident, and build the instance anew. To restart it all the same, ` +
    `stop and start it by hand: aws ec2 stop-instances --region ${region} --instance-ids ${instanceId}, then aws ec2 start-instances ` +
    `--region ${region} --instance-ids ${instanceId}`
  )
}
