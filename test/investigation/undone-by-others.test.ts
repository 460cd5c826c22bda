import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/incident/values/failure.ts'
import { rawText } from '../../src/incident/values/untrusted.ts'
import { type ActivityState, activityFold } from '../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../src/investigation/analysis/fold.ts'
import type { Investigation } from '../../src/investigation/investigation.ts'
import { principalName, type ReadRequest, type RecordSource } from '../../src/investigation/source.ts'
import { readUndoneByOthers, withUndoneByOthers } from '../../src/investigation/undone-by-others.ts'
import { investigationOf } from './activity-builder.ts'
import { type Document, documentOf, read, after as secondsLater } from './records.ts'

const admin = { type: 'IAMUser', principalId: 'AIDAALICE', arn: 'arn:aws:iam::111122223333:user/alice', userName: 'alice' }
const of = (eventName: string, requestParameters: object, parts: Document = {}): Document =>
  documentOf({ eventSource: 'iam.amazonaws.com', eventName, readOnly: false, requestParameters, ...parts })
const byAdmin = (eventName: string, requestParameters: object, at: number, parts: Document = {}): Document =>
  of(eventName, requestParameters, {
    ...{ userIdentity: { ...admin, accountId: '111122223333', accessKeyId: 'AKIAALICE00000000001' } },
    ...{ eventTime: secondsLater(at), ...parts },
  })

/** A source that holds these records, and notes what it was asked. */
const holding = (documents: readonly Document[], asked: ReadRequest[] = []): RecordSource<ActivityState> => ({
  name: 'records',
  resourceQuestions: { most: 100 },
  read: async (request) => {
    asked.push(request)
    const records = documents.map((document) => read(document))
    const states = new Map(
      request.questions.map((question) => {
        const state = foldAll(activityFold(question), records)
        return [principalName(question.principal), { question, state }] as const
      }),
    )
    const report = { source: 'records', incomplete: [], limits: [], badFiles: [], calls: 0, files: 0, events: 0, bytes: 0 }
    return { states, report }
  },
})

const reading = { signal: new AbortController().signal, progress: () => undefined }
/** The investigation with what somebody else undid. */
const lookedUp = async (found: Investigation, source: RecordSource<ActivityState>): Promise<Investigation> =>
  withUndoneByOthers(found, await readUndoneByOthers(found, source, reading))
const lookedAt = async (own: readonly Document[], others: readonly Document[], asked: ReadRequest[] = []) =>
  lookedUp(await investigationOf(own), holding([...own, ...others], asked))

describe('what somebody else undid', () => {
  const created = of('CreateUser', { userName: 'svc-backup' })

  it('is no longer in place, and says who did it', async () => {
    const { artefacts } = await lookedAt(
      [created],
      [byAdmin('DeleteUser', { userName: 'svc-backup' }, 60, { eventID: 'cleaned' })],
    )
    expect(artefacts).toHaveLength(1)
    expect(artefacts[0]?.undoneBy?.eventId).toBe('cleaned')
    expect(artefacts[0]?.undoneBy?.by && rawText(artefacts[0].undoneBy.by)).toBe(admin.arn)
  })

  it.each([
    ['of another name', byAdmin('DeleteUser', { userName: 'svc-backup2' }, 60)],
    ['before it was left', byAdmin('DeleteUser', { userName: 'svc-backup' }, -60)],
    ['that failed', byAdmin('DeleteUser', { userName: 'svc-backup' }, 60, { errorCode: 'AccessDenied' })],
    ['in another account', byAdmin('DeleteUser', { userName: 'svc-backup' }, 60, { recipientAccountId: '999988887777' })],
  ])('is not undone by an event %s', async (_, event) => {
    const { artefacts } = await lookedAt([created], [event])
    expect(artefacts[0]?.undoneBy).toBeUndefined()
  })

  it('what others made themselves is no artefact of the session', async () => {
    const { artefacts } = await lookedAt([created], [byAdmin('CreateAccessKey', { userName: 'svc-backup' }, 60)])
    expect(artefacts.map(({ eventName }) => eventName)).toEqual(['CreateUser'])
  })

  it('the logs are not read again where nothing is in place, and else from the first artefact on', async () => {
    const asked: ReadRequest[] = []
    await lookedAt([documentOf()], [], asked)
    const secret = { eventSource: 'secretsmanager.amazonaws.com', requestParameters: { secretId: 'app/db' } }
    await lookedAt([documentOf({ ...secret, eventName: 'GetSecretValue' })], [], asked)
    await lookedAt([created, of('DeleteUser', { userName: 'svc-backup' }, { eventTime: secondsLater(5) })], [], asked)
    expect(asked).toEqual([])
    await lookedAt([created], [], asked)
    expect(asked).toMatchObject([
      {
        questions: [{ principal: { kind: 'resource', value: 'svc-backup' } }],
        range: { from: secondsLater(0).replace('.000', '') },
      },
    ])
  })

  it('a second reading that fails leaves the answers of the first, and is named', async () => {
    const found = await investigationOf([created])
    const failing: RecordSource<ActivityState> = {
      name: 'records',
      resourceQuestions: { most: 100 },
      read: () => Promise.reject(new Failure({ kind: 'unavailable', what: 'no answer' })),
    }
    const { artefacts, incomplete } = await lookedUp(found, failing)
    expect(artefacts).toEqual(found.artefacts)
    expect(incomplete).toContain('ir-cred could not look whether somebody else undid what was left')
  })
})

describe('a source that can be asked for few names, or shows some changes only', () => {
  it('is asked for the gravest, and the answer says what was not looked for', async () => {
    const asked: ReadRequest[] = []
    const source = { ...holding([], asked), resourceQuestions: { most: 1, limit: 'some changes are not shown' } }
    const left = [of('CreateUser', { userName: 'svc-backup' }), of('CreateAccessKey', { userName: 'svc-deploy' })]
    const { incomplete } = await lookedUp(await investigationOf(left), source)
    expect(asked.flatMap(({ questions }) => questions.map(({ principal }) => principal.value))).toEqual(['svc-deploy'])
    expect(incomplete).toContain('some changes are not shown')
    expect(incomplete).toContain('for 1 more names ir-cred did not look whether somebody else undid what was left')
  })
})

describe('a trail that the session stopped', () => {
  it('is off until somebody else starts it', async () => {
    const trail = { eventSource: 'cloudtrail.amazonaws.com', requestParameters: { name: 'main-trail' } }
    const stop = documentOf({ ...trail, eventName: 'StopLogging', readOnly: false })
    const start = byAdmin('StartLogging', { name: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/main-trail' }, 60, {
      eventSource: 'cloudtrail.amazonaws.com',
    })
    const { coverage } = await lookedAt([stop], [start])
    expect(coverage.gaps.map(({ stopped, started }) => [stopped.eventName, started?.eventName])).toEqual([
      ['StopLogging', 'StartLogging'],
    ])
  })
})

describe('a source that cannot be asked who changed something', () => {
  const { resourceQuestions: _, ...mute } = holding([])
  const created = of('CreateUser', { userName: 'svc-backup' })

  it('does not show whether somebody else undid what was left, and the answer says so', async () => {
    const { incomplete } = await lookedUp(await investigationOf([created]), mute)
    expect(incomplete.join(' ')).toMatch(/whether somebody else undid what was left was not looked for/)
  })

  it.each([
    ['nothing was left', [documentOf()]],
    [
      'the session itself undid all of it',
      [created, of('DeleteUser', { userName: 'svc-backup' }, { eventTime: secondsLater(60) })],
    ],
    ['every attempt failed', [of('CreateUser', { userName: 'svc-backup' }, { errorCode: 'AccessDenied' })]],
  ])('leaves nothing unsaid where %s', async (_, documents) => {
    const found = await investigationOf(documents)
    expect(await lookedUp(found, mute)).toBe(found)
  })
})
