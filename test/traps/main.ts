import { parseArgs } from 'node:util'
import { meetMutant } from './mutants.ts'
import { allTraps, trapOf } from './table/all.ts'
import { isHandled, type MetTrap, meetTrap, type Trap } from './table/trap.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** One row of the table, on a line for each column: the sentences are too long for columns side by side. */
const rowOf = (met: MetTrap): string => {
  const { id, situation, naive } = met.trap
  const lines = [
    `${isHandled(met) ? 'handled' : 'FAILED '}  ${id.padEnd(4)} ${situation}`,
    `              a naive tool: ${naive}`,
    `              ir-cred:      ${met.did || 'came to no end'}`,
    ...met.failed.map((check) => `              NOT TRUE:     ${check}`),
    ...(met.threw ? [met.threw] : []),
  ]
  return lines.join('\n')
}

const asked = (ids: readonly string[]): readonly Trap[] => (ids.length > 0 ? ids.map(trapOf) : allTraps)

const meetThem = async (ids: readonly string[]): Promise<boolean> => {
  const met: MetTrap[] = []
  for (const trap of asked(ids)) {
    const one = await meetTrap(trap)
    met.push(one)
    say(rowOf(one))
  }
  const handled = met.filter(isHandled).length
  say(`${handled} of ${met.length} traps handled`)
  return handled === met.length
}

/** A mutant falls by a check that is not true any more. One that only throws shows that something broke, not that the trap was set off. */
const mutantRow = ({ trap: { id, situation }, failed, threw }: MetTrap): readonly [isCaught: boolean, row: string] => {
  if (failed.length > 0) return [true, `falls     ${id.padEnd(4)} ${situation}: not true without it: ${failed.join('; ')}`]
  const why = threw === undefined ? 'the trap is handled without it' : `it broke: ${threw.split('\n')[0]}`
  return [false, `SURVIVES  ${id.padEnd(4)} ${situation}: ${why}`]
}

const meetMutants = async (ids: readonly string[]): Promise<boolean> => {
  let caught = 0
  for (const trap of asked(ids)) {
    const [isCaught, row] = mutantRow({ ...(await meetMutant(trap)), trap })
    if (isCaught) caught += 1
    say(row)
  }
  say(`${caught} of ${asked(ids).length} mutants fall`)
  return caught === asked(ids).length
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { mutants: { type: 'boolean', default: false } } })
if (!(await (values.mutants ? meetMutants : meetThem)(positionals))) process.exitCode = 1
