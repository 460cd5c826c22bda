import { ServiceError, type ServiceName } from '../../src/simulator/call.ts'
import type { Fault, WireRequest, WireResponse } from '../../src/simulator/wire/message.ts'
import { PROTOCOLS } from '../../src/simulator/wire/protocols.ts'
import { WIRE_SERVICES } from '../../src/simulator/wire/services.ts'
import { type Asked, askedBy } from './operation.ts'

/** What can go wrong with one call: with or without the account having seen it. */
export type Kind =
  | 'throttled'
  | 'a 500'
  | 'connection lost before'
  | 'connection lost after'
  | 'empty 200'
  | 'HTML 200'
  | 'garbage 200'
  | 'truncated 200'
  | 'no answer'
  | 'denied'
  | 'clock skew'

const hungUp = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

/** An error as the service itself would answer it. */
export const answered = (
  service: ServiceName,
  code: string,
  status: number,
  message = `${code}, says the test`,
): WireResponse => {
  const { protocol } = WIRE_SERVICES[service]
  const requestId = '11111111-2222-3333-4444-555555555555'
  const response = PROTOCOLS[protocol].writeError(new ServiceError(code, message, status), {
    service: WIRE_SERVICES[service],
    requestId,
  })
  return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } }
}

/** A refusal as a service words it: code, HTTP status, message. */
export type Refusal = readonly [code: string, status: number, message?: string]

type Codes = Readonly<Record<'throttled' | 'denied' | 'skewed', Refusal>>

export const SIGNATURE_EXPIRED =
  'Signature expired: 20261125T020000Z is now earlier than 20261125T021500Z (20261125T023000Z - 15 min.)'

const QUERY: Codes = { throttled: ['Throttling', 400], denied: ['AccessDenied', 403], skewed: ['RequestTimeTooSkewed', 403] }
const JSON_RPC: Codes = {
  throttled: ['ThrottlingException', 400],
  denied: ['AccessDeniedException', 400],
  skewed: ['InvalidSignatureException', 400, SIGNATURE_EXPIRED],
}
const REST: Codes = {
  throttled: ['TooManyRequestsException', 429],
  denied: ['AccessDeniedException', 403],
  skewed: ['InvalidSignatureException', 403, SIGNATURE_EXPIRED],
}
const EC2: Codes = {
  throttled: ['RequestLimitExceeded', 503],
  denied: ['UnauthorizedOperation', 403],
  skewed: ['RequestExpired', 400],
}

const CODES: Readonly<Record<ServiceName, Codes>> = {
  iam: QUERY,
  sts: QUERY,
  autoscaling: QUERY,
  elasticloadbalancing: QUERY,
  ssm: JSON_RPC,
  cloudtrail: JSON_RPC,
  organizations: JSON_RPC,
  ecs: JSON_RPC,
  'cognito-identity': JSON_RPC,
  kms: JSON_RPC,
  logs: JSON_RPC,
  s3: QUERY,
  lambda: REST,
  eks: REST,
  rolesanywhere: REST,
  guardduty: REST,
  detective: REST,
  ec2: EC2,
}

const PORTAL = '<!DOCTYPE html><html><body>Please sign in to the guest network</body></html>'

const broken: Readonly<
  Record<Kind, (request: WireRequest, next: Parameters<Fault>[1], service: ServiceName) => ReturnType<Fault>>
> = {
  throttled: async (_request, _next, service) => answered(service, ...CODES[service].throttled),
  'a 500': async (_request, _next, service) => answered(service, 'InternalFailure', 500),
  'connection lost before': () => Promise.reject(hungUp()),
  'connection lost after': async (request, next) => {
    await next(request)
    throw hungUp()
  },
  'empty 200': async () => ({ status: 200, headers: {}, body: '' }),
  'HTML 200': async () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: PORTAL }),
  // With all that marks an answer as AWS's: only its content is nonsense.
  'garbage 200': async (request, next) => ({ ...(await next(request)), status: 200, body: '\u0000\u0007]}>&;garbage<{[' }),
  'no answer': () => new Promise(() => {}),
  'truncated 200': async (request, next) => {
    const response = await next(request)
    return { ...response, body: response.body.slice(0, Math.floor(response.body.length * 0.6)) }
  },
  denied: async (_request, _next, service) => answered(service, ...CODES[service].denied),
  'clock skew': async (_request, _next, service) => answered(service, ...CODES[service].skewed),
}

/** Which calls go wrong: the operation, and how often (the first ones). */
export interface Meant {
  readonly operation: string
  readonly times?: number
  /** Only such inputs. Default: all. */
  readonly when?: (asked: Asked) => boolean
}

/** Lets calls go wrong in one way; everything else passes. */
export const breaks = (kind: Kind, meant: Meant): Fault => fails(meant, broken[kind])

/** Refuses calls as the service itself would, with a code of the test's own; everything else passes. */
export const refuses = (refusal: Refusal, meant: Meant): Fault =>
  fails(meant, async (_request, _next, service) => answered(service, ...refusal))

const fails = ({ operation, times = 1, when = () => true }: Meant, fail: (typeof broken)[Kind]): Fault => {
  let left = times
  return async (request, next) => {
    const asked = await askedBy(request)
    if (asked.operation !== operation || left <= 0 || !when(asked)) return next(request)
    left -= 1
    return fail(request, next, asked.service)
  }
}

/** Puts an answer of a test's own in the place of an operation's. */
export const answers =
  (operation: string, answer: (asked: Asked, next: () => Promise<WireResponse>) => Promise<WireResponse>): Fault =>
  async (request, next) => {
    const asked = await askedBy(request)
    return asked.operation === operation ? answer(asked, () => next(request)) : next(request)
  }
