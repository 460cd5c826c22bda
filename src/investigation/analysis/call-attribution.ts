import { isIP } from 'node:net'
import type { Attribution } from '../../incident/facts/activity-rows.ts'
import { isSameAddress } from '../../incident/values/address.ts'
import { given } from '../../incident/values/given.ts'
import type { Counted } from './activity-fold.ts'
import { baselineOf } from './baseline.ts'
import { agentName, sourceName } from './call-totals.ts'
import { callingService } from './calls-on-behalf.ts'
import type { NumberSet } from './number-set.ts'
import { type SeenBefore, seenBefore } from './seen-before.ts'
import { numberOfText, type TextTable } from './text-table.ts'
import type { SightingsByCaller, TimeBucket } from './time-buckets.ts'

/** Addresses of which it is known whose they are. */
export interface KnownAddresses {
  /** Those of the instance and its account, NAT gateways among them: calls from there may be the workload's own. */
  readonly addresses: readonly string[]
  /** Those from which a finding says that the credentials were used. */
  readonly reported?: readonly string[]
}

/** The rule that separates the workload's own calls from the attacker's, in words for the responder. */
export const ATTRIBUTION_RULE =
  'A call is attributed to the workload when it comes from an address of the instance or its account, from the address at which the instance’s SSM agent reports, or from an address that the role or user called from before, with a user agent and a credential delivery that were used before. It is external when the finding names its address, or when a public address was not called from before and something is known to compare it with: addresses of the instance, or a day of earlier calls. Every other call is ambiguous.'

/** What of a call tells whose it is. */
type CallOrigin = Pick<TimeBucket, 'caller' | 'origin'>

/** Says whose a call is, and why. */
export type Attribute = (call: CallOrigin) => ReasonedAttribution

export type ReasonedAttribution = readonly [attribution: Attribution, why: string]

/** Whose calls are whose, by what is known of addresses and of the calls before: the ATTRIBUTION_RULE. */
export const attributionBy = (counted: Counted, known: KnownAddresses): Attribute => {
  const before = baselineUseOf(counted)
  return (call) => attributionOf(call, before, known)
}

/** The gravest first: what was done from several places is as suspicious as the worst of them. */
export const GRAVEST_ATTRIBUTION_FIRST = ['external', 'ambiguous', 'service', 'workload', undefined] as const

/** What the baseline principal used before the scope, and where the instance's agent reports. */
interface BaselineUse {
  /** How many calls came from an address. */
  earlierCallsFrom(address: string): number
  readonly agents: Pick<ReadonlySet<string>, 'has' | 'size'>
  readonly endpoints: ReadonlySet<string>
  readonly deliveries: ReadonlySet<string>
  readonly days: number
  /** The address at which the SSM agent of the same session reports. Missing for none, and for several. */
  readonly agentAddress?: string
}

/** Asked by text, because a call of another state (an address that others called from) has other numbers. */
const byText = (
  texts: TextTable,
  callsFrom: SeenBefore['callsFrom'],
  agents: NumberSet,
): Pick<BaselineUse, 'earlierCallsFrom' | 'agents'> => ({
  earlierCallsFrom: (address) => callsFrom(numberOfText(texts, address)),
  agents: { size: agents.size, has: (agent) => agents.has(numberOfText(texts, agent)) },
})

/** Credential deliveries are counted with the sessions before the scope, not with the baseline. */
const baselineUseOf = (counted: Counted): BaselineUse => {
  const { sightings, scope, agentReports } = counted
  const { texts } = counted.origins
  const { callsFrom, userAgents, endpoints } = seenBefore(counted)
  const roles = new Set<string | undefined>()
  let begin = Number.POSITIVE_INFINITY
  for (const { caller, first } of scope) {
    roles.add(caller.roleName)
    begin = Math.min(begin, first)
  }
  const deliveries = new Set<string>()
  for (const { caller, first } of sightings.by(({ delivery, roleName }) => delivery !== undefined && roles.has(roleName)))
    if (caller.delivery && first < begin) deliveries.add(caller.delivery)
  const agentAddress = agentAddressOf(scope, sightings, agentReports)
  return {
    ...byText(texts, callsFrom, userAgents),
    endpoints,
    deliveries,
    days: baselineOf(counted).days,
    ...given({ agentAddress }),
  }
}

const SSM_AGENT = /\bamazon-ssm-agent\b/

const isByAgent = ({ origin }: Pick<TimeBucket, 'origin'>): boolean =>
  SSM_AGENT.test(agentName({ origin })) && isIP(sourceName({ origin })) !== 0

/**
 * The address at which the instance's SSM agent reports. An attacker can send such a report too: two addresses prove nothing.
 * Calls before the scope are counted without their session, so the sightings tell whether it is the same one.
 */
const agentAddressOf = (
  scope: Iterable<TimeBucket>,
  sightings: SightingsByCaller,
  agentReports: Iterable<TimeBucket>,
): string | undefined => {
  const sessions = new Set<string>()
  for (const { caller } of scope) if (caller.sessionName && caller.principalId) sessions.add(caller.principalId)
  const reporting = new Set<string>()
  for (const report of agentReports) if (isByAgent(report)) reporting.add(sourceName(report))
  if (reporting.size === 0) return undefined
  const found = new Set<string>()
  for (const { origin } of sightings.by(({ principalId = '' }) => sessions.has(principalId)))
    if (SSM_AGENT.test(agentName({ origin })) && reporting.has(sourceName({ origin }))) found.add(sourceName({ origin }))
  const [address, ...others] = found
  return others.length === 0 ? address : undefined
}

const attributionOf = (call: CallOrigin, before: BaselineUse, known: KnownAddresses): ReasonedAttribution => {
  const source = sourceName(call)
  if (callingService(call) !== undefined) return ['service', 'an AWS service made the call on behalf of the principal']
  if (isIP(source) === 0)
    return [
      'ambiguous',
      source === 'unknown' ? 'the record has no source' : 'what the record has in the place of an address is none',
    ]
  const isAmong = (addresses: readonly string[] = []) => addresses.some((address) => isSameAddress(address, source))
  const isOwn = isAmong(known.addresses)
  const earlier = before.earlierCallsFrom(source)
  if (isAmong(known.reported)) {
    if (isOwn) return ['ambiguous', 'the finding names this address, and it is one of the instance’s or its account’s own']
    return earlier > 0
      ? ['ambiguous', `the finding names this address, but there were ${earlier} calls from it before`]
      : ['external', 'the finding names this address']
  }
  if (isOwn) return fromKnownPlace(call, before, 'an address of the instance or its account')
  const endpoint = throughEndpoint(call, before)
  if (endpoint) return endpoint
  if (earlier > 0) return fromKnownPlace(call, before, 'an address that was called from before')
  if (source === before.agentAddress) return atAgentAddress(call, before)
  return fromUnknownPlace(source, before, known)
}

/** A VPC endpoint shows from whose network a call comes. Subnets can be shared, so another account alone is no proof. */
const throughEndpoint = ({ caller, origin }: CallOrigin, before: BaselineUse): ReasonedAttribution | undefined => {
  const { vpcEndpointId, vpcEndpointAccountId } = origin
  if (!vpcEndpointId || before.endpoints.has(vpcEndpointId)) return undefined
  if (vpcEndpointAccountId && vpcEndpointAccountId !== caller.accountId) {
    return before.days >= DAYS_TO_COMPARE
      ? ['external', `a VPC endpoint of account ${vpcEndpointAccountId}, which was not used before`]
      : ['ambiguous', `a VPC endpoint of account ${vpcEndpointAccountId}: the subnet may be shared`]
  }
  return before.days > 0
    ? ['ambiguous', 'a VPC endpoint that was not used before: an attacker can use one of their own']
    : undefined
}

/** So many days of earlier calls show where a principal calls from. */
const DAYS_TO_COMPARE = 1

const fromUnknownPlace = (source: string, { days, agentAddress }: BaselineUse, known: KnownAddresses): ReasonedAttribution => {
  if (!isPublic(source)) return ['ambiguous', 'a private address that was not called from before: many networks have it']
  if (days >= DAYS_TO_COMPARE) return ['external', 'a public address that was not called from before']
  if (known.addresses.some(isPublic)) return ['external', 'a public address that is not one of the instance or its account']
  return agentAddress
    ? ['external', 'a public address, and the instance’s SSM agent reports from another']
    : ['ambiguous', 'there are no earlier calls and no address of the workload is known to compare it with']
}

const atAgentAddress = (call: CallOrigin, before: BaselineUse): ReasonedAttribution =>
  SSM_AGENT.test(agentName(call))
    ? ['workload', 'the instance’s SSM agent, which reports from this address']
    : fromKnownPlace(call, before, 'the address at which the instance’s SSM agent reports', before.agents.size === 0)

const fromKnownPlace = (
  { caller, origin }: CallOrigin,
  before: BaselineUse,
  place: string,
  isAgentNew = before.agents.size > 0 && !before.agents.has(agentName({ origin })),
): ReasonedAttribution => {
  if (isAgentNew) return ['ambiguous', `${place}, with a user agent that was not used before`]
  const { delivery } = caller
  if (delivery && before.deliveries.size > 0 && !before.deliveries.has(delivery))
    return ['ambiguous', `${place}, with credentials delivered over IMDSv${delivery.charAt(0)}, which was not used before`]
  return ['workload', place]
}

const PRIVATE_V4 = /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/
const PRIVATE_V6 = /^(?:f[cd]|fe[89ab]|::1$)/i

/** Whether an address is one of the internet's, and not of a private network ("IANA IPv4 and IPv6 Special-Purpose Address Registries"). */
export const isPublic = (ip: string): boolean => !(PRIVATE_V4.test(ip) || PRIVATE_V6.test(ip))
