import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { IAMClient } from '@aws-sdk/client-iam'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { Facts } from '../../../src/incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../src/incident/facts/subject.ts'
import type { Incident } from '../../../src/incident/incident.ts'
import { type Instant, plus } from '../../../src/incident/values/instant.ts'
import { asciiJson } from '../../../src/incident/values/show.ts'
import { LINE_LIMIT } from '../../../src/journal/journal.ts'
import type { Context } from '../../../src/response/stage.ts'
import { traceActivity } from '../../../src/response/stages/trace-activity.ts'
import {
  type Document,
  documentOf,
  identity,
  KEY,
  SIBLING,
  SUBJECT_INSTANCE,
  after as secondsLater,
} from '../../investigation/records.ts'
import { findingLike, without } from '../../support/findings.ts'
import { NOON } from '../../support/noon.ts'
import { assessed, awsError, contextsOf, factOf, subjectLike } from '../../support/stage-context.ts'

const cloudtrail = mockClient(CloudTrailClient)
/** The other witnesses may not be asked: the trace is what CloudTrail says. */
const iam = mockClient(IAMClient)
const organizations = mockClient(OrganizationsClient)
const { lentContext: lend } = contextsOf({ cloudtrail: CloudTrailClient, iam: IAMClient })
const lentContext = (parts: Partial<Context> = {}) =>
  lend({ organizations: async () => new OrganizationsClient({ region: 'us-east-1' }), ...parts })

beforeEach(() => {
  cloudtrail.reset()
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
  iam.rejects(awsError('AccessDenied', 403))
  organizations.rejects(awsError('AccessDeniedException'))
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

interface Traced {
  readonly subject?: Partial<InstanceRoleSession>
  readonly finding?: Facts['finding']['finding']
  readonly lent?: Partial<Context>
  readonly incident?: Partial<Incident>
}

const assessing = async ({ subject = {}, finding = findingLike(), lent = {}, incident = {} }: Traced = {}) => {
  const { context, kept, checkpoints } = lentContext({
    organizations: async () => new OrganizationsClient({ region: 'us-east-1' }),
    ...lent,
  })
  const facts = { finding: found(finding), subject: subjectLike(subject) }
  return { assessment: await assessed(traceActivity, facts, context, incident), kept, checkpoints, recall: context.recall }
}

const trace = async (traced: Traced = {}) => {
  const { assessment, ...rest } = await assessing(traced)
  return { activity: factOf(assessment), ...rest }
}

/** From when on CloudTrail was asked. */
const askedFrom = (): (string | undefined)[] => [
  ...new Set(cloudtrail.commandCalls(LookupEventsCommand).map(({ args }) => args[0].input.StartTime?.toISOString())),
]

describe('the trace of the stolen key', () => {
  it('covers the key, and its session for sibling keys', async () => {
    shown(by('AccessKeyId', KEY), documentOf(), documentOf({ errorCode: 'AccessDenied' }))
    shown(by('Username', SUBJECT_INSTANCE), documentOf({ userIdentity: { ...identity, accessKeyId: SIBLING } }))
    const { activity } = await trace()
    expect(activity).toMatchObject({ principal: { value: KEY }, events: 2, succeeded: 1, denied: 1 })
    expect(activity.siblingKeys.rows.map(({ accessKeyId }) => accessKeyId)).toEqual([SIBLING])
  })

  it('keeps the records unchanged', async () => {
    shown(by('AccessKeyId', KEY), documentOf())
    expect((await trace()).kept).toMatchObject([{ name: 'trace-activity', content: [expect.stringContaining(KEY)] }])
  })

  it('fits a line of the journal, whatever the attacker writes into calls', async () => {
    const calls = Array.from({ length: 250 }, (_, index) =>
      documentOf({ userAgent: `${index}${'\u{1F600}'.repeat(100)}`, eventName: `Describe${index}${'x'.repeat(90)}` }),
    )
    shown(by('AccessKeyId', KEY), ...calls)
    const { activity } = await trace()
    expect(activity.userAgents.all).toBe(250)
    expect(activity.userAgents.rows.length).toBeGreaterThan(0)
    expect(asciiJson(activity).length).toBeLessThan(LINE_LIMIT / 2)
  })

  it('keeps what the session left before what it was refused', async () => {
    const made = (index: number, more: Document) =>
      documentOf({
        ...{ eventSource: 'iam.amazonaws.com', eventName: 'CreateUser', eventID: `e${index}`, readOnly: false, ...more },
        requestParameters: { userName: `eve${index}` },
      })
    const refused = Array.from({ length: 250 }, (_, index) => made(index, { errorCode: 'AccessDenied' }))
    shown(by('AccessKeyId', KEY), ...refused, made(250, { eventTime: secondsLater(3600) }))
    const { artefacts } = (await trace()).activity
    expect(artefacts.all).toBe(251)
    expect(artefacts.rows.filter(({ succeeded }) => succeeded)).toHaveLength(1)
  })

  it('is established, empty and without evidence, when there are no records', async () => {
    const { activity, kept } = await trace()
    expect(activity.events).toBe(0)
    expect(kept).toEqual([])
  })

  it('asks every Region once, and us-east-1 for what is global', async () => {
    await trace({ subject: { region: 'eu-central-1' }, lent: { regions: ['eu-central-1', 'eu-west-1'] } })
    expect(cloudtrail.commandCalls(LookupEventsCommand, by('AccessKeyId', KEY))).toHaveLength(3)
  })

  it('marks the chained sessions that the revocation denies', async () => {
    shown(
      by('AccessKeyId', KEY),
      documentOf({
        eventSource: 'sts.amazonaws.com',
        eventName: 'AssumeRole',
        requestParameters: { roleArn: subjectLike().role.arn, roleSessionName: 'again' },
        responseElements: { credentials: { accessKeyId: 'ASIAXCSEC6TNCHAINED1' } },
      }),
    )
    const { context } = lentContext()
    const revocation = { cutoff: NOON } as Facts['revocation']
    const facts = { finding: found(), subject: subjectLike(), revocation }
    expect(factOf(await assessed(traceActivity, facts, context)).chainedSessions.rows).toMatchObject([{ revoked: true }])
  })

  it('is not applicable where CloudTrail may not be read', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('AccessDeniedException'))
    const { assessment } = await assessing()
    expect(assessment).toMatchObject({ status: 'notApplicable', why: expect.stringContaining('cloudtrail:LookupEvents') })
  })

  it('is not applicable where CloudTrail gives no answer, and the stages after it go on', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('InternalError', 500))
    const { assessment } = await assessing()
    expect(assessment).toMatchObject({ status: 'notApplicable', why: expect.stringMatching(/gives no answer.*continue later/) })
  })

  it('fails where CloudTrail refuses the question itself', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('InternalError', 400))
    await expect(trace()).rejects.toThrow()
  })
})

describe('the start of the trace', () => {
  const issuedAt = '2026-11-25T01:07:00Z' as Instant
  const DAYS = 46 * 86_400

  it('is 46 days before the issue of the key, when that is earlier than the finding’s first sight', async () => {
    await trace({ subject: { issuedAt } })
    expect(askedFrom()[0]).toBe(new Date(plus(issuedAt, -DAYS)).toISOString())
  })

  it('is 46 days before the finding’s first sight, when that is earlier', async () => {
    const firstSeen = '2026-11-20T01:07:00Z' as Instant
    await trace({ subject: { issuedAt }, finding: findingLike({ firstSeen }) })
    expect(askedFrom()[0]).toBe(new Date(plus(firstSeen, -DAYS)).toISOString())
  })

  it('is the start of the 90 days of history when no time is known', async () => {
    await trace({ finding: without(findingLike(), 'firstSeen') })
    expect(askedFrom()[0]).toBe(new Date(plus(NOON, -90 * 86_400)).toISOString())
  })
})

describe('a long trace', () => {
  const page = (number: number) => ({
    Events: [
      {
        EventTime: new Date(secondsLater(-number)),
        CloudTrailEvent: JSON.stringify(documentOf({ eventTime: secondsLater(-number) })),
      },
    ],
    ...(number < 45 ? { NextToken: String(number + 1) } : {}),
  })
  const answerPages = () =>
    cloudtrail
      .on(LookupEventsCommand, by('AccessKeyId', KEY))
      .callsFake(({ NextToken = '1' }: { NextToken?: string }) => page(Number(NextToken)))

  it('writes a checkpoint every 20 pages, with what was read since', async () => {
    answerPages()
    const { checkpoints, recall, activity } = await trace()
    expect(activity.events).toBe(45)
    const parts = await Promise.all(checkpoints.map(async ({ ref }) => JSON.parse((await recall(ref)) ?? '') as string[]))
    expect(parts.map((part) => part.length)).toEqual([20, 20])
  })

  it('continues where it ended, and counts what was read without asking again', async () => {
    answerPages()
    const { checkpoints, recall, activity } = await trace()
    const asked = cloudtrail.commandCalls(LookupEventsCommand, by('AccessKeyId', KEY)).length
    cloudtrail.resetHistory()
    const noted = { cursor: checkpoints[1]?.cursor, refs: checkpoints.map(({ ref }) => ref) }
    const again = await trace({ lent: { recall }, incident: { checkpoints: { 'trace-activity': noted } } })
    expect(cloudtrail.commandCalls(LookupEventsCommand, by('AccessKeyId', KEY)).length).toBeLessThan(asked / 2)
    expect(again.activity).toEqual(activity)
  })

  it('begins again when a part of what it read is lost or altered', async () => {
    answerPages()
    const { checkpoints, activity } = await trace()
    const noted = { cursor: checkpoints[1]?.cursor, refs: checkpoints.map(({ ref }) => ref) }
    const incident = { checkpoints: { 'trace-activity': noted } }
    const again = await trace({ lent: { recall: async () => undefined }, incident })
    expect(again.activity).toEqual(activity)
  })
})
