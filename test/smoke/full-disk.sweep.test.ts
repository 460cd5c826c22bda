import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { argumentsOf, endedOf } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { journalIn, responseTo, UNATTENDED, withPlace } from '../support/place.ts'
import type { Ran } from '../support/run-bin.ts'
import { ranBin } from '../support/start-bin.ts'

const home = emptyHomes()

/** Starts ir-cred where no file can grow beyond so many blocks of 512 bytes. */
const limited = (blocks: number, args: readonly string[], env: Record<string, string>): Promise<Ran> =>
  new Promise((resolve) => {
    const words = ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, 'bin/ir-cred.js', ...args]
    const chainedSession = execFile('sh', words, { env, maxBuffer: 1e8 }, (_, stdout, stderr) => {
      resolve({ code: chainedSession.exitCode, stdout, stderr })
    })
  })

describe('a response whose journal cannot grow any more', { concurrent: true, skip: process.platform === 'win32' }, () => {
  it.each([30, 40])('(%i blocks) ends as blocked, counts what it has changed, and goes on when there is room', (blocks) =>
    withPlace(home, async (place) => {
      const stopped = await limited(blocks, responseTo(place), place.env)
      expect(stopped.code).toBe(5)
      expect(stopped.stderr).toContain('the file would exceed the size limit of this shell (EFBIG)')
      const { entries, incident } = await journalIn(place)
      const intended = entries.filter(({ type }) => type === 'intended').length
      expect(endedOf(stopped)).toMatchObject({ ending: 'blocked', exitCode: 5, incident, writes: intended })

      const { continueWith = '' } = endedOf(stopped)
      const ran = await ranBin([...argumentsOf(continueWith), ...UNATTENDED], { env: place.env })
      expect(ran.code).toBe(0)
      expect((await place.account.stop()).ended.writes).toBe(6)
    }),
  )
})
