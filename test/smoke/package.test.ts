import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { describe, expect, it } from 'vitest'
import { importsOf, source } from '../architecture/source.ts'

const MAY_BE_PACKED =
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|bin\/(ir-cred\.js|package\.json)|dist\/[\w.-]+\.js(\.map)?|dist\/THIRD-PARTY-NOTICES\.txt|dist\/sbom\.cdx\.json|docs\/[\w./-]+\.(md|json))$/
const MUST_BE_PACKED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'bin/ir-cred.js',
  'bin/package.json',
  'dist/main.js',
  'dist/THIRD-PARTY-NOTICES.txt',
  'dist/sbom.cdx.json',
]

const packed = (): string[] => {
  const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(answer)[0].files.map(({ path }: { path: string }) => path)
}

const scripts = readdirSync('dist').filter((name) => name.endsWith('.js'))

describe('the package', () => {
  it('holds what a user needs and nothing of ours besides', () => {
    const paths = packed()
    expect(paths.filter((path) => !MAY_BE_PACKED.test(path))).toEqual([])
    expect(MUST_BE_PACKED.filter((path) => !paths.includes(path))).toEqual([])
    expect(
      ['src/main.ts', 'test/laws/laws.test.ts', '.env', 'dist/main.ts', 'docs/a.pem'].filter((path) => MAY_BE_PACKED.test(path)),
    ).toEqual([])
  })

  it('imports nothing but Node and itself: an installation brings no other package that it needs', () => {
    const known = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]))
    const imported = scripts.flatMap((name) => importsOf(source(name, readFileSync(`dist/${name}`, 'utf8'))))
    const outside = imported.map(({ specifier }) => specifier).filter((specifier) => !specifier.startsWith('./'))
    expect(outside).toContain('node:fs')
    expect(outside.filter((specifier) => !known.has(specifier))).toEqual([])
  })

  it('keeps names and line ends, so that a stack trace can be read against it', () => {
    const linesOf = (file: string) => readFileSync(`dist/${file}`, 'utf8').split('\n')
    expect(linesOf('program.js').length).toBeGreaterThan(1_000)
    expect(linesOf('main.js').filter((line) => line.startsWith('const main = async ('))).toHaveLength(1)
  })

  it('has source maps, so that a stack trace names the files that people read', () => {
    const { sources, sourcesContent } = JSON.parse(readFileSync('dist/main.js.map', 'utf8'))
    expect(sources).toContain('../src/main.ts')
    expect(sourcesContent ?? []).toEqual([])
  })

  it('keeps the names of classes, by which errors are told apart', () => {
    const everything = scripts.map((name) => readFileSync(`dist/${name}`, 'utf8')).join('\n')
    expect(everything).toMatch(/class NoSuchEntityException extends/)
  })

  it('carries the licences of what is bundled', () => {
    const notices = readFileSync('dist/THIRD-PARTY-NOTICES.txt', 'utf8')
    for (const title of ['commander 14', 'chalk 5', '@aws-sdk/client-ec2 3', '@smithy/core 3'])
      expect(notices).toContain(`\n${title}.`)
    expect(notices).toContain('Permission is hereby granted, free of charge')
    expect(notices).toContain('Apache License')
  })

  it('brings no editor prompt and its character tables', () => {
    expect(readFileSync('dist/THIRD-PARTY-NOTICES.txt', 'utf8')).not.toMatch(/iconv-lite|chardet/)
  })
})
