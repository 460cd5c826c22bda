import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import schema from './entry.schema.json' with { type: 'json' }

/** What the check needs of an entry: its type. */
interface Typed {
  readonly type: string
}

const { definitions } = schema as { readonly definitions: Readonly<Record<string, Schema>> }

const validators = new Map<string, Validator>()

/** The validator of one type of entry; undefined where there is no such type. */
const validatorOf = (type: string): Validator | undefined => {
  const name = `entry:${type}`
  if (!Object.hasOwn(definitions, name)) return undefined
  const validator = validators.get(type) ?? new Validator({ $ref: `#/definitions/${name}`, definitions } as Schema, '7')
  validators.set(type, validator)
  return validator
}

/**
 * Why an entry that follows these ones is none that this version of ir-cred writes, as the rest of a sentence that begins with its
 * line; undefined for one that is. The schema is made from the types of the entries. A journal has one `opened` entry, of its own
 * incident, and only recoveries before it.
 */
export const whyNotAnEntry = (entry: Typed, before: readonly Typed[], incident: string): string | undefined => {
  const validator = validatorOf(entry.type)
  if (!validator) return `holds an entry of type ${quotedType(entry.type)}, which this version of ir-cred does not know`
  const { valid, errors } = validator.validate(entry)
  if (!valid) return `holds an entry of type ${entry.type} that is not as this version of ir-cred writes it${placeOf(errors)}`
  const isOpen = before.some(({ type }) => type === 'opened')
  if (entry.type !== 'opened')
    return isOpen || entry.type === 'recovered'
      ? undefined
      : `holds an entry of type ${entry.type} before the incident was opened`
  if (isOpen) return 'opens the incident a second time'
  return 'incident' in entry && entry.incident === incident ? undefined : 'opens another incident'
}

const quotedType = (type: string): string => JSON.stringify(type.slice(0, 40))

/** Where in the entry it is wrong: the deepest place that the validator names. */
const placeOf = (errors: readonly OutputUnit[]): string => {
  const places = errors.map(({ instanceLocation }) => instanceLocation.replace(/^#\/?/, ''))
  const deepest = places.reduce((deep, place) => (place.length > deep.length ? place : deep), '')
  return deepest === '' ? '' : ` (at ${deepest.slice(0, 120)})`
}
