import type { ServiceError } from '../call.ts'
import { Malformed } from './malformed.ts'
import { bodyText, type WireResponse } from './message.ts'
import type { AnswerContext, Protocol } from './protocol.ts'
import { parseForm, type QueryDialect, readForm } from './query-form.ts'
import { structureOfStrings, writeXml } from './schema.ts'

const ERROR = structureOfStrings('Error', ['Type', 'Code', 'Message'])

const xmlAnswer = (status: number, xml: string): WireResponse => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
})

const errorXml = (error: ServiceError, type?: 'Sender' | 'Receiver'): string =>
  `<Error>${writeXml(ERROR, { ...(type && { Type: type }), Code: error.code, Message: error.message })}</Error>`

const routeOf =
  (dialect: QueryDialect): Protocol['route'] =>
  (request, service) => {
    const form = parseForm(bodyText(request))
    const asked = form.children.get('Action')?.value
    if (!asked) throw new Malformed('The request has no Action')
    return {
      asked,
      operation: service.operations.get(asked),
      readInput: ({ input }) => (input.isUnitSchema() ? {} : { ...(readForm(input, form, dialect) as object) }),
    }
  }

const attributes = ({ service }: AnswerContext): string => (service.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : '')

/** awsQuery: a form in, XML out, the result inside an element named after the operation. */
export const awsQuery: Protocol = {
  route: routeOf('awsQuery'),
  writeOutput: ({ name, output }, value, context) => {
    const result = output.isUnitSchema() ? '' : `<${name}Result>${writeXml(output, value)}</${name}Result>`
    const metadata = `<ResponseMetadata><RequestId>${context.requestId}</RequestId></ResponseMetadata>`
    return xmlAnswer(200, `<${name}Response${attributes(context)}>${result}${metadata}</${name}Response>`)
  },
  writeError: (error, context) => {
    const inner = errorXml(error, error.status >= 500 ? 'Receiver' : 'Sender')
    const xml = `<ErrorResponse${attributes(context)}>${inner}<RequestId>${context.requestId}</RequestId></ErrorResponse>`
    return xmlAnswer(error.status, xml)
  },
}

/** ec2Query: like awsQuery, with flat lists, no element around the result and an error format of its own. */
export const ec2Query: Protocol = {
  route: routeOf('ec2Query'),
  writeOutput: ({ name, output }, value, context) => {
    const result = output.isUnitSchema() ? '' : writeXml(output, value)
    const requestId = `<requestId>${context.requestId}</requestId>`
    return xmlAnswer(200, `<${name}Response${attributes(context)}>${requestId}${result}</${name}Response>`)
  },
  writeError: (error, { requestId }) => {
    const xml = `<Response><Errors>${errorXml(error)}</Errors><RequestID>${requestId}</RequestID></Response>`
    return xmlAnswer(error.status, xml)
  },
}
