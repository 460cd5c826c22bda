import { describe, expect, it } from 'vitest'
import { descriptions } from '../../src/cli/incident-run/stages.ts'
import { compose } from '../../src/report/compose.ts'
import { markdown } from '../../src/report/markdown.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { plainView } from '../../src/terminal/plain-view.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
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
}

const xmlSafe = (text: string): string => text.replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')

const shown = ({ events }: MemoryRan): readonly string[] =>
  [plainView, terminalView].map((view) => {
    const { surface, out } = memorySurface()
    const listener = view(surface)
    for (const event of events) if (event.type !== 'progress') listener.hear(event)
    return out()
  })

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
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(ran.result.exitCode).toBe(0)
    for (const screen of shown(ran)) {
      expect(screen.split(MARK).length).toBeGreaterThan(6)
      expect(screen.split('\n').filter(isHostile)).toEqual([])
      expect(screen.split('\n').filter((line) => line.trim().startsWith('FAKE'))).toEqual([])
    }
    const report = markdown(compose(ran.journal, { head: 'a'.repeat(64), version: '0.0.0', descriptions }))
    expect(report).toContain(MARK)
    expect(report.split('\n').filter(isHostile)).toEqual([])
    expect(report).not.toMatch(/^(FAKE|# VERIFIED)/m)
  })
})
