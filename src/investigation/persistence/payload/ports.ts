import type { Span } from '../../../incident/values/block.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { asciiJson } from '../../../incident/values/show.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../record.ts'
import type { Payload } from './payload.ts'

/** One rule of a security group: a protocol, its ports, and one source or destination. */
export interface PortRule {
  readonly protocol: string
  readonly from?: number
  readonly to?: number
  /** A CIDR block, a security group or a prefix list. */
  readonly peer: string
}

const CIDR = /^[\da-f.:]{2,39}\/\d{1,3}$/i

/** Rules that a sentence lists. */
const MOST_RULES = 6

/** Which ports are open, and which addresses they are open to. */
export const portPayload = ({ eventName, request = {} }: CloudTrailRecord): Payload | undefined => {
  if (!/^Authorize(?:SecurityGroup|ClusterSecurityGroup|DBSecurityGroup)/.test(eventName)) return undefined
  const rules = portRulesIn(request)
  if (rules.length === 0) return undefined
  const way = eventName.endsWith('Egress') ? 'to' : 'from'
  const shown = rules.slice(0, MOST_RULES).flatMap((rule, index) => [...(index > 0 ? [', '] : []), ...ruleSpans(rule, way)])
  const more = rules.length > MOST_RULES ? [` and ${rules.length - MOST_RULES} more`] : []
  return { says: [': ', ...shown, ...more], gravity: way === 'to' ? 'execution' : 'exposure' }
}

const ruleSpans = (rule: PortRule, way: 'from' | 'to'): readonly Span[] => [
  PLAIN.test(rule.protocol) ? portsOf(rule) : untrusted(portsOf(rule)),
  ` ${way} `,
  ...(isAnywhere(rule.peer) ? [`anywhere (${rule.peer})`] : [untrusted(rule.peer)]),
]

const PLAIN = /^(?:-1|[a-z0-9]{1,12})$/

/** A block without a fixed bit is everything, whatever address it is written with. */
const isAnywhere = (peer: string): boolean => CIDR.test(peer) && peer.endsWith('/0')

/** `tcp 22`, `udp 1000-2000`, `every protocol and port`. */
const portsOf = ({ protocol, from, to }: PortRule): string => {
  if (protocol === '-1') return 'every protocol and port'
  if (from === undefined || from === -1 || (from === 0 && to === 65_535)) return `${protocol}, every port`
  return from === to || to === undefined ? `${protocol} ${from}` : `${protocol} ${from}-${to}`
}

/** The rules that a request names: in a list, or flat as older tools write one. */
export const portRulesIn = (request: Readonly<Record<string, unknown>>): readonly PortRule[] => {
  const permissions = itemsOf(request.ipPermissions)
  const found = (permissions.length > 0 ? permissions : [request]).flatMap(rulesOf)
  return [...new Map(found.map((rule) => [portRuleName(rule), rule])).values()]
}

/** The same for the same rule; the ports of "every protocol" say nothing. */
export const portRuleName = ({ protocol, from, to, peer }: PortRule): string =>
  protocol === '-1' ? `-1 ${peer}` : `${protocol} ${from ?? -1}-${to ?? from ?? -1} ${peer}`

const rulesOf = (permission: Readonly<Record<string, unknown>>): readonly PortRule[] => {
  const protocol = textOf(permission.ipProtocol)
  if (protocol === undefined) return []
  const from = numberOf(permission.fromPort)
  const to = numberOf(permission.toPort)
  return peersOf(permission).map((peer) => ({
    protocol: PROTOCOLS.get(protocol) ?? protocol.toLowerCase(),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    peer,
  }))
}

const PROTOCOLS = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
  ['1', 'icmp'],
])

const peersOf = (permission: Readonly<Record<string, unknown>>): readonly string[] => {
  const named = [
    ...itemsOf(permission.ipRanges).map(({ cidrIp }) => cidrIp),
    ...itemsOf(permission.ipv6Ranges).map(({ cidrIpv6 }) => cidrIpv6),
    ...itemsOf(permission.groups).map(({ groupId, groupName }) => groupId ?? groupName),
    ...itemsOf(permission.prefixListIds).map(({ prefixListId }) => prefixListId),
    ...[permission.cidrIp, permission.cidrIpv6, permission.sourceSecurityGroupName],
  ]
  return named.flatMap((name) => textOf(name) ?? [])
}

const itemsOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] => {
  const items: unknown = typeof value === 'object' && value !== null ? (Reflect.get(value, 'items') ?? value) : undefined
  return Array.isArray(items) ? items.filter((item) => typeof item === 'object' && item !== null) : []
}

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined
}

/**
 * The `--ip-permissions` that names these rules again, for a record without the ids of its rules. Undefined where a value has
 * another form than such values have.
 */
export const ipPermissionsOf = (request: Readonly<Record<string, unknown>>): string | undefined => {
  const rules = portRulesIn(request)
  const written = rules.map(ipPermission)
  return rules.length === 0 || written.includes(undefined) ? undefined : shellWord(asciiJson(written))
}

const ipPermission = ({ protocol, from, to, peer }: PortRule): object | undefined => {
  if (!/^(?:-1|[a-z0-9]{1,10})$/.test(protocol)) return undefined
  const ports = protocol === '-1' || from === undefined ? {} : { FromPort: from, ToPort: to ?? from }
  const named = CIDR.test(peer)
    ? peer.includes(':')
      ? { Ipv6Ranges: [{ CidrIpv6: peer }] }
      : { IpRanges: [{ CidrIp: peer }] }
    : /^sg-[0-9a-f]{8,32}$/.test(peer)
      ? { UserIdGroupPairs: [{ GroupId: peer }] }
      : /^pl-[0-9a-f]{8,32}$/.test(peer)
        ? { PrefixListIds: [{ PrefixListId: peer }] }
        : undefined
  return named && { IpProtocol: protocol, ...ports, ...named }
}
