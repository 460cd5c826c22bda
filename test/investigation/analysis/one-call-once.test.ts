import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../../src/investigation/analysis/fold.ts'
import { sessionSummary } from '../../../src/investigation/analysis/session-summary.ts'
import { questionOf } from '../../../src/investigation/question.ts'
import { type Document, documentOf, KEY, read } from '../records.ts'

const endpoint = { vpcEndpointId: 'vpce-1', vpcEndpointAccountId: '111122223333' }
const api = documentOf({ ...endpoint, requestID: 'one', eventName: 'GetObject', eventCategory: 'Data' })
const network = documentOf({ ...endpoint, requestID: 'one', eventName: 'GetObject', eventCategory: 'NetworkActivity' })
const refused = documentOf({ ...endpoint, requestID: 'two', eventCategory: 'NetworkActivity', errorCode: 'VpceAccessDenied' })
const first = documentOf({ eventName: 'CreateUser', eventSource: 'iam.amazonaws.com', readOnly: false, eventID: 'first' })
const updated = {
  ...first,
  eventID: 'second',
  responseElements: { user: { userName: 'backdoor' } },
  addendum: { reason: 'UPDATED_DATA', originalEventID: 'first' },
}

const question = questionOf({ kind: 'access-key-id', value: KEY })
const fold = activityFold(question)

/** What several workers count, each some of the records. */
const countedBy = (workers: readonly (readonly Document[])[]) => {
  const states = workers.map((documents) => foldAll(fold, documents.map(read)))
  const whole = fold.empty()
  for (const state of states) fold.merge(whole, state)
  return fold.finish(whole, question)
}

const inAnyOrder = (documents: readonly Document[]) =>
  fc
    .shuffledSubarray([...documents], { minLength: documents.length })
    .chain((all) => fc.nat(all.length).map((cut) => [all.slice(0, cut), all.slice(cut)] as const))

describe('one call counts once, in whatever order and by whichever worker its records are read', () => {
  it('though its network activity was recorded too', () => {
    fc.assert(
      fc.property(inAnyOrder([api, network, api, network]), (workers) => {
        const { events, dataEvents } = sessionSummary(countedBy(workers))
        expect({ events, dataEvents }).toEqual({ events: 1, dataEvents: 1 })
      }),
    )
  })

  it('and a call that an endpoint refused is known by its network activity alone', () => {
    fc.assert(
      fc.property(inAnyOrder([api, network, refused]), (workers) => {
        const { events, denied } = sessionSummary(countedBy(workers))
        expect({ events, denied }).toEqual({ events: 2, denied: 1 })
      }),
    )
  })

  it('though CloudTrail delivered its record again with more in it, which is then kept', () => {
    fc.assert(
      fc.property(inAnyOrder([first, updated]), (workers) => {
        const counted = countedBy(workers)
        expect(sessionSummary(counted).events).toBe(1)
        expect(counted.writeEvents.map(({ eventId, response }) => ({ eventId, response }))).toEqual([
          { eventId: 'first', response: { user: { userName: 'backdoor' } } },
        ])
      }),
    )
  })
})
