import { readdirSync, readFileSync } from 'node:fs'
import { type ESTree, parseSync, Visitor, type VisitorObject } from 'rolldown/utils'

/** A source file as the rules see it. The path is relative to the repository and has forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly program: ESTree.Program
}

export interface Import {
  readonly specifier: string
  readonly reexport: boolean
  /** The names taken, as the module calls them; none for `* as` and `import()`, which take everything. */
  readonly names: readonly string[]
}

/** Throws when the text is not TypeScript: a rule that read half a file would be silent. */
export const source = (path: string, text: string): SourceFile => {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((error) => error.message).join('; ')}`)
  return { path, text, program }
}

/** Source of the WebAssembly module, in another language that is written like TypeScript. */
export const isAssemblyScript = ({ path }: SourceFile): boolean => path.includes('/assembly/')

/** Paths of all files below a folder, relative to the repository. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/'))
    .sort()

export const sourcesBelow = (folder: string): SourceFile[] =>
  filesBelow(folder)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => source(path, readFileSync(path, 'utf8')))

export const walk = (file: SourceFile, visitor: VisitorObject): void => new Visitor(visitor).visit(file.program)

const lineOf = (file: SourceFile, offset: number): number => file.text.slice(0, offset).split('\n').length

const nameOf = (specifier: ESTree.ImportDeclarationSpecifier): string[] =>
  specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' ? [specifier.imported.name] : []

/** Every module that a file names: imports, re-exports, `import()` and the imports of types. */
export const importsOf = (file: SourceFile): Import[] => {
  const found: Import[] = []
  const add = (specifier: string, reexport = false, names: readonly string[] = []) => found.push({ specifier, reexport, names })
  walk(file, {
    ImportDeclaration: (node) => add(node.source.value, false, node.specifiers.flatMap(nameOf)),
    ExportAllDeclaration: (node) => add(node.source.value, true),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, true)
    },
    ImportExpression: (node) => {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') add(node.source.value)
    },
    TSImportType: (node) => add(node.source.value),
  })
  return found
}

/** What a file takes from names in scope, as `process.exit`, `new Date()` or `process` (to take it apart). */
export const globalsOf = (file: SourceFile): string[] => {
  const found: string[] = []
  walk(file, {
    MemberExpression: (node) => {
      if (node.object.type === 'Identifier' && node.property.type === 'Identifier')
        found.push(`${node.object.name}.${node.property.name}`)
    },
    VariableDeclarator: (node) => {
      if (node.init?.type === 'Identifier') found.push(node.init.name)
    },
    NewExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.arguments.length === 0) found.push(`new ${node.callee.name}()`)
    },
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier') found.push(`${node.callee.name}()`)
    },
  })
  return found
}

/** Every function of a file, those inside others too, from its first line to its last. */
export const functionsOf = (file: SourceFile): { readonly line: number; readonly lines: number }[] => {
  const found: { line: number; lines: number }[] = []
  const add = ({ start, end }: { start: number; end: number }) =>
    found.push({ line: lineOf(file, start), lines: file.text.slice(start, end).split('\n').length })
  walk(file, { FunctionDeclaration: add, FunctionExpression: add, ArrowFunctionExpression: add })
  return found
}

/** The names that a file declares and exports. */
export const exportedNames = (file: SourceFile): string[] => {
  const found: string[] = []
  walk(file, {
    ExportNamedDeclaration: ({ declaration }) => {
      if (!declaration) return
      if (declaration.type === 'VariableDeclaration')
        for (const { id } of declaration.declarations) if (id.type === 'Identifier') found.push(id.name)
      if ('id' in declaration && declaration.id?.type === 'Identifier') found.push(declaration.id.name)
    },
  })
  // An overloaded function is declared several times.
  return [...new Set(found)]
}
