import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { principalIdentity } from '../../../src/investigation/analysis/principal-identity.ts'
import { counted, many, recordOf } from './records.ts'

/** Anonymised records tell one key's caller in several ways. */
const calls = many(4, (index) => ({ id: `call-${index}`, role: `web-${index % 2}`, session: `session-${index % 2}` }))

describe('who called', () => {
  it('is whoever made most of the calls, with the number of others', () => {
    expect(principalIdentity(counted([...calls, recordOf({ role: 'web-1', session: 'session-1' })]))).toMatchObject({
      ...{ roleName: 'web-1', others: 1 },
    })
  })

  it('is the same one of several with as many calls, whichever was read first', () => {
    const named = principalIdentity(counted(calls))
    expect(named).toMatchObject({ others: 1 })
    fc.assert(
      fc.property(fc.shuffledSubarray([...calls], { minLength: calls.length }), (shuffled) => {
        expect(principalIdentity(counted(shuffled))).toEqual(named)
      }),
    )
  })
})
