import { isIP } from 'node:net'
import type { AttributedCalls, Attribution } from '../../incident/facts/activity-rows.ts'
import { isSameAddress } from '../../incident/values/address.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { agentName, busiestFirst, type CallTotals, sourceName, totalsBy } from './call-totals.ts'
import { callingService } from './calls-on-behalf.ts'
import type { TimeBucket } from './time-buckets.ts'

/** What tells an instance's own calls: addresses that are its own or its account's, where the responder knows them. */
export interface OwnAddresses {
  readonly addresses: readonly string[]
}

/** The rule that tells the instance's own use from the attacker's, in words for the responder. */
export const ATTRIBUTION_RULE =
  'A call is the instance’s own when it comes from an address of its own, or from one that the role called from before, with a user agent and a way of delivery that were used there before. From any other public address it is somebody else’s. The rest is ambiguous.'

/** Parts the calls in scope by whom they come from: the WHOSE_RULE. The busiest first. */
export const attributeCalls = (counted: Counted, own: OwnAddresses): readonly AttributedCalls[] => {
  const usual = baselineUseOf(counted)
  const shown = new Map<string, TimeBucket>()
  const counts = totalsBy(counted.scope, (cell) => {
    const { caller, origin } = cell
    const name = [sourceName(cell), agentName(cell), caller.delivery, origin.vpcEndpointId, origin.invokedBy].join('\u0000')
    shown.set(name, cell)
    return name
  })
  return busiestFirst(counts).flatMap(([name, calls]) => {
    const cell = shown.get(name)
    return cell ? [attributedCalls(cell, calls, attributionOf(cell, usual, own))] : []
  })
}

const attributedCalls = (
  cell: TimeBucket,
  { succeeded, failed }: CallTotals,
  [attribution, why]: Judgement,
): AttributedCalls => ({
  attribution,
  why,
  source: untrusted(sourceName(cell)),
  userAgent: untrusted(agentName(cell)),
  ...(cell.caller.delivery ? { ec2RoleDelivery: cell.caller.delivery } : {}),
  ...(cell.origin.vpcEndpointId ? { vpcEndpointId: untrusted(cell.origin.vpcEndpointId) } : {}),
  succeeded,
  failed,
})

type Judgement = readonly [attribution: Attribution, why: string]

/** What the role used before. */
interface BaselineUse {
  readonly sources: ReadonlySet<string>
  readonly agents: ReadonlySet<string>
  readonly endpoints: ReadonlySet<string>
  readonly deliveries: ReadonlySet<string>
  readonly isKnown: boolean
}

/** The deliveries of the population stand with its sessions, from before the scope. */
const baselineUseOf = ({ baseline, sightings, scope }: Counted): BaselineUse => {
  const sources = new Set<string>()
  const agents = new Set<string>()
  const endpoints = new Set<string>()
  for (const cell of baseline) {
    sources.add(sourceName(cell))
    agents.add(agentName(cell))
    if (cell.origin.vpcEndpointId) endpoints.add(cell.origin.vpcEndpointId)
  }
  const roles = new Set<string | undefined>()
  let begin = Number.POSITIVE_INFINITY
  for (const { caller, first } of scope) {
    roles.add(caller.roleName)
    begin = Math.min(begin, first)
  }
  const deliveries = new Set<string>()
  for (const { caller, first } of sightings)
    if (caller.delivery && first < begin && roles.has(caller.roleName)) deliveries.add(caller.delivery)
  return { sources, agents, endpoints, deliveries, isKnown: sources.size > 0 }
}

const attributionOf = (cell: TimeBucket, usual: BaselineUse, own: OwnAddresses): Judgement => {
  const { vpcEndpointId } = cell.origin
  const service = callingService(cell)
  if (service !== undefined) return ['service', 'an AWS service made the call on behalf of the principal']
  const source = sourceName(cell)
  if (isIP(source) === 0) return ['ambiguous', 'the record names no address']
  const isOwn = own.addresses.some((address) => isSameAddress(address, source))
  if (!isOwn && isPublic(source) && !usual.sources.has(source))
    return ['external', 'a public address that is not the instance’s and that the role never called from before']
  if (!isOwn && vpcEndpointId && usual.isKnown && !usual.endpoints.has(vpcEndpointId))
    return ['ambiguous', 'a VPC endpoint that the role never called through before: an attacker may bring his own']
  return attributionFromKnownAddress(cell, usual, isOwn)
}

const attributionFromKnownAddress = (cell: TimeBucket, usual: BaselineUse, isOwn: boolean): Judgement => {
  const place = isOwn ? 'the instance’s own address' : 'an address that the role called from before'
  if (!(isOwn || usual.sources.has(sourceName(cell)))) return ['ambiguous', 'a private address that nothing is known of']
  if (usual.isKnown && !usual.agents.has(agentName(cell))) return ['ambiguous', `${place}, with a user agent never used before`]
  const { delivery } = cell.caller
  if (delivery && usual.deliveries.size > 0 && !usual.deliveries.has(delivery))
    return ['ambiguous', `${place}, with credentials delivered by IMDSv${delivery.charAt(0)}, as never before`]
  return ['workload', place]
}

const PRIVATE_V4 = /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/
const PRIVATE_V6 = /^(?:f[cd]|fe[89ab]|::1$)/i

/** Whether an address is one of the internet's, and not of a private network ("IANA IPv4 and IPv6 Special-Purpose Address Registries"). */
export const isPublic = (ip: string): boolean => !(PRIVATE_V4.test(ip) || PRIVATE_V6.test(ip))
