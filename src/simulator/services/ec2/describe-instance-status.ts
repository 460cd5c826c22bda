import type { DescribeInstanceStatusRequest, DescribeInstanceStatusResult, InstanceStatusSummary } from '@aws-sdk/client-ec2'
import type { Account, Instance } from '../../account/account.ts'
import { timeIn } from '../../agenda.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, instancesNamed, refuseDryRun, STATE_CODES } from './found.ts'

/** Status checks take a few minutes after a start. */
const CHECKS_TAKE_MS = 150_000

const fields: FilterFields<Instance> = {
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'instance-state-name': ({ state }) => [state],
  'instance-state-code': ({ state }) => [STATE_CODES[state]],
}

const checksOf = (account: Account, { state, runningSince = 0 }: Instance): InstanceStatusSummary => {
  if (state !== 'running') return { Status: 'not-applicable' }
  const isPassed = timeIn(account) >= runningSince + CHECKS_TAKE_MS
  return {
    Status: isPassed ? 'ok' : 'initializing',
    Details: [{ Name: 'reachability', Status: isPassed ? 'passed' : 'initializing' }],
  }
}

/** DescribeInstanceStatus: running instances only, unless IncludeAllInstances. */
export const describeInstanceStatus = operation<DescribeInstanceStatusRequest, DescribeInstanceStatusResult>({
  run: (account, input) => {
    const { InstanceIds = [], Filters, IncludeAllInstances } = input
    const asked = InstanceIds.length > 0 ? instancesNamed(account, InstanceIds) : [...account.instances.values()]
    const shown = asked.filter(({ state }) => IncludeAllInstances === true || state === 'running')
    const instances = filtered(shown, Filters, fields)
    refuseDryRun(input)
    const { items, end } = ec2Page(account, instances, ({ id }) => id, input)
    const InstanceStatuses = items.map((instance) => ({
      InstanceId: instance.id,
      AvailabilityZone: instance.availabilityZone,
      InstanceState: { Code: STATE_CODES[instance.state], Name: instance.state },
      InstanceStatus: checksOf(account, instance),
      SystemStatus: checksOf(account, instance),
      Events: [],
    }))
    return { InstanceStatuses, ...end }
  },
  writes: false,
})
