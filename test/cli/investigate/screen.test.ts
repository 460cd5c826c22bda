import { expect, it } from 'vitest'
import { showInvestigation } from '../../../src/cli/investigate/screen.ts'
import { outputRequestOf } from '../../../src/cli/options.ts'
import { terminalOf } from '../../../src/cli/tty.ts'
import { investigationOf } from '../../investigation/activity-builder.ts'
import { documentOf } from '../../investigation/records.ts'
import { memoryHost } from '../../support/host.ts'
import { FakeTerminal, KEY, settled } from '../../terminal/volume/fake-terminal.ts'

it('the window that is browsed has local time beside it, as the sections have', async () => {
  const terminal = new FakeTerminal()
  const { host, out } = memoryHost({ env: { TZ: 'Europe/Berlin', NO_COLOR: '1' }, terminal: { stdout: true }, columns: 80 })
  const found = await investigationOf([documentOf({ eventTime: '2026-11-25T02:07:30Z' })])
  const seated = { ...host, stdin: terminal.input, stderr: Object.assign(terminal.output, { isTTY: true }) }
  const plain = outputRequestOf({})
  const shown = showInvestigation(terminalOf(seated as typeof host, plain, undefined), found, { sections: [], members: {} })
  await settled()
  expect(terminal.screen()).toContain('1 call: 1 ok, 0 failed')
  expect(out()).toContain('first seen  2026-11-25 02:07:30Z (03:07 here)')
  expect(terminal.screen()).toContain('◂ 2026-11-25 02:07:00Z – 02:08:00Z (03:08 here) ▸')
  await terminal.press(KEY.enter)
  await shown
})
