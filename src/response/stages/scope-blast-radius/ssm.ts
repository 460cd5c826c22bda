import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm'
import type { BlastRadius, SsmReach } from '../../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { Span } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'

/** The instance as Systems Manager lists it; undefined where it does not. */
export const managedNode = async ({ instanceId, region }: InstanceRoleSession, context: Context) => {
  const answer = await context
    .aws(region)
    .ssm.send(new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }))
  return answer.InstanceInformationList?.find(({ InstanceId }) => InstanceId === instanceId)
}

/** Whether SSM can ask the instance, as Systems Manager shows it now. An agent that does not call now may be one that the deny cut off. */
export const ssmReach = async (subject: InstanceRoleSession, context: Context): Promise<SsmReach> => {
  const unread: Unread = []
  const asked = {
    what: `whether SSM can ask ${subject.instanceId}`,
    operation: 'ssm:DescribeInstanceInformation',
    otherwise: 'unread' as const,
  }
  const node = await readOr(unread, asked, () => managedNode(subject, context))
  if (node === 'unread') return { state: 'unknown', ...given({ why: unread[0] }) }
  if (!node) return { state: 'not-managed' }
  const { PingStatus, LastPingDateTime } = node
  return {
    state: PingStatus === 'Online' ? 'online' : 'lost',
    ...given({ lastPing: LastPingDateTime && instantOf(LastPingDateTime) }),
  }
}

/** The same in words. */
export const ssmLine = ({ state, lastPing, why }: SsmReach): readonly Span[] => {
  const last: readonly Span[] = lastPing ? [', last call ', { at: lastPing }] : []
  if (state === 'online') return ['its agent calls', ...last]
  if (state === 'lost') return ['its agent does not call now', ...last]
  return [state === 'not-managed' ? 'Systems Manager does not list it: it has no agent that registered' : (why ?? 'not known')]
}

/** What that means for the proof of the rotation where SSM may not be able to ask the instance; undefined where it can. */
export const withoutSsm = ({ ssm }: Pick<BlastRadius, 'ssm'>): readonly Span[] | undefined =>
  ssm === undefined || ssm.state === 'online'
    ? undefined
    : [
        'SSM: ',
        ...ssmLine(ssm),
        '. If it cannot ask the instance after the start, only CloudTrail’s record of the new issue proves the rotation.',
      ]
