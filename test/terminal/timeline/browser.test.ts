import { describe, expect, it, onTestFinished } from 'vitest'
import { browseLines, type LineList } from '../../../src/terminal/timeline/browser.ts'
import { FakeTerminal, KEY, settled } from '../volume/fake-terminal.ts'

const listOf = (count: number, title: string, open: LineList['open'] = () => undefined): LineList => ({
  ...{ count, title, open },
  line: (index) => `${title} line ${index}`,
})

const browsing = async (lines: LineList, size = { columns: 60, rows: 9 }) => {
  const terminal = new FakeTerminal(size)
  const answer = browseLines(terminal.promptStreams(), lines)
  answer.catch(() => undefined)
  onTestFinished(() => terminal.run.abort())
  await settled()
  return { terminal, answer }
}

describe('browsing lines', () => {
  it('shows as many as fit, and the keys', async () => {
    const { terminal } = await browsing(listOf(30, 'all'))
    expect(terminal.screen().split('\n')).toEqual([
      'all',
      '> all line 0',
      '  all line 1',
      '  all line 2',
      '  all line 3',
      '  all line 4',
      '',
      '1 of 30   ↑↓ move   enter opens   ← ends   q ends',
    ])
  })

  it('moves to the end and back, and stops there', async () => {
    const { terminal } = await browsing(listOf(30, 'all'))
    await terminal.press(KEY.end, KEY.down)
    expect(terminal.screen()).toContain('> all line 29')
    await terminal.press(KEY.home, KEY.up)
    expect(terminal.screen()).toContain('> all line 0')
  })

  it('opens a line, and comes back to where it was', async () => {
    const { terminal, answer } = await browsing(listOf(3, 'all', (index) => (index === 1 ? listOf(2, 'inner') : undefined)))
    await terminal.press(KEY.enter)
    expect(terminal.screen()).toContain('> all line 0')
    await terminal.press(KEY.down, KEY.enter)
    expect(terminal.screen()).toContain('> inner line 0')
    expect(terminal.screen()).toContain('← back')
    await terminal.press(KEY.left)
    expect(terminal.screen()).toContain('> all line 1')
    await terminal.press('q')
    expect(await answer).toBeUndefined()
    expect(terminal.screen()).toBe('')
  })

  it('keeps the chosen line on a screen that becomes smaller', async () => {
    const { terminal } = await browsing(listOf(30, 'all'))
    await terminal.press(KEY.end)
    await terminal.resize(60, 6)
    expect(terminal.screen()).toContain('> all line 29')
  })

  it('is not begun without a terminal', async () => {
    const terminal = new FakeTerminal()
    const streams = terminal.promptStreams()
    await browseLines({ ...streams, input: Object.assign(terminal.input, { isTTY: false }) }, listOf(1, 'all'))
    expect(terminal.screen()).toBe('')
  })
})
