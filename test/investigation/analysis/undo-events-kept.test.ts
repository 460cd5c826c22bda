import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../../src/investigation/analysis/fold.ts'
import { UNDO_EVENTS_KEPT, undoEventsInOrder } from '../../../src/investigation/analysis/undo-events-kept.ts'
import { keptRecord } from '../../../src/investigation/analysis/write-events.ts'
import { questionOf } from '../../../src/investigation/question.ts'
import { plainRecord } from '../../../src/investigation/read-record.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { instant, many, recordOf } from './records.ts'

const at = (minutes: number): string => new Date(Date.UTC(2026, 2, 1, 12) + minutes * 60_000).toISOString().replace('.000Z', 'Z')
const deletion = { event: 'iam:DeleteUser', request: { userName: 'eve' } }
const fold = (...moments: readonly string[]) =>
  activityFold(questionOf({ kind: 'resource', value: 'eve' }, { moments: moments.map(instant) }))
const keptOf = (records: readonly CloudTrailRecord[], ...moments: readonly string[]) =>
  [...foldAll(fold(...moments), records).writeEvents.values()].map((event) => keptRecord(event).at).sort()

describe('what is kept of the events that name a resource', () => {
  it('is the first of equal ones after each moment, in whatever order they are read', () => {
    const records = many(1_000, (minute) => ({ at: at(minute), ...deletion }))
    const moments = [at(10.5), at(700.5)]
    expect(keptOf(records, ...moments)).toEqual([at(11), at(701)])
    expect(keptOf(records.toReversed(), ...moments)).toEqual([at(11), at(701)])
  })

  it('is the same when two threads have read them', () => {
    const records = many(100, (minute) => ({ at: at(minute), ...deletion }))
    const { merge, empty } = fold(at(10.5))
    const [odd, even] = [1, 0].map((rest) =>
      foldAll(
        fold(at(10.5)),
        records.filter((_, minute) => minute % 2 === rest),
      ),
    )
    const both = empty()
    for (const state of [even, odd]) if (state) merge(both, state)
    expect([...both.writeEvents.values()].map((event) => keptRecord(event).at)).toEqual([at(11)])
  })

  it('are all at a moment itself, because the session’s own is among them', () => {
    const records = many(3, () => ({ at: at(10), ...deletion }))
    expect(keptOf(records, at(10))).toHaveLength(3)
  })

  it.each([1, 2, 3, 7])('are the same of more than are kept, in any order and with %s threads', (threads) => {
    const names = many(5_000, (index) => ({
      ...{ id: `e-${index}`, at: at(index % 977), event: index % 5 === 0 ? 'iam:DeleteRole' : 'iam:DeleteUser' },
      request: { userName: 'eve', others: index },
    }))
    const inParts = (records: readonly CloudTrailRecord[]) => {
      const { merge, empty } = fold(at(-1))
      const into = empty()
      const states = Array.from({ length: threads }, (_, thread) =>
        foldAll(
          fold(at(-1)),
          records.filter((_record, index) => index % threads === thread),
        ),
      )
      for (const state of states) merge(into, state)
      return undoEventsInOrder((threads === 1 ? (states[0] ?? into) : into).writeEvents).map(({ eventId }) => eventId)
    }
    const alone = undoEventsInOrder(foldAll(fold(at(-1)), names).writeEvents).map(({ eventId }) => eventId)
    expect(alone).toHaveLength(UNDO_EVENTS_KEPT)
    expect(inParts(names.toReversed())).toEqual(alone)
    expect(inParts(names.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1)))).toEqual(alone)
  })

  it('are copies: a record of a file is a view on its bytes, which are used again', () => {
    const view = recordOf({ at: at(1), ...deletion })
    const [kept] = foldAll(fold(at(0)), [view]).writeEvents.values()
    expect(kept && keptRecord(kept)).toEqual(plainRecord(view))
  })

  it('are the fuller one of two deliveries, whichever was read first', () => {
    const call = { id: 'same', at: at(1), ...deletion }
    const [short, long] = [recordOf(call), recordOf({ ...call, agent: 'an agent with more in it' })]
    const agents = [
      [short, long],
      [long, short],
    ].map((records) => [...foldAll(fold(at(0)), records).writeEvents.values()].map((event) => keptRecord(event).userAgent))
    expect(agents[0]).toEqual([long.userAgent])
    expect(agents[1]).toEqual(agents[0])
  })

  it('are events that succeeded and that can undo something', () => {
    const records = [
      recordOf({ at: at(1), ...deletion, errorCode: 'AccessDenied' }),
      recordOf({ at: at(2), event: 'iam:CreateUser', request: { userName: 'eve' } }),
      recordOf({ at: at(3), ...deletion, request: { userName: 'adam' } }),
      recordOf({ at: at(4), ...deletion }),
    ]
    expect(keptOf(records, at(0))).toEqual([at(4)])
  })
})
