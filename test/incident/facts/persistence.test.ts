import { describe, expect, it } from 'vitest'
import { leavesWayBack, type Persistence, standingCounts } from '../../../src/incident/facts/persistence.ts'
import { huntedLike, leftLike, persistenceLike } from '../../support/artefacts.ts'

describe('the numbers in words', () => {
  it.each<[string, Partial<Persistence>, string]>([
    ['nothing', {}, ''],
    ['one that is there', { hunted: [huntedLike('there')] }, '1 persistence artefact is still there'],
    [
      'what is worst first, and what is not there last',
      { hunted: [huntedLike('gone'), huntedLike('there'), huntedLike('there')], attempts: [leftLike({ succeeded: false })] },
      '2 persistence artefacts are still there, 1 is gone, 1 attempt was refused',
    ],
    [
      'what nobody could look at',
      { hunted: [huntedLike('unknown'), huntedLike('changed')], undone: [leftLike()] },
      '1 persistence artefact is there in another form, 1 could not be looked at, 1 was taken away again by the session itself',
    ],
    ['attempts alone', { attempts: [leftLike(), leftLike()] }, '2 attempts were refused'],
  ])('%s', (_, parts, words) => {
    expect(standingCounts(persistenceLike(parts))).toBe(words)
  })
})

describe('a way back', () => {
  it.each(['there', 'changed', 'unknown'] as const)('may be open while something is %s', (standing) => {
    expect(leavesWayBack(persistenceLike({ hunted: [huntedLike('gone'), huntedLike(standing)] }))).toBe(true)
  })

  it('is not seen where all is gone, undone or was refused', () => {
    const parts = { hunted: [huntedLike('gone')], undone: [leftLike()], attempts: [leftLike({ succeeded: false })] }
    expect(leavesWayBack(persistenceLike(parts))).toBe(false)
  })
})
