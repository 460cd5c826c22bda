import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BUNDLED_PACKAGE } from '../../src/investigation/geography/bundled-database.ts'
import { importsOf, sourcesBelow } from './source.ts'

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
}

type Packages = Readonly<Record<string, Locked>>

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

const manifest = readJson('package.json')
/** What npm installs with ir-cred. */
const dependencies: Readonly<Record<string, string>> = { ...manifest.dependencies, ...manifest.optionalDependencies }
const development: Readonly<Record<string, string>> = manifest.devDependencies
const { '': root, ...locked }: Packages = readJson('package-lock.json').packages

/** The lock file's packages, with the licence that the installed copy states (a package of another platform is not installed). */
const installed = (packages: Packages): Packages =>
  Object.fromEntries(
    Object.entries(packages).map(([path, entry]) => [
      path,
      existsSync(`${path}/package.json`) ? { ...entry, ...readJson(`${path}/package.json`) } : entry,
    ]),
  )

const inexact = (versions: Readonly<Record<string, string>>): string[] =>
  Object.entries(versions)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))
    .map(([name, version]) => `${name} ${version}`)

/** Packages that cannot be had without a GPL or AGPL obligation; "MIT OR GPL-2.0" leaves a choice, LGPL is another licence. */
const copyleft = (packages: Packages): string[] =>
  Object.entries(packages)
    .filter(([, { license }]) =>
      JSON.stringify(license ?? 'none')
        .split(' OR ')
        .every((choice) => /(^|[^L])GPL|none/.test(choice)),
    )
    .map(([path, { license }]) => `${path} ${license}`)

const withInstallScript = (packages: Packages): string[] =>
  Object.keys(packages).filter((path) => packages[path]?.hasInstallScript)

const fromElsewhere = (packages: Packages): string[] =>
  Object.entries(packages)
    .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'))
    .map(([path]) => path)

const copiesOf = (name: string, packages: Packages): string[] =>
  Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`))

const isOf = (name: string, specifier: string): boolean => specifier === name || specifier.startsWith(`${name}/`)

/** Modules that the product imports and neither npm nor Node brings, so that only the bundle can. */
const broughtByNobody = (specifiers: readonly string[], names: readonly string[]): string[] =>
  [...new Set(specifiers)].filter((specifier) => !/^(node:|\.)/.test(specifier) && !names.some((name) => isOf(name, specifier)))

const sdkVersions = (versions: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(versions).filter(([name]) => /^@aws-sdk\/(client-|credential-providers$)/.test(name)))

describe('dependencies', () => {
  it('every version is exact', () => {
    expect(inexact({ ...dependencies, ...development })).toEqual([])
    expect(inexact({ a: '^1.2.3', b: '20', c: 'latest', d: '1.2.3' })).toEqual(['a ^1.2.3', 'b 20', 'c latest'])
  })

  it('every package that the product imports is bundled, so it is one of development', () => {
    const specifiers = sourcesBelow('src').flatMap((file) => importsOf(file).map(({ specifier }) => specifier))
    expect(broughtByNobody(specifiers, Object.keys(development))).toEqual([])
    expect(broughtByNobody(['chalk', '@smithy/core/schema', 'node:fs', './a.ts'], ['@smithy/core'])).toEqual(['chalk'])
  })

  it('only the country database is installed with ir-cred, and only if it can be', () => {
    expect(manifest.dependencies).toBeUndefined()
    expect(Object.keys(manifest.optionalDependencies)).toEqual([BUNDLED_PACKAGE])
  })

  it('the clients of the SDK have one version; Detective’s has its newest, which is older', () => {
    const { '@aws-sdk/client-detective': ofDetective, ...others } = sdkVersions(development)
    expect(ofDetective).toBe('3.1048.0')
    expect(Object.keys(others).length).toBeGreaterThan(10)
    expect(new Set(Object.values(others))).toEqual(new Set(['3.1137.0']))
  })

  it('none is under the GPL or AGPL', () => {
    expect(copyleft(installed(locked))).toEqual([])
    const samples = { a: 'AGPL-3.0-or-later', b: 'MIT OR GPL-2.0', c: 'GPL-3.0-only', d: 'LGPL-3.0-only', e: 'MIT', f: undefined }
    const packages = Object.fromEntries(Object.entries(samples).map(([path, license]) => [path, license ? { license } : {}]))
    expect(copyleft(packages).map((line) => line.charAt(0))).toEqual(['a', 'c', 'f'])
  })

  it('none runs a script when it is installed', () => {
    expect(withInstallScript(locked)).toEqual([])
    expect(withInstallScript({ a: {}, b: { hasInstallScript: true } })).toEqual(['b'])
  })

  it('all come from the public registry', () => {
    expect(fromElsewhere(locked)).toEqual([])
    expect(fromElsewhere({ a: { resolved: 'https://example.org/a.tgz' }, b: {} })).toEqual(['a'])
  })

  it.each(['@smithy/core', '@aws-sdk/core'])(
    'there is one copy of %s: the simulated account reads the schemas of the clients',
    (name) => {
      expect(copiesOf(name, locked)).toEqual([`node_modules/${name}`])
      expect(copiesOf(name, { [`node_modules/${name}`]: {}, [`node_modules/a/node_modules/${name}`]: {} })).toHaveLength(2)
    },
  )

  it('the lock file is the manifest’s', () => {
    expect(root).toMatchObject({
      devDependencies: development,
      optionalDependencies: manifest.optionalDependencies,
      engines: manifest.engines,
    })
  })

  it('the bin asks for the same Node as the manifest', () => {
    expect(readFileSync('bin/ir-cred.js', 'utf8')).toContain(`\`engines\`: ${manifest.engines.node} */`)
  })
})
