import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../../src/investigation/analysis/fold.ts'
import { questionOf } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { instant, many, recordOf } from './records.ts'

const at = (minutes: number): string => new Date(Date.UTC(2026, 2, 1, 12) + minutes * 60_000).toISOString().replace('.000Z', 'Z')
const deletion = { event: 'iam:DeleteUser', request: { userName: 'eve' } }
const fold = (...moments: readonly string[]) =>
  activityFold(questionOf({ kind: 'resource', value: 'eve' }, { moments: moments.map(instant) }))
const keptOf = (records: readonly CloudTrailRecord[], ...moments: readonly string[]) =>
  [...foldAll(fold(...moments), records).writeEvents.values()].map(({ at: when }) => when).sort()

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
    expect([...both.writeEvents.values()].map(({ at: when }) => when)).toEqual([at(11)])
  })

  it('are all at a moment itself, because the session’s own is among them', () => {
    const records = many(3, () => ({ at: at(10), ...deletion }))
    expect(keptOf(records, at(10))).toHaveLength(3)
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
