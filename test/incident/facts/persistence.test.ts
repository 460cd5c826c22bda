import { describe, expect, it } from 'vitest'
import { leavesWayBack, type Persistence, standingCounts } from '../../../src/incident/facts/persistence.ts'
import { artefactLike, examinedLike, persistenceLike } from '../../support/artefacts.ts'

describe('the counts in words', () => {
  it.each<[string, Partial<Persistence>, string]>([
    ['nothing', {}, ''],
    ['one that is there', { artefacts: [examinedLike('there')] }, '1 persistence artefact is still there'],
    [
      'name the worst first, and what is gone last',
      {
        artefacts: [examinedLike('gone'), examinedLike('there'), examinedLike('there')],
        attempts: [artefactLike({ succeeded: false })],
      },
      '2 persistence artefacts are still there, 1 is gone, 1 attempt failed',
    ],
    [
      'name what could not be looked at',
      { artefacts: [examinedLike('unknown'), examinedLike('changed')], undone: [artefactLike()] },
      '1 persistence artefact was changed since, 1 could not be checked, 1 was removed by the session itself',
    ],
    ['attempts alone', { attempts: [artefactLike(), artefactLike()] }, '2 attempts failed'],
  ])('%s', (_, parts, words) => {
    expect(standingCounts(persistenceLike(parts))).toBe(words)
  })
})

describe('a way back', () => {
  it.each(['there', 'changed', 'unknown'] as const)('may be open while an artefact is %s', (standing) => {
    expect(leavesWayBack(persistenceLike({ artefacts: [examinedLike('gone'), examinedLike(standing)] }))).toBe(true)
  })

  it('is closed when every artefact is gone or undone and every attempt failed', () => {
    const parts = { artefacts: [examinedLike('gone')], undone: [artefactLike()], attempts: [artefactLike({ succeeded: false })] }
    expect(leavesWayBack(persistenceLike(parts))).toBe(false)
  })
})
