import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { Facts } from '../../src/incident/facts/facts.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { changesOf, standingOf } from '../../src/report/claims.ts'
import { examinedLike, persistenceLike } from '../support/artefacts.ts'
import { at, journal, revokeEffect } from '../support/sample-incident.ts'

const stage = 'revoke-sessions'
const whole = journal.find((entry) => entry.type === 'established' && entry.fact.revocation) as Entry

const intended = (nonce = 'n'): Entry => ({ type: 'intended', at: at('02:00:00'), stage, nonce, effect: revokeEffect })
const accepted = (nonce = 'n'): Entry => ({ type: 'sent', at: at('02:00:01'), stage, nonce, outcome: 'accepted', requestId: 'r' })
const unknown: Entry = { type: 'sent', at: at('02:00:01'), stage, nonce: 'n', outcome: 'unknown', why: 'no answer' }
const refused: Entry = {
  type: 'sent',
  at: at('02:00:01'),
  stage,
  nonce: 'n',
  outcome: 'refused',
  code: 'AccessDenied',
  message: untrusted('no'),
}
const rechecked = (stands: boolean): Entry => ({ type: 'rechecked', at: at('02:09:00'), stage, stands, says: 'seen' })
const otherStage: Entry = { ...(whole as Entry & { type: 'established' }), stage: 'restart-instance' }

describe('the claim on a change', () => {
  it.each<[string, readonly Entry[], string]>([
    ['an intent alone is unknown', [intended()], 'attempted-unknown'],
    ['an accepted call alone is unknown', [intended(), accepted()], 'attempted-unknown'],
    ['a lost answer is unknown', [intended(), unknown], 'attempted-unknown'],
    ['a refused call failed', [intended(), refused], 'failed'],
    ['a refused call failed even where the fact was found afterwards', [intended(), refused, whole], 'failed'],
    ['a call read back is confirmed', [intended(), accepted(), whole], 'confirmed-by-readback'],
    ['a lost answer read back is confirmed', [intended(), unknown, whole], 'confirmed-by-readback'],
    ['what was established before it confirms nothing', [whole, intended(), accepted()], 'attempted-unknown'],
    ['what another stage established confirms nothing', [intended(), accepted(), otherStage], 'attempted-unknown'],
    ['a failed re-check takes the confirmation back', [intended(), accepted(), whole, rechecked(false)], 'incomplete'],
    ['the last re-check counts', [intended(), accepted(), whole, rechecked(false), rechecked(true)], 'confirmed-by-readback'],
  ])('%s', (_, entries, claim) => {
    expect(changesOf(entries).map((change) => change.claim)).toEqual([claim])
  })

  it('gives each sending of one nonce its own answer', () => {
    const changes = changesOf([intended(), refused, intended(), accepted(), whole])
    expect(changes.map(({ claim, sent }) => [claim, sent?.number])).toEqual([
      ['failed', 2],
      ['confirmed-by-readback', 4],
    ])
  })

  it('does not give an intent without an answer that of the next one', () => {
    expect(changesOf([intended(), intended(), accepted()]).map(({ sent }) => sent?.number)).toEqual([undefined, 3])
  })
})

const established = <F extends keyof Facts>(name: F, change: Partial<Facts[F]> = {}): Entry => {
  const entry = journal.find((one) => one.type === 'established' && one.fact[name] !== undefined)
  const fact = entry?.type === 'established' ? entry.fact[name] : undefined
  return { type: 'established', at: at('02:00:00'), stage, fact: { [name]: { ...fact, ...change } } } as Entry
}

const hunt = (artefacts: Facts['persistence']['artefacts']): Entry => established('persistence', persistenceLike({ artefacts }))

describe('the claim on a fact', () => {
  it.each<[string, readonly Entry[], keyof Facts, string]>([
    ['a finding from GuardDuty was read', [established('finding')], 'finding', 'confirmed-by-readback'],
    [
      'a finding from a file is the responder’s word',
      [established('finding', { source: 'file' })],
      'finding',
      'attested-by-human',
    ],
    ['CloudTrail corroborates a rotation', [established('rotation')], 'rotation', 'corroborated-by-CloudTrail'],
    ['the agent alone does not', [established('rotation', { corroboration: [] })], 'rotation', 'reported-by-instance'],
    [
      'an unproven rotation is the instance’s word, whatever else is seen',
      [established('rotation', { verdict: 'rotated-unproven' })],
      'rotation',
      'reported-by-instance',
    ],
    ['an unverifiable one is incomplete', [established('rotation', { verdict: 'unverifiable' })], 'rotation', 'incomplete'],
    ['a closure with something unproven is incomplete', [established('closure')], 'closure', 'incomplete'],
    [
      'one with nothing unproven is CloudTrail’s',
      [established('closure', { unproven: [] })],
      'closure',
      'corroborated-by-CloudTrail',
    ],
    ['a failed re-check takes the confirmation back', [established('revocation'), rechecked(false)], 'revocation', 'incomplete'],
    ['a re-check that stands leaves it', [established('revocation'), rechecked(true)], 'revocation', 'confirmed-by-readback'],
    [
      'what was looked for was seen',
      [hunt([examinedLike('there'), examinedLike('gone')])],
      'persistence',
      'confirmed-by-readback',
    ],
    ['where nobody could look nothing is claimed', [hunt([examinedLike('unknown')])], 'persistence', 'incomplete'],
  ])('%s', (_, entries, name, claim) => {
    expect(standingOf(name, entries)?.claim).toBe(claim)
  })

  it('is missing for a fact that was never established', () => {
    expect(standingOf('restart', [established('revocation')])).toBeUndefined()
  })

  it('is that of its newest entry', () => {
    expect(standingOf('rotation', [established('rotation'), established('rotation', { verdict: 'unverifiable' })])).toMatchObject(
      {
        established: { number: 2 },
        claim: 'incomplete',
      },
    )
  })
})
