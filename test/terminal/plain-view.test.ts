import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/response/ports.ts'
import { plainView } from '../../src/terminal/plain-view.ts'
import { terminalView } from '../../src/terminal/terminal-view.ts'
import { eventsHolding } from '../support/hostile-events.ts'
import { controlsOf, HOSTILE, isHostile } from '../support/hostile-strings.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { sampleEvents } from '../support/sample-events.ts'

const shown = (events: readonly Event[], options: Parameters<typeof memorySurface>[0] = {}) => {
  const memory = memorySurface(options)
  const view = plainView(memory.surface)
  for (const event of events) view.hear(event)
  return { out: memory.out(), err: memory.err() }
}

/** Every word of a text, in order, whatever stands between them. */
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}:.-]*/gu) ?? []

describe('the plain view', () => {
  const { out } = shown(sampleEvents())

  it('says each thing on one line', () => {
    expect(out).toContain('\n     costs: i-0aa1 and function resize-images lose access until they are restarted or updated\n')
    expect(out).toContain('\n     02:03:12Z accepted by IAM (request 6f1c0000…)\n')
    expect(out).toContain('\n     attacker  02:03:19Z  s3:GetObject           refused, explicit deny\n')
    expect(out).not.toContain('\n\n')
  })

  it('says what the terminal says', () => {
    const memory = memorySurface({ columns: 120 })
    const view = terminalView(memory.surface)
    for (const event of sampleEvents()) view.hear(event)
    const loose = (text: string): string[] => wordsOf(text).map((word) => word.replace(/:$/, ''))
    expect(loose(out)).toEqual(loose(memory.out()))
  })

  it('is the same at every width, and holds no control sequence', () => {
    expect(shown(sampleEvents(), { columns: 20 }).out).toBe(out)
    expect(shown(sampleEvents(), { columns: 200, colour: true }).out).toBe(out)
    expect(controlsOf(out)).toEqual([])
  })

  it('says what it waits for once a state, on the error stream', () => {
    const waiting = (text: string): Event => ({ type: 'progress', stage: 'restart-instance', text })
    const { err } = shown([waiting('stopping, 1 s'), waiting('stopping, 6 s'), waiting('stopped, 9 s')])
    expect(err).toBe('restart-instance: stopping, 1 s\nrestart-instance: stopped, 9 s\n')
    expect(shown([waiting('stopping, 1 s')], { quiet: true }).err).toBe('')
  })

  it.each(Object.entries(HOSTILE))('lets no hostile text through: %s', (_, payload) => {
    const { out: printed, err } = shown(eventsHolding(payload), { verbose: true })
    expect(`${printed}${err}`.split('\n').filter(isHostile)).toEqual([])
    expect(printed).not.toMatch(/^\s*FAKE/m)
  })
})
