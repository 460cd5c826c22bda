import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { Activity } from '../../../src/incident/facts/activity.ts'
import type { Closure } from '../../../src/incident/facts/closure.ts'
import type { InstanceRoleSession } from '../../../src/incident/facts/subject.ts'
import { type Instant, plus } from '../../../src/incident/values/instant.ts'
import type { Context } from '../../../src/response/stage.ts'
import { closeIncident } from '../../../src/response/stages/close-incident.ts'
import { type Document, documentOf } from '../../investigation/records.ts'
import { blockText } from '../../support/block-text.ts'
import { NOON } from '../../support/noon.ts'
import { restartedIncident } from '../../support/rotation.ts'
import { awsError, contextsOf, factOf, incidentWith, subjectLike } from '../../support/stage-context.ts'

const cloudtrail = mockClient(CloudTrailClient)
const { lentContext } = contextsOf({ cloudtrail: CloudTrailClient })

/** Half an hour before noon, when the last look is taken. */
const CUTOFF = plus(NOON, -1800)
const RESPONDER = 'ASIARESPONDER0000000'

beforeEach(() => {
  cloudtrail.reset()
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
})

const eventsOf = (documents: readonly Document[]) => ({
  Events: documents.map((document) => ({ CloudTrailEvent: JSON.stringify(document) })),
})

const asked = (key: string) => ({ LookupAttributes: [{ AttributeKey: 'AccessKeyId' as const, AttributeValue: key }] })

/** A call with the stolen key, so many seconds after the cut-off. */
const call = (seconds: number, parts: Document = {}): Document => documentOf({ eventTime: plus(CUTOFF, seconds), ...parts })

const EXPLICIT = { errorCode: 'AccessDenied', errorMessage: 'not authorized with an explicit deny in an identity-based policy' }
const DENIED_BY_ORGANIZATION = {
  errorCode: 'AccessDenied',
  errorMessage: 'not authorized with an explicit deny in a service control policy',
}
const IMPLICIT = { errorCode: 'AccessDenied', errorMessage: 'because no identity-based policy allows the action' }

/** The last look at these calls with the stolen key; CloudTrail shows our own up to a moment. */
const closed = async (
  calls: readonly Document[],
  {
    seenUpTo = plus(NOON, 1),
    subject = {},
    lent = {},
  }: { seenUpTo?: Instant; subject?: Partial<InstanceRoleSession>; lent?: Partial<Context> } = {},
) => {
  const { context, kept, progress } = lentContext(lent)
  const who = subjectLike(subject)
  cloudtrail.on(LookupEventsCommand, asked(who.accessKeyId)).resolves(eventsOf(calls))
  cloudtrail.on(LookupEventsCommand, asked(RESPONDER)).resolves(eventsOf([documentOf({ eventTime: seenUpTo })]))
  const { revocation } = restartedIncident().facts
  const incident = incidentWith<'subject' | 'revocation'>({
    ...{ subject: who, revocation: { ...revocation, cutoff: CUTOFF } },
    ...{ activity: TRACED },
  })
  return { closure: factOf(await closeIncident.assess(incident, context)), kept, progress, context }
}

/** A trace that shows nothing else. */
const NO_ROWS = { rows: [], all: 0 }
const TRACED = { artefacts: NO_ROWS, chainedSessions: NO_ROWS, siblingKeys: NO_ROWS, origins: NO_ROWS } as unknown as Activity

const closureOf = async (...calls: readonly Document[]): Promise<Closure> => (await closed(calls)).closure

describe('close-incident says that the attacker is out', () => {
  it('the attacker is out when calls after the cut-off are refused with an explicit deny', async () => {
    const closure = await closureOf(call(90, EXPLICIT), call(20, EXPLICIT), call(-100))
    expect(closure).toMatchObject({
      refused: 2,
      workloadRefused: 0,
      ambiguousRefused: 0,
      deniedOtherwise: 0,
      firstRefusal: plus(CUTOFF, 20),
      lastRefusal: plus(CUTOFF, 90),
      lastSuccess: plus(CUTOFF, -100),
      successesAfterGrace: 0,
      seenUpTo: plus(NOON, 1),
      unproven: [],
      alarms: [],
    })
    expect(blockText(closeIncident.describe({ closure }))).toContain(
      'The attacker is out of us-east-1: 2 calls of the attacker refused by the revocation',
    )
  })

  it('a refusal shortly before the cut-off counts, since the deny takes effect when it is written', async () => {
    expect(await closureOf(call(-20, EXPLICIT))).toMatchObject({ refused: 1 })
  })

  it.each<[string, Document]>([
    ['a refusal before the cut-off that names no deny', call(-20, IMPLICIT)],
    ['a refusal after the cut-off that names no deny', call(90, IMPLICIT)],
    ['the deny of another kind of policy', call(90, DENIED_BY_ORGANIZATION)],
    ['a refusal from before the revocation', call(-61, EXPLICIT)],
    ['an error that is no refusal', call(30, { errorCode: 'NoSuchBucket' })],
    ['GetCallerIdentity, which answers under every deny', call(30, { ...EXPLICIT, eventName: 'GetCallerIdentity' })],
    ['the workload on the instance', call(30, { ...EXPLICIT, sourceIPAddress: '203.0.113.20' })],
    ['a service on its behalf', call(30, { ...EXPLICIT, sourceIPAddress: 'autoscaling.amazonaws.com' })],
  ])('the proof never comes from %s', async (_, document) => {
    const closure = await closureOf(document)
    expect(closure.refused).toBe(0)
    expect(closure.unproven).toEqual([
      expect.stringContaining('CloudTrail shows no call of the attacker that the revocation refused'),
    ])
    expect(blockText(closeIncident.describe({ closure }))).toContain(
      'CloudTrail shows no call of the attacker that the revocation refused (yet).',
    )
  })
})

it('recognises the attacker by an IPv6 address of the theft in any spelling', async () => {
  const refused = call(30, { ...EXPLICIT, sourceIPAddress: '2001:DB8:0:0::BAD' })
  const caller = { ip: '2001:db8::bad', origin: 'foreign' } as const
  expect((await closed([refused], { subject: { caller } })).closure.refused).toBe(1)
})

it('recognises the workload by its IPv6 address in any spelling', async () => {
  const refused = call(30, { ...EXPLICIT, sourceIPAddress: '2001:DB8:0:0::20', userAgent: 'sdk' })
  const of = async (own: string) => (await closed([refused], { subject: { ownAddresses: [own] } })).closure
  expect(await of('2001:db8::20')).toMatchObject({ refused: 0, workloadRefused: 1, ambiguousRefused: 0 })
  expect(await of('2001:db8::21')).toMatchObject({ refused: 0, workloadRefused: 0, ambiguousRefused: 1 })
})

describe('calls that are denied without an explicit deny', () => {
  it('are counted apart from the calls that the revocation refused', async () => {
    const closure = await closureOf(call(120, IMPLICIT), call(90, EXPLICIT), call(30, IMPLICIT), call(-5, IMPLICIT))
    expect(closure).toMatchObject({
      refused: 1,
      deniedOtherwise: 2,
      firstRefusal: plus(CUTOFF, 90),
      lastRefusal: plus(CUTOFF, 90),
    })
    expect(blockText(closeIncident.describe({ closure }))).toMatch(
      /1 call of the attacker refused by the revocation,[\s\S]*\s2 calls were denied for other reasons/,
    )
  })

  it('do not show by themselves that the attacker is out', async () => {
    const closure = await closureOf(call(90, IMPLICIT))
    expect(closure).toMatchObject({ refused: 0, deniedOtherwise: 1 })
    const text = blockText(closeIncident.describe({ closure }))
    expect(text).not.toContain('The attacker is out')
    expect(text).toContain('1 call was denied for other reasons, which proves nothing')
  })
})

describe('an attacker who still gets in', () => {
  it('is an alarm when a call from outside succeeds later than 5 minutes after the cut-off', async () => {
    const closure = await closureOf(call(301), call(20, EXPLICIT))
    expect(closure).toMatchObject({ successesAfterGrace: 1, lastSuccess: plus(CUTOFF, 301) })
    expect(closure.alarms).toEqual([expect.stringMatching(/^THE ATTACKER STILL GETS IN: 1 call with ASIAXCSEC6TNGZ6EZUUO/)])
    const text = blockText(closeIncident.describe({ closure }))
    expect(text).toContain('THE ATTACKER STILL GETS IN')
    expect(text).not.toContain('The attacker is out')
  })

  it('is not "out" when a call succeeds after the last refusal', async () => {
    const text = blockText(closeIncident.describe({ closure: await closureOf(call(60), call(20, EXPLICIT)) }))
    expect(text).not.toContain('The attacker is out')
    expect(text).toContain('1 call of the attacker refused by the revocation')
  })

  it.each<[string, Document]>([
    ['in the grace, while the policy may be spreading', call(300)],
    ['as GetCallerIdentity, which always answers', call(400, { eventName: 'GetCallerIdentity' })],
    ['as a service', call(400, { sourceIPAddress: 's3.amazonaws.com' })],
  ])('is no alarm when the call succeeds %s', async (_, document) => {
    expect(await closureOf(document)).toMatchObject({ successesAfterGrace: 0, alarms: [] })
  })

  it.each(['10.0.1.20', '192.0.2.99', '2001:db8::bad'])(
    'is another alarm when a call succeeds from %s, which nothing shows to be the attacker’s: the deny does not hold',
    async (sourceIPAddress) => {
      const { alarms } = await closureOf(call(400, { sourceIPAddress, userAgent: 'sdk' }))
      expect(alarms).toEqual([expect.stringMatching(/^THE DENY DOES NOT HOLD: 1 call with ASIAXCSEC6TNGZ6EZUUO/)])
    },
  )
})

describe('what close-incident lists as unproven', () => {
  it('the calls of the last minutes are unproven, since CloudTrail does not show them yet', async () => {
    const { closure } = await closed([call(20, EXPLICIT)], { seenUpTo: plus(CUTOFF, 1199) })
    expect(closure.unproven).toEqual([`us-east-1: denied; CloudTrail shows nothing after ${plus(CUTOFF, 1199)} yet`])
    expect(blockText(closeIncident.describe({ closure }))).not.toContain('The attacker is out')
  })

  it('calls from an address of the account are unproven, since they may be the workload’s', async () => {
    const subject: Partial<InstanceRoleSession> = { caller: { ip: '203.0.113.20', origin: 'instance' } }
    const { closure } = await closed([call(20, { ...EXPLICIT, sourceIPAddress: '203.0.113.20' })], { subject })
    expect(closure.refused).toBe(0)
    expect(closure.unproven.join()).toContain('CloudTrail does not distinguish the attacker’s calls there from the workload’s')
  })

  it('a denied read of CloudTrail is listed as unproven', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('AccessDeniedException'))
    const { context } = lentContext()
    const { subject, revocation } = restartedIncident().facts
    const { seenUpTo, unproven } = factOf(await closeIncident.assess(incidentWith({ subject, revocation }), context))
    expect(seenUpTo).toBeUndefined()
    expect(unproven.join()).toContain('cloudtrail:LookupEvents is denied')
  })
})

describe('the last look at CloudTrail', () => {
  it('asks every Region once, and us-east-1 for what is global', async () => {
    await closed([], { subject: { region: 'eu-central-1' }, lent: { regions: ['eu-central-1', 'eu-west-1'] } })
    const looks = cloudtrail.commandCalls(LookupEventsCommand, asked('ASIAXCSEC6TNGZ6EZUUO'))
    const looked = await Promise.all(looks.map(({ thisValue }) => (thisValue as CloudTrailClient).config.region()))
    expect(new Set(looked)).toEqual(new Set(['eu-central-1', 'us-east-1', 'eu-west-1']))
    expect(looks).toHaveLength(3)
    expect(looks[0]?.args[0].input.StartTime).toEqual(new Date(plus(CUTOFF, -3_600)))
  })

  it('keeps the records unchanged, the workload’s too', async () => {
    const { kept } = await closed([call(20, EXPLICIT), call(30, { sourceIPAddress: '203.0.113.20' })])
    expect(kept).toMatchObject([{ name: 'cloudtrail-last-look', content: [expect.any(String), expect.any(String)] }])
  })

  it('goes on, with a proof wait, until CloudTrail shows the moment in which it began', async () => {
    const { context, progress } = lentContext({ proofWait: 3_600 })
    cloudtrail
      .on(LookupEventsCommand, asked(RESPONDER))
      .resolvesOnce(eventsOf([documentOf({ eventTime: plus(NOON, -300) })]))
      .resolvesOnce(eventsOf([documentOf({ eventTime: plus(NOON, -300) })]))
      .resolves(eventsOf([documentOf({ eventTime: plus(NOON, 5) })]))
    const { subject, revocation } = restartedIncident().facts
    const incident = incidentWith<'subject' | 'revocation'>({ subject, revocation: { ...revocation, cutoff: CUTOFF } })
    const closure = factOf(await closeIncident.assess(incident, context))
    expect(closure.seenUpTo).toBe(plus(NOON, 5))
    // Two looks at once show too little; the third comes with the interval of a young wait for CloudTrail.
    expect(context.now()).toBe(plus(NOON, 20))
    expect(progress[0]).toBe(
      `CloudTrail shows what happened in us-east-1 up to ${plus(NOON, -300)}; waiting until it shows ${NOON}`,
    )
  })

  it('does not end, with a proof wait, before CloudTrail shows 15 minutes after the grace', async () => {
    const { context } = lentContext({ proofWait: 1_800 })
    const { subject, revocation } = restartedIncident().facts
    cloudtrail.on(LookupEventsCommand, asked(RESPONDER)).callsFake(() => eventsOf([documentOf({ eventTime: context.now() })]))
    await closeIncident.assess(incidentWith({ subject, revocation: { ...revocation, cutoff: NOON } }), context)
    expect(context.now()).toBe(plus(NOON, 1_200))
  })

  it('claims nothing in a dry run, which revoked nothing', async () => {
    const { subject, revocation } = restartedIncident().facts
    const assumed = incidentWith({ subject, revocation }, { assumed: ['revocation'] })
    const closure = factOf(await closeIncident.assess(assumed, lentContext().context))
    expect(closure).toEqual({
      refused: 0,
      deniedOtherwise: 0,
      successesAfterGrace: 0,
      unproven: ['decided after the revocation'],
      alarms: [],
    })
    expect(cloudtrail).not.toHaveReceivedAnyCommand()
  })
})
