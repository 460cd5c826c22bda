import { randomUUID } from 'node:crypto'
import { type Call, ServiceError, type ServiceName } from '../call.ts'
import { anonymousScope } from './anonymous.ts'
import { type AuthorizationHeader, readAuthorization } from './credential-scope.ts'
import { requestError } from './error-codes.ts'
import { unservedSentence, unservedServiceSentence } from './instead.ts'
import { Malformed } from './malformed.ts'
import type { Dispatch, WireRequest, WireResponse } from './message.ts'
import type { AnswerContext, Protocol, Routed } from './protocol.ts'
import { PROTOCOLS } from './protocols.ts'
import type { OperationShape } from './schema.ts'
import { isServiceName, type LoadedService, serviceLoader, WIRE_SERVICES } from './services.ts'
import type { Authenticate } from './signature.ts'
import { validate } from './validation.ts'

export interface DispatcherOptions {
  /**
   * Authorizes and runs a call, and gives its output in the SDK's shape. It calls `check` once the caller is known to be allowed:
   * a denied caller hears AccessDenied, not what is wrong with the input. Refusals are thrown as ServiceError.
   */
  readonly answer: (call: Call, check: () => void) => Promise<object>
  /** The account's time, in milliseconds since the epoch: every answer carries it as its Date. */
  readonly now: () => number
  /** Virtual seconds in a real second, sent to clients as `x-simulated-pace`, beside the time on a machine in it; 0 (the default): time stands still unless somebody waits. */
  readonly pace?: number
  /** Absent: everybody is believed to be who they say. */
  readonly authenticate?: Authenticate
  /** Hears whatever is thrown besides ServiceError, by `answer` or on the way; the client only gets an InternalFailure. */
  readonly onBug?: (error: unknown) => void
  readonly newRequestId?: () => string
}

/** The service a request is for: by its credential scope or, unsigned, by its host. */
const serviceNameOf = (request: WireRequest, scope: AuthorizationHeader | undefined): string | undefined =>
  scope?.service ?? request.headers.host?.split(/[.:]/).find(isServiceName)

interface Found {
  readonly service: LoadedService
  readonly operation: OperationShape
  readonly routed: Routed
}

const protocolOf = (service: { readonly protocol: keyof typeof PROTOCOLS }): Protocol => PROTOCOLS[service.protocol]

const route = (request: WireRequest, service: LoadedService): Found => {
  const routed = protocolOf(service).route(request, service)
  if (routed.operation) return { service, operation: routed.operation, routed }
  throw requestError(service.name, 'unknownOperation', unservedSentence(service.name, routed.asked))
}

const callOf = (request: WireRequest, { accessKeyId, region }: AuthorizationHeader, found: Found, requestId: string): Call => {
  const sessionToken = request.headers['x-amz-security-token']
  return {
    service: found.service.name,
    operation: found.operation.name,
    input: found.routed.readInput(found.operation),
    accessKeyId,
    ...(sessionToken !== undefined && { sessionToken }),
    region,
    sourceIp: request.sourceIp,
    userAgent: request.headers['user-agent'] ?? '',
    requestId,
  }
}

const errorFor = (service: ServiceName, error: unknown, onBug: DispatcherOptions['onBug']): ServiceError => {
  if (error instanceof ServiceError) return error
  if (error instanceof Malformed) return requestError(service, 'malformed', error.message)
  onBug?.(error)
  return requestError(service, 'internal', 'The simulated account failed to answer. This is a bug in it.')
}

/** For a request that names no service the account has: in JSON for clients that send JSON, else in XML. */
const unserved = (request: WireRequest, name: string | undefined, requestId: string): WireResponse => {
  const error =
    name === undefined
      ? new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403)
      : new ServiceError('UnknownOperationException', unservedServiceSentence(name), 404)
  const isJson = request.headers['content-type']?.includes('json')
  return PROTOCOLS[isJson ? 'restJson1' : 'awsQuery'].writeError(error, { service: {}, requestId })
}

/**
 * The front of the simulated account: authenticates, decodes and routes requests of all its services, and writes answers and
 * errors in each service's protocol. Give it a WireRequest; it never rejects because of what one says.
 */
export const createDispatcher = (options: DispatcherOptions): Dispatch => {
  const load = serviceLoader()
  const newRequestId = options.newRequestId ?? randomUUID

  const answerFor = async (request: WireRequest, name: ServiceName, context: AnswerContext): Promise<WireResponse> => {
    const anonymous = anonymousScope(request)
    const scope = anonymous ?? readAuthorization(request)
    if (!anonymous) options.authenticate?.(request, name)
    if (!scope) throw requestError(name, 'unsigned', 'Request is missing Authentication Token')
    const found = route(request, await load(name))
    const call = callOf(request, scope, found, context.requestId)
    const output = await options.answer(call, () => validate(call.service, call.operation, call.input))
    return protocolOf(found.service).writeOutput(found.operation, output, context)
  }

  const respond = async (request: WireRequest, requestId: string): Promise<WireResponse> => {
    const name = serviceNameOf(request, anonymousScope(request) ?? readAuthorization(request))
    if (name === undefined || !isServiceName(name)) return unserved(request, name, requestId)
    const context = { service: WIRE_SERVICES[name], requestId }
    try {
      return await answerFor(request, name, context)
    } catch (error) {
      return protocolOf(WIRE_SERVICES[name]).writeError(errorFor(name, error, options.onBug), context)
    }
  }

  return async (request) => {
    const requestId = newRequestId()
    const { status, headers, body } = await respond(request, requestId)
    const now = options.now()
    const common = {
      date: new Date(now).toUTCString(),
      'x-amzn-requestid': requestId,
      'x-simulated-pace': String(options.pace ?? 0),
      'x-simulated-machine-time': String(Math.floor(now)),
    }
    return { status, headers: { ...headers, ...common }, body }
  }
}
