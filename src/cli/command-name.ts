import { delimiter, isAbsolute, join, relative, sep } from 'node:path'
import { shellWord } from '../incident/values/shell-word.ts'

/** How the process was started. */
export interface ProcessStart {
  /** The script as Node was given it: `process.argv[1]`, an absolute path. */
  readonly script: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The file that a path leads to through all links; undefined when there is none. */
  readonly realPath: (path: string) => string | undefined
}

/**
 * How ir-cred is started again from the same place: `npx ir-cred` when npm started it ("npm exec"), `ir-cred` when the PATH leads
 * to this very file, `node bin/ir-cred.js` otherwise.
 */
export const commandNameOf = (start: ProcessStart): string => {
  if (start.env.npm_command === 'exec') return 'npx ir-cred'
  if (isOnPath(start)) return 'ir-cred'
  const { script, cwd } = start
  const fromHere = relative(cwd, script)
  const isBelow = fromHere !== '' && !isAbsolute(fromHere) && fromHere.split(sep)[0] !== '..'
  return `node ${shellWord(isBelow ? fromHere : script)}`
}

/** npm puts `node_modules/.bin` on the PATH of the scripts that it runs, where the responder's shell does not have it. */
const NPM_ONLY = join('node_modules', '.bin')

const isOnPath = ({ script, env, realPath }: ProcessStart): boolean => {
  const own = realPath(script)
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const kept = env.npm_command === undefined ? folders : folders.filter((folder) => !folder.endsWith(NPM_ONLY))
  // The shell takes the first one.
  const first = kept.map((folder) => realPath(join(folder, 'ir-cred'))).find((path) => path !== undefined)
  return own !== undefined && first === own
}

/**
 * The same value with every command in its texts as it works when it is typed here. Texts write commands of ir-cred in back quotes,
 * always beginning with `ir-cred`, wherever they come from: a journal can be read on another machine. Screens, reports and events
 * are given this on their way out. Untrusted text is left as it is.
 */
export const withCommandName = <T>(value: T, commandName: string): T =>
  commandName === 'ir-cred' ? value : (renamed(value, commandName) as T)

const renamed = (value: unknown, commandName: string): unknown => {
  if (typeof value === 'string') return value.replace(/`ir-cred (?=\S)/g, () => `\`${commandName} `)
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, commandName))
  if (typeof value !== 'object' || value === null || 'untrusted' in value) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, renamed(inner, commandName)]))
}
