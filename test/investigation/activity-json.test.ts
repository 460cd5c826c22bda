import { describe, expect, it } from 'vitest'
import { activityLine } from '../../src/investigation/activity-json.ts'
import { followChain } from '../../src/investigation/analysis/chained-sessions.ts'
import { newlyObserved } from '../../src/investigation/analysis/newly-observed.ts'
import { artefactsIn } from '../../src/investigation/persistence/artefacts.ts'
import { counted, instant, recordOf, STOLEN, theKey, workload } from './analysis/records.ts'

const NOTHING = { chain: [], persistence: [], incomplete: [] }

const MEMBERS =
  'type scope firstSeen lastSeen events succeeded failed denied throttled accessKeyIds issuedAt ec2RoleDelivery ips apis userAgents hours newlyObserved baseline chain persistence incomplete'

const theft = [
  recordOf({ at: '2026-03-01T12:10:00Z', event: 'iam:CreateUser', request: { userName: 'eve' }, id: 'left' }),
  recordOf({ at: '2026-03-01T12:00:00Z', errorCode: 'AccessDenied' }),
  recordOf({ at: '2026-03-01T13:00:00Z', errorCode: 'ThrottlingException', delivery: '1.0', ip: '192.0.2.1' }),
]

describe('the line that programs read', () => {
  it('has its members, and no others', () => {
    expect(Object.keys(activityLine(counted(theft), NOTHING)).join(' ')).toBe(MEMBERS)
  })

  it('counts exactly, and lists all', () => {
    expect(activityLine(counted([...workload(45), ...theft]), NOTHING)).toMatchObject({
      type: 'activity',
      scope: { principal: theKey, from: '2026-03-01T12:00:00Z', until: '2026-03-01T13:00:00Z' },
      firstSeen: '2026-03-01T12:00:00Z',
      lastSeen: '2026-03-01T13:00:00Z',
      events: 3,
      succeeded: 1,
      failed: 2,
      denied: 1,
      throttled: 1,
      accessKeyIds: [STOLEN],
      issuedAt: ['2026-03-01T06:00:00Z'],
      ec2RoleDelivery: ['1.0', '2.0'],
      ips: [
        { ip: '198.51.100.7', events: 2, failed: 1 },
        { ip: '192.0.2.1', events: 1, failed: 1 },
      ],
      apis: [
        { service: 's3', api: 'ListBuckets', succeeded: 0, failed: 2 },
        { service: 'iam', api: 'CreateUser', succeeded: 1, failed: 0 },
      ],
      userAgents: [{ userAgent: 'aws-cli/2.15.0', events: 3 }],
      hours: [
        { hour: '2026-03-01T12:00:00Z', succeeded: 1, failed: 1 },
        { hour: '2026-03-01T13:00:00Z', succeeded: 0, failed: 1 },
      ],
      baseline: { from: '2026-01-15T12:00:00Z', until: '2026-03-01T12:00:00Z', events: 1068, days: 45 },
      incomplete: [],
    })
  })

  it('names what is new, what was obtained, and what was left', async () => {
    const request = { roleArn: 'arn:aws:iam::111122223333:role/deploy' }
    const assume = recordOf({ event: 'sts:AssumeRole', request, response: { credentials: { accessKeyId: 'ASIACHILD' } } })
    const all = counted([...workload(45), ...theft, assume])
    const { links } = await followChain({ principal: theKey, writeEvents: all.writeEvents }, async () => undefined)
    const parts = { chain: links, persistence: artefactsIn(all.writeEvents), incomplete: ['a gap'] }
    const line = JSON.parse(JSON.stringify(activityLine(all, { ...parts, newlyObserved: newlyObserved(all) })))
    expect(line).toMatchObject({
      newlyObserved: { ips: [{ ip: '198.51.100.7' }, { ip: '192.0.2.1' }], countries: [], networks: [], increased: [] },
      chain: [{ depth: 1, how: 'AssumeRole', accessKeyId: 'ASIACHILD', roleArn: request.roleArn, revoked: false, events: null }],
      persistence: [{ technique: 'T1136.003', left: 'user eve', remedy: 'aws iam delete-user --user-name eve', eventId: 'left' }],
      incomplete: ['a gap'],
    })
    expect(line.newlyObserved.apis.map(({ api }: { api: string }) => api)).toEqual(['CreateUser', 'AssumeRole'])
  })

  it('says what the comparison lacks', () => {
    const incomplete = (records: typeof theft) => (activityLine(counted(records), NOTHING) as { incomplete: string[] }).incomplete
    expect(incomplete(theft)).toEqual(['there are no records from before the scope, so ir-cred cannot tell what is new'])
    expect(incomplete([...workload(3), ...theft])).toEqual([
      'the baseline has 3.5 days, fewer than 14: what looks new may not be new',
    ])
  })

  it('an activity without calls is a line too', () => {
    expect(activityLine(counted([]), NOTHING)).toMatchObject({ events: 0, firstSeen: null, hours: [], incomplete: [] })
    const scope = { from: instant('2026-03-01T00:00:00Z') }
    expect(activityLine(counted([], { scope }), NOTHING)).toMatchObject({ scope: { from: scope.from, until: null } })
  })

  it('one service and API is one row, however many event sources it has', () => {
    const sources = ['runtime.lex.amazonaws.com', 'runtime.sagemaker.amazonaws.com']
    const records = sources.map((eventSource) => recordOf({ more: { eventSource, eventName: 'Invoke' } }))
    expect(activityLine(counted(records), NOTHING)).toMatchObject({
      apis: [{ service: 'runtime', api: 'Invoke', succeeded: 2, failed: 0 }],
    })
  })
})
