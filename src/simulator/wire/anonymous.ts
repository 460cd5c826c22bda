import type { AuthorizationHeader } from './credential-scope.ts'
import { bodyText, type WireRequest } from './message.ts'

/** The operations that nobody signs: what they carry is the credential. Only STS has them among the served ones. */
const UNSIGNED: ReadonlySet<string> = new Set(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'])

const actionOf = (request: WireRequest): string | null =>
  request.headers['content-type']?.includes('x-www-form-urlencoded') ? new URLSearchParams(bodyText(request)).get('Action') : null

/** The Region in a host of STS's, such as `sts.eu-west-1.amazonaws.com`; us-east-1 for its global host and for any other. */
const regionOf = (host: string | undefined): string => /^sts\.([a-z0-9-]+)\.amazonaws\.com/.exec(host ?? '')?.[1] ?? 'us-east-1'

/**
 * Who calls and where, for a request without a signature that needs none: nobody, with an empty access key id. Undefined for all others,
 * which have to be signed.
 */
export const anonymousScope = (request: WireRequest): AuthorizationHeader | undefined => {
  if (request.headers.authorization !== undefined || !UNSIGNED.has(actionOf(request) ?? '')) return undefined
  return { accessKeyId: '', date: '', region: regionOf(request.headers.host), service: 'sts', signedHeaders: [], signature: '' }
}
