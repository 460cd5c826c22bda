import type { RemoteIp } from './finding-document.ts'

/** Addresses and networks from the ranges kept for documentation (RFC 5737, RFC 5398). */
export const EXAMPLE_HOSTING: RemoteIp = {
  ip: '198.51.100.23',
  country: ['NL', 'Netherlands'],
  city: 'Amsterdam',
  asn: '64496',
  network: 'Example Hosting',
  place: [52.37, 4.89],
}

export const OTHER_HOSTING: RemoteIp = {
  ip: '198.51.100.77',
  country: ['RO', 'Romania'],
  city: 'Bucharest',
  asn: '64500',
  network: 'Example Transit',
  place: [44.43, 26.1],
}

/** Where the owner's own network meets the internet, in the scenario in which the instances' calls leave through it. */
export const COMPANY_EGRESS: RemoteIp = {
  ip: '192.0.2.80',
  country: ['US', 'United States'],
  city: 'Chicago',
  asn: '64499',
  network: 'Example Carrier',
  place: [41.88, -87.63],
}

/** The account's own addresses, as GuardDuty places them. */
export const ownAddress = (ip: string): RemoteIp => ({
  ip,
  country: ['US', 'United States'],
  city: 'Ashburn',
  asn: '14618',
  network: 'Amazon.com, Inc.',
  place: [39.04, -77.49],
})
