import { Malformed } from './malformed.ts'
import type { Shape } from './schema.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const kindOf = (shape: Shape): string => {
  if (shape.isStructSchema() || shape.isMapSchema()) return 'an object'
  if (shape.isListSchema()) return 'a list'
  if (shape.isTimestampSchema()) return 'a timestamp'
  if (shape.isBlobSchema()) return 'base64'
  if (shape.isBooleanSchema()) return 'a boolean'
  return shape.isNumericSchema() ? 'a number' : 'a string'
}

const isScalarOf = (shape: Shape, value: unknown): boolean => {
  if (shape.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime())
  if (shape.isBlobSchema()) return value instanceof Uint8Array
  if (shape.isBooleanSchema()) return typeof value === 'boolean'
  if (shape.isNumericSchema()) return typeof value === 'number' && Number.isFinite(value)
  return shape.isStringSchema() ? typeof value === 'string' : true
}

const typedStructure = (shape: Shape, value: Record<string, unknown>, path: string): Record<string, unknown> => {
  const result: Record<string, unknown> = {}
  for (const [name, member] of shape.structIterator()) {
    if (value[name] != null) result[name] = typed(member, value[name], path === '' ? name : `${path}.${name}`)
  }
  return result
}

const typedMap = (shape: Shape, value: Record<string, unknown>, path: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typed(shape.getValueSchema(), item, `${path}.${key}`)]))

/**
 * The value with the members that its shape knows, every one of the right type: the SDK's deserializers believe what they read.
 * Throws Malformed, naming the member.
 */
const typed = (shape: Shape, value: unknown, path = ''): unknown => {
  if (shape.isStructSchema() && isRecord(value)) return typedStructure(shape, value, path)
  if (shape.isMapSchema() && isRecord(value)) return typedMap(shape, value, path)
  if (shape.isListSchema() && Array.isArray(value)) {
    return value.map((item, index) => typed(shape.getValueSchema(), item, `${path}.${index + 1}`))
  }
  const isComposite = shape.isStructSchema() || shape.isMapSchema() || shape.isListSchema()
  if (!isComposite && isScalarOf(shape, value)) return value
  throw new Malformed(`${path === '' ? 'The body' : path} must be ${kindOf(shape)}`)
}

/** An operation's input, checked. Throws Malformed. */
export const typedInput = (shape: Shape, value: unknown): Record<string, unknown> => {
  if (shape.isUnitSchema()) return {}
  const input = typed(shape, value)
  return isRecord(input) ? input : {}
}
