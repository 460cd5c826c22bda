import type { ServiceError } from '../call.ts'
import { orMalformed } from './malformed.ts'
import { bodyText, type WireRequest, type WireResponse } from './message.ts'
import type { AnswerContext, Protocol } from './protocol.ts'
import { type OperationShape, readText, type Shape, structureOfStrings, writeXml } from './schema.ts'
import { typedInput } from './typed.ts'

type Members = Record<string, unknown>

const ERROR = structureOfStrings('Error', ['Code', 'Message', 'RequestId'])
/** Names the operation, in the JavaScript SDK's requests; no service reads it. */
const NAMES_OPERATION = 'x-id'

/** Bucket and key: by the path, or the bucket by the host, as in `bucket.s3.us-east-1.amazonaws.com`. */
const placeOf = ({ path, headers }: WireRequest): { readonly Bucket?: string; readonly Key?: string } => {
  const byHost = /^(.+)\.s3[.-][a-z0-9.-]+$/.exec((headers.host ?? '').split(':')[0] ?? '')?.[1]
  const segments = path.replace(/^\//, '').split('/')
  const bucket = byHost ?? orMalformed(() => decodeURIComponent(segments.shift() ?? ''))
  const key = orMalformed(() => decodeURIComponent(segments.join('/')))
  return { ...(bucket !== '' && { Bucket: bucket }), ...(key !== '' && { Key: key }) }
}

/** The query that the operation's path has: `list-type=2` and the like. */
const queryOf = ({ http }: OperationShape): readonly (readonly [name: string, value: string])[] =>
  (http?.path.split('?')[1] ?? '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('='))
    .map(([name = '', value = '']) => [name, value] as const)
    .filter(([name]) => name !== NAMES_OPERATION)

const takes = ({ input }: OperationShape, member: string): boolean => input.getMemberSchemas()[member] !== undefined

/** Whether the request is one of the operation: nothing of its query may be something else's. */
const isOf = (operation: OperationShape, request: WireRequest): boolean => {
  const { Bucket, Key } = placeOf(request)
  const wanted = queryOf(operation)
  const own = new Set([
    ...wanted.map(([name]) => name),
    ...[...operation.input.structIterator()].map(([, member]) => String(member.getMergedTraits().httpQuery)),
    NAMES_OPERATION,
  ])
  return (
    operation.http?.method === request.method &&
    takes(operation, 'Bucket') === (Bucket !== undefined) &&
    takes(operation, 'Key') === (Key !== undefined) &&
    wanted.every(([name, value]) => request.query.some(([sent, as]) => sent === name && as === value)) &&
    request.query.every(([name]) => own.has(name))
  )
}

const boundTo = (request: WireRequest, member: Shape): string | undefined => {
  const { httpQuery, httpHeader, httpPayload } = member.getMergedTraits()
  if (httpPayload) return bodyText(request)
  if (httpHeader) return request.headers[httpHeader.toLowerCase()]
  return request.query.find(([name]) => name === httpQuery)?.[1]
}

const readInput = (request: WireRequest, { input }: OperationShape): Members => {
  const members: Members = { ...placeOf(request) }
  for (const [name, member] of input.structIterator()) {
    const text = boundTo(request, member)
    if (text !== undefined && members[name] === undefined)
      members[name] = orMalformed(() => (member.isStringSchema() ? text : readText(member, text, 'url')))
  }
  return typedInput(input, members)
}

const headerOf = (value: unknown): string => (value instanceof Date ? value.toUTCString() : String(value))

/** The members that travel in headers. */
const headersOf = (output: Shape, value: Members): Record<string, string> =>
  Object.fromEntries(
    [...output.structIterator()].flatMap(([name, member]) => {
      const { httpHeader } = member.getMergedTraits()
      return httpHeader && value[name] !== undefined ? [[httpHeader.toLowerCase(), headerOf(value[name])]] : []
    }),
  )

const xml = (name: string, content: string, { service }: AnswerContext): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${service.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : ''}>${content}</${name}>`

const nameOf = (shape: Shape, otherwise: string): string => {
  const { xmlName } = shape.getMergedTraits()
  return typeof xmlName === 'string' ? xmlName : otherwise
}

/** The body of an answer: a text as it is, a structure as XML under its own name, or all members that are in no header. */
const bodyOf = ({ name, output }: OperationShape, value: Members, context: AnswerContext): string => {
  if (output.isUnitSchema()) return ''
  const payload = [...output.structIterator()].find(([, member]) => member.getMergedTraits().httpPayload)
  if (payload) {
    const [member, shape] = payload
    return shape.isStructSchema()
      ? xml(nameOf(shape, member), writeXml(shape, value[member] ?? {}), context)
      : String(value[member] ?? '')
  }
  // S3 leaves the element around this one away.
  if (name === 'GetBucketLocation') return xml('LocationConstraint', String(value.LocationConstraint ?? ''), context)
  return xml(nameOf(output, `${name}Result`), writeXml(output, value), context)
}

const errorBody = (error: ServiceError, requestId: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${writeXml(ERROR, { Code: error.code, Message: error.message, RequestId: requestId })}</Error>`

const CONTENT = { 'content-type': 'application/xml' }

/** restXml as S3 speaks it: bucket and key in the path, what is asked of them in the query. */
export const restXml: Protocol = {
  route: (request, service) => {
    const operation = [...service.operations.values()].find((one) => isOf(one, request))
    const named = request.query.find(([name]) => name === NAMES_OPERATION)?.[1]
    const query = request.query.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join('&')
    return {
      asked: named ?? `${request.method} ${request.path}${query === '' ? '' : `?${query}`}`,
      operation,
      readInput: (one) => readInput(request, one),
    }
  },
  writeOutput: (operation, output, context): WireResponse => {
    const { output: shape, http } = operation
    const members = { ...output } as Members
    const headers = { ...CONTENT, 'x-amz-request-id': context.requestId }
    if (shape.isUnitSchema()) return { status: http?.status ?? 200, headers, body: '' }
    return {
      status: http?.status ?? 200,
      headers: { ...headers, ...headersOf(shape, members) },
      body: http?.method === 'HEAD' ? '' : bodyOf(operation, members, context),
    }
  },
  writeError: (error, { requestId }) => ({ status: error.status, headers: CONTENT, body: errorBody(error, requestId) }),
}
