import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSimulated } from '../../src/cli/connection/simulated.ts'
import { nextCommands } from '../../src/cli/continuation.ts'
import { runIncident } from '../../src/cli/incident-run/run-incident.ts'
import { runSettingsOf } from '../../src/cli/options.ts'
import { runCommandLine } from '../../src/cli/program.ts'
import type { Event } from '../../src/response/ports.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { jsonView } from '../../src/terminal/json-view.ts'
import { plainView } from '../../src/terminal/plain-view.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
import { askedBy } from '../faults/operation.ts'
import { makeTemporary } from '../journal/temporary.ts'
import { canariesIn, everyCanary, PLANTED } from '../support/canaries.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { yes } from '../support/run-in-memory.ts'
import { subjectInstanceOf } from '../support/scenario.ts'
import { memoryHost } from './memory-host.ts'
import { buildQuick } from './whole-run.ts'

/** The attacker's calls with secrets wherever a caller chooses text: user agents, parameters, error messages. */
const plantRecords = ({ account, cast }: BuiltScenario): void => {
  for (const text of Object.values(PLANTED).flat())
    for (const [eventName, readOnly] of [
      ['CreateUser', false],
      ['ListUsers', true],
    ] as const)
      recordEvent(account, {
        ...{ eventSource: 'iam.amazonaws.com', eventName, readOnly, sourceIp: '198.51.100.7' },
        ...{ userAgent: `evil/1.0 ${text}`, credential: cast.attacker, at: account.clock.now() - 600_000 },
        requestParameters: { userName: `u-${text.length}`, tags: [{ key: 'note', value: text }], text },
        ...(readOnly ? { error: { code: 'AccessDenied', message: `denied: ${text}` } } : {}),
      })
}

/** The console and the instance's answer hold secrets as well; they are put in on the wire. */
const plantAnswers: Fault = async (request, next) => {
  const { operation } = await askedBy(request)
  const answer = await next(request)
  if (operation === 'ec2:GetConsoleOutput') {
    const output = Buffer.from(`[ 1.0] boot\r\n${everyCanary.replaceAll('\n', '\r\n')}\r\n`).toString('base64')
    return { ...answer, body: answer.body.replace(/<output>[^<]*<\/output>/, `<output>${output}</output>`) }
  }
  if (operation === 'ssm:GetCommandInvocation') {
    const body = JSON.parse(answer.body)
    return { ...answer, body: JSON.stringify({ ...body, StandardErrorContent: `${body.StandardErrorContent}\n${everyCanary}` }) }
  }
  return answer
}

const root = await makeTemporary()
afterAll(() => rm(root, { recursive: true, force: true }))

const run = async () => {
  const built = await buildQuick('left-behind')
  plantRecords(built)
  for (const [kind, [text = '']] of Object.entries(PLANTED))
    Object.assign(subjectInstanceOf(built).tags, { [kind]: text.slice(0, 256) })
  const { host, out, err } = memoryHost({})
  const connection = await openSimulated(built, {
    ...{ signal: host.signal, version: host.version, observer: { onCall: () => {} }, fault: plantAnswers },
  })
  const events: Event[] = []
  await runIncident({
    ...{ kind: 'respond', host, connection, root, responder: yes, incident: undefined, json: true },
    settings: runSettingsOf({ proofWait: 0 }),
    request: { by: 'finding-id', id: built.findingId },
    view: { hear: (event) => void events.push(event) },
    commands: nextCommands('ir-cred respond', { commandName: 'ir-cred', connection: { regions: [] }, stateDir: undefined }),
  })
  return { built, events, written: out() + err() }
}

const ran = await run()

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const shown = (): string =>
  [jsonView, plainView, terminalView]
    .map((view) => {
      const { surface, out, err } = memorySurface({ verbose: true, columns: 500 })
      const listener = view(surface)
      for (const event of ran.events) listener.hear(event)
      return out() + err()
    })
    .join('\n')

const commandLine = async (...args: readonly string[]): Promise<string> => {
  const { host, out, err } = memoryHost({})
  await runCommandLine(host, [...args])
  return out() + err()
}

describe('a response to an account full of secrets', () => {
  it('has met them: they were redacted from console output, the instance’s answer and CloudTrail’s records', () => {
    const kept = ran.events.filter((event) => event.type === 'kept' || event.type === 'checkpoint')
    const names = new Set(kept.filter(({ ref }) => ref.redacted).map((one) => ('name' in one ? one.name : one.stage)))
    expect([...names]).toEqual(expect.arrayContaining(['console-output', 'instance-answer', 'trace-activity']))
    expect(shown()).toMatch(/console-output: \d+ secrets were redacted: .*passwords.*private key/)
  })

  it('writes none of them into any file', () => {
    const files = filesBelow(root)
    expect(files.length).toBeGreaterThan(8)
    const found = files.flatMap((file) => canariesIn(readFileSync(file, 'latin1')).map((secret) => `${file}: ${secret}`))
    expect(found).toEqual([])
  })

  it('shows none of them on any screen', () => {
    expect(canariesIn(shown())).toEqual([])
    expect(canariesIn(ran.written)).toEqual([])
  })

  it.each(['markdown', 'json'])('reports none of them: %s', async (format) => {
    const [incident = ''] = readdirSync(root)
    const text = await commandLine('report', incident, '--state-dir', root, '--format', format)
    expect(text).toMatch(/console-output: \d+ secrets were redacted/)
    expect(canariesIn(text)).toEqual([])
  })
})

describe('an investigation of log files full of secrets', () => {
  it.each([['--json'], ['--plain']])('shows none of them and caches none of them: %s', async (how) => {
    const folder = await makeTemporary()
    mkdirSync(join(folder, 'logs'))
    const Records = ran.built.account.trail.all().map(({ document }) => document())
    const text = JSON.stringify({ Records })
    expect(canariesIn(text).length).toBeGreaterThan(7)
    writeFileSync(join(folder, 'logs', '111122223333_CloudTrail_us-east-1_20261125T0000Z_x.json'), text)
    const { accessKeyId } = ran.built.cast.attacker
    const where = ['--logs', join(folder, 'logs'), '--cache', join(folder, 'cache')]
    for (const _ of ['read', 'cached']) {
      const output = await commandLine('investigate', '--access-key-id', accessKeyId, ...where, how)
      expect(canariesIn(output)).toEqual([])
      expect(output).toContain('[redacted:')
    }
    const files = filesBelow(join(folder, 'cache'))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) expect(canariesIn(readFileSync(file, 'latin1'))).toEqual([])
    await rm(folder, { recursive: true, force: true })
  })
})
