import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Witness } from '../../../src/incident/facts.ts'
import { type Instant, plus } from '../../../src/incident/instant.ts'
import type { Answer } from '../../../src/stages/verify-rotation/script.ts'
import { judge, type Testimony } from '../../../src/stages/verify-rotation/verdict.ts'
import { NOON } from '../../support/aws-edge.ts'
import { CUTOFF, NEW_KEY, restartedIncident, STARTED } from '../../support/rotation.ts'

const answer = {
  wellFormed: true,
  roleName: 'web-app',
  accessKeyId: NEW_KEY,
  lastUpdated: plus(STARTED, 5),
  expiration: plus(NOON, 6 * 3_600),
} as const

const agent: Witness = { kind: 'agent', at: NOON, says: 'heard' }

const verdictOn = (parts: Partial<Answer & { wellFormed: true }> = {}, testimony: Partial<Testimony> = {}) =>
  judge({ incident: restartedIncident(), answer: { ...answer, ...parts }, witnesses: [agent], now: NOON, ...testimony })

const [stolen, sibling] = ['ASIAXCSEC6TNGZ6EZUUO', 'ASIAXCSEC6TN3WQJ5KVD']

const startedAt = (launchTime: Instant) =>
  restartedIncident({}, { restart: { instanceId: 'i-08faaaafb15777f5a', previousLaunchTime: CUTOFF, launchTime } })

describe('the verdict', () => {
  it('is rotated with a new key, after a restart after the cut-off, and a witness', () => {
    expect(verdictOn()).toEqual({
      verdict: 'rotated',
      why: 'another key, after a restart after the cut-off, and a witness that is not the instance',
      oldAccessKeyId: stolen,
      newAccessKeyId: NEW_KEY,
      lastUpdated: answer.lastUpdated,
      expiration: answer.expiration,
      witnesses: [agent],
    })
  })

  it('is unproven without a witness: a different key alone proves nothing', () => {
    expect(verdictOn({}, { witnesses: [] }).verdict).toBe('rotated-unproven')
  })

  it.each<[string, Partial<Answer & { wellFormed: true }>, Partial<Testimony>, RegExp]>([
    ['the stolen key is there still', { accessKeyId: stolen }, {}, /still has the stolen key/],
    ['a key of before the restart is there', { accessKeyId: sibling }, {}, /issued to it before the restart/],
    ['it was started before the cut-off', {}, { incident: startedAt(plus(CUTOFF, -1)) }, /started before the cut-off/],
    ['it was started at the cut-off', {}, { incident: startedAt(CUTOFF) }, /started before the cut-off/],
    ['its credentials are older than the cut-off', { lastUpdated: plus(CUTOFF, -1) }, {}, /last updated before the cut-off/],
  ])('is not rotated when %s, whoever says otherwise', (_, parts, testimony, why) => {
    expect(verdictOn(parts, testimony)).toMatchObject({ verdict: 'not-rotated', why: expect.stringMatching(why) })
  })

  it.each<[string, Partial<Answer & { wellFormed: true }>, RegExp]>([
    ['the instance has another role', { roleName: 'admin' }, /now has role admin, not web-app/],
    ['the key has expired', { expiration: plus(NOON, -1) }, /has expired already/],
    ['it was last updated on a day that does not exist', { lastUpdated: '2026-02-30T00:00:00Z' }, /do not exist/],
    ['it expires on a day that does not exist', { expiration: '2026-02-30T00:00:00Z' }, /do not exist/],
  ])('is unverifiable when %s', (_, parts, why) => {
    expect(verdictOn(parts)).toMatchObject({ verdict: 'unverifiable', why: expect.stringMatching(why) })
  })

  it('is unverifiable without a well-formed answer, and then no witness counts', () => {
    const verdict = judge({
      incident: restartedIncident(),
      answer: { wellFormed: false, why: 'the command ended as Failed' },
      witnesses: [agent],
      now: NOON,
    })
    expect(verdict).toEqual({
      verdict: 'unverifiable',
      why: 'the command ended as Failed',
      oldAccessKeyId: stolen,
      witnesses: [],
    })
  })

  it('is never rotated on the instance’s word alone, nor with an old key, whatever the times are', () => {
    const times = fc.integer({ min: -90_000, max: 90_000 }).map((seconds) => plus(NOON, seconds))
    const parts = fc.record({ accessKeyId: fc.constantFrom(NEW_KEY, stolen, sibling), lastUpdated: times, expiration: times })
    const witnesses = fc.constantFrom<readonly Witness[]>([], [agent])
    fc.assert(
      fc.property(parts, witnesses, (said, heard) => {
        const { verdict } = verdictOn(said, { witnesses: heard })
        if (verdict === 'rotated') expect([said.accessKeyId, heard.length]).toEqual([NEW_KEY, 1])
        if (said.accessKeyId !== NEW_KEY) expect(verdict).toBe('not-rotated')
      }),
    )
  })
})
