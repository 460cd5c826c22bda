import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waitingFor } from '../../../src/cli/connection/waiting.ts'
import { outputRequestOf } from '../../../src/cli/options.ts'
import { sayWaiting } from '../../../src/cli/tty.ts'
import { memoryHost } from '../../support/host.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const toldAfter = async (milliseconds: number, options: { json?: boolean; quiet?: boolean } = {}): Promise<string> => {
  const { host, err } = memoryHost()
  let answer: (value: string) => void = () => {}
  const work = new Promise<string>((resolve) => {
    answer = resolve
  })
  const waited = waitingFor(work, 'asking STS', {
    signal: host.signal,
    say: sayWaiting(host, outputRequestOf(options)),
  })
  vi.advanceTimersByTime(milliseconds)
  answer('alice')
  expect(await waited).toBe('alice')
  vi.advanceTimersByTime(60_000)
  return err()
}

describe('a wait before the first screen', () => {
  it('is told after a second, once, and not to who answers at once', async () => {
    expect(await toldAfter(999)).toBe('')
    expect(await toldAfter(1000)).toBe('asking STS …\n')
  })

  it('is not told to programs, nor to somebody who wants quiet', async () => {
    expect(await toldAfter(5000, { json: true })).toBe('')
    expect(await toldAfter(5000, { quiet: true })).toBe('')
  })

  it('ends with what interrupted the run, also where the work goes on', async () => {
    const run = new AbortController()
    const reason = new Error('interrupted')
    const wait = () => waitingFor(new Promise(() => {}), 'asking STS', { signal: run.signal, say: () => {} })
    const waited = wait()
    run.abort(reason)
    await expect(waited).rejects.toBe(reason)
    await expect(wait()).rejects.toBe(reason)
  })
})
