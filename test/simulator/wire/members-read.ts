import { sourcesBelow } from '../../architecture/source.ts'

/** A node of a syntax tree, as loosely as a walk over all of them needs it. */
interface SyntaxNode {
  readonly type: string
  readonly [key: string]: unknown
}

/** A member by its name, or all that a computed name may be. */
type MemberRead = string | RegExp

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

const nodesIn = (value: unknown): SyntaxNode[] => (Array.isArray(value) ? value : [value]).filter(isNode)

const walked = new WeakMap<SyntaxNode, readonly SyntaxNode[]>()

/** A node and all below it. */
const below = (root: SyntaxNode): readonly SyntaxNode[] => {
  const known = walked.get(root)
  if (known) return known
  const found: SyntaxNode[] = []
  const visit = (node: SyntaxNode): void => {
    found.push(node)
    for (const value of Object.values(node)) for (const one of nodesIn(value)) visit(one)
  }
  visit(root)
  walked.set(root, found)
  return found
}

const child = (node: SyntaxNode | undefined, key: string): SyntaxNode | undefined => nodesIn(node?.[key])[0]

/** An expression without what only types say of it. */
const bare = (node: SyntaxNode | undefined): SyntaxNode | undefined =>
  node && ['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'ParenthesizedExpression'].includes(node.type)
    ? bare(child(node, 'expression'))
    : node

const identifier = (node: SyntaxNode | undefined): string | undefined => {
  const named = bare(node)
  return named?.type === 'Identifier' ? String(named.name) : undefined
}

const FUNCTION = /Function(Expression|Declaration)$/

/** `Attach${word}Policy` as a pattern. */
const templatePattern = (node: SyntaxNode): RegExp => {
  const parts = nodesIn(node.quasis).map(({ value }) => (value as { cooked: string }).cooked)
  return new RegExp(`^${parts.join('\\w+')}$`)
}

interface Source {
  readonly path: string
  readonly declared: ReadonlyMap<string, SyntaxNode>
  readonly exported: ReadonlyMap<string, SyntaxNode>
  readonly body: readonly SyntaxNode[]
}

const declarationsOf = (body: readonly SyntaxNode[]): Map<string, SyntaxNode> => {
  const statements = body.map((node) => (node.type === 'ExportNamedDeclaration' ? (child(node, 'declaration') ?? node) : node))
  const variables = statements.flatMap(({ declarations }) => nodesIn(declarations))
  const found = [...variables.map((one) => [one, child(one, 'init')] as const), ...statements.map((one) => [one, one] as const)]
  return new Map(
    found.flatMap(([{ id }, value]) => {
      const name = identifier(nodesIn(id)[0])
      return name !== undefined && value ? [[name, value] as const] : []
    }),
  )
}

/** The sources of the simulator, read once, and what their names stand for: a file's own first, then whoever exports it. */
const simulator = (): {
  sources: readonly Source[]
  named: (name: string, from: Source) => readonly [SyntaxNode, Source] | undefined
} => {
  const sources = sourcesBelow('src/simulator').map(({ path, program }): Source => {
    const body = nodesIn(program.body)
    const exported = body.filter(({ type }) => type === 'ExportNamedDeclaration')
    return { path, body, declared: declarationsOf(body), exported: declarationsOf(exported) }
  })
  const exporters = new Map(sources.flatMap((source) => [...source.exported.keys()].map((name) => [name, source] as const)))
  const named = (name: string, from: Source): readonly [SyntaxNode, Source] | undefined => {
    const source = from.declared.has(name) ? from : exporters.get(name)
    const node = source?.declared.get(name)
    return node && source ? [node, source] : undefined
  }
  return { sources, named }
}

/** What a function gives: the expression of an arrow, or of each return that is its own. */
const returned = (node: SyntaxNode): SyntaxNode | undefined => {
  const body = bare(child(node, 'body'))
  if (body?.type !== 'BlockStatement') return body
  return bare(
    child(
      nodesIn(body.body).find(({ type }) => type === 'ReturnStatement'),
      'argument',
    ),
  )
}

/** Which members of its input each operation of a service reads, as far as its source shows: in its own functions and in those that it hands the input to. */
export const membersRead = () => {
  const { sources, named } = simulator()

  /** The function that an expression stands for; one that another function returns, too. */
  const functionOf = (expression: SyntaxNode | undefined, from: Source): readonly [SyntaxNode, Source] | undefined => {
    const node = bare(expression)
    if (node === undefined) return undefined
    if (FUNCTION.test(node.type)) return [node, from]
    if (node.type === 'Identifier') {
      const declared = named(String(node.name), from)
      return declared && functionOf(...declared)
    }
    if (node.type !== 'CallExpression') return undefined
    const maker = functionOf(child(node, 'callee'), from)
    return maker && functionOf(returned(maker[0]), maker[1])
  }

  const readsOf = (made: SyntaxNode, from: Source, index: number, seen: ReadonlySet<SyntaxNode> = new Set()): MemberRead[] => {
    if (seen.has(made)) return []
    const reads: MemberRead[] = []
    const aliases = new Set<string>()
    const takeApart = (pattern: SyntaxNode | undefined): void => {
      if (pattern?.type === 'AssignmentPattern') takeApart(child(pattern, 'left'))
      const name = identifier(pattern)
      if (name !== undefined) aliases.add(name)
      for (const property of nodesIn(pattern?.properties)) {
        const key = identifier(child(property, 'key'))
        if (property.type === 'RestElement') takeApart(child(property, 'argument'))
        else if (key !== undefined) reads.push(key)
      }
    }
    const isInput = (node: SyntaxNode | undefined): boolean => aliases.has(identifier(node) ?? '')
    const isHandedOn = (node: SyntaxNode): boolean =>
      isInput(node) ||
      nodesIn(node.properties).some((property) => property.type === 'SpreadElement' && isInput(child(property, 'argument')))
    takeApart(nodesIn(made.params)[index])
    for (const node of below(made)) {
      if (node.type === 'VariableDeclarator' && isInput(child(node, 'init'))) takeApart(child(node, 'id'))
      if (node.type === 'MemberExpression' && isInput(child(node, 'object'))) {
        const property = child(node, 'property')
        if (property?.type === 'TemplateLiteral') reads.push(templatePattern(property))
        else reads.push(identifier(property) ?? '')
      }
      if (node.type !== 'CallExpression') continue
      const called = functionOf(child(node, 'callee'), from)
      for (const [at, argument] of nodesIn(node.arguments).entries())
        if (called && isHandedOn(argument)) reads.push(...readsOf(called[0], called[1], at, new Set([...seen, made])))
    }
    return reads
  }

  const INPUT_AT: Readonly<Record<string, number>> = { authorize: 1, run: 1, resources: 1, written: 0 }

  /** The reads of what stands in a table of operations; undefined for anything else. */
  const readsOfOperation = (value: SyntaxNode | undefined, from: Source): MemberRead[] | undefined => {
    const node = bare(value)
    if (node?.type === 'Identifier') {
      const declared = named(String(node.name), from)
      return declared && readsOfOperation(...declared)
    }
    if (node?.type !== 'CallExpression') return undefined
    const parts = nodesIn(node.arguments)
    if (identifier(child(node, 'callee')) === 'operation') {
      return nodesIn(parts[0]?.properties).flatMap((property) => {
        const index = INPUT_AT[identifier(child(property, 'key')) ?? '']
        const made = index === undefined ? undefined : functionOf(child(property, 'value'), from)
        return made && index !== undefined ? readsOf(...made, index) : []
      })
    }
    const maker = functionOf(child(node, 'callee'), from)
    const reads = maker && readsOfOperation(returned(maker[0]), maker[1])
    return (
      reads && [
        ...reads,
        ...parts
          .filter(({ type }) => FUNCTION.test(type))
          .flatMap((made) => readsOf(made, from, nodesIn(made.params).length - 1)),
      ]
    )
  }

  /** Every entry of a table of operations, by name or pattern. */
  const entriesOf = (source: Source): { operation: RegExp; reads: MemberRead[] }[] =>
    source.body.flatMap(below).flatMap((node) => {
      const key = child(node, 'key')
      if (node.type !== 'Property' || !key || !/^[A-Z]/.test(identifier(key) ?? 'Template')) return []
      const operation = key.type === 'TemplateLiteral' ? templatePattern(key) : new RegExp(`^${identifier(key)}$`)
      const reads = readsOfOperation(child(node, 'value'), source)
      return reads ? [{ operation, reads }] : []
    })

  /** The tables of a service's files, read once. */
  const tables = new Map<string, ReturnType<typeof entriesOf>>()
  const tablesOf = (service: string): ReturnType<typeof entriesOf> => {
    const known = tables.get(service)
    if (known) return known
    const files = sources.filter(({ path }) =>
      path.replaceAll('-', '').startsWith(`src/simulator/services/${service.replaceAll('-', '')}`),
    )
    const entries = files.flatMap(entriesOf)
    tables.set(service, entries)
    return entries
  }

  return (service: string, operation: string, members: readonly string[]): string[] => {
    const reads = tablesOf(service)
      .filter((entry) => entry.operation.test(operation))
      .flatMap((entry) => entry.reads)
    return members.filter((member) => reads.some((read) => (typeof read === 'string' ? read === member : read.test(member))))
  }
}
