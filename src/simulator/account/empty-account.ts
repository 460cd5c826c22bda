import { partitionOf } from '../../incident/values/partition.ts'
import { createAgenda } from '../agenda.ts'
import type { VirtualClock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { createTrail } from '../records/trail.ts'
import type { Account, Behaviour } from './account.ts'
import { createCredentialStore } from './credentials.ts'
import type { GraphAdministrator } from './detection.ts'
import { noHoldings } from './holdings.ts'
import type { Organization } from './organization.ts'
import { enabledRegionsOf } from './regions.ts'

/** Times near the middle of what AWS's documents and public reports give. Seconds. */
const usualBehaviour: Behaviour = {
  policyPropagation: 8,
  trailDelivery: 300,
  stopTakes: 35,
  startTakes: 25,
  agentTakes: 75,
  agentPingEvery: 300,
  investigationTakes: 180,
  lastUpdatedLag: 1980,
  callTakes: 0.6,
  pageSize: 10,
  eventsPerPage: 50,
  // Detective's and ir-cred's baseline.
  historyDays: 45,
}

/** What an account is before anything is in it. */
export interface AccountSeed {
  readonly id: string
  readonly region: string
  readonly alias: string
  readonly organization?: Organization
  readonly clock: VirtualClock
  readonly seed?: number
  readonly behaviour?: Partial<Behaviour>
  readonly detectorId?: string
  readonly graphArn?: string
  readonly graphCreatedAt?: number
  readonly graphAdministrator?: GraphAdministrator
  readonly trails?: Account['trails']
  readonly indicators?: Account['indicators']
}

/** An account with nothing in it: what scenarios and tests build on. */
export const emptyAccount = ({ seed = 1, behaviour, trails = [], indicators = [], ...rest }: AccountSeed): Account => ({
  ...rest,
  ...noHoldings(),
  partition: partitionOf(rest.region)?.id ?? 'aws',
  enabledRegions: enabledRegionsOf(rest.region),
  behaviour: { ...usualBehaviour, ...behaviour },
  random: seededRandom(seed),
  credentials: createCredentialStore(),
  trail: createTrail(),
  agenda: createAgenda(),
  roles: new Map(),
  users: new Map(),
  rootUser: { hasPassword: true, accessKeys: new Map(), mfaDevices: [] },
  groups: new Map(),
  managedPolicies: new Map(),
  instanceProfiles: new Map(),
  instances: new Map(),
  volumes: new Map(),
  snapshots: new Map(),
  addresses: new Map(),
  natGateways: new Map(),
  autoScalingGroups: new Map(),
  commands: new Map(),
  documents: new Map(),
  defaultHostManagementRole: { value: '' },
  findings: new Map(),
  threatIntelSets: new Map(),
  trails,
  lookupAllowance: new Map(),
  investigations: new Map(),
  indicators,
  actorListeners: [],
})
