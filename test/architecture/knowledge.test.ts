import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AwsErrorMeaning, meaningOfAwsError } from '../../src/incident/values/aws-error-codes.ts'
import { holdRule } from './rule.ts'
import { exportedNames, importsOf, type SourceFile, source, sourcesBelow, walk } from './source.ts'

const sources = sourcesBelow('src')

/** The names that several files export, each with the files. */
const severalMeanings = (files: readonly SourceFile[]): string[] => {
  const places = new Map<string, string[]>()
  for (const file of files) for (const name of exportedNames(file)) places.set(name, [...(places.get(name) ?? []), file.path])
  return [...places].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(', ')}`)
}

describe('an exported name', () => {
  it('has one meaning in all of src', () => {
    expect(severalMeanings(sources)).toEqual([])
  })

  it('an exported name that two files export is found', () => {
    const files = [
      source('src/a.ts', 'export interface Volume { readonly size: number }'),
      source('src/b.ts', 'export const Volume = 1\nconst local = 2'),
      source('src/c.ts', 'const local = 3\nexport const other = local'),
    ]
    expect(severalMeanings(files)).toEqual(['Volume: src/a.ts, src/b.ts'])
  })
})

/** Files that import each other in a circle, those that only import types too; each circle once, as its files. */
const circles = (files: readonly SourceFile[]): string[][] => {
  const graph = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier)),
    ]),
  )
  const reached = new Map<string, Set<string>>()
  const reach = (from: string): Set<string> => {
    const found = new Set<string>()
    const open = [...(graph.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue
      found.add(next)
      open.push(...(graph.get(next) ?? []))
    }
    return found
  }
  for (const path of graph.keys()) reached.set(path, reach(path))
  const inCircle = [...graph.keys()].filter((path) => reached.get(path)?.has(path))
  const groups = inCircle.map((path) =>
    inCircle.filter((other) => reached.get(path)?.has(other) && reached.get(other)?.has(path)),
  )
  return groups.filter(([first], index) => inCircle[index] === first)
}

describe('imports', () => {
  it('run in no circle, of types neither', () => {
    expect(circles(sources)).toEqual([])
  })

  it('imports that run in a circle are found, each circle once', () => {
    const files = [
      source('src/a.ts', "import type { B } from './b.ts'\nexport type A = B"),
      source('src/b.ts', "import { c } from './c.ts'\nexport type B = typeof c"),
      source('src/c.ts', "export const c = async () => import('./a.ts')"),
      source('src/d.ts', "import { c } from './c.ts'\nexport const d = c"),
    ]
    expect(circles(files)).toEqual([['src/a.ts', 'src/b.ts', 'src/c.ts']])
  })
})

/** Every two rooms of which one imports from the other, by the folder below src. */
const arrows = (files: readonly SourceFile[]): Set<string> => {
  const roomOf = (path: string): string => path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
  const all = files.flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier))
      .filter((path) => path.startsWith('src/') && roomOf(path) !== roomOf(file.path))
      .map((path) => `${roomOf(file.path)} → ${roomOf(path)}`),
  )
  return new Set(all)
}

describe('the rooms of src', () => {
  it('know each other by at most 24 arrows, and none runs back', () => {
    const found = arrows(sources)
    expect([...found].length).toBeLessThanOrEqual(24)
    expect([...found].filter((arrow) => found.has(arrow.split(' → ').reverse().join(' → ')))).toEqual([])
  })
})

holdRule(
  {
    sentence: 'the form of an identifier stands in incident/values/identifiers.ts alone',
    offences: (file) =>
      file.path.startsWith('src/simulator/') || file.path.endsWith('/identifiers.ts')
        ? []
        : [
            ...file.text.matchAll(
              /\bi-\(?(?:\?:)?\[0-9a-f\]|A[KS]IA\)?\[A-Z0-9\]|:role\\\/|assumed-role\\\/[\w(]|arn:[^'"\s]*guardduty:[^'"\s]*detector\\/g,
            ),
          ].map(([form]) => `${file.path}: ${form}`),
    breaks: [
      ['src/cli/commands/respond.ts', 'const INSTANCE = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/'],
      ['src/aws/policy.ts', 'const KEY = /^ASIA[A-Z0-9]{16}$/'],
      ['src/aws/policy.ts', 'const ROLE = /^arn:aws:iam::123:role\\/(.+)$/'],
    ],
    keeps: [
      ['src/incident/values/identifiers.ts', 'const KEY = /^ASIA[A-Z0-9]{16}$/'],
      ['src/aws/calls.ts', "const role = 'arn:PARTITION:iam::ACCOUNT:role/*'"],
      ['src/cli/examples.ts', "const example = 'ir-cred respond --instance-id i-08faaaafb15777f5a'"],
    ],
  },
  sources,
)

/** The texts of a file's code: strings, templates and patterns, without its comments. */
const textsOf = (file: SourceFile): string[] => {
  const found: string[] = []
  walk(file, {
    Literal: (node) => {
      if (typeof node.value === 'string') found.push(node.value)
      if ('regex' in node) found.push(node.regex.pattern)
    },
    TemplateElement: (node) => void found.push(node.value.raw),
  })
  return found
}

/** What has one answer wherever a call was made from; what does not exist or is not valid, only a stage can judge. */
const JUDGED_ONCE = new Set<AwsErrorMeaning>([
  'expired',
  'unrecognized',
  'wrong-secret',
  'denied',
  'clock',
  'throttled',
  'conflict',
  'wrong-state',
  'capacity',
])

holdRule(
  {
    sentence: 'what an AWS error code means stands in incident/values/aws-error-codes.ts alone',
    offences: (file) =>
      file.path.startsWith('src/simulator/') || file.path.endsWith('/aws-error-codes.ts')
        ? []
        : textsOf(file)
            // A finding type, such as UnauthorizedAccess:EC2/SSHBruteForce, is no error code.
            .flatMap((text) => text.match(/\b[A-Z][a-z]\w{5,}\b(?!:)/g) ?? [])
            .filter((word) => JUDGED_ONCE.has(meaningOfAwsError(word)))
            .map((code) => `${file.path}: ${code}`),
    breaks: [
      ['src/response/write.ts', 'const DENIED = /AccessDenied|UnauthorizedOperation/'],
      ['src/aws/pace.ts', "const isThrottled = code === 'ThrottlingException'"],
      ['src/cli/doctor.ts', "const ENDED = new Set(['ExpiredToken'])"],
      ['src/aws/send-once.ts', 'const SKEWED = new RegExp(`^RequestTimeTooSkewed$`)'],
      ['src/response/stages/restart-instance.ts', "const CAPACITY = 'InsufficientInstanceCapacity'"],
    ],
    keeps: [
      ['src/incident/values/aws-error-codes.ts', "const DENIED = 'AccessDenied'"],
      ['src/simulator/errors.ts', "const DENIED = 'AccessDenied'"],
      ['src/response/write.ts', '// AccessDenied ends the run.\nconst kind = 1'],
      ['src/response/stages/verify-rotation/command.ts', "const NOT_YET = 'InvocationDoesNotExist'"],
      ['src/incident/finding/finding.ts', "const TYPE = 'UnauthorizedAccess:EC2/SSHBruteForce'"],
    ],
  },
  sources,
)

const COMMANDS = ['respond', 'drill', 'simulate', 'investigate', 'findings', 'incidents', 'report', 'audit', 'policy', 'doctor']
const COMMAND = new RegExp(`(?<!\`)\\bir-cred (?:${COMMANDS.join('|')})\\b(?! is| are)`)

holdRule(
  {
    sentence: 'a text writes a command of ir-cred in back quotes, so that it is printed as it works where ir-cred was started',
    offences: (file) =>
      // Examples are commands and nothing else.
      file.path === 'src/cli/examples.ts'
        ? []
        : textsOf(file).flatMap((text) => (COMMAND.test(text) ? [`${file.path}: ${text}`] : [])),
    breaks: [
      ['src/response/guards.ts', "const remedy = 'to practise, run ir-cred drill'"],
      ['src/response/guards.ts', 'const remedy = `get it (ir-cred policy prints it)`'],
    ],
    keeps: [
      ['src/response/guards.ts', "const remedy = 'to practise, run `ir-cred drill`'"],
      ['src/response/guards.ts', "const says = 'ir-cred reports what it saw'"],
      ['src/cli/examples.ts', "const typed = 'ir-cred drill --list'"],
    ],
  },
  sources,
)
