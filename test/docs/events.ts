import { createGenerator, type Schema } from 'ts-json-schema-generator'

type Node = Schema
/** What may stand where a schema may: `true` and `false` too. */
type JSONSchema = Node | boolean
export type Definitions = Readonly<Record<string, Node>>

/** A name that the generator makes up for a type without one of its own, such as `Rows<structure-935…>`. */
export const isMadeUp = (name: string): boolean => !/^[A-Z]\w*$/.test(name)

const referenced = (node: Node): string | undefined => node.$ref?.replace('#/definitions/', '')

const map = (node: Node, change: (inner: Node) => Node): Node =>
  Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map((one) => asNode(one, change)) : asNode(value, change),
    ]),
  ) as Node

const asNode = (value: unknown, change: (inner: Node) => Node): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? change(value as Node) : value

/** Types without a name of their own stand where they are used. */
export const inlined = (definitions: Definitions, node: Node): Node => {
  const name = referenced(node)
  const target = name === undefined || !isMadeUp(name) ? undefined : definitions[name]
  return target ? inlined(definitions, target) : map(node, (inner) => inlined(definitions, inner))
}

/** What the JSON view writes instead of a type: an untrusted text is plain text, and blocks are lines of text. */
const WRITTEN: Definitions = {
  Untrusted: { type: 'string', description: 'A text that somebody outside may have chosen. Escape it before you show it.' },
  Line: { type: 'string' },
}

const literalOf = (value: JSONSchema | undefined): string =>
  typeof value === 'object' && typeof value.const === 'string' ? value.const : ''

export const typeOf = (node: Node): string => literalOf(node.properties?.type)

/** `described` carries blocks inside; on the wire these are lines. */
const asWritten = (node: Node): Node => {
  if (typeOf(node) !== 'described') return node
  const { blocks: _, ...properties } = node.properties ?? {}
  const lines: Node = { type: 'array', items: { type: 'string' }, description: 'The stage’s text, a line each.' }
  return { ...node, properties: { ...properties, lines }, required: ['type', 'stage', 'lines'] }
}

/** Every member of a union, those of unions inside it too. */
export const membersOf = (definitions: Definitions, node: Node): Node[] => {
  const name = referenced(node)
  if (name !== undefined) return membersOf(definitions, definitions[name] ?? {})
  return node.anyOf ? node.anyOf.flatMap((one) => (typeof one === 'object' ? membersOf(definitions, one) : [])) : [node]
}

export const inUse = (node: Node, definitions: Definitions, found = new Set<string>()): Set<string> => {
  const name = referenced(node)
  if (name !== undefined && !found.has(name)) {
    found.add(name)
    inUse(definitions[name] ?? {}, definitions, found)
  }
  map(node, (inner) => {
    inUse(inner, definitions, found)
    return inner
  })
  return found
}

/** The JSON Schema of one line of `--json` of `ir-cred respond` and `ir-cred drill`, made from the types of the events. */
export const eventsSchema = (): Node & { readonly anyOf: readonly Node[]; readonly definitions: Definitions } => {
  const generator = createGenerator({
    path: 'src/response/ports.ts',
    tsconfig: 'tsconfig.json',
    type: 'Event',
    skipTypeCheck: true,
    expose: 'export',
    encodeRefs: false,
  })
  const { definitions: raw = {} } = generator.createSchema('Event')
  const all = { ...(raw as Definitions), ...WRITTEN }
  const events = membersOf(all, all.Event ?? {})
    .map((event) => asWritten(inlined(all, event)))
    .sort((a, b) => typeOf(a).localeCompare(typeOf(b)))
  const named = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => !isMadeUp(name))
      .map(([name, node]) => [name, inlined(all, node)]),
  )
  const used = events.reduce((found, event) => inUse(event, named, found), new Set<string>())
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'One line of `ir-cred respond --json` or `ir-cred drill --json`',
    anyOf: events,
    definitions: Object.fromEntries([...used].sort().map((name) => [name, named[name] ?? {}])),
  }
}

const shapeOf = (node: JSONSchema | undefined): string => {
  if (typeof node !== 'object') return 'any'
  const name = referenced(node)
  if (name !== undefined) return name
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(', ')
  if (node.type === 'array') return `array of ${shapeOf(Array.isArray(node.items) ? node.items[0] : node.items)}`
  if (node.anyOf) return node.anyOf.map(shapeOf).join(' or ')
  return Array.isArray(node.type) ? node.type.join(' or ') : (node.type ?? 'any')
}

const rowsOf = ({ properties = {}, required = [] }: Node): string[] =>
  Object.entries(properties)
    .filter(([name]) => name !== 'type')
    .map(([name, node]) => {
      const about = typeof node === 'object' ? (node.description ?? '').replaceAll('\n', ' ') : ''
      return `| \`${name}\`${required.includes(name) ? '' : ' (optional)'} | ${shapeOf(node).replaceAll('|', '\\|')} | ${about} |`
    })

const VERBOSE = new Set(['call', 'progress'])

const section = (event: Node): string => {
  const type = typeOf(event)
  const only = VERBOSE.has(type) ? ' Written with `--verbose` only.' : ''
  const about = `${event.description ?? ''}${only}`.trim()
  return [
    `## ${type}`,
    ...(about ? ['', about] : []),
    '',
    '| member | JSON type | meaning |',
    '|---|---|---|',
    ...rowsOf(event),
  ].join('\n')
}

/** docs/events.md: every event of `--json`, with its members. */
export const eventsPage = (): string => `# Events

<!-- Generated from src/response/ports.ts and src/incident/entry.ts by \`npm run docs\`. -->

\`ir-cred respond --json\` and \`ir-cred drill --json\` write one JSON object a line to standard output, in printable ASCII. Every line has a \`type\`. The last
line is always \`ended\`. [events.schema.json](events.schema.json) is the JSON Schema of a line: every object type that is named here stands in it.

Times are UTC instants that end in \`Z\`. Texts are complete and raw: escape them before you show them. New members and new types of events may be added;
renamed and removed ones stand in the [changelog](../CHANGELOG.md).

${eventsSchema().anyOf.map(section).join('\n\n')}
`
