import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope?: string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[]
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const manifest = readJson('package.json')
const components: readonly Component[] = readJson('dist/sbom.cdx.json').components
const bundled = components.filter(({ scope }) => scope !== 'optional')

/** Folders of the packages whose modules the source maps name: what is in the bundle, as the bundler tells it to a debugger. */
const foldersInMaps = (): readonly string[] => {
  const sources = readdirSync('dist')
    .filter((name) => name.endsWith('.js.map'))
    .flatMap((name): string[] => readJson(join('dist', name)).sources)
  const folders = sources.flatMap((path) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

const named = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name} ${version}`

/** Licences that ask for nothing but that their text goes with the code. */
const ALLOWED = new Set(['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'CC0-1.0'])
const unfit = (list: readonly Component[]): string[] =>
  list
    .filter(({ licenses }) => licenses.length === 0 || !licenses.every(({ license }) => ALLOWED.has(license?.id ?? '')))
    .map(named)

describe('the list of what is bundled', () => {
  it('names exactly the packages that the source maps name, in their versions', () => {
    expect(bundled.map(named).sort()).toEqual(
      foldersInMaps()
        .map((folder) => named(readJson(`${folder}/package.json`)))
        .sort(),
    )
    expect(bundled.length).toBeGreaterThan(40)
  })

  it('names each as npm does, with the hash of its tarball', () => {
    const answer = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 50_000_000,
    })
    const ofNpm = new Map(JSON.parse(answer).components.map((one: Component) => [one.purl, one.hashes]))
    for (const { purl, hashes } of components) expect(ofNpm.get(purl), purl).toEqual(hashes)
  })

  it('has the country database as the only package that npm installs', () => {
    expect(components.filter(({ scope }) => scope === 'optional').map(({ name }) => name)).toEqual(
      Object.keys(manifest.optionalDependencies),
    )
  })

  it('has no licence but those that may be shipped in a bundle', () => {
    expect(unfit(components)).toEqual([])
    const gpl = { ...components[0], name: 'a', version: '1.0.0', licenses: [{ license: { id: 'AGPL-3.0-only' } }] } as Component
    expect(unfit([gpl])).toEqual(['a 1.0.0'])
  })

  it('has a licence text for each in the notices', () => {
    const notices = readFileSync('dist/THIRD-PARTY-NOTICES.txt', 'utf8')
    const titles = [...notices.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \([^)]+\)$/gm)].map(([, title]) => title)
    expect(titles.sort()).toEqual(bundled.map(named).sort())
    const withoutText = notices
      .split('='.repeat(80))
      .filter((section) => !/permi[ts]|licen[cs]e/i.test(section.replace(/^.*\(.*\)$/gm, '')))
    expect(withoutText).toEqual([])
  })
})

describe('an installation', () => {
  it('runs no script of the package', () => {
    // `prepare` is run in a checkout only, never where the packed package is installed.
    const atInstallation = ['preinstall', 'install', 'postinstall', 'preuninstall', 'uninstall', 'postuninstall', 'dependencies']
    expect(Object.keys(manifest.scripts).filter((name) => atInstallation.includes(name))).toEqual([])
  })
})

describe('a build', () => {
  const place = mkdtempSync(join(tmpdir(), 'ir-cred-builds-'))
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  const built = (name: string): Readonly<Record<string, string>> => {
    const folder = join(place, name)
    execFileSync(process.execPath, ['node_modules/rolldown/bin/cli.mjs', '-c', '-d', folder], { stdio: 'ignore' })
    const files = readdirSync(folder).sort()
    return Object.fromEntries(files.map((file) => [file, hashOf(join(folder, file))]))
  }
  const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

  it('gives the same bytes each time', () => {
    const first = built('a')
    expect(built('b')).toEqual(first)
    // The maps name the sources by their way from the folder, which is another here.
    const shipped = readdirSync('dist').filter((file) => !file.endsWith('.map'))
    expect(Object.keys(first).filter((file) => !file.endsWith('.map'))).toEqual(shipped.sort())
    for (const file of shipped) expect(first[basename(file)], file).toBe(hashOf(join('dist', file)))
  })

  it('has clients of AWS that load in any order: each one by itself', () => {
    const clients = readdirSync('dist').filter((file) => /^client-[\w-]+\.js$/.test(file))
    expect(clients.length).toBeGreaterThan(5)
    for (const client of clients)
      expect(() => execFileSync(process.execPath, ['-e', `import('./dist/${client}')`], { stdio: 'pipe' }), client).not.toThrow()
  })
})
