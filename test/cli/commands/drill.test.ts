import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../src/cli/program.ts'
import { everyScenarioId, scenarioTitle } from '../../../src/simulator/scenarios/catalogue.ts'
import { emptyHomes } from '../../support/homes.ts'
import { memoryHost } from '../../support/host.ts'

const home = emptyHomes()

/** A drill at a terminal that cannot redraw: each answer is typed when its question stands there; then the input ends. */
const atTerminal = async (args: readonly string[], answers: readonly string[]) => {
  const folder = home()
  const { host } = memoryHost({ env: { HOME: folder, TERM: 'dumb' }, terminal: { stdout: true, stderr: true } })
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const waiting = [...answers]
  let [asked, written] = ['', '']
  ;(host.stdout as unknown as PassThrough).on('data', (chunk) => {
    written += chunk
  })
  ;(host.stderr as unknown as PassThrough).on('data', (chunk) => {
    asked += chunk
    if (!/: $/.test(asked)) return
    const next = waiting.shift()
    if (next === undefined) stdin.end()
    else stdin.write(`${next}\n`)
  })
  const code = await runCommandLine({ ...host, stdin }, ['drill', ...args])
  return { code, asked, written }
}

const WHICH = 'Which scenario do you play?'

describe('a drill without a scenario at a terminal', () => {
  it('asks which of all scenarios is played, the standard one first, before an account is built', async () => {
    const { asked, written } = await atTerminal([], [])
    expect(asked).toContain(WHICH)
    for (const [index, id] of everyScenarioId.entries()) expect(asked).toContain(`${index + 1}. ${scenarioTitle(id)}\n`)
    expect(written).not.toContain('Simulated account')
  })

  it('plays the chosen one', async () => {
    const at = everyScenarioId.indexOf('looks-rotated') + 1
    const { written, asked } = await atTerminal([], [String(at)])
    expect(written).toContain('drill looks-rotated: ')
    expect(asked).toContain('Which finding do you respond to?')
  })

  it('ends as declined where none is chosen, and says how to name one', async () => {
    const { code, asked } = await atTerminal([], [String(everyScenarioId.length + 1)])
    expect(code).toBe(3)
    expect(asked).toContain('no scenario was chosen')
    expect(asked).toContain('ir-cred drill --list')
  })
})

it.each([[['custom-threat-list']], [['--yes', '--dry-run']], [['--no-input', '--dry-run']]])(
  'a drill of %s does not ask which scenario',
  async (args) => {
    const { asked, written } = await atTerminal(args, [])
    expect(asked).not.toContain(WHICH)
    expect(written).toContain('drill custom-threat-list: ')
  },
)
