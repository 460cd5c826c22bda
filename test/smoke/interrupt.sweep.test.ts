import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endedOf, IR_CRED } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { journalIn, type Place, responseTo, withPlace } from '../support/place.ts'
import { type StartedBin, startBin } from '../support/start-bin.ts'

const home = emptyHomes()
const inPlace = (work: (place: Place) => Promise<void>) => withPlace(home, work)
const respond = (place: Place): StartedBin => startBin(responseTo(place), { env: place.env })
const isLocked = async (place: Place): Promise<boolean> => existsSync(join(place.root, (await journalIn(place)).incident, 'lock'))

const isEvent =
  (type: string, stage?: string) =>
  (line: string): boolean => {
    const event = JSON.parse(line)
    return event.type === type && (stage === undefined || event.stage === stage)
  }

describe.concurrent('a response that is interrupted', () => {
  it.each<[signal: NodeJS.Signals, type: string, stage: string | undefined]>([
    ['SIGINT', 'opened', undefined],
    ['SIGINT', 'intended', 'revoke-sessions'],
    ['SIGINT', 'sent', 'preserve-evidence'],
    ['SIGINT', 'sent', 'restart-instance'],
    ['SIGTERM', 'entered', 'verify-rotation'],
    ['SIGHUP', 'established', 'scope-blast-radius'],
  ])(
    'a response interrupted by %s after %s %s ends with 130, the command to go on with, and a journal that opens',
    (signal, type, stage) =>
      inPlace(async (place) => {
        const run = respond(place)
        await run.line(isEvent(type, stage))
        run.kill(signal)
        const ran = await run.ended
        const { incident, entries, damage } = await journalIn(place)
        const next = `${IR_CRED} respond --incident ${incident}`
        expect({ code: ran.code, stderr: ran.stderr }).toEqual({
          code: 130,
          stderr: `\nir-cred: interrupted\nnext: ${next}\nexit 130\n`,
        })
        expect(endedOf(ran)).toMatchObject({ ending: 'interrupted', exitCode: 130, incident, continueWith: next })
        expect(damage).toBeUndefined()
        expect(entries.slice(-2).map((entry) => entry.type)).toEqual(['interrupted', 'ended'])
        // What had been begun was settled: no intent is left without its outcome.
        const nonces = (kind: string) =>
          entries.flatMap((entry) => (entry.type === kind && 'nonce' in entry ? [entry.nonce] : []))
        expect(nonces('sent')).toEqual(nonces('intended'))
        expect(await isLocked(place)).toBe(false)
      }),
  )
})
