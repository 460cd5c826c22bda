import type { SecretKind } from './kinds.ts'

/** Ends of the names of members that hold a secret, letters and digits only. The first that fits counts. */
const NAMED: readonly (readonly [ends: RegExp, kind: SecretKind])[] = [
  [/(?:secretaccesskey|secretkey)$/, 'aws-secret-key'],
  [/(?:sessiontoken|securitytoken)$|^token$/, 'session-token'],
  [/(?:password|passwd|passphrase|passcode|pwd)$/, 'password'],
  [/(?:privatekey|keymaterial|clientkeydata)$/, 'private-key'],
  [/(?:accesstoken|refreshtoken|idtoken|authtoken|bearertoken)$|^(?:proxy)?authorization$/, 'bearer-token'],
  [/(?:apikey|clientsecret|secretstring|secretbinary|secretvalue|webhooksecret)$|^secret$/, 'api-token'],
  [/^xamzsignature$/, 'signature'],
]

const LONGEST_NAME = 80

/** The kind of secret that a member of this name holds, whatever its spelling; undefined for a name that says nothing. */
export const kindOfName = (name: string): SecretKind | undefined => {
  if (name.length > LONGEST_NAME) return undefined
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return NAMED.find(([ends]) => ends.test(plain))?.[1]
}
