import type { WireRequest } from './message.ts'

/** What a SigV4 Authorization header says. */
export interface AuthorizationHeader {
  readonly accessKeyId: string
  /** `YYYYMMDD` */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const CREDENTIAL = /\bCredential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request\b/
const SIGNED_HEADERS = /\bSignedHeaders=([^,\s]+)/
const SIGNATURE = /\bSignature=([0-9a-f]{64})\b/

/** The parts of the Authorization header; undefined when there is none or it is not a whole SigV4 one. */
export const readAuthorization = (request: WireRequest): AuthorizationHeader | undefined => {
  const header = request.headers.authorization ?? ''
  if (!header.startsWith('AWS4-HMAC-SHA256 ')) return undefined
  const [, accessKeyId, date, region, service] = CREDENTIAL.exec(header) ?? []
  const signedHeaders = SIGNED_HEADERS.exec(header)?.[1]?.split(';')
  const signature = SIGNATURE.exec(header)?.[1]
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature) return undefined
  return { accessKeyId, date, region, service, signedHeaders, signature }
}
