import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { ServiceName } from '../call.ts'
import { type AuthorizationHeader, readAuthorization } from './credential-scope.ts'
import { requestError } from './error-codes.ts'
import type { WireRequest } from './message.ts'

export interface Secret {
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Accepts a request by returning; refuses it by throwing a ServiceError in the service's own code. */
export type Authenticate = (request: WireRequest, service: ServiceName) => void

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
const hmac = (key: string | Uint8Array, content: string): Buffer => createHmac('sha256', key).update(content).digest()

/** Percent-encodes all but the unreserved characters of RFC 3986, as SigV4 asks for. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** What S3's clients sign in the place of a body's hash, where they do not hash it. */
const UNHASHED = 'UNSIGNED-PAYLOAD'

/** The hash of the body as it is signed: S3's clients say which one they signed, and only the body's own will do. */
const payloadHash = ({ body, headers }: WireRequest, service: string): string => {
  const isUnhashed = service === 's3' && headers['x-amz-content-sha256'] === UNHASHED
  return isUnhashed ? UNHASHED : sha256(body)
}

/** The path, normalized and encoded once more than it was sent: every service but S3 signs it that way. */
const canonicalPath = (path: string): string => {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(encode(segment))
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

const canonicalQuery = (query: WireRequest['query']): string =>
  query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map((pair) => pair.join('='))
    .join('&')

const canonicalHeader = (value: string): string => value.replace(/\s+/g, ' ').trim()

const canonicalRequest = (request: WireRequest, { signedHeaders, service }: AuthorizationHeader): string =>
  [
    request.method,
    service === 's3' ? request.path : canonicalPath(request.path),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name] ?? '')}`),
    '',
    signedHeaders.join(';'),
    payloadHash(request, service),
  ].join('\n')

/** The signature these credentials would give this request, in hexadecimal (AWS: "Create a signed AWS API request"). */
const signatureOf = (request: WireRequest, scope: AuthorizationHeader, secretAccessKey: string): string => {
  const { date, region, service } = scope
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'] ?? '',
    `${date}/${region}/${service}/aws4_request`,
    sha256(canonicalRequest(request, scope)),
  ].join('\n')
  const key = [region, service, 'aws4_request'].reduce<Uint8Array>(hmac, hmac(`AWS4${secretAccessKey}`, date))
  return hmac(key, stringToSign).toString('hex')
}

const same = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())

const EC2_REFUSAL = 'AWS was not able to validate the provided access credentials'
const MESSAGES = {
  unsigned: 'Request is missing Authentication Token',
  incompleteSignature:
    'Authorization header requires Credential, SignedHeaders (host among them) and Signature, and the request an X-Amz-Date',
  unknownKey: 'The security token included in the request is invalid.',
  wrongSignature:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
} as const

const refusal = (service: ServiceName, kind: keyof typeof MESSAGES): Error => {
  const isEc2Own = service === 'ec2' && (kind === 'unknownKey' || kind === 'wrongSignature')
  return requestError(service, kind, isEc2Own ? EC2_REFUSAL : MESSAGES[kind])
}

/**
 * Checks that a request is signed, with SigV4 in its headers, by the secret that belongs to its access key, and carries the
 * session token of that key. The distance of its date from the clock is not looked at: the simulated account's time may run
 * much faster than the client's.
 */
export const verifySignature =
  (secretOf: (accessKeyId: string) => Secret | undefined): Authenticate =>
  (request, service) => {
    if (!request.headers.authorization) throw refusal(service, 'unsigned')
    const scope = readAuthorization(request)
    const isComplete = scope?.signedHeaders.includes('host') && request.headers['x-amz-date']?.startsWith(scope.date)
    if (!scope || !isComplete) throw refusal(service, 'incompleteSignature')
    const secret = secretOf(scope.accessKeyId)
    if (!secret || !same(request.headers['x-amz-security-token'] ?? '', secret.sessionToken ?? ''))
      throw refusal(service, 'unknownKey')
    if (!same(scope.signature, signatureOf(request, scope, secret.secretAccessKey))) throw refusal(service, 'wrongSignature')
  }
