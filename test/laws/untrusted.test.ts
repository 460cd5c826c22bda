import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { descriptions } from '../../src/cli/incident-run/stages.ts'
import { compose } from '../../src/report/compose.ts'
import { markdown } from '../../src/report/markdown.ts'
import type { ApprovalQuestion, Event, Listener, Responder } from '../../src/response/ports.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { jsonView } from '../../src/terminal/json-view.ts'
import { plainResponder } from '../../src/terminal/plain-responder.ts'
import { plainView } from '../../src/terminal/plain-view.ts'
import { questionScreen } from '../../src/terminal/question-screen.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
import { makeTheme } from '../../src/terminal/theme.ts'
import { HOSTILE, isHostile } from '../support/hostile-strings.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { mainOf, subjectInstanceOf } from '../support/scenario.ts'
import { buildQuick } from './whole-run.ts'

const MARK = 'XHOSTILEX'

type Members = Record<string, unknown>
const membersOf = (value: unknown): Members => value as Members

/** Puts a string wherever an attacker, or whoever owns a name, could have put it. `inXml`: the part of it that XML can carry. */
const plant = (built: BuiltScenario, payload: string, inXml: string): void => {
  const { account, cast } = built
  const finding = mainOf(built)
  const service = membersOf(finding.Service)
  const call = membersOf(membersOf(service.Action).AwsApiCallAction)
  const remote = membersOf(call.RemoteIpDetails)
  Object.assign(call, { UserAgent: payload })
  Object.assign(remote, {
    City: { CityName: payload },
    Organization: { Asn: '64500', AsnOrg: payload, Isp: payload, Org: payload },
  })
  Object.assign(service, { Evidence: { ThreatIntelligenceDetails: [{ ThreatListName: payload, ThreatNames: [payload] }] } })
  Object.assign(subjectInstanceOf(built).tags, { Name: inXml })
  for (const neighbour of account.instances.values()) Object.assign(neighbour.tags, { Name: inXml })
  const role = account.roles.get('web-app')
  if (role) Object.assign(role, { description: inXml, tags: { terraform: inXml } })
  recordEvent(account, {
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    readOnly: true,
    sourceIp: payload,
    userAgent: payload,
    credential: cast.attacker,
    at: account.clock.now() - 1_200_000,
  })
  // Only the document of this one call: IAM itself takes no such names.
  recordEvent(account, {
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    readOnly: false,
    sourceIp: '198.51.100.7',
    userAgent: payload,
    credential: cast.attacker,
    requestParameters: { userName: payload, path: payload, tags: [{ key: payload, value: payload }] },
    at: account.clock.now() - 1_100_000,
  })
}

const xmlSafe = (text: string): string => text.replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')

const through = (view: (surface: ReturnType<typeof memorySurface>['surface']) => Listener, events: readonly Event[]): string => {
  const { surface, out } = memorySurface()
  const listener = view(surface)
  for (const event of events) if (event.type !== 'progress') listener.hear(event)
  return out()
}

const shown = ({ events }: MemoryRan): readonly string[] => [plainView, terminalView].map((view) => through(view, events))

/** The question as inquirer's prompt has it above itself, on a small screen and on a large one. */
const screensOf = (question: ApprovalQuestion): string =>
  [24, 400]
    .flatMap((rows) => questionScreen(question, { width: 80, indent: 3, viewpoint: {}, theme: makeTheme(false) }, rows))
    .join('\n')

/** Asks for all that can be asked for, then approves. What is on the screen meanwhile goes to `seen`. */
const curious = (seen: string[]): Responder => {
  const asking = async <T>(lines: readonly string[], put: (responder: Responder) => Promise<T>): Promise<T> => {
    const [input, output, waiting] = [new PassThrough(), new PassThrough(), [...lines]]
    output.on('data', (chunk) => {
      seen.push(String(chunk))
      if (/: $/.test(String(chunk))) input.write(`${waiting.shift() ?? ''}\n`)
    })
    return put(plainResponder({ input, output, signal: new AbortController().signal }))
  }
  return {
    approve: (question) => {
      seen.push(screensOf(question))
      return asking(['explain', 'calls', 'yes', question.typed ?? 'yes'], (responder) => responder.approve(question))
    },
    choose: (question) => asking(['1'], (responder) => responder.choose(question)),
  }
}

/** What stands on a screen and could not: control characters, and lines that imitate one of ours. */
const falseLines = (screen: string): readonly string[] =>
  screen.split('\n').filter((line) => isHostile(line) || /^\s*FAKE/.test(line))

const groups = Object.entries(HOSTILE).reduce<[string, string][]>((all, [name, text], index) => {
  const last = all.at(-1)
  if (index % 8 !== 0 && last) all.splice(-1, 1, [`${last[0]}, ${name}`, `${last[1]} ${text}`])
  else all.push([name, text])
  return all
}, [])

describe('a string that came from AWS is shown as text, and as nothing else', () => {
  it.each(groups)('%s', async (_, text) => {
    const payload = `${MARK} ${text}`
    const built = await buildQuick()
    plant(built, payload, xmlSafe(payload))
    const seen: string[] = []
    const ran = await runInMemory({ built, responder: curious(seen), proofWait: 0 })
    expect(ran.result.ending).toBe('completed')
    for (const screen of shown(ran)) {
      expect(screen.split(MARK).length).toBeGreaterThan(6)
      expect(falseLines(screen)).toEqual([])
    }
    expect(seen.join('')).toContain(MARK)
    expect(falseLines(seen.join(''))).toEqual([])
    for (const line of through(jsonView, ran.events).trimEnd().split('\n')) {
      expect(line).toMatch(/^[\x20-\x7e]+$/)
      expect(JSON.parse(line)).toHaveProperty('type')
    }
    const report = markdown(compose(ran.journal, { head: 'a'.repeat(64), version: '0.0.0', descriptions }))
    expect(report).toContain(MARK)
    expect(falseLines(report)).toEqual([])
    expect(report).not.toMatch(/^# VERIFIED/m)
  })
})
