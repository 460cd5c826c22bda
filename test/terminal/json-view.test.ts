import { describe, expect, it } from 'vitest'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Event } from '../../src/response/ports.ts'
import { jsonView } from '../../src/terminal/json-view.ts'
import { eventsHolding } from '../support/hostile-events.ts'
import { HOSTILE } from '../support/hostile-strings.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { ended, sampleEvents } from '../support/sample-events.ts'
import { at, revokeEffect } from '../support/sample-incident.ts'

const shown = (events: readonly Event[], options: Parameters<typeof memorySurface>[0] = {}) => {
  const memory = memorySurface(options)
  const view = jsonView(memory.surface)
  for (const event of events) view.hear(event)
  const lines = memory.out().split('\n').slice(0, -1)
  return { lines, shapes: lines.map((line): unknown => JSON.parse(line)), err: memory.err() }
}

describe('NDJSON', () => {
  it('is one event a line, each with its type, and nothing else on either stream', () => {
    const { shapes, err } = shown(sampleEvents())
    const spoken = sampleEvents().filter(
      (event) => event.type !== 'progress' && !(event.type === 'described' && event.blocks.length === 0),
    )
    expect(shapes.map((shape) => (shape as Event).type)).toEqual(spoken.map(({ type }) => type))
    expect(err).toBe('')
  })

  it('gives an assessed stage its status and effects', () => {
    const event: Event = { type: 'assessed', stage: 'revoke-sessions', status: 'needed', effects: [revokeEffect] }
    const { operation, resource, sentence, cost, undo } = revokeEffect
    expect(shown([event]).shapes).toEqual([
      { type: 'assessed', stage: 'revoke-sessions', status: 'needed', effects: [{ operation, resource, sentence, cost, undo }] },
    ])
  })

  it('ends with exactly the fields of the end', () => {
    const superfluous = { ...ended, at: at('02:31:40') }
    expect(shown([superfluous]).shapes).toEqual([ended])
    const { report: _, continueWith: __, ...least } = ended
    expect(shown([least]).shapes).toEqual([least])
  })

  it('spends no line on a stage that has nothing to say', () => {
    expect(shown([{ type: 'described', stage: 'find-finding', blocks: [] }]).lines).toEqual([])
  })

  it('tells a stage’s words in lines of text, complete and raw', () => {
    const told: Event = {
      type: 'described',
      stage: 'find-finding',
      blocks: [
        { type: 'text', line: ['agent ', untrusted(`\u001b[2J${'x'.repeat(300)}`)] },
        { type: 'fields', fields: [['seen', [{ at: at('01:12:40') }]]] },
        { type: 'table', head: ['API', 'calls'], rows: [[untrusted('a|b'), '3']] },
      ],
    }
    expect(shown([told]).shapes).toEqual([
      {
        type: 'described',
        stage: 'find-finding',
        lines: [`agent \u001b[2J${'x'.repeat(300)}`, 'seen: 2026-11-25T01:12:40Z', 'API: a|b; calls: 3'],
      },
    ])
  })

  it('flattens Untrusted in facts and messages', () => {
    const refused: Event = {
      type: 'sent',
      at: at('02:03:12'),
      stage: 'revoke-sessions',
      nonce: 'n',
      outcome: 'refused',
      code: 'AccessDenied',
      message: untrusted('no'),
    }
    expect(shown([refused]).shapes).toEqual([{ ...refused, message: 'no' }])
    const established = sampleEvents().find(({ type }) => type === 'established')
    expect(JSON.stringify(established && shown([established]).shapes)).toContain('"threatLists":["acme-bad-ips"]')
  })

  it('leaves calls and progress to those who ask for more', () => {
    const call: Event = { type: 'call', at: at('02:03:12'), service: 'iam', operation: 'GetRole', outcome: 'ok' }
    const progress: Event = { type: 'progress', stage: 'find-finding', text: 'looking' }
    expect(shown([call, progress]).shapes).toEqual([])
    expect(shown([call, progress], { verbose: true }).shapes).toEqual([call, progress])
  })

  it('shouts an alarm on the error stream as well', () => {
    expect(shown([{ type: 'alarm', text: 'gone\u001b[2J' }]).err).toBe('ALARM: gone\\u{1B}[2J\n')
  })

  it.each(Object.entries(HOSTILE))('is printable ASCII, and parses, with %s', (_, payload) => {
    const { lines, shapes } = shown(eventsHolding(payload), { verbose: true })
    expect(lines.filter((line) => !/^[ -~]+$/.test(line))).toEqual([])
    expect(shapes).toContainEqual({ type: 'note', text: payload })
    expect(shapes).toHaveLength(eventsHolding(payload).length)
  })
})
