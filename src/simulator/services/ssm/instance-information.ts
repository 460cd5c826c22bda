import type {
  DescribeInstanceInformationRequest,
  DescribeInstanceInformationResult,
  InstanceInformation,
} from '@aws-sdk/client-ssm'
import { MINUTE_MS } from '../../../incident/values/duration.ts'
import type { Account, Instance } from '../../account/account.ts'
import { timeIn } from '../../agenda.ts'
import { AGENT_VERSION } from '../../instances/agent-reach.ts'
import { operation } from '../../service.ts'
import { refused, ssmPage } from './refused.ts'

/** "Checking SSM Agent status": an agent not heard for five minutes has lost its connection. */
const ONLINE_MS = 5 * MINUTE_MS

/** Registered since its last start and not stopped: nothing else is in the list. */
export const isRegistered = ({ agent, state }: Instance): boolean =>
  agent.installed && agent.lastPingAt !== undefined && state !== 'stopped' && state !== 'terminated'

const pingStatus = (account: Account, { agent }: Instance): 'Online' | 'ConnectionLost' =>
  timeIn(account) - (agent.lastPingAt ?? 0) <= ONLINE_MS ? 'Online' : 'ConnectionLost'

type Values = (account: Account, instance: Instance) => readonly (string | undefined)[]

const fields: Readonly<Record<string, Values>> = {
  InstanceIds: (_, { id }) => [id],
  PingStatus: (account, instance) => [pingStatus(account, instance)],
  PlatformType: (_, { agent }) => [agent.platform],
  PlatformTypes: (_, { agent }) => [agent.platform],
  AgentVersion: () => [AGENT_VERSION],
  ResourceType: () => ['EC2Instance'],
  'tag-key': (_, { tags }) => Object.keys(tags),
}

interface Condition {
  readonly key: string
  readonly values: readonly string[]
}

const valuesOf = (key: string): Values => {
  if (key.startsWith('tag:')) return (_, { tags }) => [tags[key.slice('tag:'.length)]]
  const known = Object.hasOwn(fields, key) ? fields[key] : undefined
  if (!known) throw refused('InvalidFilterKey', `The specified filter key ${key} is not valid.`)
  return known
}

/** Two members say the same in two spellings; the real service refuses both at once, and so does this one. */
const conditionsOf = ({ Filters = [], InstanceInformationFilterList = [] }: DescribeInstanceInformationRequest): Condition[] => {
  if (Filters.length > 0 && InstanceInformationFilterList.length > 0) {
    throw refused('InvalidInstanceInformationFilterValue', 'Filters and InstanceInformationFilterList cannot be used together.')
  }
  return [
    ...Filters.map(({ Key = '', Values = [] }) => ({ key: Key, values: Values })),
    ...InstanceInformationFilterList.map(({ key = '', valueSet = [] }) => ({ key, values: valueSet })),
  ]
}

const platform = ({ agent }: Instance): Partial<InstanceInformation> =>
  agent.platform === 'Windows'
    ? { PlatformType: 'Windows', PlatformName: 'Microsoft Windows Server 2022 Datacenter', PlatformVersion: '10.0.20348' }
    : { PlatformType: 'Linux', PlatformName: 'Amazon Linux', PlatformVersion: '2023' }

const informationOn = (account: Account, instance: Instance): InstanceInformation => ({
  InstanceId: instance.id,
  PingStatus: pingStatus(account, instance),
  LastPingDateTime: new Date(instance.agent.lastPingAt ?? 0),
  AgentVersion: AGENT_VERSION,
  IsLatestVersion: true,
  ...platform(instance),
  ResourceType: 'EC2Instance',
  IPAddress: instance.privateIp,
  ComputerName: `ip-${instance.privateIp.replaceAll('.', '-')}.${account.region}.compute.internal`,
  SourceId: instance.id,
  SourceType: 'AWS::EC2::Instance',
})

/** DescribeInstanceInformation: "does not return information for nodes that are either Stopped or Terminated". */
export const describeInstanceInformation = operation<DescribeInstanceInformationRequest, DescribeInstanceInformationResult>({
  run: (account, input) => {
    const conditions = conditionsOf(input).map(({ key, values }) => ({ read: valuesOf(key), values }))
    const nodes = [...account.instances.values()].filter(
      (instance) =>
        isRegistered(instance) &&
        conditions.every(({ read, values }) =>
          read(account, instance).some((value) => value !== undefined && values.includes(value)),
        ),
    )
    const { items, end } = ssmPage(account, nodes, ({ id }) => id, input)
    return { InstanceInformationList: items.map((instance) => informationOn(account, instance)), ...end }
  },
  writes: false,
})
