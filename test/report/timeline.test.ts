import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { Activity } from '../../src/incident/facts/activity.ts'
import type { AttributedCalls, FailedApi } from '../../src/incident/facts/activity-rows.ts'
import type { Facts } from '../../src/incident/facts/facts.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { timelineTable } from '../../src/report/timeline.ts'
import { activityFrom } from '../investigation/activity-builder.ts'
import { artefactLike, chainedSessionLike } from '../support/artefacts.ts'
import { at, journal, revokeEffect } from '../support/sample-incident.ts'

const rowsOf = (entries: readonly Entry[]): readonly string[][] => {
  const block = timelineTable(entries)
  return block.type === 'table' ? block.rows.map((row) => row.map(rawLine)) : []
}
const nothing = await activityFrom([])
const rowsWith = (parts: Partial<Activity>): readonly string[][] =>
  rowsOf([
    ...journal,
    { type: 'established', at: at('02:30:00'), stage: 'trace-activity', fact: { activity: { ...nothing, ...parts } } },
  ])
const found = (rows: readonly string[][], what: RegExp): readonly string[] =>
  rows.flatMap(([time = '', event = '', , actor = '']) => (what.test(event) ? [`${time} ${event} | ${actor}`] : []))

const listBuckets: FailedApi = {
  ...{ errorClass: 'denied', errorCode: 'AccessDenied', eventSource: 's3.amazonaws.com', service: 's3', api: 'ListBuckets' },
  ...{ events: 3, firstSeen: at('01:20:00'), lastSeen: at('01:40:00') },
}

describe('the tries of the attacker in the timeline', () => {
  it('are the first and the last refused call of each API, and how many there were', () => {
    const rows = rowsWith({ failures: { rows: [listBuckets], all: 1 } })
    expect(found(rows, /s3:ListBuckets/)).toEqual([
      expect.stringContaining(
        `${at('01:20:00')} tried s3:ListBuckets, the first of 3, refused (AccessDenied) | holder of the stolen key`,
      ),
      expect.stringContaining(`${at('01:40:00')} last s3:ListBuckets of these 3, refused | holder`),
    ])
  })

  it('are nobody’s for sure where the workload was refused with the same key', () => {
    const workload: AttributedCalls = {
      ...{ attribution: 'workload', why: 'its own address', source: { untrusted: '203.0.113.1' } },
      ...{ userAgent: { untrusted: 'x' }, succeeded: 1, failed: 2 },
    }
    const rows = rowsWith({ failures: { rows: [listBuckets], all: 1 }, origins: { rows: [workload], all: 1 } })
    expect(found(rows, /s3:ListBuckets/)[0]).toMatch(/: the attacker or the workload$/)
  })

  it('are the artefacts and sessions that it was refused, apart from those that it got', () => {
    const rows = rowsWith({
      artefacts: { rows: [artefactLike({ succeeded: false, errorCode: 'AccessDenied' }), artefactLike()], all: 2 },
      chainedSessions: { rows: [chainedSessionLike({ succeeded: false, errorCode: 'AccessDenied' })], all: 1 },
    })
    expect(found(rows, /tried to leave: user eve, refused \(AccessDenied\)/)).toHaveLength(1)
    expect(found(rows, /^persistence artefact: user eve/)).toHaveLength(1)
    expect(found(rows, /tried to obtain a session by AssumeRole: .*deploy, refused/)).toHaveLength(1)
  })

  it('are bounded, the most frequent first, and the rest is counted', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...listBuckets, api: `Get${index}`, events: 100 - index }))
    const rows = rowsWith({ failures: { rows: many, all: 40 }, lastSeen: at('01:50:00') })
    expect(found(rows, /s3:Get0,/)).toHaveLength(1)
    expect(found(rows, /s3:Get39/)).toHaveLength(0)
    expect(found(rows, /15 more kinds of failed calls/)).toHaveLength(1)
  })
})

describe('a cause in the timeline', () => {
  const closure = (journal.find((entry) => entry.type === 'established' && entry.fact.closure) as Entry & { type: 'established' })
    .fact.closure as Facts['closure']
  const stage = 'revoke-sessions'

  it('comes before its effect: a refusal in the second of the deny stands after the deny', () => {
    const entries: readonly Entry[] = [
      { type: 'intended', at: at('02:03:12.400'), stage, nonce: 'n', effect: revokeEffect },
      { type: 'sent', at: at('02:03:12.700'), stage, nonce: 'n', outcome: 'accepted', requestId: 'r' },
      {
        ...{ type: 'established' as const, at: at('02:30:00'), stage: 'close-incident' },
        fact: { closure: { ...closure, lastSuccess: at('02:03:12'), firstRefusal: at('02:03:12'), lastRefusal: at('02:03:13') } },
      },
    ]
    expect(rowsOf(entries).map(([, event = '']) => event.replace(/ .*(succeeded|intended|accepted|refused).*/, ' … $1'))).toEqual(
      [
        'last … succeeded',
        'iam:PutRolePolicy … intended',
        'revoke-sessions: … accepted',
        'first … refused',
        'last … refused',
        'close-incident established: closure',
      ],
    )
  })
})
