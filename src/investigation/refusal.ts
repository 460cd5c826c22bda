/** What the error message of a refused call says of the refusal ("Troubleshoot access denied error messages"). */
export interface Refusal {
  /** Which kind of policy refused, and how, in words: "explicit deny in a service control policy". */
  readonly refusedBy?: string
  /** The ARN, or the name, of what the caller asked for. */
  readonly resource?: string
}

/** The kinds of policies as AWS names them in error messages, and as they are named here. */
const POLICIES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/service control polic/i, 'service control policy (SCP)'],
  [/resource control polic/i, 'resource control policy (RCP)'],
  [/permissions? boundar/i, 'permissions boundary'],
  [/session polic/i, 'session policy'],
  [/vpc endpoint polic/i, 'VPC endpoint policy'],
  [/role trust polic|trust polic/i, 'role trust policy'],
  [/resource-based polic|resource polic|bucket polic|key polic/i, 'resource-based policy'],
  [/identity-based polic|identity polic/i, 'identity-based policy'],
]

const EXPLICIT = /explicit deny(?: in (?:an? |the )?([a-z][a-z -]{2,40}))?/i
const MISSING_ALLOW = /\bno ([a-z][a-z -]{2,40}?) allows?\b/i
const ENDPOINT_CODE = /^Vpce/i
const POLICY_ARN = /explicit deny in [a-z -]{2,60}: (arn:aws[a-z-]*:[a-z]+:[^\s"']{1,300})/i
const RESOURCE = /\bon resource: "?([^\s"]{1,1024})/i

/** Reads the refusal out of an error code and its message. Undefined when they say neither who refused nor what. */
export const refusalIn = (errorCode: string, message: string): Refusal | undefined => {
  const refusedBy = refusedByOf(errorCode, message)
  const resource = RESOURCE.exec(message)?.[1]
  if (refusedBy === undefined && (resource === undefined || resource === '*')) return undefined
  return {
    ...(refusedBy === undefined ? {} : { refusedBy }),
    ...(resource === undefined || resource === '*' ? {} : { resource }),
  }
}

const refusedByOf = (errorCode: string, message: string): string | undefined => {
  const explicit = EXPLICIT.exec(message)
  if (explicit) {
    const policy = policyNamed(explicit[1] ?? '')
    const arn = POLICY_ARN.exec(message)?.[1]
    return policy === undefined ? 'explicit deny' : `explicit deny in ${articleOf(policy)} ${policy}${arn ? ` ${arn}` : ''}`
  }
  const missing = policyNamed(MISSING_ALLOW.exec(message)?.[1] ?? '')
  if (missing !== undefined) return `no ${missing} allows it`
  return ENDPOINT_CODE.test(errorCode) || /VPC endpoint policy/i.test(message) ? 'VPC endpoint policy' : undefined
}

const articleOf = (policy: string): string => (/^[aeiou]/.test(policy) ? 'an' : 'a')

const policyNamed = (text: string): string | undefined => POLICIES.find(([pattern]) => pattern.test(text))?.[1]
