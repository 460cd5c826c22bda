import { describe, expect, it, onTestFinished } from 'vitest'
import { createAwsClock, realPassing } from '../../../../src/aws/clock.ts'
import { openS3 } from '../../../../src/aws/open-clients.ts'
import { createWriteGate } from '../../../../src/aws/read-only.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { matchersFor } from '../../../../src/investigation/sources/log-files/match/matchers.ts'
import { beginBucketRun, readFirst, readMissed } from '../../../../src/investigation/sources/s3/bucket-run.ts'
import { ACCOUNT, askedOf, BUCKET, KEY, logFile, logKey, record, startBucketServer } from './bucket-server.ts'

const CHAINED_SESSION = 'ASIAEXAMPLEEXAMPLE02'
const chainedSession = { type: 'AssumedRole', accountId: ACCOUNT, accessKeyId: CHAINED_SESSION }
const obtains = {
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', readOnly: false },
  requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/admin`, roleSessionName: 'me' },
  responseElements: { credentials: { accessKeyId: CHAINED_SESSION } },
}

/** A run over the objects of a server, each listed with the given size. */
const runOver = async (bodies: readonly (readonly [key: string, body: Buffer])[], size?: number) => {
  const server = await startBucketServer()
  onTestFinished(() => server.close())
  for (const [key, body] of bodies) await server.put(key, body)
  const clock = createAwsClock(realPassing)
  const { signal } = new AbortController()
  const client = await openS3('us-east-1', {
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
    ...{ endpoint: server.endpoint, clock, writeGate: createWriteGate(), version: '0', onCall: () => {}, signal },
  })
  const matchers = matchersFor(
    askedOf({ questions: [questionOf({ kind: 'access-key-id', value: KEY })], followChainedSessions: true }),
    activityFold,
  )
  const bucket = { address: { bucket: BUCKET, prefix: '' }, client, signal, calls: 0 }
  const run = beginBucketRun({ bucket, clock, matchers, inFlight: { items: 1, bytes: 1 } }, () => {})
  const listed = async function* () {
    yield bodies.map(([key, { length }]) => ({ key, size: size ?? length }))
  }
  return { server, run, read: () => readFirst(run, listed()) }
}

const [young, old] = [logKey('2026-11-23T10:05:00'), logKey('2026-11-22T10:05:00')]
const BODIES = [
  [young, logFile(record('chainedSession', '2026-11-23T10:00:00Z', { userIdentity: chainedSession }))],
  [old, logFile(record('assume', '2026-11-22T10:00:00Z', obtains))],
] as const

describe('an object that a later pass reads again', () => {
  it('is a bad file when it cannot be read a second time', async () => {
    const { server, run, read } = await runOver(BODIES)
    await read()
    expect(run.bad).toEqual([])
    run.remembered.clear()
    server.refuse = () => ({ status: 404, code: 'NoSuchKey' })
    await readMissed(run)
    expect(run.bad).toEqual([
      { path: `s3://${BUCKET}/${young}`, why: expect.stringMatching(/^It could not be read a second time: /) },
    ])
  })
})

const LARGE = 2 ** 30

describe('an object that is too large for the memory', () => {
  it('is scanned while it is downloaded, and again for principals found since', async () => {
    const { run, read } = await runOver(BODIES, LARGE)
    await read()
    await readMissed(run)
    expect(run).toMatchObject({ files: 2, events: 2, bad: [], rememberedBytes: 0 })
    expect(run.matchers.states.get(`access-key-id ${CHAINED_SESSION}`)?.state.counter.ids.size).toBe(1)
  })

  it('is downloaded again when the download ends early, and is a bad file after three times', async () => {
    const { server, run, read } = await runOver(BODIES, LARGE)
    let cuts = 0
    server.refuse = ({ path }) => (path.endsWith(old) || ++cuts === 1 ? 'cut off' : undefined)
    await read()
    expect(run).toMatchObject({ files: 1, events: 1, bad: [{ path: `s3://${BUCKET}/${old}`, why: 'The download ended early.' }] })
  })
})
