import { given } from '../../incident/values/given.ts'
import type { Account, Instance } from '../account/account.ts'
import { ec2Arn } from '../account/arns.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { callingWith, egressOf } from '../actors/workload.ts'
import { authorizeCall } from '../authorization/authorize.ts'
import { type Call, ServiceError } from '../call.ts'
import { uuidFrom } from '../records/record.ts'
import { operation } from '../service.ts'
import { mayCallOut } from './network.ts'

export const AGENT_VERSION = '3.3.2299.0'

/** What the agent tells Systems Manager at every ping: served to nobody else. */
const updateInstanceInformation = operation<{ InstanceId: string }, object>({
  authorize: (account, { InstanceId }) => [
    { action: 'ssm:UpdateInstanceInformation', resource: ec2Arn(account, 'instance', InstanceId) },
  ],
  run: () => ({}),
  writes: true,
})

const pingCall = (account: Account, instance: Instance, credential: IssuedCredential): Call => ({
  service: 'ssm',
  operation: 'UpdateInstanceInformation',
  input: {
    InstanceId: instance.id,
    AgentVersion: AGENT_VERSION,
    AgentStatus: 'Active',
    AgentName: 'amazon-ssm-agent',
    PlatformType: instance.agent.platform,
    IPAddress: instance.privateIp,
  },
  accessKeyId: credential.accessKeyId,
  ...given({ sessionToken: credential.sessionToken }),
  region: account.region,
  sourceIp: egressOf(account, instance),
  userAgent: `aws-sdk-go/1.55.5 (go1.23.9; linux; amd64) amazon-ssm-agent/${AGENT_VERSION}`,
  requestId: uuidFrom(account.random),
})

/** The agent's try to reach Systems Manager under the instance role, with the credentials IMDS hands out at that moment. */
export interface Reach {
  readonly call: Call
  readonly credential: IssuedCredential
  readonly refusal?: ServiceError
}

const refusalOfPing = (account: Account, call: Call, credential: IssuedCredential): ServiceError | undefined => {
  try {
    authorizeCall(account, updateInstanceInformation, call, credential)
    return undefined
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

/** What comes of a ping now; undefined when the metadata service gives the agent no credentials. */
export const reachOf = (account: Account, instance: Instance): Reach | undefined => {
  const credential = callingWith(account, instance)
  if (!credential) return undefined
  const call = pingCall(account, instance, credential)
  const refusal = refusalOfPing(account, call, credential)
  return { call, credential, ...given({ refusal }) }
}

/**
 * Whether Default Host Management keeps the agent in touch without the instance role ("Managing EC2 instances
 * automatically with Default Host Management Configuration": the instance role is tried first). It needs IMDS.
 */
export const isHostManaged = (account: Account, instance: Instance): boolean =>
  account.defaultHostManagementRole.value !== '' &&
  instance.metadataEnabled &&
  instance.state === 'running' &&
  mayCallOut(account, instance)

/** Whether the agent can take up work now. */
export const isReachable = (account: Account, instance: Instance): boolean => {
  if (!instance.agent.installed || instance.agent.lastPingAt === undefined) return false
  const reach = reachOf(account, instance)
  return (reach !== undefined && reach.refusal === undefined) || isHostManaged(account, instance)
}
