import { holdRule } from './rule.ts'
import { functionsOf, importsOf, isAssemblyScript, type SourceFile, sourcesBelow, walk } from './source.ts'

const FILE_LINES = 350
const FUNCTION_LINES = 60

const sources = sourcesBelow('src')
const tests = sourcesBelow('test')

const linesOf = (file: SourceFile): number => file.text.trimEnd().split('\n').length
const longText = (lines: number): string =>
  Array.from({ length: lines }, (_, index) => `export const line${index} = ${index}`).join('\n')
// The letters of many bytes before it would shift a place that is counted in bytes.
const longFunction = (lines: number): string =>
  `// ${'’'.repeat(200)}\nexport const all = () => {\n${'  step()\n'.repeat(lines - 2)}}`

holdRule(
  {
    sentence: `a file has at most ${FILE_LINES} lines`,
    offences: (file) => (linesOf(file) > FILE_LINES ? [`${file.path}: ${linesOf(file)} lines`] : []),
    breaks: [['src/response/stages/long.ts', longText(FILE_LINES + 1)]],
    keeps: [['src/response/stages/just.ts', `${longText(FILE_LINES)}\n`]],
  },
  [...sources, ...tests],
)

holdRule(
  {
    sentence: `a function has at most ${FUNCTION_LINES} lines`,
    offences: (file) =>
      functionsOf(file)
        .filter(({ lines }) => lines > FUNCTION_LINES)
        .map(({ line, lines }) => `${file.path}:${line}: ${lines} lines`),
    breaks: [['src/response/stages/long.ts', longFunction(FUNCTION_LINES + 1)]],
    keeps: [['src/response/stages/just.ts', longFunction(FUNCTION_LINES)]],
  },
  // The loop that unpacks holds in registers what would cross between two functions through memory.
  sources.filter((file) => !isAssemblyScript(file)),
)

holdRule(
  {
    sentence: 'a folder and a file say what is in them: no utils, helpers, common or index',
    offences: ({ path }) => (/\/(utils?|helpers?|common|misc|shared|index)(\/|\.ts$)/.test(path) ? [path] : []),
    breaks: [
      ['src/utils/time.ts', 'export {}'],
      ['src/aws/helpers.ts', 'export {}'],
      ['src/response/stages/index.ts', 'export {}'],
    ],
    keeps: [['src/response/stages/revoke-sessions.ts', 'export {}']],
  },
  [...sources, ...tests],
)

holdRule(
  {
    sentence: 'there are no barrels: a name is imported from the file that declares it',
    offences: (file) =>
      importsOf(file)
        .filter(({ specifier, reexport }) => reexport && specifier.startsWith('.'))
        .map(({ specifier }) => `${file.path}: ${specifier}`),
    breaks: [
      ['src/response/stages/all.ts', "export { findFinding } from './find-finding.ts'"],
      ['src/response/stages/all.ts', "export * from './find-finding.ts'"],
    ],
    keeps: [['src/simulator/wire/operations/iam.ts', "export { GetRole$ } from '@aws-sdk/client-iam'"]],
  },
  [...sources, ...tests],
)

holdRule(
  {
    sentence: 'there are no default exports: a thing has one name everywhere',
    offences: (file) => {
      const found: string[] = []
      walk(file, { ExportDefaultDeclaration: () => found.push(`${file.path}: export default`) })
      return found
    },
    breaks: [['src/response/stages/find-finding.ts', 'export default 1']],
    keeps: [['src/response/stages/find-finding.ts', "import chalk from 'chalk'\nexport const name = chalk"]],
  },
  [...sources, ...tests],
)

holdRule(
  {
    sentence: 'every test runs, and against the real modules',
    offences: (file) =>
      [...file.text.matchAll(/\b(?:(?:it|test|describe)\.(?:skip|only|todo)|vi\.mock)\b(?=\()/g)].map(
        ([what]) => `${file.path}: ${what}`,
      ),
    breaks: [
      ['test/response/stages/a.test.ts', `describe${'.only'}('x', () => undefined)`],
      ['test/response/stages/a.test.ts', `it${'.skip'}('x', () => undefined)`],
      ['test/response/stages/a.test.ts', `vi${'.mock'}('../src/main.ts')`],
    ],
    keeps: [['test/response/stages/a.test.ts', "it.skipIf(process.platform === 'win32')('x', () => undefined)"]],
  },
  tests,
)
