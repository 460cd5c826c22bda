import { BlockList, isIP, SocketAddress } from 'node:net'
import { isServiceSource, oneSpelling } from '../../incident/values/address.ts'

/** What the text is that CloudTrail writes for where a call came from. Only `public` addresses can be looked up. */
export type AddressClass =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'shared'
  | 'documentation'
  | 'reserved'
  | 'aws-service'
  | 'not-an-address'

export interface SourceAddress {
  readonly class: AddressClass
  /** The address in one spelling, an IPv4 address always as such; missing for a service and for what is no address. */
  readonly address?: string
}

/** What each class is, in words. */
export const ADDRESS_CLASS_WORDS: Readonly<Record<AddressClass, string>> = {
  public: 'a public address',
  private: 'a private address',
  loopback: 'the machine itself (loopback)',
  'link-local': 'a link-local address',
  shared: "a carrier's shared address (RFC 6598)",
  documentation: 'an address for documentation only',
  reserved: 'an address that nobody can call from',
  'aws-service': 'an AWS service',
  'not-an-address': 'not an address',
}

/** IANA's registries of special-purpose addresses ("IPv4/IPv6 Special-Purpose Address Registry"); the first match counts. */
const SPECIAL: readonly (readonly [AddressClass, readonly string[]])[] = [
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['shared', ['100.64.0.0/10']],
  ['documentation', ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20']],
  [
    'reserved',
    [
      ...['0.0.0.0/8', '192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
      ...['::/96', '100::/64', '2001:2::/48', 'fec0::/10', 'ff00::/8'],
    ],
  ],
]

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')

const listOf = (ranges: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    list.addSubnet(network, Number(prefix), familyOf(network))
  }
  return list
}

const isIpv6 = (range: string): boolean => familyOf(range) === 'ipv6'

const LISTS = SPECIAL.map(([name, ranges]) => [name, listOf(ranges.filter(isIpv6))] as const)

/** An IPv4 address as a number. */
const numberOf = (address: string): number => address.split('.').reduce((sum, part) => 256 * sum + Number(part), 0)

/** The special IPv4 addresses as numbers: a `SocketAddress` for each of hundreds of thousands of addresses takes memory and time. */
const IPV4_RANGES = SPECIAL.flatMap(([name, ranges]) =>
  ranges
    .filter((range) => !isIpv6(range))
    .map((range) => {
      const [network = '', prefix] = range.split('/')
      return { name, first: numberOf(network), end: numberOf(network) + 2 ** (32 - Number(prefix)) }
    }),
)

const specialIpv4 = (address: string): AddressClass | undefined => {
  const number = numberOf(address)
  return IPV4_RANGES.find(({ first, end }) => number >= first && number < end)?.name
}

const specialIpv6 = (address: string): AddressClass | undefined => {
  const checked = new SocketAddress({ address, family: 'ipv6' })
  return LISTS.find(([, list]) => list.check(checked))?.[0]
}

/** Says what a source is. Never fails, whatever the text. */
export const sourceAddress = (text: string): SourceAddress => {
  if (isIP(text) === 0) return { class: isServiceSource(text) ? 'aws-service' : 'not-an-address' }
  const address = oneSpelling(text)
  const special = isIpv6(address) ? specialIpv6(address) : specialIpv4(address)
  return { class: special ?? 'public', address }
}
