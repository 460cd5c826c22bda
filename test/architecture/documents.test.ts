import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeIn } from '../support/markdown.ts'
import { filesBelow } from './source.ts'

const documents = ['README.md', 'CHANGELOG.md', ...filesBelow('docs'), ...filesBelow('.github')].filter((path) =>
  path.endsWith('.md'),
)
const workflows = filesBelow('.github/workflows')
const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8')).scripts

/** Links to a file of this repository that is not there. */
const deadLinks = (path: string, text: string): string[] =>
  [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g)]
    .map((match) => posix.join(posix.dirname(path), match[1] ?? ''))
    .filter((target) => !existsSync(target))
    .map((target) => `${path}: ${target}`)

const BUILT_IN = ['audit', 'ci', 'install', 'pack', 'publish']

/** What a text tells the reader to run with npm, and npm would not know. */
const unknownScripts = (path: string, text: string): string[] =>
  [...codeIn(text).matchAll(/\bnpm (?:run )?([a-z][\w:-]*)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !(name in scripts || BUILT_IN.includes(name)))
    .map((name) => `${path}: npm run ${name}`)

/** Actions that somebody else could change under us: named by a tag or branch, or without the version beside the commit. */
const loosePins = (path: string, text: string): string[] =>
  [...text.matchAll(/^\s*-?\s*uses:\s*(.+)$/gm)]
    .map((match) => match[1] ?? '')
    .filter((use) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))
    .map((use) => `${path}: ${use}`)

const broadPermissions = (path: string, text: string): string[] =>
  /^permissions:\n {2}contents: read\n(?! )/m.test(text) ? [] : [path]

/** What a job with a right to write does beside handing on what another job made. */
const speakingJobs = (path: string, text: string): string[] =>
  text
    .split(/^ {2}(?=[\w-]+:$)/m)
    .filter((job) => /: write$/m.test(job))
    .flatMap((job) => job.match(/npm (?:ci|install|run|test)\b|actions\/checkout/g) ?? [])
    .map((what) => `${path}: ${what}`)

const inAll = (paths: readonly string[], offences: (path: string, text: string) => string[]): string[] =>
  paths.flatMap((path) => offences(path, readFileSync(path, 'utf8')))

describe('documents', () => {
  it('a link to a file leads to a file', () => {
    expect(inAll(documents, deadLinks)).toEqual([])
    expect(deadLinks('docs/a.md', '[a](b.md) [c](../package.json#x) [d](https://example.org) [e](#f)')).toEqual([
      'docs/a.md: docs/b.md',
    ])
  })

  it('an npm command in a text exists', () => {
    expect(inAll(documents, unknownScripts)).toEqual([])
    expect(unknownScripts('a.md', '`npm ci && npm test`, so that npm picks, then `npm run polish`')).toEqual([
      'a.md: npm run polish',
    ])
  })
})

describe('workflows', () => {
  it('an action is pinned by its commit, with its version beside it', () => {
    expect(inAll(workflows, loosePins)).toEqual([])
    expect(loosePins('a.yml', `      - uses: actions/checkout@v6\n      - uses: a/b@${'0'.repeat(40)} # v1.2.3\n`)).toEqual([
      'a.yml: actions/checkout@v6',
    ])
  })

  it('a job that may speak for the project runs nothing of a dependency and checks nothing out', () => {
    expect(inAll(workflows, speakingJobs)).toEqual([])
    const job = '\njobs:\n  publish:\n    permissions:\n      id-token: write\n    steps:\n'
    expect(speakingJobs('a.yml', `${job}      - run: npm ci\n`)).toEqual(['a.yml: npm ci'])
    expect(speakingJobs('a.yml', `${job}      - uses: actions/checkout@v6\n`)).toEqual(['a.yml: actions/checkout'])
  })

  it('packages are installed without their scripts where a release is built', () => {
    expect(readFileSync('.github/workflows/release.yml', 'utf8').match(/npm (?:ci|install)\b.*/g)).toEqual([
      'npm ci --ignore-scripts',
    ])
  })

  it('a workflow may read the repository and nothing else', () => {
    expect(inAll(workflows, broadPermissions)).toEqual([])
    expect(broadPermissions('a.yml', 'permissions:\n  contents: read\n  id-token: write\n\njobs:\n')).toEqual(['a.yml'])
  })
})
