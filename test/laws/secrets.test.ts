import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drillCommand } from '../../src/cli/commands/drill.ts'
import { endCommand } from '../../src/cli/end-command.ts'
import { descriptions, stages } from '../../src/cli/incident-run/stages.ts'
import { compose } from '../../src/report/compose.ts'
import { reportJson } from '../../src/report/json.ts'
import { markdown } from '../../src/report/markdown.ts'
import { scenarioIds } from '../../src/simulator/scenarios/catalogue.ts'
import { jsonView } from '../../src/terminal/json-view.ts'
import { plainView } from '../../src/terminal/plain-view.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { memoryHost } from './memory-host.ts'
import { buildQuick } from './whole-run.ts'

/** Every secret and token that the account knows: the responder's, the attacker's, all that were on the instance. */
const canariesOf = ({ account }: MemoryRan['account']): readonly string[] => {
  const all = account.credentials.all().flatMap(({ secretAccessKey, sessionToken }) => [secretAccessKey, sessionToken ?? ''])
  return all.filter((secret) => secret.length >= 20)
}

const shownBy = (events: MemoryRan['events']): string =>
  [jsonView, plainView, terminalView]
    .map((view) => {
      const { surface, out, err } = memorySurface({ verbose: true })
      const listener = view(surface)
      for (const event of events) listener.hear(event)
      return out() + err()
    })
    .join('\n')

const reportOf = ({ journal }: MemoryRan): string => {
  const report = compose(journal, { head: 'a'.repeat(64), version: '0.0.0', descriptions })
  return markdown(report) + reportJson(report)
}

describe.each(scenarioIds)('a whole response to %s', async (scenario) => {
  const built = await buildQuick(scenario)
  const ran = await runInMemory({ built, ...(built.cast.investigator ? { detectiveProfile: 'security' } : {}) })
  const canaries = canariesOf(ran.account)
  const commands = [...ran.account.account.commands.values()]

  it.each([
    ['the journal', () => JSON.stringify(ran.journal)],
    ['any event', () => JSON.stringify(ran.events)],
    ['any view', () => shownBy(ran.events)],
    ['the report', () => reportOf(ran)],
    ...(commands.length > 0 ? [['what Systems Manager keeps', () => JSON.stringify(commands)] as const] : []),
  ] as const)('no secret and no token is in %s', (_, text) => {
    expect(canaries.length).toBeGreaterThan(10)
    const content = text()
    expect(content.length).toBeGreaterThan(500)
    expect(canaries.filter((secret) => content.includes(secret))).toEqual([])
  })

  /** An instance that the attacker is on is isolated by hand, and not restarted. */
  const isolated = scenario === 'called-from-the-host' ? ['restart-instance', 'verify-rotation'] : []
  /** Nothing else than instances runs under the role of these, and nothing is done by hand. */
  const undone = [...isolated, 'renew-workload', 'verify-by-hand']

  it('every fact is described in words', () => {
    const { facts } = ran.result.incident
    expect(commands.length > 0).toBe(isolated.length === 0)
    for (const stage of stages.filter(({ id }) => !undone.includes(id))) {
      expect(facts[stage.establishes], stage.id).toBeDefined()
      expect(JSON.stringify(stage.describe(facts)).length).toBeGreaterThan(40)
    }
  })
})

const filesBelow = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('a drill', () => {
  it('leaves no session token and no readable file behind', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'ir-cred-secrets-'))
    const { host, out, err } = memoryHost({ HOME: stateDir })
    const ending = await drillCommand.run(host, { yes: true, stateDir, at: '2026-11-25T02:00:00Z' }, undefined)
    expect(await endCommand(host, ending)).toBe(0)
    const files = await filesBelow(stateDir)
    expect(files.filter((file) => file.includes('/evidence/')).length).toBeGreaterThan(5)
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    // Every session token of the simulated account begins like AWS's own.
    for (const text of [...texts, out(), err()]) expect(text).not.toContain('IQoJb3JpZ2luX2Vj')
    for (const file of files) expect((await stat(file)).mode & 0o077, file).toBe(0)
  })
})
