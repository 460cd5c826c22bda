import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'

const modified = (path: string): number => statSync(path).mtimeMs

const newest = (): number => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((path) => `src/${path}`)
  return Math.max(...[...sources, 'rolldown.config.ts', 'package-lock.json'].map(modified))
}

/** Builds what the tests start, so that they never test yesterday's program. */
export const setup = (): void => {
  if (existsSync('dist/main.js') && modified('dist/main.js') > newest()) return
  execFileSync(process.execPath, ['node_modules/rolldown/bin/cli.mjs', '-c'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
