import { isIP } from 'node:net'
import { allFindingsOf } from '../../../incident/facts/facts.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { isSameAddress } from '../../../incident/values/address.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import type { Context } from '../../stage.ts'

/** Whose a call is. Without positive evidence for one side it is ambiguous, never the attacker's. */
export type CallOwner = 'attacker' | 'workload' | 'service' | 'ambiguous'

/** What a call of the attacker is known by: where the theft came from, and with what. */
export interface TheftMarks {
  readonly accountId: string
  /** The addresses of the findings that are not the account's own. */
  readonly addresses: readonly string[]
  /** User agents that were used from there, and by nobody else. */
  readonly agents: ReadonlySet<string>
  /** Networks of the addresses, without those that the account's own addresses are in. */
  readonly networks: ReadonlySet<string>
  readonly ownAddresses: readonly string[]
  readonly networkOf: (ip: string) => string | undefined
}

/** A source address and the user agent that was used from it. */
interface Use {
  readonly source: string
  readonly agent: string
  readonly isWorkload: boolean
}

/** What the attacker's calls are known by, from the findings, the trace and the calls of the stolen key. */
export const theftMarks = async (
  { facts }: IncidentWith<'subject'>,
  calls: readonly CloudTrailRecord[],
  context: Context,
): Promise<TheftMarks> => {
  const { subject, finding, activity, restart } = facts
  const { accountId, caller } = subject
  // The restart may have given the instance another address.
  const ownAddresses = [...subject.ownAddresses, ...(restart?.publicIpAfter ? [restart.publicIpAfter] : [])]
  const isOwn = (ip: string) => ownAddresses.some((own) => isSameAddress(own, ip))
  // An address that the role called from before the theft may be a way out of the account's own: it shows nothing.
  const isUsual = (ip: string) =>
    subject.usualUse?.addresses.some(({ address, calls: before }) => before > 0 && isSameAddress(address, ip)) === true
  const remotes = finding ? allFindingsOf(finding).flatMap(({ action }) => (action?.remote ? [action.remote] : [])) : []
  const others = (caller.others ?? []).map(({ ip }) => ip)
  const named = [caller.ip, ...others, ...remotes.map(({ ip }) => ip)].filter((ip) => ip !== undefined)
  const addresses = [...new Set(named)].filter((ip) => !isOwn(ip) && !isUsual(ip))
  const uses: Use[] = [
    ...calls.map((call) => ({ source: rawText(call.source), agent: rawText(call.userAgent), isWorkload: false })),
    ...(activity?.origins.rows ?? []).map((row) => ({
      source: rawText(row.source),
      agent: rawText(row.userAgent),
      isWorkload: row.attribution === 'workload',
    })),
  ]
  const isTheft = ({ source }: Use) => addresses.some((ip) => isSameAddress(ip, source))
  const usual = new Set(uses.filter((use) => use.isWorkload || isOwn(use.source)).map(({ agent }) => agent))
  const { locate } = await context.places(remotes)
  const networkOf = (ip: string) => locate(ip)?.network
  const ownNetworks = new Set(ownAddresses.map(networkOf))
  return {
    ...{ accountId, addresses, ownAddresses, networkOf },
    agents: new Set(uses.filter((use) => isTheft(use) && !usual.has(use.agent)).map(({ agent }) => agent)),
    networks: new Set(
      addresses.flatMap((ip) => {
        const network = networkOf(ip)
        return network === undefined || ownNetworks.has(network) ? [] : [network]
      }),
    ),
  }
}

/** Whose a call is, and by what that is known. */
export interface AttributedCall {
  readonly owner: CallOwner
  readonly why: string
}

/** What stands in place of an address where a service called ('CloudTrail record contents', sourceIPAddress). */
const SERVICE = /\.amazonaws\.(?:com|com\.cn|eu)$|^AWS Internal$/

/** Attributes a call: to the attacker only by an address, a network, a user agent or a VPC endpoint of the theft. */
export const attributed = (call: CloudTrailRecord, marks: TheftMarks): AttributedCall => {
  const source = rawText(call.source)
  const agent = rawText(call.userAgent)
  if (call.invokedBy !== undefined || SERVICE.test(source)) return { owner: 'service', why: 'an AWS service called' }
  if (marks.addresses.some((ip) => isSameAddress(ip, source))) return { owner: 'attacker', why: `from ${source}` }
  const { vpcEndpointAccountId } = call
  if (vpcEndpointAccountId !== undefined && vpcEndpointAccountId !== marks.accountId)
    return { owner: 'attacker', why: `through a VPC endpoint of account ${vpcEndpointAccountId}` }
  if (marks.agents.has(agent)) return { owner: 'attacker', why: 'with a user agent of the theft' }
  if (marks.ownAddresses.some((ip) => isSameAddress(ip, source)))
    return { owner: 'workload', why: 'from an address of the account' }
  const network = isIP(source) === 0 ? undefined : marks.networkOf(source)
  if (network !== undefined && marks.networks.has(network)) return { owner: 'attacker', why: 'from a network of the theft' }
  return { owner: 'ambiguous', why: 'nothing shows who called' }
}
