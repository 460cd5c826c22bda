import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import type { MetTrap, Mutation, Trap } from './table/trap.ts'

/** The modules of the table, as a bundle gives them. */
interface TableBundle {
  readonly table: {
    readonly trapOf: (id: string) => Trap
    readonly meetTrap: (trap: Trap) => Promise<MetTrap>
  }
}

/** The source with a mutation in it. Throws where the text to replace does not stand there, or not once: the mutation then shows nothing. */
export const mutated = (source: string, { file, find, replace }: Mutation): string => {
  const times = source.split(find).length - 1
  if (times !== 1) throw new Error(`${file} has the text to replace ${times} times, not once: ${find}`)
  return source.replace(find, () => replace)
}

/** Reads the file that a mutation is of, and mutates it. Throws as `mutated` does, and for a file that is not there. */
export const mutatedFile = (mutation: Mutation): string => mutated(readFileSync(mutation.file, 'utf8'), mutation)

/** Puts the mutation into the bundle, and fails where the bundle does not have the file. */
const mutating = (mutation: Mutation): Plugin => {
  const target = resolve(mutation.file)
  let isIn = false
  return {
    name: 'mutating',
    load: (id) => {
      if (id !== target) return null
      isIn = true
      return { code: mutatedFile(mutation), moduleType: 'ts' }
    },
    buildEnd: () => {
      if (!isIn) throw new Error(`no trap loads ${mutation.file}`)
    },
  }
}

/** Bundles of the repository's own modules; packages are imported from where they are installed. */
const CACHE = join('node_modules', '.cache', 'ir-cred-traps')

/** Meets a trap with a product that has the trap's mutation in it: a bundle of the sources, which stay as they are. */
export const meetMutant = async ({ id, mutation }: Trap): Promise<MetTrap> => {
  mkdirSync(CACHE, { recursive: true })
  const dir = mkdtempSync(join(CACHE, 'mutant-'))
  try {
    const build = await rolldown({
      input: 'test/traps/table/bundled.ts',
      platform: 'node',
      external: (specifier) => !/^[./\0]/.test(specifier),
      plugins: [mutating(mutation)],
      logLevel: 'silent',
    })
    await build.write({ dir, format: 'esm', codeSplitting: false })
    await build.close()
    const { table }: TableBundle = await import(/* @vite-ignore */ pathToFileURL(resolve(dir, 'bundled.js')).href)
    return await table.meetTrap(table.trapOf(id))
  } finally {
    rmSync(dir, { recursive: true })
  }
}
