import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { whyNotAnEntry } from '../../src/incident/entry-check.ts'
import { journal, setting } from '../support/sample-incident.ts'

const ID = 'web-app-1125-7f3a'
const [opened] = journal
const asRead = (entry: unknown): Entry => JSON.parse(JSON.stringify(entry))
const check = (entry: unknown, before: readonly Entry[] = opened ? [opened] : []) => whyNotAnEntry(asRead(entry), before, ID)
const established = (fact: object) => ({ type: 'established', at: '2026-11-25T02:00:00Z', stage: 'revoke-sessions', fact })

describe('an entry of a journal', () => {
  it('is one as ir-cred writes it', () => {
    const offences = journal.map((entry, index) => whyNotAnEntry(asRead(entry), journal.slice(0, index), ID))
    expect(offences.filter((why) => why !== undefined)).toEqual([])
  })

  it.each<[string, unknown, RegExp]>([
    [
      'of an unknown type',
      { type: 'isolated', at: '2026-11-25T02:00:00Z' },
      /^holds an entry of type "isolated", which this version/,
    ],
    ['of a type that every object has', { type: 'constructor' }, /"constructor"/],
    ['with a member too many', { ...journal[1], more: 1 }, /^holds an entry of type kept that is not as/],
    ['with a member missing', { type: 'skipped', at: '2026-11-25T02:00:00Z', stage: 'a' }, /type skipped/],
    ['with a member of another type', { ...journal[1], name: 7 }, /\(at name\)/],
    ['with a time that is none', { type: 'interrupted', at: 'soon', by: 'x' }, /\(at at\)/],
    ['whose fact is none', established({ finding: null }), /\(at fact/],
    ['whose fact has another shape', established({ revocation: { cutoff: 7 } }), /type established/],
    ['of a fact that does not exist', established({ weather: 'fine' }), /type established/],
    ['whose effects are no list', { ...journal[3], effects: {} }, /\(at effects\)/],
    [
      'with an endpoint that is no address',
      { type: 'opened', ...opened, setting: { ...setting, endpoint: 'x\u001b[2J' } },
      /type opened/,
    ],
    ['that opens the incident a second time', opened, /second time/],
  ])('%s is refused', (_, entry, why) => {
    expect(check(entry)).toMatch(why)
  })

  it('has no member named __proto__', () => {
    const entry = JSON.parse('{"type":"interrupted","at":"2026-11-25T02:00:00Z","by":"x","__proto__":{"a":1}}')
    expect(whyNotAnEntry(entry, opened ? [opened] : [], ID)).toMatch(/type interrupted/)
  })

  it('comes after the incident was opened, under its own id; only a recovery may come before', () => {
    expect(check(opened, [])).toBeUndefined()
    expect(whyNotAnEntry(asRead(opened), [], 'other')).toBe('opens another incident')
    expect(check(journal[1], [])).toMatch(/before the incident was opened/)
    expect(check({ type: 'recovered', at: '2026-11-25T02:00:00Z', why: 'torn' }, [])).toBeUndefined()
  })
})
