import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig, type Plugin, type PreRenderedChunk } from 'rolldown'

interface Notice {
  readonly title: string
  readonly text: string
}

/** The package a bundled module came out of; undefined for modules of our own. */
const packageFolder = (moduleId: string): string | undefined =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(moduleId)?.[0]

const notice = (folder: string): Notice => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  if (license === undefined && files.length === 0) throw new Error(`${name} states no licence, so it cannot be bundled.`)
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return { title: `${name} ${version} (${license ?? 'see below'})`, text: texts.join('\n\n') || `Licence: ${license}` }
}

/** One section a licence text, headed by the packages under it: most of the AWS SDK shares one. */
const noticesText = (folders: ReadonlySet<string>): string => {
  const titlesByText = new Map<string, string[]>()
  for (const { title, text } of [...folders].sort().map(notice))
    titlesByText.set(text, [...(titlesByText.get(text) ?? []), title])
  const sections = [...titlesByText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`)
  return `ir-cred contains code of these packages, under these licences.\n\n${sections.join(`\n${'='.repeat(80)}\n\n`)}`
}

/** The licences of what is bundled ask that their text goes with it. */
const thirdPartyNotices = (): Plugin => ({
  name: 'third-party-notices',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []))
    const folders = modules.map(packageFolder).filter((folder) => folder !== undefined)
    this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source: noticesText(new Set(folders)) })
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

export default defineConfig({
  // A thread that scans log files is a program of its own, found beside the chunk that starts it.
  input: { main: 'src/main.ts', 'scan-worker': 'src/investigation/sources/log-files/workers/scan-worker.ts' },
  platform: 'node',
  // The SDK's `main` is CommonJS, which cannot be tree-shaken.
  resolve: { mainFields: ['module', 'main'] },
  transform: { target: 'node20' },
  // No module of ours or of the SDK counts on what reading a property does besides.
  treeshake: { propertyReadSideEffects: false },
  plugins: [withoutEditorPrompt(), thirdPartyNotices()],
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
  },
})
