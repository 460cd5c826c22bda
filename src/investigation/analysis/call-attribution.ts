import { isIP } from 'node:net'
import type { AttributedCalls, Attribution } from '../../incident/facts/activity-rows.ts'
import { isSameAddress } from '../../incident/values/address.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { agentName, busiestFirst, type CallTotals, sourceName, totalsBy } from './call-totals.ts'
import { callingService } from './calls-on-behalf.ts'
import type { TimeBucket } from './time-buckets.ts'

/** The addresses of the instance and its account, where they are known: calls from there may be the workload's own. */
export interface OwnAddresses {
  readonly addresses: readonly string[]
}

/** The rule that separates the workload's own calls from the attacker's, in words for the responder. */
export const ATTRIBUTION_RULE =
  'A call is attributed to the workload when it comes from an address of the instance, or from an address that the role called from before, with a user agent and a credential delivery that were used before. A call from any other public address is external. Every other call is ambiguous.'

/** Attributes the calls in scope to the workload, a service or somebody external: the WHOSE_RULE. The busiest first. */
export const attributeCalls = (counted: Counted, own: OwnAddresses): readonly AttributedCalls[] => {
  const before = baselineUseOf(counted)
  const examples = new Map<string, TimeBucket>()
  const counts = totalsBy(counted.scope, (bucket) => {
    const { caller, origin } = bucket
    const name = [sourceName(bucket), agentName(bucket), caller.delivery, origin.vpcEndpointId, origin.invokedBy].join('\u0000')
    examples.set(name, bucket)
    return name
  })
  return busiestFirst(counts).flatMap(([name, calls]) => {
    const bucket = examples.get(name)
    return bucket ? [attributedCalls(bucket, calls, attributionOf(bucket, before, own))] : []
  })
}

const attributedCalls = (
  bucket: TimeBucket,
  { succeeded, failed }: CallTotals,
  [attribution, why]: ReasonedAttribution,
): AttributedCalls => ({
  attribution,
  why,
  source: untrusted(sourceName(bucket)),
  userAgent: untrusted(agentName(bucket)),
  ...given({
    ec2RoleDelivery: bucket.caller.delivery,
    vpcEndpointId: bucket.origin.vpcEndpointId ? untrusted(bucket.origin.vpcEndpointId) : undefined,
  }),
  succeeded,
  failed,
})

type ReasonedAttribution = readonly [attribution: Attribution, why: string]

/** What the baseline principal used before the scope. */
interface BaselineUse {
  readonly sources: ReadonlySet<string>
  readonly agents: ReadonlySet<string>
  readonly endpoints: ReadonlySet<string>
  readonly deliveries: ReadonlySet<string>
  readonly isKnown: boolean
}

/** Credential deliveries are counted with the sessions before the scope, not with the baseline. */
const baselineUseOf = ({ baseline, sightings, scope }: Counted): BaselineUse => {
  const sources = new Set<string>()
  const agents = new Set<string>()
  const endpoints = new Set<string>()
  for (const bucket of baseline) {
    sources.add(sourceName(bucket))
    agents.add(agentName(bucket))
    if (bucket.origin.vpcEndpointId) endpoints.add(bucket.origin.vpcEndpointId)
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

const attributionOf = (bucket: TimeBucket, before: BaselineUse, own: OwnAddresses): ReasonedAttribution => {
  const { vpcEndpointId } = bucket.origin
  const service = callingService(bucket)
  if (service !== undefined) return ['service', 'an AWS service made the call on behalf of the principal']
  const source = sourceName(bucket)
  if (isIP(source) === 0) return ['ambiguous', 'the record has no source IP address']
  const isOwn = own.addresses.some((address) => isSameAddress(address, source))
  if (!isOwn && isPublic(source) && !before.sources.has(source))
    return ['external', 'a public address that is not the instance’s and that the role did not call from before']
  if (!isOwn && vpcEndpointId && before.isKnown && !before.endpoints.has(vpcEndpointId))
    return ['ambiguous', 'a VPC endpoint that the role did not use before: an attacker can use one of their own']
  return attributionFromKnownAddress(bucket, before, isOwn)
}

const attributionFromKnownAddress = (bucket: TimeBucket, before: BaselineUse, isOwn: boolean): ReasonedAttribution => {
  const place = isOwn ? 'the instance’s own address' : 'an address that the role called from before'
  if (!(isOwn || before.sources.has(sourceName(bucket))))
    return ['ambiguous', 'a private address that the role did not call from before']
  if (before.isKnown && !before.agents.has(agentName(bucket)))
    return ['ambiguous', `${place}, with a user agent that was not used before`]
  const { delivery } = bucket.caller
  if (delivery && before.deliveries.size > 0 && !before.deliveries.has(delivery))
    return ['ambiguous', `${place}, with credentials delivered over IMDSv${delivery.charAt(0)}, which was not used before`]
  return ['workload', place]
}

const PRIVATE_V4 = /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/
const PRIVATE_V6 = /^(?:f[cd]|fe[89ab]|::1$)/i

/** Whether an address is one of the internet's, and not of a private network ("IANA IPv4 and IPv6 Special-Purpose Address Registries"). */
export const isPublic = (ip: string): boolean => !(PRIVATE_V4.test(ip) || PRIVATE_V6.test(ip))
