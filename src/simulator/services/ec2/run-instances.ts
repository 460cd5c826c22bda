import type { Reservation, RunInstancesRequest, TerminateInstancesRequest, TerminateInstancesResult } from '@aws-sdk/client-ec2'
import type { Account, Instance } from '../../account/account.ts'
import { ec2Arn, imageArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { launch, terminate } from '../../instances/lifecycle.ts'
import { hexFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { instancesNamed, onInstances, refuseDryRun, STATE_CODES } from './found.ts'
import { reservationAnswer } from './instance-shape.ts'

/** As many as one call may ask for here; the quota on AWS counts processors. */
const MOST = 20

/** A plain instance without a role, in the network of the account's others. */
const instanceOf = (
  account: Account,
  { ImageId = '', InstanceType = 't3.micro' }: RunInstancesRequest,
  index: number,
): Instance => {
  const [neighbour] = account.instances.values()
  return {
    id: `i-0${hexFrom(account.random, 16)}`,
    type: InstanceType,
    imageId: ImageId,
    platform: 'linux',
    rootDeviceType: 'ebs',
    availabilityZone: `${account.region}a`,
    vpcId: neighbour?.vpcId ?? 'vpc-0a1b2c3d4e5f60001',
    subnetId: neighbour?.subnetId ?? 'subnet-0a1b2c3d4e5f60011',
    privateIp: `10.0.3.${10 + index}`,
    tags: {},
    volumeIds: [],
    agent: { installed: false, platform: 'Linux' },
    state: 'pending',
    launchTime: timeIn(account),
    stopProtection: false,
    httpTokens: 'required',
    hopLimit: 1,
    metadataEnabled: true,
    delivered: { v1: [], v2: [] },
  }
}

/** RunInstances. Gives them in one reservation, as EC2 does. */
export const runInstances = operation<RunInstancesRequest, Reservation>({
  authorize: (account, { ImageId = '*' }) => [
    { action: 'ec2:RunInstances', resource: imageArn(account, ImageId) },
    ...(['instance', 'volume', 'network-interface', 'security-group', 'subnet'] as const).map((kind) => ({
      action: 'ec2:RunInstances',
      resource: ec2Arn(account, kind, '*'),
    })),
  ],
  run: (account, input) => {
    const count = input.MaxCount ?? 1
    if (count > MOST)
      throw new ServiceError('InstanceLimitExceeded', `You have requested more instances (${count}) than allowed.`)
    refuseDryRun(input)
    const instances = Array.from({ length: count }, (_, index) => instanceOf(account, input, index))
    for (const instance of instances) {
      account.instances.set(instance.id, instance)
      launch(account, instance)
    }
    const [first, ...others] = instances.map((instance) => reservationAnswer(account, instance))
    return { ...first, Instances: [first, ...others].flatMap((reservation) => reservation?.Instances ?? []) }
  },
  writes: true,
  written: ({ ImageId, InstanceType, MinCount, MaxCount }, output) => ({
    request: {
      instancesSet: { items: [{ imageId: ImageId, minCount: MinCount, maxCount: MaxCount }] },
      instanceType: InstanceType,
    },
    ...(output
      ? {
          response: {
            reservationId: output.ReservationId,
            ownerId: output.OwnerId,
            instancesSet: {
              items: (output.Instances ?? []).map(({ InstanceId, ImageId: imageId }) => ({ instanceId: InstanceId, imageId })),
            },
          },
        }
      : {}),
  }),
})

/** TerminateInstances; of one that is terminated already, nothing but the answer. */
export const terminateInstances = operation<TerminateInstancesRequest, TerminateInstancesResult>({
  authorize: (account, { InstanceIds }) => onInstances(account, 'ec2:TerminateInstances', InstanceIds),
  run: (account, input) => {
    const instances = instancesNamed(account, input.InstanceIds)
    refuseDryRun(input)
    const guarded = instances.find(({ terminationProtection }) => terminationProtection)
    if (guarded) {
      const what = `The instance '${guarded.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute`
      throw new ServiceError('OperationNotPermitted', `${what} and try again.`)
    }
    const TerminatingInstances = instances.map((instance) => {
      const before = instance.state
      if (before !== 'terminated' && before !== 'shutting-down') terminate(account, instance)
      return {
        InstanceId: instance.id,
        PreviousState: { Code: STATE_CODES[before], Name: before },
        CurrentState: { Code: STATE_CODES[instance.state], Name: instance.state },
      }
    })
    return { TerminatingInstances }
  },
  writes: true,
})
