import { describe, expect, it } from 'vitest'
import { browseVolume } from '../../../src/terminal/volume/browser.ts'
import type { WindowTabs } from '../../../src/terminal/volume/browser-frame.ts'
import { ACTIVITY, browsing, row, window } from './browsing.ts'
import { HOUR, momentAfter, theftVolume, volumeOf } from './builders.ts'
import { FakeTerminal, KEY } from './fake-terminal.ts'

describe('browsing the volume', () => {
  it('begins at the spike, with its calls by IP address', async () => {
    const { screen } = await browsing({ size: { rows: 20 } })
    expect(screen().split('\n')).toEqual([
      ' calls an hour, UTC   ok █   failed ░   baseline ─   spike ▲',
      '                    ▲',
      '   500 ┤            ░░░',
      '       │            ███',
      '   250 ┤    ░░░     ███',
      '       │▃▃▃─███─────███─',
      '     0 └╵   ╵   ╵   ━━━━',
      '        22  23  00  01',
      '                2026-11-25',
      ' ◂ 2026-11-25 01:00:00Z – 02:00:00Z ▸',
      ' 478 calls: 381 ok, 97 failed   usually 41   spike of ok and failed calls',
      '',
      '[by IP address] by API  by access key ',
      ' 198.51.100.23  NL AS64496 Example Hosting  381 ok  97 failed  s3:ListObjects …',
      ' 10.0.1.11                                   44 ok   0 failed  s3:ListObjects …',
      ' 2 rows ↑↓   ←→ window   space range   + closer   tab table   q ends',
    ])
  })

  it('moves from bucket to bucket with the arrow keys, and stops at the ends', async () => {
    const { terminal, asked, screen } = await browsing()
    await terminal.press(KEY.left, KEY.left, KEY.left, KEY.left, KEY.right)
    expect(asked).toEqual([window(3, 4), window(2, 3), window(1, 2), window(0, 1), window(1, 2)])
    expect(screen()).toContain('◂ 2026-11-24 23:00:00Z – 2026-11-25 00:00:00Z ▸')
    expect(screen()).toContain('40 calls: 38 ok, 2 failed')
  })

  it('shows local time beside UTC, where it differs', async () => {
    const { screen } = await browsing({ zone: 'Asia/Kathmandu' })
    expect(screen()).toContain('◂ 2026-11-25 01:00:00Z – 02:00:00Z (07:45 here) ▸')
  })

  it.each([
    ['shift and an arrow', [KEY.shiftLeft, KEY.shiftLeft], window(1, 4)],
    ['space and arrows', [KEY.space, KEY.left, KEY.left], window(1, 4)],
    ['space again, which ends the range', [KEY.space, KEY.left, KEY.space, KEY.left], window(1, 2)],
    ['a for all', ['a'], window(0, 4)],
    [
      'shift and an arrow, back over the beginning',
      [KEY.home, KEY.right, KEY.shiftRight, KEY.shiftLeft, KEY.shiftLeft],
      window(0, 2),
    ],
    ['home and end', [KEY.home, KEY.end], window(3, 4)],
  ])('chooses a range by %s', async (_, keys, chosen) => {
    const { terminal, answer } = await browsing()
    await terminal.press(...keys, KEY.enter)
    expect(await answer).toEqual(chosen)
  })

  it('changes between the three tables with tab', async () => {
    const { terminal, screen } = await browsing()
    await terminal.press(KEY.tab)
    expect(screen()).toContain('[by API]')
    expect(screen()).toContain(' s3:ListObjects  210 ok   0 failed')
    expect(screen()).toContain(' s3:GetObject      1 ok  97 failed')
    await terminal.press(KEY.tab)
    expect(screen()).toContain('[by access key]')
    expect(screen()).toContain(' ASIAXCSEC6TNGZ6EZUUO  381 ok  97 failed  s3:ListObjects 210')
    await terminal.press(KEY.tab, KEY.shiftTab, KEY.shiftTab)
    expect(screen()).toContain('[by API]')
  })

  it('asks once for each window that is looked at', async () => {
    const { terminal, asked } = await browsing()
    await terminal.press(KEY.tab, KEY.down, KEY.up, KEY.tab)
    expect(asked).toHaveLength(1)
  })

  it('scrolls a long table to its last row and no further', async () => {
    const byIp = Array.from({ length: 100 }, (_, index) => row(`192.0.2.${index}`))
    const { terminal, screen } = await browsing({ activity: { ...ACTIVITY, byIp } })
    expect(screen()).toContain('100 rows')
    await terminal.press(KEY.down)
    expect(screen()).not.toContain(' 192.0.2.0 ')
    expect(screen()).toContain(' 192.0.2.1 ')
    await terminal.press(...Array(50).fill(KEY.pageDown))
    expect(screen()).toContain(' 192.0.2.99 ')
    await terminal.press(...Array(50).fill(KEY.pageUp), KEY.up)
    expect(screen()).toContain(' 192.0.2.0 ')
  })

  it('looks closer into a stretch of which neighbours share bars, and back', async () => {
    const { terminal, asked } = await browsing({ volume: volumeOf(Array(400).fill({ succeeded: 1 })) })
    expect(asked.at(-1)).toEqual({ from: momentAfter(2 * HOUR), until: momentAfter(8 * HOUR) })
    await terminal.press('+', KEY.left)
    expect(asked.at(-1)).toEqual(window(6, 7))
    await terminal.press('-')
    expect(asked.at(-1)).toEqual({ from: momentAfter(2 * HOUR), until: momentAfter(8 * HOUR) })
  })

  it('does not look closer where nothing happened', async () => {
    const { terminal, asked } = await browsing()
    await terminal.press(KEY.left, '+')
    expect(asked.at(-1)).toEqual(window(2, 3))
  })

  it('says when nobody called in the window', async () => {
    const { screen } = await browsing({ activity: { byIp: [], byService: [], byAccessKeyId: [] } })
    expect(screen()).toContain(' no calls   ')
  })
})

describe('the end', () => {
  it.each([
    ['Enter', KEY.enter],
    ['q', 'q'],
  ])('is %s: the window is given, the screen is clean, the terminal as it was', async (_, key) => {
    const { terminal, answer, screen } = await browsing()
    expect(terminal.input.raw).toBe(true)
    await terminal.press(key)
    expect(await answer).toEqual(window(3, 4))
    expect(screen()).toBe('')
    expect(terminal.input.raw).toBe(false)
    expect([terminal.input.listenerCount('keypress'), terminal.output.listenerCount('resize')]).toEqual([0, 0])
  })

  it('is Ctrl-C: the run is interrupted', async () => {
    const { terminal, answer, screen } = await browsing()
    await terminal.press(KEY.ctrlC)
    await expect(answer).rejects.toMatchObject({ name: 'Failure', kind: 'interrupted' })
    expect([screen(), terminal.input.raw]).toEqual(['', false])
  })

  it('comes when the run is interrupted', async () => {
    const { terminal, answer, screen } = await browsing()
    terminal.run.abort()
    await expect(answer).rejects.toMatchObject({ name: 'Failure', kind: 'interrupted' })
    expect([screen(), terminal.input.raw]).toEqual(['', false])
  })

  it.each(['Ctrl-D', 'the end of the input'])('is %s, and gives no window', async (how) => {
    const { terminal, answer, screen } = await browsing()
    if (how === 'Ctrl-D') await terminal.press(KEY.ctrlD)
    else terminal.input.end()
    expect(await answer).toBeUndefined()
    expect(screen()).toBe('')
  })

  it('comes when the activity cannot be told, with a clean screen', async () => {
    const terminal = new FakeTerminal()
    const activity = (): WindowTabs => {
      throw new Error('the records are gone')
    }
    await expect(browseVolume(terminal.promptStreams(), { volume: theftVolume(), activity })).rejects.toThrow(
      'the records are gone',
    )
    expect([terminal.screen(), terminal.input.raw]).toEqual(['', false])
  })

  it('is at once where there is nothing to browse, or no terminal', async () => {
    const terminal = new FakeTerminal()
    const activity = () => ACTIVITY
    expect(await browseVolume(terminal.promptStreams(), { volume: volumeOf([]), activity })).toBeUndefined()
    terminal.input.isTTY = false
    expect(await browseVolume(terminal.promptStreams(), { volume: theftVolume(), activity })).toBeUndefined()
    expect(terminal.writes).toEqual([])
  })
})
