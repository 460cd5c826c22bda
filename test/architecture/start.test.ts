import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { source, walk } from './source.ts'

/** The modules that a file cannot be loaded without: no types, and nothing that is loaded on use. */
const neededBy = (path: string): string[] => {
  const found: string[] = []
  walk(source(path, readFileSync(path, 'utf8')), {
    ImportDeclaration: ({ importKind, specifiers, source: { value } }) => {
      const areTypes = specifiers.length > 0 && specifiers.every((one) => 'importKind' in one && one.importKind === 'type')
      if (importKind !== 'type' && !areTypes) found.push(value)
    },
    ExportAllDeclaration: ({ source: { value } }) => found.push(value),
    ExportNamedDeclaration: ({ source: from }) => {
      if (from) found.push(from.value)
    },
  })
  return found.map((specifier) => (specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier))
}

/** All that is loaded with a file, and by which way. */
const loadedWith = (path: string): ReadonlyMap<string, string> => {
  const ways = new Map([[path, path]])
  for (const [file, way] of ways) {
    if (!file.startsWith('src/') || !file.endsWith('.ts')) continue
    for (const needed of neededBy(file)) if (!ways.has(needed)) ways.set(needed, `${way} → ${needed}`)
  }
  return ways
}

describe('what a command loads before it knows what is asked', () => {
  it.each([
    ['src/main.ts', /^(@aws-sdk|@smithy|inquirer|@inquirer|chalk|maxmind)/],
    [
      'src/cli/commands/respond.ts',
      /^(@aws-sdk|@smithy|inquirer|@inquirer|chalk|src\/(aws\/(?!early-sockets)|(terminal|report|simulator|investigation)\/))/,
    ],
    ['src/cli/incident-run/run-response.ts', /^(inquirer|@inquirer|@duckdb|maxmind|src\/simulator\/)/],
    [
      'src/cli/commands/drill.ts',
      /^(@aws-sdk|@smithy|inquirer|@inquirer|chalk|src\/((aws|terminal|report|investigation|journal)\/|simulator\/(?!scenarios\/catalogue)))/,
    ],
    ['src/terminal/choice.ts', /^(inquirer|chalk|@aws-sdk|src\/(aws|simulator|investigation)\/)/],
    ['src/cli/commands/investigate.ts', /^(@aws-sdk|@smithy|inquirer|@inquirer|csv-parse)/],
    ['src/investigation/sources/log-files/workers/scan-worker.ts', /^(?!src\/|node:)/],
  ])('%s loads nothing that only some questions need', (path, heavy) => {
    const loaded = loadedWith(path)
    expect(loaded.size).toBeGreaterThan(8)
    expect([...loaded].filter(([file]) => heavy.test(file)).map(([, way]) => way)).toEqual([])
  })
})

describe('what a response loads before its first request', () => {
  const loaded = loadedWith('src/cli/incident-run/first-requests.ts')
  const waysTo = (pattern: RegExp) => [...loaded].filter(([file]) => pattern.test(file)).map(([, way]) => way)

  it('has no client but those of STS, GuardDuty and IAM', () => {
    expect([...loaded.keys()].filter((file) => file.startsWith('@aws-sdk/client-')).sort()).toEqual([
      '@aws-sdk/client-guardduty',
      '@aws-sdk/client-iam',
      '@aws-sdk/client-sts',
    ])
  })

  it('has no screen, no prompt, no report, no journal and no simulated account', () => {
    expect(waysTo(/^(chalk|inquirer|@inquirer|src\/(terminal|report|journal|simulator)\/)/)).toEqual([])
  })

  it('has of the stages only the search for the finding', () => {
    expect(waysTo(/^src\/response\/(respond\.ts|stages\/(?!find-finding\/))/)).toEqual([])
  })
})
