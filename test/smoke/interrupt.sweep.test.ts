import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { argumentsOf, endedOf, eventsOf, IR_CRED } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { incidentsIn, journalIn, type Place, responseTo, UNATTENDED, withPlace } from '../support/place.ts'
import { ranBin, type StartedBin, startBin } from '../support/start-bin.ts'

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
        const next = `${IR_CRED} respond --incident ${incident} --endpoint-url ${place.wire.endpoint}`
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

  it('goes on with the command that was printed', () =>
    inPlace(async (place) => {
      const run = respond(place)
      await run.line(isEvent('sent', 'revoke-sessions'))
      run.kill('SIGINT')
      const { continueWith = '' } = endedOf(await run.ended)
      const ran = await ranBin([...argumentsOf(continueWith), ...UNATTENDED], { env: place.env })
      expect(ran.code).toBe(0)
      expect(eventsOf(ran).map(({ type }) => type)).toContain('resumed')
      expect(endedOf(ran)).toMatchObject({ ending: 'completed' })
      expect((await place.account.stop()).ended.writes).toBe(6)
    }))

  it('does not wait for the answer to a call that only reads', () =>
    inPlace(async (place) => {
      const answered = place.wire.keepAnswerTo('Action=DescribeInstanceAttribute')
      const run = respond(place)
      await answered
      const begun = performance.now()
      run.kill('SIGINT')
      expect((await run.ended).code).toBe(130)
      expect(performance.now() - begun).toBeLessThan(3000)
      expect((await journalIn(place)).entries.at(-1)).toMatchObject({ type: 'ended', exitCode: 130 })
    }))

  it('a response interrupted before there is an incident asks for the same once more', () =>
    inPlace(async (place) => {
      const answered = place.wire.keepAnswerTo('Action=GetCallerIdentity')
      const run = respond(place)
      await answered
      run.kill('SIGINT')
      const ran = await run.ended
      expect(ran.code).toBe(130)
      const { findingId } = place.account
      expect(endedOf(ran)).toMatchObject({
        incident: '',
        writes: 0,
        continueWith: `${IR_CRED} respond ${findingId} --endpoint-url ${place.wire.endpoint}`,
      })
      expect(incidentsIn(place)).toEqual([])
    }))

  it('waits for the answer to a change that has left, and ends at once at the second signal', () =>
    inPlace(async (place) => {
      const answered = place.wire.keepAnswerTo('Action=PutRolePolicy')
      const run = respond(place)
      await answered
      run.kill('SIGINT')
      const meanwhile = new Promise((resolve) => setTimeout(resolve, 1000, 'still there'))
      expect(await Promise.race([run.ended, meanwhile])).toBe('still there')
      const begun = performance.now()
      run.kill('SIGINT')
      expect((await run.ended).code).toBe(130)
      expect(performance.now() - begun).toBeLessThan(3000)
      const { entries, damage } = await journalIn(place)
      expect(damage).toBeUndefined()
      expect(entries.at(-1)).toMatchObject({ type: 'intended', stage: 'revoke-sessions' })
    }))
})

describe.concurrent('an output that nobody takes', () => {
  it('| head: the run stops after the journal, says so, and lets go of the incident', () =>
    inPlace(async (place) => {
      const run = respond(place)
      await run.line(isEvent('opened'))
      run.closeStdout()
      const { code, stderr } = await run.ended
      const { incident, entries, damage } = await journalIn(place)
      const next = `${IR_CRED} respond --incident ${incident} --endpoint-url ${place.wire.endpoint}`
      expect({ code, stderr }).toEqual({
        code: 130,
        stderr: `\nir-cred: the output was closed\nnext: ${next}\nexit 130\n`,
      })
      expect(damage).toBeUndefined()
      expect(entries.at(-1)).toMatchObject({ type: 'ended', ending: 'interrupted', exitCode: 130 })
      expect(await isLocked(place)).toBe(false)
    }))

  it.skipIf(!existsSync('/dev/full')).each([[['--help']], [['policy']], [['drill', '--list']], [['drill', '--yes', '--json']]])(
    '%j into a full disk ends with 5 and says so',
    (args) => {
      const full = openSync('/dev/full', 'w')
      const env = { HOME: home(), PATH: process.env.PATH ?? '' }
      const { status, stderr } = spawnSync(process.execPath, ['bin/ir-cred.js', ...args], {
        env,
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      })
      closeSync(full)
      expect(stderr).toMatch(/ir-cred: the output cannot be written: the disk is full \(ENOSPC\)\n → .*\nexit 5\n$/)
      expect(status).toBe(5)
    },
  )

  it.each([['--help'], ['policy'], ['drill', '--list']])('%s ends without a word', async (...args) => {
    const run = startBin(args, { env: { HOME: home(), PATH: process.env.PATH ?? '' } })
    run.closeStdout()
    const { code, stderr } = await run.ended
    expect(stderr).not.toMatch(/bug|EPIPE|^ +at /m)
    expect([0, 130]).toContain(code)
  })
})

describe.concurrent('two runs on one incident', () => {
  it('the second one is refused, and names who holds it', () =>
    inPlace(async (place) => {
      const first = respond(place)
      const { incident } = JSON.parse(await first.line(isEvent('opened')))
      const second = await ranBin(['respond', '--incident', incident, '--endpoint-url', place.wire.endpoint, ...UNATTENDED], {
        env: place.env,
      })
      expect(second.code).toBe(5)
      expect(second.stderr).toContain(`end process ${first.pid} `)
      expect(endedOf(second)).toMatchObject({ ending: 'blocked', exitCode: 5, writes: 0 })
      first.kill('SIGINT')
      expect((await first.ended).code).toBe(130)
    }))
})

describe.concurrent('a simulated account', () => {
  it('tells a person what to type: what every client of AWS reads, in whichever version', async () => {
    const server = startBin(['simulate'], { env: { HOME: home(), PATH: process.env.PATH ?? '' } })
    await server.line((line) => line.startsWith('Ctrl-C stops it.'))
    server.kill('SIGINT')
    const { stdout } = await server.ended
    const set = [...stdout.matchAll(/ (AWS_\w+)=(\S+)/g)].map(([, name, value]) => [name, value])
    expect(Object.fromEntries(set)).toMatchObject({
      ...{ AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/), AWS_SECRET_ACCESS_KEY: expect.any(String) },
      AWS_SESSION_TOKEN: expect.any(String),
    })
    expect(stdout).toMatch(/^They are good for 11 min \d+ s of yours, then they expire\.$/m)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s with 130 and how many changes it took', async (signal) => {
    const server = startBin(['simulate', '--json'], { env: { HOME: home(), PATH: process.env.PATH ?? '' } })
    await server.line(() => true)
    server.kill(signal)
    const { code, stderr } = await server.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(JSON.parse(server.lines.at(-1) ?? '')).toEqual({ type: 'ended', ending: 'interrupted', exitCode: 130, writes: 0 })
  })
})
