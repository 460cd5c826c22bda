import { describe, expect, it } from 'vitest'
import type { StillToDo } from '../../src/incident/left-to-do.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Ended } from '../../src/response/ports.ts'
import { jsonView } from '../../src/terminal/json-view.ts'
import { plainView } from '../../src/terminal/plain-view.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { ended } from '../support/sample-events.ts'

const START = 'aws ec2 start-instances --instance-ids i-08faaaafb15777f5a --region us-east-1'
const stopped: StillToDo = { kind: 'stopped', sentence: 'i-08faaaafb15777f5a is STOPPED. Start it:', command: START }
const wayBack = (name: string): StillToDo => ({
  kind: 'way-back',
  sentence: ['left behind: user ', untrusted(name), '.'],
  command: `aws iam delete-user --user-name ${name}`,
})

const views = { terminal: terminalView, plain: plainView, json: jsonView }
const shownBy = (view: keyof typeof views, parts: Partial<Ended>, quiet = false): string => {
  const memory = memorySurface({ quiet })
  views[view](memory.surface).hear({ ...ended, ...parts })
  return memory.out()
}

describe.each(['terminal', 'plain'] as const)('the end on the %s screen', (view) => {
  it('has a section of what is still to do at its very end, with each command whole', () => {
    const out = shownBy(view, { exitCode: 4, stillToDo: [stopped] })
    const section = out.slice(out.indexOf('Still to do:'))
    expect(section).toContain('is STOPPED. Start it:')
    expect(section).toContain(START)
    expect(section).not.toMatch(/ended|report/)
  })

  it('has no such section where nothing is to do', () => {
    expect(shownBy(view, {})).not.toContain('Still to do')
  })

  it('has it with --quiet too', () => {
    expect(shownBy(view, { stillToDo: [stopped] }, true)).toContain(START)
  })

  it('shows five things that are left behind and counts the others, and cuts off nothing of what is stopped', () => {
    const out = shownBy(view, { stillToDo: [...Array.from({ length: 9 }, (_, index) => wayBack(`eve${index}`)), stopped] })
    expect(out).toContain('eve4')
    expect(out).not.toContain('eve5')
    expect(out).toContain('4 more things are left behind')
    expect(out).toContain(START)
  })

  it('does not repeat an alarm that stands above it', () => {
    const alarm = 'REVOCATION GONE'
    const out = shownBy(view, { alarms: [alarm], stillToDo: [{ kind: 'alarm', sentence: alarm }, stopped] })
    expect(out.split(alarm)).toHaveLength(2)
    expect(out).toContain('Answer the alarm above first.')
  })
})

describe('the last event', () => {
  it('has what is still to do as data, its texts whole and raw', () => {
    const { stillToDo } = JSON.parse(shownBy('json', { stillToDo: [wayBack('eve'), stopped] }))
    expect(stillToDo).toEqual([
      { kind: 'way-back', sentence: 'left behind: user eve.', command: 'aws iam delete-user --user-name eve' },
      { kind: 'stopped', sentence: stopped.sentence, command: START },
    ])
    expect(JSON.parse(shownBy('json', {}))).not.toHaveProperty('stillToDo')
  })
})
