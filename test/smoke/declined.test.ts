import { describe, expect, it } from 'vitest'
import { argumentsOf, endedOf, IR_CRED } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { incidentsIn, journalIn, withPlace } from '../support/place.ts'
import { ranBin } from '../support/start-bin.ts'

const home = emptyHomes()

describe.concurrent('a response without a terminal and without approvals', () => {
  it('declines, changes nothing, and prints the command that goes on, which does', () =>
    withPlace(home, async (place) => {
      const { account, wire, env } = place
      const { code, stdout, stderr } = await ranBin(['respond', account.findingId, '--endpoint-url', wire.endpoint], { env })
      expect(code).toBe(3)
      expect(stdout).toContain('ended: stopped because a change was declined, no change made, exit 3')
      expect(stderr).toMatch(/revoke-sessions was not approved: no terminal and no scripted answer\n → .*--yes.*\nexit 3\n$/)
      const [, next = ''] = /^ next: (.+)$/m.exec(stdout) ?? []
      expect(next).toBe(`${IR_CRED} respond --incident ${incidentsIn(place)[0]} --endpoint-url ${wire.endpoint}`)

      const ran = await ranBin([...argumentsOf(next), '--yes', '--json', '--proof-wait', '0s'], { env })
      expect(ran.code).toBe(0)
      expect(endedOf(ran)).toMatchObject({ ending: 'completed', writes: 6 })
      expect((await account.stop()).ended.writes).toBe(6)
    }))

  it('a response asked twice on the same finding goes on with the same incident', () =>
    withPlace(home, async (place) => {
      const { account, wire, env } = place
      for (const _ of [1, 2]) {
        const ran = await ranBin(['respond', account.findingId, '--no-input', '--json', '--endpoint-url', wire.endpoint], { env })
        expect(ran.code).toBe(3)
        expect(endedOf(ran)).toMatchObject({ ending: 'declined', writes: 0, incident: (await journalIn(place)).incident })
      }
      expect((await account.stop()).ended.writes).toBe(0)
    }))

  it('chooses no finding by itself, and lists them where it looked', () =>
    withPlace(home, async ({ account, wire, env }) => {
      const ran = await ranBin(['respond', '--no-input', '--json', '--endpoint-url', wire.endpoint], { env })
      expect(ran.code).toBe(3)
      const { continueWith = '' } = endedOf(ran)
      expect(continueWith).toBe(`${IR_CRED} findings --endpoint-url ${wire.endpoint}`)
      expect((await ranBin(argumentsOf(continueWith), { env })).stdout).toContain(account.findingId)
    }))

  it('a dry run looks at everything and leaves nothing, neither in AWS nor on the disk', () =>
    withPlace(home, async (place) => {
      const { account, wire, env } = place
      const ran = await ranBin(['respond', account.findingId, '--dry-run', '--json', '--endpoint-url', wire.endpoint], { env })
      expect(ran.code).toBe(0)
      expect(endedOf(ran)).toMatchObject({ ending: 'completed', writes: 0 })
      expect(incidentsIn(place)).toEqual([])
      expect((await account.stop()).ended.writes).toBe(0)
    }))
})
