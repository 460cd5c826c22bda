import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { replay } from '../../src/incident/incident.ts'
import { text } from '../../src/incident/values/block.ts'
import type { Event } from '../../src/response/ports.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
import { widthOf } from '../../src/terminal/width.ts'
import { eventsHolding } from '../support/hostile-events.ts'
import { controlsOf, HOSTILE, isColour, isHostile } from '../support/hostile-strings.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { ended, sampleEvents } from '../support/sample-events.ts'
import { at, journal, revokeEffect } from '../support/sample-incident.ts'

type Options = Parameters<typeof memorySurface>[0]

const shown = (events: readonly Event[], options: Options = {}) => {
  const memory = memorySurface(options)
  const view = terminalView(memory.surface)
  for (const event of events) view.hear(event)
  return { out: memory.out(), err: memory.err(), lines: memory.out().split('\n') }
}

describe('the walk-through', () => {
  const { lines, out } = shown(sampleEvents())

  it('says first where it takes place, and whether that is real', () => {
    expect(lines[0]).toBe('ir-cred  SIMULATED  account 111122223333  us-east-1')
    expect(lines[1]).toBe('you      assumed-role/ir-responder/alice, began 02:02:08Z')
  })

  it('numbers the stages, with what they found or their phase beside the name', () => {
    expect(out).toContain('\n 1 find-finding        found     Title of find-finding\n')
    expect(out).toContain('\n 4 revoke-sessions     contain   Title of revoke-sessions\n')
    expect(out).toContain('\n10 close-incident      found     Title of close-incident\n')
  })

  it('shows a change with its call, its resource, its price and its undo', () => {
    const effect = lines.slice(lines.findIndex((line) => line.includes('Every call')))
    expect(effect.slice(2, 7)).toEqual([
      '     will call  iam:PutRolePolicy',
      '     on         role/web-app AWSRevokeOlderSessions',
      '     costs      i-0aa1 and function resize-images lose access until they are',
      '                restarted or updated',
      '     undo       possible, safe from 14:04Z on',
    ])
  })

  it('dates what happens, and calls an unknown outcome unknown', () => {
    expect(out).toContain('     02:03:12Z   intent written: iam:PutRolePolicy')
    expect(out).toContain('     02:03:12Z   accepted by IAM (request 6f1c0000…)')
    expect(out).toContain('     02:03:52Z   no answer from EC2, unknown until it is read back')
    expect(out).toContain('     02:03:23Z   revoke-sessions checked again: ')
  })

  it('gives the attacker a voice', () => {
    expect(out).toContain('     attacker  02:03:09Z  s3:ListBuckets         ok\n')
    expect(out).toContain('     attacker  02:03:19Z  s3:GetObject           refused, explicit deny\n')
  })

  it('ends with what became of the incident, what is unproven, the report and the next command', () => {
    const end = out.slice(out.indexOf('The end of this run'))
    expect(end).toContain(' revoked    stored, read back 02:03:13Z, 50 min 33 s after first use')
    expect(end).toContain(' rotated    ASIAXCSEC6TNGZ6EZUUO → ASIAXCSEC6TNNEWKEYQ7, reported by the\n')
    expect(end).toContain(' attacker   last success 02:03:09Z, first refusal 02:03:19Z, 14 calls')
    expect(end).toContain(' unproven   nothing after 02:26Z is in CloudTrail yet')
    expect(end).toContain(' ended      finished, 2 changes made, exit 0')
    expect(end).toContain(' report     /state/web-app-1125-7f3a/report.md')
    expect(end).toContain(' next       ir-cred report web-app-1125-7f3a')
  })
})

describe('what is there to be copied', () => {
  const path = `/home/responder/.local/state/${'ir-cred/'.repeat(8)}report.md`
  const command = `ir-cred respond 1ab92989eaf0e742df4a014d5c0a9d42 --endpoint-url http://127.0.0.1:4599 --state-dir '/srv/in cidents'`

  it.each([40, 60, 80, 140])('stands whole on one line of %i columns, however wide', (columns) => {
    const { lines } = shown([{ ...ended, report: path, continueWith: command }], { columns })
    for (const whole of [path, command]) expect(lines.some((line) => line.trimStart().endsWith(whole))).toBe(true)
  })
})

describe('the screen', () => {
  it.each([20, 40, 80, 200])('lines keep to a screen of %i columns, from 40 to 120', (columns) => {
    const { lines } = shown(sampleEvents(), { columns })
    const toCopy = /arn:aws|\/state\/|^ +ir-cred /
    expect(Math.max(...lines.filter((line) => !toCopy.test(line)).map(widthOf))).toBeLessThanOrEqual(
      Math.min(120, Math.max(40, columns)),
    )
  })

  it('carries the same words with colour as without', () => {
    const plain = shown(sampleEvents())
    const coloured = shown(sampleEvents(), { colour: true })
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out)
    expect(controlsOf(coloured.out).every(isColour)).toBe(true)
    expect(controlsOf(plain.out)).toEqual([])
  })

  it('shows local time beside UTC where a zone differs', () => {
    expect(shown(sampleEvents(), { zone: 'Europe/Berlin' }).out).toContain(
      'Sessions issued before 02:03:41Z (03:03 here) are denied.',
    )
  })

  it('outlives a time zone that nobody knows', () => {
    expect(shown(sampleEvents(), { zone: ':/etc/localtime' }).out).toBe(shown(sampleEvents()).out)
  })

  it('shows what passes by on one line of the error stream, and wipes it before anything else is said', () => {
    const memory = memorySurface()
    const view = terminalView(memory.surface)
    view.hear({ type: 'progress', stage: 'restart-instance', text: `is stopping, ${'x'.repeat(200)}` })
    const shown = memory.err()
    expect(shown.startsWith('\r\u001b[2K   is stopping, xx')).toBe(true)
    expect(shown).not.toContain('\n')
    expect(widthOf(shown.replace('\r', ''))).toBeLessThan(80)
    view.hear({ type: 'note', text: 'stopped' })
    expect(memory.err()).toBe(`${shown}\r\u001b[2K`)
    view.clear()
    expect(memory.err()).toBe(`${shown}\r\u001b[2K`)
  })

  it('is wiped before a question is asked on it', () => {
    const memory = memorySurface()
    const view = terminalView(memory.surface)
    view.hear({ type: 'progress', stage: 'find-finding', text: 'looking' })
    view.clear()
    expect(memory.err().endsWith('\r\u001b[2K')).toBe(true)
  })
})

describe('the telling', () => {
  const stage = 'revoke-sessions'
  const arrival: readonly Event[] = [{ type: 'entered', stage, title: 'Revoke', phase: 'contain', number: 4, of: 10 }]
  const needed: Event = { type: 'assessed', stage, status: 'needed', effects: [revokeEffect] }

  it('shows a change once, though it is assessed again until it is seen', () => {
    const { out } = shown([...arrival, needed, needed, needed])
    expect(out.split('will call').length - 1).toBe(1)
  })

  it('leaves change and acknowledgement to a responder that shows them with its question', () => {
    const described: Event = { type: 'described', stage: 'revoke-sessions', blocks: [text('It hits all.')] }
    const asked = shown([...arrival, needed, { ...described, withQuestion: true }]).out
    expect(asked).toContain('4 revoke-sessions')
    expect(asked).not.toMatch(/will call|It hits all/)
    const told = shown([...arrival, needed, described]).out
    expect(told).toMatch(/will call[\s\S]*It hits all/)
  })

  it('says would, not will, in a dry run', () => {
    const { out } = shown([...arrival, { ...needed, assumed: true }])
    expect(out).toContain('would call')
    expect(out).not.toContain('will call')
  })

  it('names a stage of which nothing is known before the next one begins', () => {
    const next: Event = { type: 'entered', stage: 'preserve-evidence', title: 'Preserve', phase: 'contain', number: 5, of: 10 }
    expect(shown([...arrival, next]).out).toContain('4 revoke-sessions')
  })

  it('shouts a revocation that no longer stands', () => {
    const { out } = shown([
      { type: 'rechecked', at: at('02:04:13'), stage, stands: false, says: 'gone' },
      { type: 'alarm', text: 'the deny was removed' },
    ])
    expect(out).toContain('NOT IN PLACE: gone')
    expect(out).toContain('!! ALARM: the deny was removed')
  })

  it('shows calls and kept evidence only when it is verbose', () => {
    const call: Event = { type: 'call', at: at('02:03:12'), service: 'iam', operation: 'GetRole', outcome: 'ok' }
    expect(shown([call]).out).toBe('')
    expect(shown([call], { verbose: true }).out).toContain('called iam GetRole: ok')
    expect(shown(sampleEvents()).out).not.toContain('kept as evidence')
    expect(shown(sampleEvents(), { verbose: true }).out).toContain('kept as evidence: finding, 2048 bytes, SHA-256 a1a1a1a1…')
  })

  it('keeps alarms, refusals and the end when it is quiet, and nothing else', () => {
    const blocked: Event = { type: 'blocked', at: at('02:03:12'), stage, why: 'own role', remedy: 'use another' }
    const { out, err } = shown([...sampleEvents(), { type: 'alarm', text: 'gone' }, blocked], { quiet: true })
    expect(out).not.toContain('will call')
    expect(err).toBe('')
    expect(out).toContain('!! ALARM: gone')
    expect(out).toContain('blocked: own role')
    expect(out).toContain('ended      finished')
  })

  it('says at the end what was left open: a change that was declined, or a choice that nobody made', () => {
    const stopped = { ...ended, ending: 'declined', exitCode: 3 } as const
    const declined: Event = { type: 'declined', at: at('02:03:12'), stage, why: 'not tonight' }
    expect(shown([...arrival, declined, stopped]).out).toContain('stopped because a change was declined')
    const { out } = shown([...arrival, stopped])
    expect(out).toMatch(/stopped because a choice was needed, and\s+none was made/)
    expect(out).not.toContain('a change was declined')
  })

  it('speaks at the end only of what this run saw, not of what an earlier one established', () => {
    const { out } = shown([{ type: 'resumed', at: at('03:00:00'), responderArn: 'arn:aws:sts::1:assumed-role/ir/bob' }, ended], {
      known: replay(journal),
    })
    expect(out).toContain('incident web-app-1125-7f3a resumed 03:00:00Z')
    expect(out).not.toContain(' revoked    stored')
  })
})

describe.each(Object.entries(HOSTILE))('hostile text in every field of every event: %s', (_, payload) => {
  it('reaches the terminal as letters only', () => {
    const { out, err } = shown(eventsHolding(payload), { verbose: true })
    expect(out.split('\n').filter(isHostile)).toEqual([])
    expect(err.split('\r\u001b[2K').filter((text) => isHostile(text) || text.includes('\n'))).toEqual([])
    expect(out).not.toMatch(/^\s*FAKE/m)
  })

  it('adds no control sequence to those of the colours', () => {
    const { out } = shown(eventsHolding(payload), { verbose: true, colour: true })
    expect(controlsOf(out).filter((control) => !isColour(control))).toEqual([])
  })
})
