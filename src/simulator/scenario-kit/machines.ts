import { DAY_MS, floorTo, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account, EbsVolume, Instance } from '../account/account.ts'

const VPC = 'vpc-0a1b2c3d4e5f60001'
const PUBLIC_SUBNET = 'subnet-0a1b2c3d4e5f60011'
const PRIVATE_SUBNET = 'subnet-0a1b2c3d4e5f60012'
const IMAGE = 'ami-0c1d2e3f405162738'

/** Where the instances behind the NAT gateway leave the network, and functions, tasks and pods in it. */
export const NAT_ADDRESS = '203.0.113.10'
const ELASTIC_ADDRESS = '203.0.113.11'

interface MachinePlan {
  readonly id: string
  readonly name: string
  readonly privateIp: string
  readonly publicIp?: string
  readonly profileName?: string
  readonly elasticIp?: boolean
  readonly upDays: number
  readonly volumes: readonly (readonly [id: string, device: string, sizeGiB: number])[]
}

const volumeOf = (instanceId: string, [id, device, sizeGiB]: MachinePlan['volumes'][number]): EbsVolume => ({
  id,
  instanceId,
  device,
  sizeGiB,
  encrypted: true,
  deleteOnTermination: device === '/dev/xvda',
})

const instanceOf = (account: Account, plan: MachinePlan, now: number): Instance => ({
  id: plan.id,
  type: 't3.small',
  imageId: IMAGE,
  platform: 'linux',
  rootDeviceType: 'ebs',
  availabilityZone: `${account.region}a`,
  vpcId: VPC,
  subnetId: plan.publicIp === undefined ? PRIVATE_SUBNET : PUBLIC_SUBNET,
  privateIp: plan.privateIp,
  ...given({ profileName: plan.profileName }),
  tags: { Name: plan.name, Service: 'web', Environment: 'production' },
  volumeIds: plan.volumes.map(([id]) => id),
  agent: { installed: plan.profileName !== undefined, platform: 'Linux' },
  state: 'running',
  launchTime: floorTo(now - plan.upDays * DAY_MS, SECOND_MS),
  ...given({ publicIp: plan.publicIp, elasticIp: plan.elasticIp }),
  stopProtection: false,
  httpTokens: 'optional',
  hopLimit: 1,
  metadataEnabled: true,
  delivered: { v1: [], v2: [] },
})

const addMachine = (account: Account, plan: MachinePlan, now: number): Instance => {
  const instance = instanceOf(account, plan, now)
  for (const volume of plan.volumes) account.volumes.set(volume[0], volumeOf(plan.id, volume))
  account.instances.set(plan.id, instance)
  return instance
}

/** The compromised instance: in a public subnet with an address of its own that a stop takes away, and IMDSv1 still allowed. */
export const addSubjectInstance = (account: Account, id: string, profileName: string, now: number): Instance =>
  addMachine(
    account,
    {
      id,
      name: 'web-1',
      privateIp: '10.0.1.11',
      publicIp: '203.0.113.25',
      profileName,
      upDays: 63,
      volumes: [
        ['vol-0f1e2d3c4b5a69781', '/dev/xvda', 8],
        ['vol-0f1e2d3c4b5a69782', '/dev/sdf', 40],
      ],
    },
    now,
  )

/** The ids of the account's other instances: two of the role, and one without a role. */
export const NEIGHBOURS = ['i-0aa1b2c3d4e5f6071', 'i-0bb2c3d4e5f607182'] as const
export const BASTION = 'i-0cc3d4e5f60718293'

/** Two more instances of the role: they call from the NAT gateway's address, and are cut off with the attacker. */
export const addNeighbours = (account: Account, profileName: string, now: number): Instance[] => {
  const neighbour = (id: string, name: string, privateIp: string, volume: string): Instance =>
    addMachine(account, { id, name, privateIp, profileName, upDays: 63, volumes: [[volume, '/dev/xvda', 8]] }, now)
  // A finding file may be about one of them: then it is the compromised instance.
  return [
    ...(account.instances.has(NEIGHBOURS[0]) ? [] : [neighbour(NEIGHBOURS[0], 'web-2', '10.0.2.12', 'vol-0f1e2d3c4b5a69783')]),
    ...(account.instances.has(NEIGHBOURS[1]) ? [] : [neighbour(NEIGHBOURS[1], 'web-3', '10.0.2.13', 'vol-0f1e2d3c4b5a69784')]),
  ]
}

/** The web application's load balancer sends requests to these instances. */
export const addTargetGroup = (account: Account, instanceIds: readonly string[]): void => {
  account.targetGroups.set('web', { name: 'web', id: '6d0ecf831eec9f09', port: 8080, vpcId: VPC, instanceIds })
}

/** An instance without a role, and the account's other public addresses: not ours to touch, but a call could come from them. */
export const addSurroundings = (account: Account, now: number): Instance => {
  account.natGateways.set('nat-0a1b2c3d4e5f60021', {
    id: 'nat-0a1b2c3d4e5f60021',
    publicIp: NAT_ADDRESS,
    vpcId: VPC,
    subnetId: PUBLIC_SUBNET,
  })
  const bastion = addMachine(
    account,
    {
      id: BASTION,
      name: 'bastion',
      privateIp: '10.0.1.40',
      publicIp: ELASTIC_ADDRESS,
      elasticIp: true,
      upDays: 210,
      volumes: [['vol-0f1e2d3c4b5a69785', '/dev/xvda', 8]],
    },
    now,
  )
  account.addresses.set('eipalloc-0a1b2c3d4e5f60031', { publicIp: ELASTIC_ADDRESS, instanceId: bastion.id })
  return bastion
}
