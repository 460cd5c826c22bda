import { given } from '../../incident/values/given.ts'
/** One HTTP request to the metadata service. */
export interface MetadataRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Its answer. */
export interface MetadataAnswer {
  readonly status: number
  readonly body: string
}

/** One set of role credentials as the metadata service hands it out. Times are UTC instants. */
export interface ImdsCredentials {
  readonly Code: string
  readonly LastUpdated: string
  readonly Type: 'AWS-HMAC'
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly Token: string
  readonly Expiration: string
}

/** What the metadata service of one instance knows. */
export interface Metadata {
  /** HttpTokens: whether a request without a token is answered. */
  readonly tokens: 'optional' | 'required'
  /** HttpEndpoint. */
  readonly enabled: boolean
  readonly instanceId: string
  readonly roleName?: string
  readonly profileArn?: string
  readonly profileId?: string
  /** The set for requests without a token (`ec2RoleDelivery` 1.0). */
  readonly v1?: ImdsCredentials
  /** The set for requests with one (2.0): issued at the same time, but other keys. */
  readonly v2?: ImdsCredentials
  readonly validToken: (token: string) => boolean
  readonly newToken: (ttlSeconds: number) => string
}

type Document = Readonly<Record<string, string>>

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
}
const LONGEST_TTL = 21_600

const ok = (body: string): MetadataAnswer => ({ status: 200, body })

/** Errors come as a page, which a script that does not ask curl to fail prints like any answer. */
const refusal = (status: number): MetadataAnswer => {
  const title = `${status} - ${REASONS[status] ?? 'Error'}`
  return {
    status,
    body: `<?xml version="1.0" encoding="iso-8859-1"?>\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n </body>\n</html>\n`,
  }
}

/** JSON with blanks around the colons and one member a line, as the service writes it. */
const json = (document: Document): string =>
  `{\n${Object.entries(document)
    .map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`)
    .join(',\n')}\n}`

/** "How IMDSv2 works": a token is put at one path only, without a proxy in between, for 1 to 21,600 seconds. */
const answerTokenRequest = (path: string, headers: MetadataRequest['headers'], metadata: Metadata): MetadataAnswer => {
  if (path !== '/latest/api/token' || headers['x-forwarded-for'] !== undefined) return refusal(403)
  const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? ''
  const seconds = /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0
  return seconds >= 1 && seconds <= LONGEST_TTL ? ok(metadata.newToken(seconds)) : refusal(400)
}

const profileInfo = ({ profileArn, profileId }: Metadata, credentials: ImdsCredentials | undefined): string | undefined => {
  if (profileArn === undefined || profileId === undefined) return undefined
  const lastUpdated = credentials?.LastUpdated
  return json({
    Code: 'Success',
    ...given({ LastUpdated: lastUpdated }),
    InstanceProfileArn: profileArn,
    InstanceProfileId: profileId,
  })
}

const categories = (metadata: Metadata, credentials: ImdsCredentials | undefined): ReadonlyMap<string, string | undefined> => {
  const { instanceId, roleName } = metadata
  const info = profileInfo(metadata, credentials)
  const hasRole = roleName !== undefined && credentials !== undefined
  return new Map([
    ['', info === undefined && !hasRole ? 'instance-id' : 'iam/\ninstance-id'],
    ['instance-id', instanceId],
    ['iam', info === undefined && !hasRole ? undefined : 'info\nsecurity-credentials/'],
    ['iam/info', info],
    ['iam/security-credentials', hasRole ? roleName : undefined],
    ...(hasRole ? [[`iam/security-credentials/${roleName}`, json({ ...credentials })] as const] : []),
  ])
}

const answerGet = (path: string, credentials: ImdsCredentials | undefined, metadata: Metadata): MetadataAnswer => {
  const category = /^\/(?:latest|1\.0|\d{4}-\d\d-\d\d)\/meta-data(?:\/(.*?))?\/?$/.exec(path)
  const body = category ? categories(metadata, credentials).get(category[1] ?? '') : undefined
  return body === undefined ? refusal(404) : ok(body)
}

/**
 * The instance metadata service's answer ("Use the Instance Metadata Service to access instance metadata"): undefined
 * where nothing answers, because the service is off. Without a token it hands out the IMDSv1 credentials, with a valid
 * one the IMDSv2 credentials.
 */
export const answerMetadata = ({ method, url, headers }: MetadataRequest, metadata: Metadata): MetadataAnswer | undefined => {
  if (!metadata.enabled) return undefined
  const path = new URL(url, 'http://169.254.169.254').pathname
  if (method === 'PUT' && /^\/[^/]+\/api\/token$/.test(path)) return answerTokenRequest(path, headers, metadata)
  if (method !== 'GET') return refusal(405)
  const token = headers['x-aws-ec2-metadata-token']
  const isAuthorized = token === undefined ? metadata.tokens === 'optional' : metadata.validToken(token)
  if (!isAuthorized) return refusal(401)
  return answerGet(path, token === undefined ? metadata.v1 : metadata.v2, metadata)
}
