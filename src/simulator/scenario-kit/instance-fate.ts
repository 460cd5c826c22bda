import { HOUR_MS, MINUTE_MS } from '../../incident/values/duration.ts'
import { recordEvent } from '../records/record.ts'
import type { StandardAccount } from './standard-account.ts'

/** How long before the present the instance was terminated (ms): within the attacker's 50 minutes. */
const TERMINATED_BEFORE = 20 * MINUTE_MS

/** Makes the compromised instance and its neighbours members of an Auto Scaling group: one that is stopped is terminated and replaced. */
export const joinGroup = ({ account, subjectInstance, neighbours }: StandardAccount, name: string): void => {
  const members = [subjectInstance, ...neighbours]
  account.autoScalingGroups.set(name, { name, minSize: members.length, desired: members.length })
  for (const member of members) {
    member.autoScalingGroup = name
    member.tags['aws:autoscaling:groupName'] = name
  }
}

/**
 * Terminates the compromised instance before anybody responds, as a cleanup job does: its credentials live on. Called before the account's instances
 * are brought to life.
 */
export const terminateSubject = ({ account, subjectInstance, now }: StandardAccount): void => {
  const at = now - TERMINATED_BEFORE
  recordEvent(account, {
    ...{ eventSource: 'ec2.amazonaws.com', eventName: 'TerminateInstances', readOnly: false, at },
    ...{ sourceIp: 'autoscaling.amazonaws.com', userAgent: 'autoscaling.amazonaws.com', invokedBy: 'autoscaling.amazonaws.com' },
    requestParameters: { InstancesSet: { Items: [{ InstanceId: subjectInstance.id }] } },
    resources: [{ type: 'AWS::EC2::Instance', name: subjectInstance.id }],
  })
  subjectInstance.state = 'terminated'
  subjectInstance.transitionReason = `User initiated (${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} GMT)`
  subjectInstance.stateReason = {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  }
  delete subjectInstance.publicIp
  for (const id of subjectInstance.volumeIds) if (account.volumes.get(id)?.deleteOnTermination) account.volumes.delete(id)
  account.agenda.add(at + HOUR_MS, () => account.instances.delete(subjectInstance.id))
}
