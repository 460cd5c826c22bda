import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { defineConfig, type Plugin, type PreRenderedChunk } from 'rolldown'

interface BundledPackage {
  readonly name: string
  readonly version: string
  readonly license?: string
  /** The licence's text; where the package brings none, its name. */
  readonly text: string
  /** Of the package's tarball, as the lock file holds it: `sha512-` and base64. */
  readonly integrity: string
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const manifest = readJson('package.json')
const locked = readJson('package-lock.json').packages

/** The package a bundled module came out of; undefined for modules of our own. */
const packageFolder = (moduleId: string): string | undefined =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(moduleId)?.[0]

const bundledPackage = (folder: string): BundledPackage => {
  const { name, version, license } = readJson(join(folder, 'package.json'))
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  if (license === undefined && files.length === 0) throw new Error(`${name} states no licence, so it cannot be bundled.`)
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  const { integrity } = locked[relative('.', folder).replaceAll('\\', '/')]
  return { name, version, license, text: texts.join('\n\n') || `Licence: ${license}`, integrity }
}

/** One section a licence text, headed by the packages under it: most of the AWS SDK shares one. */
const noticesText = (packages: readonly BundledPackage[]): string => {
  const titlesByText = new Map<string, string[]>()
  for (const { name, version, license, text } of packages)
    titlesByText.set(text, [...(titlesByText.get(text) ?? []), `${name} ${version} (${license ?? 'see below'})`])
  const sections = [...titlesByText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`)
  return `ir-cred contains code of these packages, under these licences.\n\n${sections.join(`\n${'='.repeat(80)}\n\n`)}`
}

const licenceOf = (license: string | undefined): object => {
  if (license === undefined) return { license: { name: 'see THIRD-PARTY-NOTICES.txt' } }
  return / (OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } }
}

const componentOf = ({ name, version, license, integrity }: Omit<BundledPackage, 'text'>) => ({
  'bom-ref': `${name}@${version}`,
  type: 'library',
  name,
  version,
  purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
  licenses: [licenceOf(license)],
})

/** The country database: the only package that npm installs with ir-cred, where it can. */
const installedComponents = () =>
  Object.entries<string>(manifest.optionalDependencies).map(([name, version]) => {
    const { license, integrity } = locked[`node_modules/${name}`]
    return { ...componentOf({ name, version, license, integrity }), scope: 'optional' }
  })

/** CycloneDX 1.5 without time and serial number: the same source gives the same bytes. */
const sbomText = (packages: readonly BundledPackage[]): string => {
  const { name, version, license } = manifest
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        ...{ 'bom-ref': `${name}@${version}`, type: 'application', name, version, purl: `pkg:npm/${name}@${version}` },
        licenses: [{ license: { id: license } }],
      },
    },
    components: [...packages.map(componentOf), ...installedComponents()],
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

/** What is bundled, from the modules that were: the licences ask that their text goes with it, and whoever checks a version asks for a list. */
const bundledPackages = (): Plugin => ({
  name: 'bundled-packages',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []))
    const folders = modules.map(packageFolder).filter((folder) => folder !== undefined)
    const packages = [...new Set(folders)].sort().map(bundledPackage)
    this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source: noticesText(packages) })
    this.emitFile({ type: 'asset', fileName: 'sbom.cdx.json', source: sbomText(packages) })
  },
})

/** Every package has a `dist`, every client its schemas: a chunk that would be called so is called like its package, `client-ec2.js`. */
const chunkFileName = ({ name, moduleIds }: PreRenderedChunk): string => {
  const folder = /^(dist|esm|schemas)/.test(name) ? packageFolder(moduleIds.at(-1) ?? '') : undefined
  return `${folder === undefined ? name : basename(folder)}.js`
}

/** inquirer brings a prompt that opens an editor, and with it character tables four times its own size. No question of ours is asked with it. */
const withoutEditorPrompt = (): Plugin => ({
  name: 'without-editor-prompt',
  resolveId: (specifier) => (specifier === '@inquirer/editor' ? `\0${specifier}` : null),
  load: (id) => (id === '\0@inquirer/editor' ? 'export default undefined' : null),
})

/** The mappings of a source map in which each line is the same line of the source. */
const sameLines = (code: string): string => `AAAA${';AACA'.repeat(code.split('\n').length - 1)}`

/** string-width makes a segmenter when it is loaded, which takes longer than all else before the first question; most texts need none. */
const segmenterOnUse = (): Plugin => {
  const [made, used] = ['const segmenter = new Intl.Segmenter();', 'of segmenter.segment(string)']
  return {
    name: 'segmenter-on-use',
    transform(code, id) {
      if (!/[\\/]node_modules[\\/]string-width[\\/]index\.js$/.test(id)) return null
      if (!code.includes(made) || !code.includes(used)) throw new Error('string-width has changed: look at it again.')
      const changed = code
        .replace(made, 'let segmenter;')
        .replace(used, 'of (segmenter ??= new Intl.Segmenter()).segment(string)')
      return { code: changed, map: { version: 3, sources: [id], names: [], mappings: sameLines(code) } }
    },
  }
}

/**
 * What is always loaded together, each with all that it needs and those before it do not: the command line, the request of a response,
 * and the SDK as the first requests need it. A file of several commands would make each of them load what only the others need.
 */
const TOGETHER = [
  // What every program is made of, so that a thread that scans log files loads nothing of the command line.
  ['values', /[\\/]src[\\/]incident[\\/]values[\\/]|[\\/](?:files-on-disk|start-threads)\.ts$/],
  [
    'program',
    /[\\/]src[\\/]cli[\\/](?:program|command-name|continuation|start-time|tty|access-key-option)\.ts$|[\\/](?:stage-ids|directory|path-trust)\.ts$/,
  ],
  ['scan', /[\\/]src[\\/]investigation[\\/]sources[\\/]log-files[\\/]workers[\\/]serve-worker\.ts$|[\\/]activity-fold\.ts$/],
  ['respond', /[\\/]src[\\/]cli[\\/]commands[\\/]respond\.ts$/],
  // A select prompt, which the first question of a drill is asked with before the other prompts are loaded.
  ['choice', /[\\/]src[\\/]terminal[\\/]choice\.ts$/],
  // Roles are assumed, and other sources of credentials are asked, by code that is loaded when they are.
  ['sdk', /[\\/]@aws-sdk[\\/](?:client-(?:sts|guardduty|iam)|credential-providers(?![\\/].*[\\/]loadSts))[\\/]/],
  // A client in one file with its commands: two that import each other fail by the order in which they are loaded.
  ['client-athena', /[\\/]@aws-sdk[\\/]client-athena[\\/]/],
  ['client-organizations', /[\\/]@aws-sdk[\\/]client-organizations[\\/]/],
] as const

export default defineConfig({
  // A thread that scans log files is a program of its own, found beside the chunk that starts it.
  input: { main: 'src/main.ts', 'scan-worker': 'src/investigation/sources/log-files/workers/scan-worker.ts' },
  platform: 'node',
  // The SDK's `main` is CommonJS, which cannot be tree-shaken.
  resolve: { mainFields: ['module', 'main'] },
  transform: { target: 'node20' },
  // No module of ours or of the SDK counts on what reading a property does besides.
  treeshake: { propertyReadSideEffects: false },
  plugins: [withoutEditorPrompt(), segmenterOnUse(), bundledPackages()],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    // Places and names are enough for a stack trace; the sources themselves would make the package five times as large. Hidden: the
    // bin finds a map by its name, when there is a trace to tell; Node would read all of them at each start.
    sourcemap: 'hidden',
    sourcemapExcludeSources: true,
    comments: false,
    chunkFileNames: chunkFileName,
    // Finding and reading a file costs as much as parsing it: what is always loaded together is one.
    codeSplitting: { groups: TOGETHER.map(([name, test], index) => ({ name, test, priority: TOGETHER.length - index })) },
  },
})
