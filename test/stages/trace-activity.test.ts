import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import 'aws-sdk-client-mock-vitest/extend'
import type { Activity, Facts } from '../../src/incident/facts.ts'
import { type Instant, plus } from '../../src/incident/instant.ts'
import type { Subject } from '../../src/incident/subject.ts'
import { untrusted } from '../../src/incident/untrusted.ts'
import type { Context } from '../../src/runbook/stage.ts'
import { traceActivity } from '../../src/stages/trace-activity.ts'
import { type Document, documentOf, identity, KEY, SIBLING, VICTIM } from '../activity/records.ts'
import { blockText } from '../support/block-text.ts'
import { findingLike, without } from '../support/findings.ts'
import { NOON } from '../support/noon.ts'
import { assessed, awsError, contextsOf, factOf, subjectLike } from '../support/stage-context.ts'

const cloudtrail = mockClient(CloudTrailClient)
const { lentContext } = contextsOf({ cloudtrail: CloudTrailClient })

beforeEach(() => {
  cloudtrail.reset()
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
})

const by = (AttributeKey: 'AccessKeyId' | 'Username', AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
})

const shown = (attributes: ReturnType<typeof by>, ...documents: readonly Document[]) =>
  cloudtrail
    .on(LookupEventsCommand, attributes)
    .resolves({ Events: documents.map((document) => ({ CloudTrailEvent: JSON.stringify(document) })) })

const found = (finding = findingLike()): Facts['finding'] => ({
  finding,
  source: 'guardduty',
  onSameKey: [],
  onSamePrincipal: [],
  document: { file: 'f', sha256: 'a', bytes: 1 },
})

const trace = async (subject: Partial<Subject> = {}, finding = findingLike(), lent: Partial<Context> = {}) => {
  const { context, kept } = lentContext(lent)
  const facts = { finding: found(finding), subject: subjectLike(subject) }
  return { activity: factOf(await assessed(traceActivity, facts, context)), kept }
}

/** From when on CloudTrail was asked. */
const askedFrom = (): (string | undefined)[] => [
  ...new Set(cloudtrail.commandCalls(LookupEventsCommand).map(({ args }) => args[0].input.StartTime?.toISOString())),
]

describe('the trace', () => {
  it('is of the key, and of its session for sibling keys', async () => {
    shown(by('AccessKeyId', KEY), documentOf(), documentOf({ errorCode: 'AccessDenied' }))
    shown(by('Username', VICTIM), documentOf({ userIdentity: { ...identity, accessKeyId: SIBLING } }), documentOf())
    const { activity } = await trace()
    expect(activity).toMatchObject({ accessKeyId: KEY, events: 2, succeeded: 1, denied: 1, incomplete: [] })
    expect(activity.siblingKeys.map(({ accessKeyId }) => accessKeyId)).toEqual([SIBLING])
  })

  it('keeps the records of the key as they were answered', async () => {
    shown(by('AccessKeyId', KEY), documentOf())
    expect((await trace()).kept).toMatchObject([{ name: 'cloudtrail-of-the-key', content: [expect.stringContaining(KEY)] }])
  })

  it('without records is empty, keeps nothing, and is established all the same', async () => {
    const { activity, kept } = await trace()
    expect(activity.events).toBe(0)
    expect(kept).toEqual([])
  })

  it('asks every Region once, and us-east-1 for what is global', async () => {
    await trace({ region: 'eu-central-1' }, findingLike(), { regions: ['eu-central-1', 'us-east-1', 'eu-west-1'] })
    expect(cloudtrail.commandCalls(LookupEventsCommand, by('AccessKeyId', KEY))).toHaveLength(3)
    expect(cloudtrail.commandCalls(LookupEventsCommand, by('Username', VICTIM))).toHaveLength(3)
  })

  it('goes on where a Region is denied, and says which', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('AccessDeniedException'))
    const { activity } = await trace()
    expect(activity.incomplete).toHaveLength(2)
    expect(activity.incomplete[0]).toContain('cloudtrail:LookupEvents is denied')
  })

  it('fails where CloudTrail fails', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('ThrottlingException'))
    await expect(trace()).rejects.toThrow('ThrottlingException')
  })
})

describe('the trace begins an hour before', () => {
  const issuedAt = '2026-11-25T01:07:00Z' as Instant

  it('the key was issued, when that is known and earlier than what the finding saw', async () => {
    await trace({ issuedAt })
    expect(askedFrom()).toEqual([new Date(plus(issuedAt, -3_600)).toISOString()])
  })

  it('the finding’s first sight, when that is earlier', async () => {
    const firstSeen = '2026-11-20T01:07:00Z' as Instant
    await trace({ issuedAt }, findingLike({ firstSeen }))
    expect(askedFrom()).toEqual([new Date(plus(firstSeen, -3_600)).toISOString()])
  })

  it('nothing: when nothing is known it is the whole history of 90 days', async () => {
    await trace({}, without(findingLike(), 'firstSeen'))
    expect(askedFrom()).toEqual([new Date(plus(NOON, -90 * 86_400)).toISOString()])
  })

  it('nothing that lies before the history', async () => {
    await trace({}, findingLike({ firstSeen: '2026-01-01T00:00:00Z' as Instant }))
    expect(askedFrom()).toEqual([new Date(plus(NOON, -90 * 86_400)).toISOString()])
  })
})

describe('a trace is told', () => {
  const activity: Activity = {
    accessKeyId: KEY,
    firstSeen: '2026-11-25T01:12:40Z' as Instant,
    lastSeen: '2026-11-25T01:58:03Z' as Instant,
    events: 6,
    succeeded: 3,
    denied: 2,
    failed: 1,
    ips: [{ name: untrusted('198.51.100.23'), succeeded: 3, failed: 3 }],
    apis: [{ name: untrusted('s3:ListBuckets'), succeeded: 3, failed: 3 }],
    userAgents: [{ name: untrusted('kali'), succeeded: 3, failed: 3 }],
    siblingKeys: [],
    assumedRoles: [],
    incomplete: [],
  }
  const text = (parts: Partial<Activity> = {}) => blockText(traceActivity.tell({ ...activity, ...parts }))

  it('in numbers, by address, API and agent', () => {
    expect(text()).toContain('calls: 6: 3 succeeded, 2 denied, 1 failed otherwise')
    for (const row of ['address: 198.51.100.23; ok: 3; failed: 3', 'API: s3:ListBuckets', 'user agent: kali']) {
      expect(text()).toContain(row)
    }
  })

  it('with what is not in this history', () => {
    expect(text()).toContain('Management events only')
    expect(text({ incomplete: ['stopped after 400 pages'] })).toContain('Incomplete: stopped after 400 pages')
  })

  it('with sibling keys, and how each was delivered', () => {
    const siblingKeys = [{ accessKeyId: SIBLING, events: 2, issuedAt: '2026-11-25T01:07:00Z' as Instant, delivery: '1.0' }]
    expect(text({ siblingKeys })).toContain(`${SIBLING}, 2 calls, issued 2026-11-25T01:07:00Z, IMDSv1`)
  })

  it('with a warning about roles that the revocation does not reach', () => {
    const at = '2026-11-25T01:20:00Z' as Instant
    const assumedRoles = [{ roleArn: untrusted('arn:aws:iam::111122223333:role/admin'), at }]
    expect(text({ assumedRoles })).toContain('the revocation does not touch those sessions')
    expect(text({ assumedRoles })).toContain('role/admin as an unknown key at 2026-11-25T01:20:00Z')
  })

  it('as unseen, not as unused, when there are no records', () => {
    const { firstSeen: _, lastSeen: __, ...unseen } = activity
    const words = blockText(traceActivity.tell({ ...unseen, incomplete: ['denied'] }))
    expect(words).toContain('CloudTrail shows no call of this key')
    expect(words).toContain('Incomplete: denied')
  })
})
