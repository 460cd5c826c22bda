/*
 * The only file that touches what the AWS SDK does not document: the tuples that clients export as operation schemas, and the
 * serializers of @smithy/core and @aws-sdk/core, used here from the server's side. It checks their shape before it trusts them.
 */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols'
import { FromStringShapeDeserializer, JsonShapeDeserializer2, JsonShapeSerializer2 } from '@smithy/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'

/** A type of the service's model, such as a structure, a list or a timestamp. */
export type Shape = NormalizedSchema

interface HttpTrait {
  readonly method: string
  /** The path with its labels, such as `/detector/{DetectorId}`. */
  readonly path: string
  /** The status of a successful answer. */
  readonly status: number
}

/** One operation of a service's model. */
export interface OperationShape {
  readonly name: string
  readonly input: Shape
  readonly output: Shape
  /** Only in REST protocols. */
  readonly http?: HttpTrait
}

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0]
type Method = 'isStructSchema' | 'isListSchema' | 'isMapSchema' | 'isUnitSchema' | 'structIterator' | 'getMergedTraits'

const OPERATION_SCHEMA = 9
const DATE_TIME = 5
const EPOCH_SECONDS = 7
const METHODS: readonly Method[] = [
  'isStructSchema',
  'isListSchema',
  'isMapSchema',
  'isUnitSchema',
  'structIterator',
  'getMergedTraits',
]

const expectShape = (holds: boolean, what: string): void => {
  if (holds) return
  throw new Error(
    `The installed AWS SDK is not the one the simulated account was written for: ${what}. Install the exact versions with npm ci.`,
  )
}

const expectInternals = (): void => {
  const missing = METHODS.filter((method) => typeof NormalizedSchema.prototype[method] !== 'function')
  expectShape(missing.length === 0, `NormalizedSchema has no ${missing.join(', ')}`)
  expectShape(typeof JsonShapeDeserializer2.prototype.readObject === 'function', 'JsonShapeDeserializer2 cannot read an object')
  expectShape(typeof JsonShapeSerializer2.prototype.flush === 'function', 'JsonShapeSerializer2 cannot write')
  expectShape(typeof XmlShapeSerializer.prototype.flush === 'function', 'XmlShapeSerializer cannot write')
  expectShape(typeof FromStringShapeDeserializer.prototype.read === 'function', 'FromStringShapeDeserializer cannot read')
}

expectInternals()

const shapeOf = (ref: unknown): Shape => NormalizedSchema.of(ref as SchemaRef)

const httpOf = (traits: unknown): { http?: HttpTrait } => {
  const http: unknown = typeof traits === 'object' && traits !== null && 'http' in traits ? traits.http : undefined
  if (http === undefined) return {}
  const [method, path, status] = Array.isArray(http) ? http : []
  expectShape(typeof method === 'string' && typeof path === 'string', 'an http trait is not [method, path, status]')
  return { http: { method, path, status: typeof status === 'number' ? status : 200 } }
}

/** Reads an operation schema as a client exports it (`GetRole$`). Throws when the SDK writes them in another form. */
export const readOperation = (schema: unknown): OperationShape => {
  const [kind, , name, traits, input, output] = Array.isArray(schema) ? schema : []
  expectShape(kind === OPERATION_SCHEMA && typeof name === 'string', 'an operation schema is not [9, namespace, name, …]')
  const operation = { name: String(name), input: shapeOf(input), output: shapeOf(output), ...httpOf(traits) }
  for (const shape of [operation.input, operation.output]) {
    expectShape(shape.isStructSchema() || shape.isUnitSchema(), `${operation.name} neither takes nor gives a structure`)
  }
  return operation
}

/** A structure of plain strings, for what is on the wire but in no model (the body of an error). */
export const structureOfStrings = (name: string, members: readonly string[]): Shape =>
  shapeOf([3, 'ir-cred', name, 0, [...members], members.map(() => 0)])

/** Whether names and timestamps are those of restJson1 or of awsJson1.1. */
export type JsonDialect = 'restJson1' | 'awsJson1_1'

const jsonSettings = (dialect: JsonDialect): ConstructorParameters<typeof JsonShapeSerializer2>[0] => ({
  timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
  jsonName: dialect === 'restJson1',
})

/** A parsed JSON value as the SDK's own type would be. Throws on timestamps, blobs and numbers it cannot read. */
export const readJson = (shape: Shape, value: unknown, dialect: JsonDialect): unknown =>
  new JsonShapeDeserializer2(jsonSettings(dialect)).readObject(shape, value as never)

/** The serializers give text or bytes; theirs warn when they are treated as the one while being the other. */
const asText = (written: string | Uint8Array): string =>
  typeof written === 'string' ? written : new TextDecoder().decode(written)

/** The JSON text of a value of the SDK's own type. */
export const writeJson = (shape: Shape, value: unknown, dialect: JsonDialect): string => {
  const serializer = new JsonShapeSerializer2(jsonSettings(dialect))
  serializer.write(shape, value)
  return asText(serializer.flush())
}

/** The XML of a structure's members, without the element around them. */
export const writeXml = (shape: Shape, value: unknown): string => {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: DATE_TIME },
    httpBindings: false,
    xmlNamespace: '',
    serviceNamespace: '',
  })
  serializer.write(shape, value)
  const xml = asText(serializer.flush())
  return xml.slice(xml.indexOf('>') + 1, Math.max(xml.indexOf('>') + 1, xml.lastIndexOf('</')))
}

/** A scalar from the text of a form field, a path label or a query parameter. Throws on dates it cannot read. */
export const readText = (shape: Shape, text: string, carriedBy: 'form' | 'url'): unknown =>
  new FromStringShapeDeserializer({
    timestampFormat: { useTrait: true, default: carriedBy === 'form' ? DATE_TIME : EPOCH_SECONDS },
    httpBindings: carriedBy === 'url',
  }).read(shape, text)
