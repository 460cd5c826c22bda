import { Malformed, orMalformed } from './malformed.ts'
import { readText, type Shape } from './schema.ts'

/** A form body as a tree: `Tags.member.1.Key=a` is the value `a` four levels down. */
export interface FormNode {
  value?: string
  readonly children: Map<string, FormNode>
}

/** How the two query protocols differ. */
export type QueryDialect = 'awsQuery' | 'ec2Query'

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/
const DEEPEST = 32

const emptyNode = (): FormNode => ({ children: new Map() })

/** The tree of an `application/x-www-form-urlencoded` body. Throws Malformed when it is nested beyond anything a service has. */
export const parseForm = (body: string): FormNode => {
  const root = emptyNode()
  for (const [name, value] of new URLSearchParams(body)) {
    const steps = name.split('.')
    if (steps.length > DEEPEST) throw new Malformed(`The parameter ${name.slice(0, 40)}… is nested too deeply`)
    let node = root
    for (const step of steps) {
      const child = node.children.get(step) ?? emptyNode()
      node.children.set(step, child)
      node = child
    }
    node.value = value
  }
  return root
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

const memberKey = (name: string, member: Shape, dialect: QueryDialect): string => {
  const { ec2QueryName, xmlName } = member.getMergedTraits()
  if (dialect === 'awsQuery') return xmlName ?? name
  return typeof ec2QueryName === 'string' ? ec2QueryName : capitalized(xmlName ?? name)
}

const readScalar = (shape: Shape, text: string, path: string): unknown => {
  if (shape.isBooleanSchema() && text !== 'true' && text !== 'false') throw new Malformed(`${path} must be true or false`)
  if (shape.isNumericSchema() && !NUMBER.test(text)) throw new Malformed(`${path} must be a number`)
  try {
    return readText(shape, text, 'form')
  } catch {
    throw new Malformed(`${path} cannot be read: ${text.slice(0, 80)}`)
  }
}

const numbered = (node: FormNode, path: string): FormNode[] => {
  const indexes = [...node.children.keys()]
  if (indexes.some((index) => !/^\d{1,6}$/.test(index))) throw new Malformed(`${path} must be numbered from 1`)
  return indexes.sort((a, b) => Number(a) - Number(b)).flatMap((index) => node.children.get(index) ?? [])
}

const readList = (shape: Shape, node: FormNode, dialect: QueryDialect, path: string): unknown[] | undefined => {
  const item = shape.getValueSchema()
  const isFlat = dialect === 'ec2Query' || shape.getMergedTraits().xmlFlattened
  const items = isFlat ? node : node.children.get(item.getMergedTraits().xmlName ?? 'member')
  if (items === undefined || items.children.size === 0) return node.value === '' ? [] : undefined
  return numbered(items, path).map((child, index) => readForm(item, child, dialect, `${path}.${index + 1}`))
}

const readMap = (shape: Shape, node: FormNode, dialect: QueryDialect, path: string): Record<string, unknown> => {
  const entries = shape.getMergedTraits().xmlFlattened ? node : node.children.get('entry')
  const keyName = shape.getKeySchema().getMergedTraits().xmlName ?? 'key'
  const valueName = shape.getValueSchema().getMergedTraits().xmlName ?? 'value'
  return Object.fromEntries(
    numbered(entries ?? emptyNode(), path).map(({ children }) => [
      children.get(keyName)?.value ?? '',
      readForm(shape.getValueSchema(), children.get(valueName), dialect, path),
    ]),
  )
}

const readStructure = (shape: Shape, node: FormNode, dialect: QueryDialect, path: string): Record<string, unknown> => {
  const members: Record<string, unknown> = {}
  for (const [name, member] of shape.structIterator()) {
    const child = node.children.get(memberKey(name, member, dialect))
    const value = readForm(member, child, dialect, path === '' ? name : `${path}.${name}`)
    if (value !== undefined) members[name] = value
  }
  return members
}

/** The value a form holds for a shape; undefined when it says nothing about it. Throws Malformed, naming the member. */
export const readForm = (shape: Shape, node: FormNode | undefined, dialect: QueryDialect, path = ''): unknown => {
  if (node === undefined) return undefined
  if (shape.isStructSchema()) return readStructure(shape, node, dialect, path)
  if (shape.isListSchema()) return readList(shape, node, dialect, path)
  if (shape.isMapSchema()) return readMap(shape, node, dialect, path)
  return node.value === undefined ? undefined : orMalformed(() => readScalar(shape, node.value ?? '', path))
}
