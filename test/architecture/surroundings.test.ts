import { holdRule } from './rule.ts'
import { globalsOf, importsOf, type SourceFile, sourcesBelow } from './source.ts'

const sources = sourcesBelow('src')

const MAY_TOUCH_PROCESS = /^src\/main\.ts$/
/** The edge to AWS's time, and where a run is put together and its clock is chosen. */
const MAY_READ_TIME = /^src\/(main\.ts|aws\/clock\.ts|cli\/.*)$/

const taking = (file: SourceFile, forbidden: RegExp): string[] =>
  globalsOf(file)
    .filter((name) => forbidden.test(name))
    .map((name) => `${file.path}: ${name}`)

holdRule(
  {
    sentence: 'only main touches the process: everybody else is given arguments, streams and an environment',
    offences: (file) => {
      if (MAY_TOUCH_PROCESS.test(file.path)) return []
      const imported = importsOf(file).filter(({ specifier }) => specifier === 'node:process' || specifier === 'process')
      return [
        ...taking(file, /^(process\b|globalThis\.process$)/),
        ...imported.map(({ specifier }) => `${file.path}: ${specifier}`),
      ]
    },
    breaks: [
      ['src/cli/commands/respond.ts', 'process.exit(1)'],
      ['src/terminal/plain-view.ts', 'process.stdout.write("x")'],
      ['src/aws/clients.ts', 'const { env } = process'],
      ['src/aws/clients.ts', "import { env } from 'node:process'"],
    ],
    keeps: [
      ['src/main.ts', 'process.on("SIGINT", () => undefined)'],
      ['src/simulator/actors/actor.ts', 'const state = attacker.process'],
    ],
  },
  sources,
)

holdRule(
  {
    sentence: 'nobody reads the time but aws/clock.ts, cli/ and main: a time is an argument',
    offences: (file) =>
      MAY_READ_TIME.test(file.path) ? [] : taking(file, /^(Date\.now|new Date\(\)|Date\(\)|performance\.now|process\.hrtime)$/),
    breaks: [
      ['src/response/stages/revoke-sessions.ts', 'const cutoff = Date.now() + 30_000'],
      ['src/journal/file.ts', 'const at = new Date().toISOString()'],
      ['src/simulator/clock.ts', 'const at = performance.now()'],
    ],
    keeps: [
      ['src/aws/clock.ts', 'const elapsed = performance.now()'],
      ['src/incident/values/instant.ts', 'const at = new Date(milliseconds)'],
    ],
  },
  sources,
)

holdRule(
  {
    sentence: 'chance is an argument too: a run can be repeated',
    offences: (file) => taking(file, /^Math\.random$/),
    breaks: [['src/simulator/random.ts', 'const id = Math.random()']],
    keeps: [['src/simulator/random.ts', 'const id = Math.imul(seed, 3)']],
  },
  sources,
)
