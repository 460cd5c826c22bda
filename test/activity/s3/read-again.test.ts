import { describe, expect, it } from 'vitest'
import { activityFold } from '../../../src/activity/analysis/activity-fold.ts'
import { questionOf } from '../../../src/activity/question.ts'
import { seekersFor } from '../../../src/activity/sources/log-files/seekers.ts'
import { beginRun, readFirst, readMissed } from '../../../src/activity/sources/s3/bucket-run.ts'
import { createAwsClock, realPassing } from '../../../src/aws/clock.ts'
import { openS3 } from '../../../src/aws/open-s3.ts'
import { createWriteLicence } from '../../../src/aws/read-only.ts'
import { ACCOUNT, askedOf, BUCKET, KEY, logFile, logKey, record, startBucketServer } from './bucket-server.ts'

const CHILD = 'ASIAEXAMPLEEXAMPLE02'
const child = { type: 'AssumedRole', accountId: ACCOUNT, accessKeyId: CHILD }
const obtains = {
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', readOnly: false },
  requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/admin`, roleSessionName: 'me' },
  responseElements: { credentials: { accessKeyId: CHILD } },
}

describe('a log file that has to be read again for whoever was found since', () => {
  it('and that cannot be had any more, is told among those that could not be read', async () => {
    const server = await startBucketServer()
    const [young, old] = [logKey('2026-11-23T10:05:00'), logKey('2026-11-22T10:05:00')]
    const bodies = [
      [young, logFile(record('child', '2026-11-23T10:00:00Z', { userIdentity: child }))],
      [old, logFile(record('assume', '2026-11-22T10:00:00Z', obtains))],
    ] as const
    for (const [key, body] of bodies) await server.put(key, body)
    const clock = createAwsClock(realPassing)
    const { signal } = new AbortController()
    const client = await openS3('us-east-1', {
      credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
      ...{ endpoint: server.endpoint, clock, licence: createWriteLicence(), version: '0', heard: () => {}, signal },
    })
    const seekers = seekersFor(
      askedOf({ questions: [questionOf({ kind: 'access-key-id', value: KEY })], followChildren: true }),
      activityFold,
    )
    const bucket = { address: { bucket: BUCKET, prefix: '' }, client, signal, calls: 0 }
    const run = beginRun({ bucket, clock, seekers, room: { items: 1, bytes: 1 } }, () => {})
    await readFirst(
      run,
      (async function* () {
        yield bodies.map(([key, { length }]) => ({ key, size: length }))
      })(),
    )
    expect(run.bad).toEqual([])
    run.remembered.clear()
    server.refuse = () => ({ status: 404, code: 'NoSuchKey' })
    await readMissed(run)
    expect(run.bad).toEqual([{ path: `s3://${BUCKET}/${young}`, why: expect.stringMatching(/^It could not be read again: /) }])
    await server.close()
  })
})
