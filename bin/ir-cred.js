#!/usr/bin/env node
// CommonJS, as the package.json beside it says: Node starts that without its loader of modules, and `--version` needs nothing else.
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const process = require('node:process')

// Until main has said how it ended, it has not ended well.
process.exitCode = 1

const sibling = (path) => join(__dirname, '..', path)

/** package.json `engines`: ^20.19.0 || ^22.13.0 || >=24.0.0 */
const isSupported = (node) => {
  const [major, minor] = node.split('.').map(Number)
  return major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)
}

/** Answered here: asking for the version starts nothing else, and works where nothing else does. */
const tellVersion = () => {
  process.stdout.write(`${JSON.parse(readFileSync(sibling('package.json'), 'utf8')).version}\n`)
  process.exitCode = 0
}

const visible = (text) => text.replace(/[^\n -~]/gu, (character) => `\\u{${character.codePointAt(0).toString(16)}}`)

/** A place in the bundle as the place in the source that it was made of; itself where no map tells. */
const inSource = (place, file, line, column) => {
  try {
    const { SourceMap } = require('node:module')
    const { fileURLToPath } = require('node:url')
    const map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, 'utf8')))
    const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1)
    return originalSource ? `${new URL(originalSource, file)}:${originalLine + 1}:${originalColumn + 1}` : place
  } catch {
    return place
  }
}

/** Not by Node's own source maps: it would read all of them at each start. */
const inSources = (stack) => stack.replace(/(file:\/\/\S+\.js):(\d+):(\d+)/g, inSource)

/** What nobody caught. Node itself would show the line it was thrown on, which in the bundle is the whole file. */
const tellBug = (error) => {
  if (process.stderr.isTTY) process.stderr.write('\u001b[?25h') // the cursor, which a prompt may have hidden
  const trace = visible(inSources(`${error?.stack ?? error}`))
  process.stderr.write(
    `\n${trace}\n\nir-cred: this is a bug, and nothing more was done. Please report it with the lines above.\nexit 1\n`,
  )
  process.exit(1)
}

const run = async (args) => {
  process.on('uncaughtException', tellBug)
  // Not the default place: others on this machine can write to its temporary folder, and a compiled program is a program.
  const cache = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`)
  if (cache) require('node:module').enableCompileCache?.(`${cache}/ir-cred`)
  // The SDK's own warning is many lines before the first screen; `ir-cred doctor` says it in one.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
  const { main } = await import('../dist/main.js')
  process.exitCode = await main(args, process.env, process)
}

const args = process.argv.slice(2)
if (args.length === 1 && ['--version', '-V'].includes(args[0])) tellVersion()
else if (!isSupported(process.versions.node))
  process.stderr.write(`ir-cred needs Node 20.19, 22.13, or 24 and later. This is Node ${process.versions.node}.\n`)
else if (!existsSync(sibling('dist/main.js')))
  process.stderr.write('ir-cred has not been built yet. In its folder, run: npm run build\n')
else run(args).catch(tellBug)
