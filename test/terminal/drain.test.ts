import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { drainKeys } from '../../src/terminal/asking.ts'

/** A stream that says it is a terminal, and remembers the modes it was put into. */
const keyboard = () => {
  const modes: boolean[] = []
  const stream = new PassThrough()
  return { modes, stream: Object.assign(stream, { isTTY: true, setRawMode: (mode: boolean) => modes.push(mode) }) }
}

describe('keys typed before a question', () => {
  it('are thrown away, and those typed after it are not', async () => {
    const { stream, modes } = keyboard()
    stream.write('web-app\ry\r')
    expect(await drainKeys(stream)).toBe(false)
    stream.write('no')
    expect(String(stream.read())).toBe('no')
    expect(modes).toEqual([true, false])
  })

  it('still interrupt when Ctrl-C is among them', async () => {
    const { stream } = keyboard()
    stream.write('y\u0003')
    expect(await drainKeys(stream)).toBe(true)
  })

  it('are left alone where the input is no terminal', async () => {
    const stream = new PassThrough()
    stream.write('yes\n')
    expect(await drainKeys(stream)).toBe(false)
    expect(String(stream.read())).toBe('yes\n')
  })
})
