import type { ServiceError } from '../call.ts'
import { Malformed, orMalformed } from './malformed.ts'
import { bodyText, type WireRequest, type WireResponse } from './message.ts'
import type { Protocol } from './protocol.ts'
import { readJson, writeJson } from './schema.ts'
import { typedInput } from './typed.ts'

/** The body as JSON: an object, or an empty one when there is no body. Throws Malformed. */
export const jsonBody = (request: WireRequest): Record<string, unknown> => {
  const text = bodyText(request)
  const parsed: unknown = text.trim() === '' ? {} : orMalformed(() => JSON.parse(text))
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Malformed('The body must be an object')
  return { ...parsed }
}

/** An error as restJson1 and awsJson1.1 write it: its name in the header and in the body. */
export const jsonError = (error: ServiceError, contentType: string): WireResponse => ({
  status: error.status,
  headers: { 'content-type': contentType, 'x-amzn-errortype': error.code },
  body: JSON.stringify({ __type: error.code, message: error.message }),
})

const CONTENT_TYPE = 'application/x-amz-json-1.1'

/** awsJson1.1: the operation is the last dot segment of X-Amz-Target (botocore and the JavaScript SDK send different prefixes). */
export const awsJson: Protocol = {
  route: (request, service) => {
    const asked = request.headers['x-amz-target']?.split('.').at(-1)
    if (!asked) throw new Malformed('The request has no X-Amz-Target header')
    const readInput: ReturnType<Protocol['route']>['readInput'] = ({ input }) => {
      const body = jsonBody(request)
      return typedInput(
        input,
        orMalformed(() => readJson(input, body, 'awsJson1_1')),
      )
    }
    return { asked, operation: service.operations.get(asked), readInput }
  },
  writeOutput: ({ output }, value) => ({
    status: 200,
    headers: { 'content-type': CONTENT_TYPE },
    body: output.isUnitSchema() ? '{}' : writeJson(output, value, 'awsJson1_1'),
  }),
  writeError: (error) => jsonError(error, CONTENT_TYPE),
}
