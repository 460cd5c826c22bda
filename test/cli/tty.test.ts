import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { atItsTerminal } from '../../src/cli/tty.ts'
import { memoryHost } from '../support/host.ts'

const keyboard = Object.assign(new PassThrough(), { isTTY: true })

const hostWith = (terminal: { stdin?: boolean; stderr?: boolean }) => ({
  ...memoryHost({ terminal }).host,
  openTerminal: () => keyboard,
})

describe('a response to a finding that is piped in', () => {
  it('asks at the terminal that it has', () => {
    expect(atItsTerminal(hostWith({ stderr: true }), true, undefined).stdin).toBe(keyboard)
  })

  it.each([
    ['nothing was piped in', { stderr: true }, false, undefined],
    ['--no-input was given', { stderr: true }, true, false],
    ['nobody sits at the error stream', {}, true, undefined],
    ['the input is the terminal', { stdin: true, stderr: true }, true, undefined],
  ])('keeps its input where %s', (_, terminal, isPiped, input) => {
    const host = hostWith(terminal)
    expect(atItsTerminal(host, isPiped, input).stdin).toBe(host.stdin)
  })

  it('asks nobody where there is no terminal', () => {
    const host = { ...hostWith({ stderr: true }), openTerminal: () => undefined }
    expect(atItsTerminal(host, true, undefined)).toBe(host)
  })
})
