import type { CallerAddress, CallerOrigin } from '../../../incident/facts/subject.ts'
import type { Finding, RemoteAccount } from '../../../incident/finding/finding.ts'
import { isPrivateAddress, isSameAddress } from '../../../incident/values/address.ts'
import { given } from '../../../incident/values/given.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'

/** An address of this account, what has it, and what a call from there means. */
export interface OwnAddress {
  readonly ip: string
  readonly origin: CallerOrigin
  readonly resource?: string
}

/** What the finding and the key's own calls say of where the calls came from. */
export interface CallerClues {
  readonly accountId: string
  readonly addresses: readonly string[]
  /** Another account that GuardDuty names for the finding's call. */
  readonly account?: RemoteAccount
  /** The other accounts whose VPC endpoints calls with the key went through, by address, according to CloudTrail. */
  readonly endpoints?: readonly { readonly ip: string; readonly accountId: string }[]
}

/** The clues of a finding, and of CloudTrail's records of the key. */
export const callerClues = (finding: Finding, calls: readonly CloudTrailRecord[]): CallerClues => {
  const { accountId, action, endpoints = [] } = finding
  const { remoteAccount, vpcEndpointAccountId } = action ?? {}
  const endpointOwner = vpcEndpointAccountId === undefined ? undefined : { accountId: vpcEndpointAccountId }
  const account = [remoteAccount, endpointOwner].find((one) => one !== undefined && one.accountId !== accountId)
  const ip = action?.remote?.ip
  return {
    accountId,
    addresses: [...new Set([...(ip === undefined ? [] : [ip]), ...endpoints])],
    ...given({ account }),
    endpoints: calls.flatMap(({ source, vpcEndpointAccountId: owner }) =>
      owner === undefined || owner === accountId ? [] : [{ ip: rawText(source), accountId: owner }],
    ),
  }
}

/**
 * Where the calls came from. Of several addresses a foreign one comes first: it means that somebody else has the key. An address is the
 * account's own only where nothing says that the call came from another account: every network may use the same private addresses.
 */
export const judgeCaller = (clues: CallerClues, own: readonly OwnAddress[]): CallerAddress => {
  const { addresses, account } = clues
  const judged = addresses.map((ip, index) => judgeAddress(ip, index === 0 ? clues : { ...clues, account: undefined }, own))
  const first =
    judged.find(({ origin }) => origin === 'foreign') ?? judged.find(({ origin }) => origin !== 'unknown') ?? judged[0]
  if (!first) return account ? { origin: 'foreign', account } : { origin: 'unknown' }
  const others = judged.filter((one) => one !== first)
  return { ...first, ...given({ others: others.length > 0 ? others : undefined }) }
}

type Judging = Pick<CallerClues, 'endpoints'> & { readonly account?: RemoteAccount | undefined }

const judgeAddress = (ip: string, { account, endpoints = [] }: Judging, own: readonly OwnAddress[]): CallerAddress => {
  const endpoint = endpoints.find((one) => isSameAddress(one.ip, ip))
  const other = account ?? (endpoint && { accountId: endpoint.accountId })
  if (other) return { ip, origin: 'foreign', account: other }
  const known = own.find((address) => isSameAddress(address.ip, ip))
  if (known) return { ip, origin: known.origin, ...given({ resource: known.resource || undefined }) }
  return { ip, origin: isPrivateAddress(ip) ? 'unknown' : 'foreign' }
}
