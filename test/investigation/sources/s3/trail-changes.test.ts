import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { trailsChangedIn } from '../../../../src/investigation/sources/log-files/files-coverage.ts'
import {
  ACCOUNT,
  askedOf,
  type BucketServer,
  KEY,
  logFile,
  logKey,
  readLogs,
  record,
  startBucketServer,
} from './bucket-server.ts'

const ADMIN = {
  userIdentity: {
    type: 'IAMUser',
    arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
    accountId: ACCOUNT,
    userName: 'admin',
    accessKeyId: 'AKIAADMIN00000000001',
  },
}
const change = (eventName: string) => ({
  ...{ eventSource: 'cloudtrail.amazonaws.com', eventName, readOnly: false },
  requestParameters: { name: 'org' },
})

let server: BucketServer
beforeAll(async () => {
  server = await startBucketServer()
  await server.put(
    logKey('2026-11-23T10:05:00'),
    logFile(record('start', '2026-11-23T10:00:00Z', { ...ADMIN, ...change('StartLogging') })),
  )
  await server.put(logKey('2026-11-22T10:05:00'), logFile(record('stop', '2026-11-22T10:00:00Z', change('StopLogging'))))
  await server.put(
    logKey('2026-11-20T10:05:00'),
    logFile(record('before', '2026-11-20T10:00:00Z', { ...ADMIN, ...change('StopLogging') })),
  )
})
afterAll(() => server.close())

describe('changes of trails in a bucket', () => {
  it('are found by whoever made them, from the day on on which the principal made one', async () => {
    const asked = askedOf({ questions: [questionOf({ kind: 'access-key-id', value: KEY })] })
    const { report } = await readLogs(server, asked, { noted: trailsChangedIn }).answer()
    expect(report.coverage).toMatchObject({
      trailChanges: [{ eventName: 'StartLogging', at: '2026-11-23T10:00:00Z', trail: { untrusted: 'org' } }],
      gapsOfAll: true,
    })
  })
})
