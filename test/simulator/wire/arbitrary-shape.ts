import fc from 'fast-check'
import type { Shape } from '../../../src/simulator/wire/schema.ts'

/** What a wire can carry: form bodies have no way to say "an empty list" or "an empty structure". */
export interface Carrier {
  readonly carriesEmptiness: boolean
}

const STRINGS = ['a', 'x-y', 'é<&>"\'', '日本', 'i-0abc', 'a b+c%', '-', 'line1\nline2', 'true', '123', 'a/b?c#d', '~*!()', '😀']
const DEEPEST = 12

const isComposite = (shape: Shape): boolean => shape.isStructSchema() || shape.isListSchema() || shape.isMapSchema()

const scalar = (shape: Shape): fc.Arbitrary<unknown> => {
  if (shape.isBooleanSchema()) return fc.boolean()
  if (shape.isNumericSchema()) return fc.integer({ min: 0, max: 100_000 })
  if (shape.isTimestampSchema()) return fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => new Date(seconds * 1000))
  if (shape.isBlobSchema()) return fc.uint8Array({ minLength: 1, maxLength: 8 })
  return fc.constantFrom(...STRINGS)
}

const isAlwaysSent = (member: Shape): boolean => Boolean(member.getMergedTraits().httpLabel) || member.isIdempotencyToken()

const structure = (shape: Shape, carrier: Carrier, depth: number): fc.Arbitrary<unknown> => {
  const members = [...shape.structIterator()].filter(([, member]) => depth < DEEPEST || !isComposite(member))
  const model = Object.fromEntries(members.map(([name, member]) => [name, arbitraryOf(member, carrier, depth + 1)]))
  const requiredKeys = members.filter(([, member]) => isAlwaysSent(member)).map(([name]) => name)
  const values = fc.record(model, { requiredKeys, noNullPrototype: true })
  const isTop = depth === 0
  return carrier.carriesEmptiness || isTop ? values : values.filter((value) => Object.keys(value).length > 0)
}

/** Any value of a shape that its service could send or be sent, as deep as the shape goes (twelve levels at most: a launch template has ten). */
export const arbitraryOf = (shape: Shape, carrier: Carrier, depth = 0): fc.Arbitrary<unknown> => {
  if (shape.isUnitSchema()) return fc.constant({})
  if (shape.isStructSchema()) return structure(shape, carrier, depth)
  const minLength = carrier.carriesEmptiness ? 0 : 1
  if (shape.isListSchema()) {
    return fc.array(arbitraryOf(shape.getValueSchema(), carrier, depth + 1), { minLength, maxLength: 2 })
  }
  if (!shape.isMapSchema()) return scalar(shape)
  const value = arbitraryOf(shape.getValueSchema(), carrier, depth + 1)
  return fc.dictionary(fc.constantFrom('k1', 'k 2', 'ü'), value, { minKeys: minLength, maxKeys: 2, noNullPrototype: true })
}
