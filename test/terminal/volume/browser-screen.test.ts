import { describe, expect, it } from 'vitest'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { widthOf } from '../../../src/terminal/width.ts'
import { controlsOf, HOSTILE, isColour, isHostile } from '../../support/hostile-strings.ts'
import { ACTIVITY, browsing, row, window } from './browsing.ts'
import { HOUR, momentAfter, volumeOf } from './builders.ts'
import { KEY } from './fake-terminal.ts'

describe('the screen', () => {
  it('is written to once at first, and once for keys that arrive together', async () => {
    const { terminal, asked } = await browsing()
    expect(terminal.writes).toHaveLength(1)
    await terminal.press(KEY.left + KEY.left + KEY.left)
    expect(terminal.writes).toHaveLength(2)
    expect(asked).toEqual([window(3, 4), window(0, 1)])
  })

  it('is not written to when nothing changed, and gets only the lines that did', async () => {
    const { terminal } = await browsing()
    await terminal.press('x', KEY.up)
    expect(terminal.writes).toHaveLength(1)
    await terminal.press(KEY.left)
    expect(terminal.writes[1]).not.toContain('198.51.100.23')
    expect(terminal.writes[1]).toContain('2026-11-25 00:00:00Z')
  })

  it.each([
    [40, 24],
    [40, 12],
    [80, 5],
    [80, 2],
    [30, 24],
    [200, 60],
  ])('a screen of %i columns and %i lines is kept to', async (columns, rows) => {
    const { terminal, screen } = await browsing({ size: { columns, rows } })
    const lines = screen().split('\n')
    expect(lines.length).toBeLessThan(rows)
    expect(Math.max(...lines.map(widthOf))).toBeLessThan(columns)
    await terminal.press(KEY.left, KEY.tab, KEY.space, KEY.pageDown, KEY.enter)
    expect(screen()).toBe('')
  })

  it('shows whole addresses on 40 columns', async () => {
    const address = '2001:db8:1111:2222:3333:4444:5555:6666'
    const { screen } = await browsing({ size: { columns: 40, rows: 30 }, activity: { ...ACTIVITY, byIp: [row(address)] } })
    expect(screen()).toContain(`\n${address}\n   381 ok  97 failed  s3:ListObjects`)
  })

  it.each([
    [40, 30],
    [120, 40],
    [79, 24],
  ])('is drawn anew when it gets %i columns and %i lines', async (columns, rows) => {
    const { terminal, screen } = await browsing()
    await terminal.resize(columns, rows)
    const fresh = await browsing({ size: { columns, rows } })
    expect(screen()).toBe(fresh.screen())
    await terminal.press('q')
    expect(screen()).toBe('')
  })

  it('is whole again when it gets lower, below what has scrolled away', async () => {
    const { terminal, screen } = await browsing()
    await terminal.resize(80, 10)
    const fresh = await browsing({ size: { rows: 10 } })
    expect(screen().endsWith(`\n${fresh.screen()}`)).toBe(true)
    await terminal.press(KEY.left)
    await fresh.terminal.press(KEY.left)
    expect(screen().endsWith(`\n${fresh.screen()}`)).toBe(true)
  })

  it('keeps what was chosen when it is resized', async () => {
    const { terminal, answer } = await browsing({ volume: volumeOf(Array(400).fill({ succeeded: 1 })), size: { columns: 200 } })
    await terminal.press(KEY.home, KEY.right, KEY.right)
    await terminal.resize(60, 24)
    await terminal.press(KEY.enter)
    const chosen = await answer
    expect(chosen && Date.parse(chosen.from) <= Date.parse(momentAfter(8 * HOUR))).toBe(true)
    expect(chosen && Date.parse(chosen.until) > Date.parse(momentAfter(8 * HOUR))).toBe(true)
  })

  it('is drawn without any colour where none is wanted, and the same with it', async () => {
    const plain = await browsing()
    const coloured = await browsing({ colour: true })
    expect(plain.terminal.writes.join('')).not.toMatch(/\[\d+m/)
    expect(coloured.terminal.writes.join('')).toMatch(/\[\d+m/)
    expect(coloured.screen()).toBe(plain.screen())
  })

  it('hides no cursor and takes no second screen: only relative moves and erasing', async () => {
    const { terminal } = await browsing({ colour: true })
    await terminal.press(KEY.left, KEY.tab, 'q')
    const controls = controlsOf(terminal.writes.join(''))
    expect(controls.filter((control) => !isColour(control) && !/^(?:\r|.\[(?:\d+A|K|J))$/.test(control))).toEqual([])
  })

  it.each(Object.entries(HOSTILE))('shows %s escaped, wherever it stands', async (_, text) => {
    const apis = [{ service: text, api: text, succeeded: 1, failed: 0 }]
    const hostile = row(text, { where: untrusted(text), apis })
    const { terminal, screen } = await browsing({
      size: { columns: 200 },
      activity: { byIp: [hostile], byService: [hostile], byAccessKeyId: [hostile] },
    })
    for (const key of [KEY.tab, KEY.tab]) {
      expect(isHostile(screen())).toBe(false)
      await terminal.press(key)
    }
    const controls = controlsOf(terminal.writes.join(''))
    expect(controls.filter((control) => !/^(?:\r|.\[(?:\d+A|K|J))$/.test(control))).toEqual([])
  })
})
