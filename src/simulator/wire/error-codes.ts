import { ServiceError, type ServiceName } from '../call.ts'
import { type ProtocolName, WIRE_SERVICES } from './services.ts'

type Code = readonly [code: string, status: number]

/** What can be wrong with a request before any operation sees it. */
export interface RequestErrors {
  readonly malformed: Code
  readonly unknownOperation: Code
  /** No such access key, or not with this session token. */
  readonly unknownKey: Code
  readonly wrongSignature: Code
  readonly unsigned: Code
  readonly incompleteSignature: Code
  readonly internal: Code
}

/** The names are those of "Common error types" in each service's API reference, for EC2 those of "Error codes for the Amazon EC2 API". */
const QUERY: RequestErrors = {
  malformed: ['MalformedInput', 400],
  unknownOperation: ['InvalidAction', 400],
  unknownKey: ['InvalidClientTokenId', 403],
  wrongSignature: ['SignatureDoesNotMatch', 403],
  unsigned: ['MissingAuthenticationToken', 403],
  incompleteSignature: ['IncompleteSignature', 400],
  internal: ['InternalFailure', 500],
}

const JSON_RPC: RequestErrors = {
  malformed: ['SerializationException', 400],
  unknownOperation: ['UnknownOperationException', 400],
  unknownKey: ['UnrecognizedClientException', 400],
  wrongSignature: ['InvalidSignatureException', 400],
  unsigned: ['MissingAuthenticationTokenException', 400],
  incompleteSignature: ['IncompleteSignatureException', 400],
  internal: ['InternalFailure', 500],
}

/** awsJson1.1 answers 400 to almost everything; REST services use the status that HTTP has for it. */
const REST: RequestErrors = {
  ...JSON_RPC,
  unknownOperation: ['UnknownOperationException', 404],
  unknownKey: ['UnrecognizedClientException', 403],
  wrongSignature: ['InvalidSignatureException', 403],
  unsigned: ['MissingAuthenticationTokenException', 403],
}

const EC2: RequestErrors = {
  ...QUERY,
  malformed: ['InvalidParameterValue', 400],
  unknownKey: ['AuthFailure', 401],
  wrongSignature: ['AuthFailure', 401],
  internal: ['InternalError', 500],
}

const S3: RequestErrors = {
  malformed: ['InvalidRequest', 400],
  // S3 answers 501, which some clients take for an outage and send again.
  unknownOperation: ['NotImplemented', 400],
  unknownKey: ['InvalidAccessKeyId', 403],
  wrongSignature: ['SignatureDoesNotMatch', 403],
  unsigned: ['AccessDenied', 403],
  incompleteSignature: ['AuthorizationHeaderMalformed', 400],
  internal: ['InternalError', 500],
}

const BY_PROTOCOL: Readonly<Record<ProtocolName, RequestErrors>> = {
  restXml: S3,
  restJson1: REST,
  awsJson1_1: JSON_RPC,
  awsQuery: QUERY,
  ec2Query: EC2,
}

/** An error about the request itself, with the code and status that this service uses for it. */
export const requestError = (service: ServiceName, kind: keyof RequestErrors, message: string): ServiceError => {
  const [code, status] = BY_PROTOCOL[WIRE_SERVICES[service].protocol][kind]
  return new ServiceError(code, message, status)
}
