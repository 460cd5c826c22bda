import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
} from '@aws-sdk/client-ec2'
import type { Account, Instance } from '../../account/account.ts'
import { ServiceError } from '../../call.ts'
import { beginStart, beginStop, reboot } from '../../instances/lifecycle.ts'
import { operation } from '../../service.ts'
import { instancesNamed, onInstances, refuseDryRun, STATE_CODES } from './found.ts'

const resourcesOf = (_: Account, { InstanceIds = [] }: { readonly InstanceIds: string[] | undefined }) =>
  InstanceIds.map((name) => ({ type: 'AWS::EC2::Instance', name }))

/** Moves each instance and tells from which state into which. */
const changes = (instances: readonly Instance[], move: (instance: Instance) => void): InstanceStateChange[] =>
  instances.map((instance) => {
    const before = instance.state
    move(instance)
    return {
      InstanceId: instance.id,
      PreviousState: { Code: STATE_CODES[before], Name: before },
      CurrentState: { Code: STATE_CODES[instance.state], Name: instance.state },
    }
  })

const wrongState = ({ id }: Instance, what: string): ServiceError =>
  new ServiceError('IncorrectInstanceState', `The instance '${id}' is not in a state from which it can be ${what}.`)

/** "Stop and start your instance", "Stop a Spot Instance", "Enable stop protection". */
const refuseUnstoppable = (instance: Instance, hibernate: boolean): void => {
  const { id, state } = instance
  if (state === 'pending' || state === 'shutting-down' || state === 'terminated') throw wrongState(instance, 'stopped')
  if (instance.rootDeviceType === 'instance-store') {
    const message = `The instance '${id}' does not have an 'ebs' root device type and cannot be stopped.`
    throw new ServiceError('UnsupportedOperation', message)
  }
  if (instance.lifecycle === 'spot' && instance.spotRequestType !== 'persistent') {
    const why =
      'it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.'
    throw new ServiceError('UnsupportedOperation', `You can't stop the Spot Instance '${id}' because ${why}`)
  }
  if (instance.stopProtection) {
    const what = `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`
    throw new ServiceError('OperationNotPermitted', what)
  }
  if (hibernate && instance.hibernation !== true) {
    throw new ServiceError('UnsupportedHibernationConfiguration', `The instance '${id}' is not configured for hibernation.`)
  }
}

/** StopInstances; of an instance that is stopped already, nothing but the answer. */
export const stopInstances = operation<StopInstancesRequest, StopInstancesResult>({
  authorize: (account, { InstanceIds }) => onInstances(account, 'ec2:StopInstances', InstanceIds),
  run: (account, input) => {
    const instances = instancesNamed(account, input.InstanceIds)
    refuseDryRun(input)
    for (const instance of instances) refuseUnstoppable(instance, input.Hibernate === true)
    return { StoppingInstances: changes(instances, (instance) => beginStop(account, instance, input.Force === true)) }
  },
  writes: true,
  resources: resourcesOf,
})

/** StartInstances; of an instance that is running already, nothing but the answer. */
export const startInstances = operation<StartInstancesRequest, StartInstancesResult>({
  authorize: (account, { InstanceIds }) => onInstances(account, 'ec2:StartInstances', InstanceIds),
  run: (account, input) => {
    const instances = instancesNamed(account, input.InstanceIds)
    refuseDryRun(input)
    for (const instance of instances) {
      if (!['stopped', 'pending', 'running'].includes(instance.state)) throw wrongState(instance, 'started')
    }
    const start = (instance: Instance): void => {
      if (instance.state === 'stopped') beginStart(account, instance)
    }
    return { StartingInstances: changes(instances, start) }
  },
  writes: true,
  resources: resourcesOf,
})

/** RebootInstances: same host, same address, same LaunchTime, same credentials. */
export const rebootInstances = operation<RebootInstancesRequest, object>({
  authorize: (account, { InstanceIds }) => onInstances(account, 'ec2:RebootInstances', InstanceIds),
  run: (account, input) => {
    const instances = instancesNamed(account, input.InstanceIds)
    refuseDryRun(input)
    const unfit = instances.find(({ state }) => state !== 'running')
    if (unfit) throw wrongState(unfit, 'rebooted')
    for (const instance of instances) reboot(account, instance)
    return {}
  },
  writes: true,
  resources: resourcesOf,
})
