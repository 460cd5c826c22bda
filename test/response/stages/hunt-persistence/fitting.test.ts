import { describe, expect, it } from 'vitest'
import type { Persistence } from '../../../../src/incident/facts/persistence.ts'
import { asciiJson } from '../../../../src/incident/values/show.ts'
import { LINE_LIMIT } from '../../../../src/journal/journal.ts'
import { fittingPersistence } from '../../../../src/response/stages/hunt-persistence/fitting.ts'
import { artefactLike } from '../../../support/artefacts.ts'
import { NOON } from '../../../support/noon.ts'

const LONG = '\u{1F600}'.repeat(100)
const artefact = artefactLike({ names: { user: [LONG] } })
const hunted = (standing: 'there' | 'gone') => ({ artefact, standing, observed: [LONG], at: NOON, remedy: artefact.remedy })
const many = <T>(one: T): readonly T[] => Array.from({ length: 200 }, () => structuredClone(one))
const found: Persistence = {
  artefacts: [...many(hunted('gone')), hunted('there')],
  ...{ undone: many(artefact), attempts: many(artefact), liveSessions: [], unexplainedKeys: [] },
  incomplete: many(LONG),
}

describe('what a hunt found', () => {
  it('has room in a line of the journal, whatever names the attacker chose', () => {
    expect(asciiJson(found).length).toBeGreaterThan(LINE_LIMIT)
    expect(asciiJson(fittingPersistence(found)).length).toBeLessThan(LINE_LIMIT)
  })

  it('keeps what is there before what is gone, and says what it leaves out', () => {
    const kept = fittingPersistence(found)
    expect(kept.artefacts.map(({ standing }) => standing)).toContain('there')
    const left = 201 - kept.artefacts.length
    expect(kept.incomplete).toContain(`${left} more persistence artefacts that were looked at, for which the journal has no room`)
  })

  it('is left as it is when it has room', () => {
    const small: Persistence = { ...found, artefacts: [hunted('gone')], undone: [], attempts: [], incomplete: ['x'] }
    expect(fittingPersistence(small)).toEqual(small)
  })
})
