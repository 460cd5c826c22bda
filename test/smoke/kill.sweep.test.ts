import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { describe, it, vi } from 'vitest'
import { emptyHomes } from '../support/homes.ts'
import { incidentsIn } from '../support/place.ts'
import { CHANGE_REQUESTS, killedAt } from './killed-response.ts'

/** A whole run has about 115 lines, and the 7th opens the journal. IR_CRED_KILL=everywhere kills after each, which takes minutes; 2/3 after the 2nd, 5th, 8th … */
const LINES = Array.from({ length: 116 }, (_, index) => index + 1)
const KILL = process.env.IR_CRED_KILL ?? '7/8'
const [offset = 0, every = 1] = KILL === 'everywhere' ? [] : KILL.split('/').map(Number)
const AFTER_LINES = LINES.filter((line) => line % every === offset % every)

/** Processes that run or wait on each processor, by what else the machine does. */
const LOAD = (loadavg()[0] ?? 0) / availableParallelism()

// Mostly they wait: for the account's time to pass. But all accounts live in this process, and one that gets no turn is silent: too many at
// once on a busy machine, and a command gives up after 12 seconds, as it should.
vi.setConfig({ maxConcurrency: Math.max(2, Math.round(8 / Math.max(1, LOAD))) })

const home = emptyHomes()

describe.concurrent('a response that is killed and gone on with ends as if nothing had happened, no change made twice', () => {
  it('a response killed before it has said anything ends the same', () =>
    killedAt(home, () => new Promise((resolve) => setTimeout(resolve, 150))))

  it.each(AFTER_LINES)('a response killed after line %i ends the same', (number) =>
    killedAt(home, (_, run) => run.line((_line, index) => index === number - 1).catch(() => undefined)),
  )

  it.each<[moment: string, journal: (whole: Buffer) => Buffer | undefined]>([
    ['before it made the journal', () => undefined],
    ['before it wrote the first line', () => Buffer.alloc(0)],
    ['in the middle of the first line', (whole) => whole.subarray(0, 40)],
    ['in the middle of the last line', (whole) => Buffer.concat([whole, Buffer.from('{"entry":{"at":"2026')])],
  ])('a response killed %s ends the same', (_, journal) =>
    killedAt(home, async (place, run) => {
      await run.line((line) => JSON.parse(line).type === 'opened')
      run.kill('SIGKILL')
      await run.ended
      const folder = join(place.root, incidentsIn(place)[0] ?? '')
      const path = join(folder, 'journal.ndjson')
      const left = journal(readFileSync(path))
      // The run may have gone on for a moment: without a first line there is no evidence yet.
      if (!left?.includes('\n')) rmSync(join(folder, 'evidence'), { recursive: true, force: true })
      if (left) writeFileSync(path, left)
      else rmSync(path)
    }),
  )

  it.each(CHANGE_REQUESTS)(
    'a response killed when AWS has made the change and the answer is still on its way ends the same: %s',
    (change) => killedAt(home, ({ wire }) => wire.keepAnswerTo(change)),
  )
})
