/** What a value of one shape must satisfy. The letters are those that constraints.generate.py writes. */
export interface Constraint {
  /** Members by name, each with the name of its shape. */
  readonly m?: Readonly<Record<string, string | undefined>>
  readonly r?: readonly string[]
  /** The shapes of list items, map keys and map values. */
  readonly i?: string
  readonly k?: string
  readonly v?: string
  /** Least and most: of characters, of items, or of the value itself. */
  readonly n?: number
  readonly x?: number
  readonly p?: string
  readonly e?: readonly string[]
}

export type Shapes = Readonly<Record<string, Constraint | undefined>>

/** One constraint that one member of an input does not satisfy. */
export interface Violation {
  /** Such as `filters.1.member.values`, as AWS names members in its messages. */
  readonly path: string
  readonly value: unknown
  /** Completes the sentence "Member must …". */
  readonly rule: string
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)
const below = (path: string, step: string): string => (path === '' ? step : `${path}.${step}`)
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array)

/** Service models write whole-value patterns in Java's dialect; most mean the same to JavaScript with the u flag. */
const matches = (pattern: string, value: string): boolean => {
  const whole = `^(?:${pattern})$`
  try {
    return new RegExp(whole, 'u').test(value)
  } catch {
    return new RegExp(whole).test(value)
  }
}

const rangeRules = (measure: number, what: string, { n, x }: Constraint): string[] => [
  ...(n !== undefined && measure < n ? [`have ${what} greater than or equal to ${n}`] : []),
  ...(x !== undefined && measure > x ? [`have ${what} less than or equal to ${x}`] : []),
]

const stringRules = (value: string, constraint: Constraint): string[] => {
  const lengthRules = rangeRules(value.length, 'length', constraint)
  if (lengthRules.length > 0) return lengthRules
  if (constraint.e && !constraint.e.includes(value)) return [`satisfy enum value set: [${constraint.e.join(', ')}]`]
  return constraint.p && !matches(constraint.p, value) ? [`satisfy regular expression pattern: ${constraint.p}`] : []
}

const ownRules = (value: unknown, constraint: Constraint): string[] => {
  if (typeof value === 'string') return stringRules(value, constraint)
  if (typeof value === 'number') return rangeRules(value, 'value', constraint)
  if (value instanceof Uint8Array || Array.isArray(value)) return rangeRules(value.length, 'length', constraint)
  return isRecord(value) && constraint.m === undefined ? rangeRules(Object.keys(value).length, 'length', constraint) : []
}

const inStructure = (
  value: Readonly<Record<string, unknown>>,
  constraint: Constraint,
  shapes: Shapes,
  path: string,
): Violation[] => [
  ...(constraint.r ?? [])
    .filter((name) => value[name] === undefined)
    .map((name) => ({ path: below(path, lowerFirst(name)), value: undefined, rule: 'not be null' })),
  ...Object.entries(constraint.m ?? {}).flatMap(([name, shape]) =>
    violations(value[name], shape, shapes, below(path, lowerFirst(name))),
  ),
]

const inMap = (value: Readonly<Record<string, unknown>>, { k, v }: Constraint, shapes: Shapes, path: string): Violation[] =>
  Object.entries(value).flatMap(([key, item]) => [
    ...violations(key, k, shapes, below(path, 'key')),
    ...violations(item, v, shapes, below(path, key)),
  ])

/** Everything about `value` that its shape does not allow; an absent value violates nothing by itself. */
export const violations = (value: unknown, shape: string | undefined, shapes: Shapes, path = ''): Violation[] => {
  const constraint = shape === undefined ? undefined : shapes[shape]
  if (constraint === undefined || value === undefined || value === null) return []
  const own = ownRules(value, constraint).map((rule) => ({ path, value, rule }))
  if (Array.isArray(value)) {
    return [...own, ...value.flatMap((item, index) => violations(item, constraint.i, shapes, below(path, `${index + 1}.member`)))]
  }
  if (!isRecord(value)) return own
  const isMap = constraint.k !== undefined || constraint.v !== undefined
  return [...own, ...(isMap ? inMap(value, constraint, shapes, path) : inStructure(value, constraint, shapes, path))]
}
