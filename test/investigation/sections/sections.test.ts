import { describe, expect, it } from 'vitest'
import type { Activity } from '../../../src/incident/facts/activity.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { persistenceSection } from '../../../src/investigation/sections/persistence.ts'
import { investigationBlocks } from '../../../src/investigation/sections/sections.ts'
import { artefactLike } from '../../support/artefacts.ts'
import { blockText } from '../../support/block-text.ts'
import { activityFrom } from '../activity-builder.ts'
import { type Document, documentOf, identity, KEY, SIBLING, after as secondsLater } from '../records.ts'

const said = (activity: Activity): string => blockText(investigationBlocks(activity))
const told = async (documents: readonly Document[], parts: Parameters<typeof activityFrom>[1] = {}): Promise<string> =>
  said(await activityFrom(documents, parts))

const DAY = 86_400
/** A call that the role made so many days before the theft, with an earlier key. */
const daysBefore = (days: number, parts: Document = {}): Document =>
  documentOf({ eventTime: secondsLater(-days * DAY), userIdentity: { ...identity, accessKeyId: SIBLING }, ...parts })

const assumed = (parts: Document = {}): Document =>
  documentOf({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    requestParameters: { roleArn: 'arn:aws:iam::444455556666:role/deploy', roleSessionName: 'x' },
    responseElements: { credentials: { accessKeyId: 'ASIAXCSEC6TNCHAINED1' } },
    ...parts,
  })

describe('each question is a section, and names its source', () => {
  it.each(['When', 'API call volume', 'Failed calls', 'Newly observed', 'Credentials', 'Chained sessions', 'Persistence'])(
    '%s',
    async (name) => {
      expect(await told([documentOf()])).toContain(`${name} (CloudTrail)`)
    },
  )

  it('a source without calls gives no section: that nothing was seen is said', async () => {
    expect(await told([])).toContain('There is no call of it in this source.')
    const words = await told([], { report: { incomplete: ['us-east-1 was denied'] } })
    expect(words).toContain('What could be read contains no call of it.')
    expect(words).toContain('us-east-1 was denied')
    expect(words).not.toContain('API call volume')
  })
})

describe('the section of time', () => {
  it('tells first and last call, the issue, and how the calls ended', async () => {
    const words = await told([
      documentOf(),
      documentOf({ eventTime: secondsLater(60), errorCode: 'AccessDenied' }),
      documentOf({ eventTime: secondsLater(90), errorCode: 'NoSuchBucket' }),
    ])
    expect(words).toContain(`first seen: ${secondsLater(0).replace('.000', '')}`)
    expect(words).toContain(`last seen: ${secondsLater(90).replace('.000', '')}`)
    expect(words).toContain('issued: 2026-11-25T01:07:00Z')
    expect(words).toContain('3: 1 succeeded, 1 denied, 1 failed otherwise')
  })

  it('says how much baseline there is, and that less than two weeks is training', async () => {
    expect(await told([documentOf()])).toContain('none: there are no records from before the scope')
    expect(await told([daysBefore(10), documentOf()])).toMatch(
      /10(\.\d)? days before the scope, which is all there is, 1 call; in training/,
    )
    expect(await told([daysBefore(44.9), daysBefore(3), documentOf()])).not.toContain('in training')
  })
})

describe('the volume', () => {
  const burst = (calls: number): Document[] => Array.from({ length: calls }, (_, i) => documentOf({ eventTime: secondsLater(i) }))

  it('marks a spike against what is usual, by the rule that it states', async () => {
    const words = await told([daysBefore(40), daysBefore(20), ...burst(30)])
    expect(words).toContain('2 minutes with calls, 2 spikes.')
    expect(words).toContain('A spike is an hour with at least 10 calls')
    expect(words).toMatch(/ok: 20; failed: 0; usual: 0\.0; spike: succeeded/)
  })

  it('shows the spikes and the busiest times when there are too many to show, and says how many it left out', async () => {
    const quiet = Array.from({ length: 60 }, (_, i) => documentOf({ eventTime: secondsLater(i * 60) }))
    const words = await told([...quiet, ...burst(20)])
    expect(words).toContain('45 more are not shown here.')
    expect(words).toContain('ok: 21; failed: 0')
  })

  it('keeps the spikes of a fact that cannot keep all, however late they are, and counts them all', async () => {
    const quiet = Array.from({ length: 60 }, (_, i) => documentOf({ eventTime: secondsLater(i * 60) }))
    const late = Array.from({ length: 40 }, (_, i) => documentOf({ eventTime: secondsLater(80 * 60 + i * 3) }))
    const activity = await activityFrom([daysBefore(40), ...quiet, ...late], { rows: 1 })
    expect(activity.volume).toMatchObject({ spikes: 3, buckets: { rows: [{ succeeded: 20 }], all: 63 } })
    expect(said(activity)).toContain('63 minutes with calls, 3 spikes.')
  })
})

describe('failed calls', () => {
  it('stand by class, error and API', async () => {
    const words = await told([
      documentOf({ errorCode: 'AccessDenied' }),
      documentOf({ errorCode: 'Client.UnauthorizedOperation', eventName: 'DescribeInstances', eventSource: 'ec2.amazonaws.com' }),
      documentOf({ errorCode: 'ThrottlingException' }),
      documentOf({ errorCode: 'NoSuchBucket' }),
    ])
    expect(words).toContain('by class: 2 denied, 1 throttled, 1 invalid')
    expect(words).toContain('class: denied; error: Client.UnauthorizedOperation; API: ec2:DescribeInstances; calls: 1')
  })
})

describe('new behaviour', () => {
  it('is told with its first sight, and who it is new for', async () => {
    const words = await told([daysBefore(40), documentOf({ eventName: 'CreateUser', eventSource: 'iam.amazonaws.com' })])
    expect(words).toMatch(/new: API; what: iam:CreateUser; first seen: \S+; calls: 1; new for: role/)
    expect(words).toContain('ir-cred cannot tell what is new for the whole account')
  })
})

describe('chainedSessions', () => {
  const revoked = { roleArn: 'arn:aws:iam::111122223333:role/service/web-app', cutoff: secondsLater(600) as Instant }

  it('chained sessions of another role are not touched by the revocation', async () => {
    const words = await told([assumed()], { known: { revoked } })
    expect(words).toMatch(
      /AssumeRole arn:aws:iam::444455556666:role\/deploy at [^\n]*key ASIAXCSEC6TNCHAINED1[^\n]*NOT denied by the revocation/,
    )
  })

  it('chained sessions that were read are shown with what they did', async () => {
    const chainedSession = documentOf({
      userIdentity: { ...identity, accessKeyId: 'ASIAXCSEC6TNCHAINED1' },
      eventTime: secondsLater(30),
    })
    const chainedSessions = [{ kind: 'access-key-id', value: 'ASIAXCSEC6TNCHAINED1' }] as const
    expect(await told([assumed(), chainedSession], { chainedSessions })).toMatch(/key ASIAXCSEC6TNCHAINED1, 1 call, last /)
  })

  it('chained sessions that were refused are attempts', async () => {
    const words = await told([assumed({ errorCode: 'AccessDenied', responseElements: null })])
    expect(words).toContain('refused (AccessDenied)')
    expect(words).not.toContain('NOT denied')
  })
})

describe('artefacts', () => {
  const created = documentOf({
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    readOnly: false,
    requestParameters: { userName: 'support' },
    eventID: 'event-of-the-user',
  })

  it('have technique, record and a remedy to copy', async () => {
    const words = await told([created])
    expect(words).toMatch(/user support \(T1136\.003 [^)]+\), \S+, event event-of-the-user/)
    expect(words).toContain('aws iam delete-user --user-name support')
  })

  it('calls that failed leave no artefact to remove', async () => {
    const words = await told([documentOf({ ...created, errorCode: 'AccessDenied' })])
    expect(words).toContain('1 attempt to leave a persistence artefact failed')
    expect(words).not.toContain('delete-user')
  })

  it('artefacts that are not listed are not counted as failed', () => {
    const words = blockText(
      persistenceSection({ artefacts: { rows: [artefactLike(), artefactLike({ succeeded: false })], all: 5 } }),
    )
    expect(words).toContain(
      '1 persistence artefact is in place as far as the records show, 1 attempt to leave one failed, 3 more calls may have left one.',
    )
  })

  it('artefacts of a session and its chained sessions are in the order of time, and one session may remove what another left', async () => {
    const below = 'ASIAXCSEC6TNCHAINED1'
    const byChainedSession = { userIdentity: { ...identity, accessKeyId: below } }
    const deletion = documentOf({
      ...created,
      ...byChainedSession,
      eventName: 'DeleteUser',
      eventTime: secondsLater(20),
      eventID: 'undone',
    })
    const role = { eventName: 'CreateRole', requestParameters: { roleName: 'door' }, eventID: 'event-of-the-role' }
    const later = documentOf({ ...created, ...role, eventTime: secondsLater(30) })
    const { artefacts } = await activityFrom([created, assumed(), deletion, later], {
      chainedSessions: [{ kind: 'access-key-id', value: below }],
    })
    expect(artefacts.rows.map(({ eventName, undoneBy }) => [eventName, undoneBy?.eventId])).toEqual([
      ['CreateUser', 'undone'],
      ['CreateRole', undefined],
    ])
  })
})

describe('the section of the credentials', () => {
  it('names the other keys of the session, and marks those of the same second', async () => {
    const words = await told([documentOf(), documentOf({ userIdentity: { ...identity, accessKeyId: SIBLING } })])
    expect(words).toContain(`${SIBLING}, 1 call, `)
    expect(words).toContain('in the same second: the attacker may hold it too')
  })

  it('does not take newer credentials for stolen ones', async () => {
    const newer = {
      ...identity,
      accessKeyId: SIBLING,
      sessionContext: { ...(identity.sessionContext as object), attributes: { creationDate: '2026-11-25T02:07:00Z' } },
    }
    expect(await told([documentOf(), documentOf({ userIdentity: newer, eventTime: secondsLater(7200) })])).toContain(
      'newer than the credentials in scope',
    )
  })
})

it('lists that were cut say how long they were', async () => {
  const many = Array.from({ length: 40 }, (_, i) => documentOf({ sourceIPAddress: `198.51.100.${i}` }))
  const activity = await activityFrom(many, { rows: 10 })
  expect(activity.ips.rows).toHaveLength(10)
  expect(activity.ips.all).toBe(40)
  expect(said(activity)).toContain('30 more are not shown here.')
})

it('what one key is told by is that key', async () => {
  expect(await told([documentOf()])).toContain(`Activity of access key id ${KEY}, from records (1 event read)`)
})
