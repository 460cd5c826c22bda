import { isIP } from 'node:net'

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * One spelling for each IP address (RFC 5952), without a zone; an IPv4 address that stands in an IPv6 one is taken out.
 * Whatever is no address is given back as it is.
 */
export const oneSpelling = (text: string): string => {
  if (isIP(text) !== 6) return text
  const [withoutZone] = text.split('%', 1)
  const address = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1)
  const [, high, low] = MAPPED.exec(address) ?? []
  return high === undefined || low === undefined ? address : [...bytesOf(high), ...bytesOf(low)].join('.')
}

const bytesOf = (group: string): readonly number[] => {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}

/** Whether two texts are the same address: services spell IPv6 differently. */
export const isSameAddress = (a: string, b: string): boolean => a === b || oneSpelling(a) === oneSpelling(b)

const PRIVATE = /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd][0-9a-f]{2}:|fe80:|::1?$)/

/** Whether an address is one that many networks use at once (RFC 1918, RFC 4193, loopback …): it does not say whose machine it is. */
export const isPrivateAddress = (address: string): boolean => PRIVATE.test(address)

const AWS_SERVICE = /^(?:[a-z0-9-]{1,63}\.){1,5}(?:amazonaws\.com(?:\.cn)?|aws\.internal)$|^AWS Internal(?:\/\d{1,6})?$/i

/** Whether a source is AWS itself: such calls have a service's name, or these words, for an address ("CloudTrail record contents", sourceIPAddress). */
export const isServiceSource = (source: string): boolean => AWS_SERVICE.test(source)
