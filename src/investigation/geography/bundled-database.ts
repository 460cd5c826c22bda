import { createRequire } from 'node:module'

/** The optional dependency that knows countries, and nothing else. */
export const BUNDLED_PACKAGE = '@ip-location-db/geo-whois-asn-country-mmdb'

/** The path of the country database that npm installed with ir-cred; undefined where optional dependencies were left out. */
export const bundledDatabase = (): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve(`${BUNDLED_PACKAGE}/geo-whois-asn-country.mmdb`)
  } catch {
    return undefined
  }
}
