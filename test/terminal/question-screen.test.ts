import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../../src/incident/entry.ts'
import { list, text, warning } from '../../src/incident/values/block.ts'
import type { ApprovalQuestion } from '../../src/response/ports.ts'
import { questionScreen } from '../../src/terminal/question-screen.ts'
import { makeTheme } from '../../src/terminal/theme.ts'

const setting = { width: 80, indent: 3, viewpoint: {}, theme: makeTheme(false) }

const stop: Effect = {
  operation: 'ec2:StopInstances',
  resource: 'instance/i-1',
  sentence: 'stop i-1',
  cost: 'the service is down',
}

const question = (parts: Partial<ApprovalQuestion> = {}): ApprovalQuestion => ({
  stage: 'restart-instance',
  title: 'Stop and start the instance',
  effects: [stop],
  acknowledgement: [],
  ...parts,
})

const screen = (parts: Partial<ApprovalQuestion>, rows = 24) => questionScreen(question(parts), setting, rows)

describe('the screen of a question', () => {
  it('shows the change and what it costs, and the key that shows the calls', () => {
    expect(screen({}).map((line) => line.trim())).toEqual([
      'stop i-1',
      'costs  the service is down',
      'press d for each API call with its parameters',
    ])
  })

  it('cuts a long list with a count, and says by which key all of it is shown', () => {
    const instances = Array.from({ length: 40 }, (_, index) => `i-${index}: stop and start it`)
    const lines = screen({ acknowledgement: [text('It hits:'), list(instances)] })
    expect(lines).toHaveLength(18)
    expect(lines.join('\n')).toMatch(/and 27 more lines: press d for all of it/)
  })

  it('shows warnings before everything else of the acknowledgement', () => {
    const lines = screen({ acknowledgement: [text('It is so.'), warning('It is dangerous.')] }).join('\n')
    expect(lines.indexOf('dangerous')).toBeLessThan(lines.indexOf('It is so.'))
  })

  it('leaves the prompt its place on 80 columns and 24 rows, whatever has to be acknowledged', () => {
    const line = fc.string({ maxLength: 200 }).map((words) => words.replace(/\s+/g, ' '))
    const block = fc.oneof(
      line.map((one) => text(one)),
      line.map((one) => warning(one)),
      fc.array(line, { maxLength: 60 }).map(list),
    )
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.integer({ min: 1, max: 2 }), (acknowledgement, changes) => {
        const lines = screen({ acknowledgement, effects: Array.from({ length: changes }, () => stop) })
        expect(lines.length).toBeLessThanOrEqual(24 - 6)
        expect(lines.join('\n')).toContain('stop i-1')
        expect(lines.join('\n')).toContain('costs  the service is down')
      }),
    )
  })
})
