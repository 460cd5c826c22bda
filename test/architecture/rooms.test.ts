import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { holdRule } from './rule.ts'
import { type Import, importsOf, isAssemblyScript, type SourceFile, sourcesBelow } from './source.ts'

const sources = sourcesBelow('src')

/** Which rooms a room knows besides itself. `main` and `cli` put the others together, so they know all. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  incident: ['incident/values'],
  'incident/values': [],
  aws: ['incident', 'incident/values'],
  response: ['incident', 'incident/values', 'aws'],
  'response/stages': ['response', 'incident', 'incident/values', 'investigation', 'investigation/analysis', 'aws'],
  investigation: ['investigation/analysis', 'incident', 'incident/values', 'aws'],
  'investigation/analysis': ['investigation', 'incident', 'incident/values'],
  simulator: ['incident/values'],
  journal: ['incident', 'incident/values'],
  report: ['incident', 'incident/values'],
  terminal: ['incident', 'incident/values', 'response'],
  version: [],
}
const KNOW_ALL = ['main', 'cli']

const roomOf = (path: string): string => {
  const [, folder = '', inner] = path.replace(/\.ts$/, '').split('/')
  return `${folder}/${inner}` in ROOMS ? `${folder}/${inner}` : folder
}

const specifiersOf = (file: SourceFile): string[] => importsOf(file).map(({ specifier }) => specifier)

const roomsKnownTo = (file: SourceFile): string[] =>
  specifiersOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file.path), specifier))
    .filter((path) => path.startsWith('src/'))
    .map(roomOf)

const naming = (file: SourceFile, forbidden: (specifier: string) => boolean): string[] =>
  specifiersOf(file)
    .filter(forbidden)
    .map((specifier) => `${file.path}: ${specifier}`)

/** What of node:net only reckons with addresses. */
const isAddressArithmetic = ({ specifier, names }: Import): boolean =>
  specifier === 'node:net' && names.length > 0 && names.every((name) => ['isIP', 'isIPv4', 'isIPv6', 'BlockList'].includes(name))

describe('the rooms', () => {
  it('everything in src is a room of the house, or in one', () => {
    expect(
      [...new Set(sources.map(({ path }) => roomOf(path)))].filter((room) => !(room in ROOMS || KNOW_ALL.includes(room))),
    ).toEqual([])
  })
})

holdRule(
  {
    sentence: 'a room knows only the rooms that the architecture lets it know',
    offences: (file) => {
      const room = roomOf(file.path)
      const known = ROOMS[room]
      return (known === undefined ? [] : roomsKnownTo(file))
        .filter((other) => other !== room && !known?.includes(other))
        .map((other) => `${file.path}: ${other}`)
    },
    breaks: [
      ['src/response/stages/revoke-sessions.ts', "import { theme } from '../../terminal/theme.ts'"],
      ['src/response/stages/revoke-sessions.ts', "import type { Program } from '../../cli/program.ts'"],
      ['src/response/stages/revoke-sessions.ts', "const { account } = await import('../../simulator/account.ts')"],
      ['src/response/runbook.ts', "import { findFinding } from './stages/find-finding.ts'"],
      ['src/simulator/services/iam.ts', "import type { Stage } from '../../response/stage.ts'"],
      ['src/simulator/services/iam.ts', "import type { Subject } from '../../incident/facts/subject.ts'"],
      ['src/incident/finding/finding.ts', "import { clients } from '../../aws/clients.ts'"],
      ['src/incident/values/instant.ts', "import type { Finding } from '../finding/finding.ts'"],
      ['src/investigation/analysis/baseline.ts', "import { pages } from '../../aws/pager.ts'"],
      ['src/investigation/enrichment/role-profile.ts', "import type { Context } from '../../response/stage.ts'"],
      ['src/report/markdown.ts', "import type { Listener } from '../response/ports.ts'"],
      ['src/aws/pager.ts', "export type { Main } from '../main.ts'"],
    ],
    keeps: [
      ['src/response/stages/revoke-sessions.ts', "import type { Stage } from '../stage.ts'"],
      ['src/investigation/sources/lookup-events.ts', "import { pages } from '../../aws/pager.ts'"],
      ['src/cli/commands/drill.ts', "import { theme } from '../../terminal/theme.ts'"],
      ['src/main.ts', "import { program } from './cli/program.ts'"],
      ['src/version.ts', "import manifest from '../package.json' with { type: 'json' }"],
    ],
  },
  sources,
)

holdRule(
  {
    sentence: 'a stage speaks to AWS alone: it opens no file, starts no process, asks no network',
    offences: (file) =>
      roomOf(file.path) === 'response/stages'
        ? importsOf(file)
            .filter((taken) => /^(?!\.|@aws-sdk\/)/.test(taken.specifier) && !isAddressArithmetic(taken))
            .map(({ specifier }) => `${file.path}: ${specifier}`)
        : [],
    breaks: [
      ['src/response/stages/preserve-evidence.ts', "import { writeFile } from 'node:fs/promises'"],
      ['src/response/stages/preserve-evidence.ts', "import process from 'node:process'"],
      ['src/response/stages/preserve-evidence.ts', "const { spawn } = await import('node:child_process')"],
      ['src/response/stages/close-incident.ts', "import { connect, isIP } from 'node:net'"],
      ['src/response/stages/close-incident.ts', "import * as net from 'node:net'"],
    ],
    keeps: [
      ['src/response/stages/close-incident.ts', "import { isIP } from 'node:net'"],
      ['src/response/stages/preserve-evidence.ts', "import { CreateSnapshotsCommand } from '@aws-sdk/client-ec2'"],
      ['src/journal/file.ts', "import { open } from 'node:fs/promises'"],
    ],
  },
  sources,
)

holdRule(
  {
    sentence: 'only terminal/ draws and asks: chalk and inquirer are imported nowhere else',
    offences: (file) =>
      roomOf(file.path) === 'terminal' ? [] : naming(file, (specifier) => /^(chalk|inquirer|@inquirer\/.*)$/.test(specifier)),
    breaks: [
      ['src/cli/commands/respond.ts', "import chalk from 'chalk'"],
      ['src/cli/commands/respond.ts', "const { confirm } = await import('@inquirer/prompts')"],
      ['src/report/markdown.ts', "import type { Answers } from 'inquirer'"],
    ],
    keeps: [['src/terminal/theme.ts', "import chalk from 'chalk'"]],
  },
  sources,
)

holdRule(
  {
    sentence: 'an AWS client is used by name, so that what is not used is not shipped',
    offences: (file) =>
      [...file.text.matchAll(/import \* as \w+ from '(@aws-sdk\/client-[^']+)'/g)].map((match) => `${file.path}: ${match[1]}`),
    breaks: [['src/aws/clients.ts', "import * as iam from '@aws-sdk/client-iam'"]],
    keeps: [['src/aws/clients.ts', "import { IAMClient } from '@aws-sdk/client-iam'"]],
  },
  sources,
)

holdRule(
  {
    sentence: 'an import of ours names the file, with its ending',
    offences: (file) =>
      isAssemblyScript(file) ? [] : naming(file, (specifier) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier)),
    breaks: [
      ['src/main.ts', "import { program } from './cli/program'"],
      ['src/main.ts', "import { program } from './cli/program.js'"],
    ],
    keeps: [
      ['src/main.ts', "import { program } from './cli/program.ts'"],
      ['src/main.ts', "import { join } from 'node:path'"],
      // AssemblyScript has no endings.
      ['src/investigation/wasm/assembly/find.ts', "import { TEXT } from './memory'"],
    ],
  },
  sources,
)
