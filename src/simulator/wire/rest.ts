import { jsonBody, jsonError } from './json.ts'
import { orMalformed } from './malformed.ts'
import type { WireRequest } from './message.ts'
import type { Protocol } from './protocol.ts'
import { type OperationShape, readJson, readText, type Shape, writeJson } from './schema.ts'
import { typedInput } from './typed.ts'

const CONTENT_TYPE = 'application/json'
const SEGMENT_LABEL = /^\{(\w+)\}$/

/** A template may end in a fixed query (`?List=ALL`). */
const segments = (path: string): string[] => path.replace(/\?.*$/, '').replace(/^\//, '').replace(/\/$/, '').split('/')

/** The labels of a path that fits the template, still percent-encoded; undefined when it does not fit. */
const labelsIn = (template: string, path: string): ReadonlyMap<string, string> | undefined => {
  const wanted = segments(template)
  const sent = segments(path)
  if (wanted.length !== sent.length) return undefined
  const labels = new Map<string, string>()
  for (const [index, segment] of wanted.entries()) {
    const value = sent[index] ?? ''
    const label = SEGMENT_LABEL.exec(segment)?.[1]
    if (label && value !== '') labels.set(label, value)
    else if (segment !== value) return undefined
  }
  return labels
}

const literalsOf = (operation: OperationShape): number =>
  segments(operation.http?.path ?? '').filter((segment) => !SEGMENT_LABEL.test(segment)).length

/** Whether the request has the fixed query of the template, where it has one. */
const hasQueryOf = (template: string, { query }: WireRequest): boolean =>
  [...new URLSearchParams(template.split('?')[1] ?? '')].every(([name, value]) =>
    query.some(([key, sent]) => key === name && sent === value),
  )

/** The operation with the method and path of the request; the one with more literal segments when several fit. */
const operationAt = (request: WireRequest, operations: Iterable<OperationShape>): OperationShape | undefined =>
  [...operations]
    .filter(({ http }) => http?.method === request.method && labelsIn(http.path, request.path) !== undefined)
    .filter(({ http }) => hasQueryOf(http?.path ?? '', request))
    .sort((a, b) => literalsOf(b) - literalsOf(a))[0]

const queryValues = (request: WireRequest, name: string): string[] =>
  request.query.filter(([key]) => key === name).map(([, value]) => value)

const scalar = (shape: Shape, text: string): unknown => {
  const value = readText(shape, text, 'url')
  return shape.isNumericSchema() && text.trim() === '' ? Number.NaN : value
}

const fromQuery = (member: Shape, values: readonly string[]): unknown => {
  const [first] = values
  if (first === undefined) return undefined
  return member.isListSchema() ? values.map((value) => scalar(member.getValueSchema(), value)) : scalar(member, first)
}

/** Members that travel in the path or the query; the rest of the structure is the body. */
const fromUrl = (request: WireRequest, { http, input }: OperationShape): Record<string, unknown> => {
  const labels = labelsIn(http?.path ?? '', request.path)
  const members: Record<string, unknown> = {}
  for (const [name, member] of input.structIterator()) {
    const { httpLabel, httpQuery } = member.getMergedTraits()
    if (httpLabel) members[name] = scalar(member, decodeURIComponent(labels?.get(name) ?? ''))
    else if (httpQuery) members[name] = fromQuery(member, queryValues(request, httpQuery))
  }
  return members
}

const readInput = (request: WireRequest, operation: OperationShape): Record<string, unknown> => {
  if (operation.input.isUnitSchema()) return {}
  const body = jsonBody(request)
  const members = orMalformed(() => readJson(operation.input, body, 'restJson1'))
  const bound = orMalformed(() => fromUrl(request, operation))
  return typedInput(operation.input, { ...(members as object), ...bound })
}

/** restJson1: method and path name the operation; labels and query parameters are members of its input, like the body's. */
export const restJson: Protocol = {
  route: (request, service) => ({
    asked: `${request.method} ${request.path}`,
    operation: operationAt(request, service.operations.values()),
    readInput: (operation) => readInput(request, operation),
  }),
  writeOutput: ({ http, output }, value) => ({
    status: http?.status ?? 200,
    headers: { 'content-type': CONTENT_TYPE },
    body: output.isUnitSchema() ? '{}' : writeJson(output, value, 'restJson1'),
  }),
  writeError: (error) => jsonError(error, CONTENT_TYPE),
}
