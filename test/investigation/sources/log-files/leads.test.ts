import { describe, expect, it } from 'vitest'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { type PrincipalRef, questionOf } from '../../../../src/investigation/question.ts'
import type { Document } from '../../records.ts'
import {
  callBy,
  delivered,
  idsIn,
  idsOf,
  roleCall,
  scanFor,
  sessionOf,
  stolenCall,
  strangerCall,
  theKey,
  writeLogs,
} from './logs.ts'
import { temporaryFolder } from './temporary.ts'

/** A file for each list, the newest file first, as a scan reads them. */
const scanNewestFirst = (files: readonly (readonly Document[])[], principal: PrincipalRef, more = {}) => {
  const folder = temporaryFolder()
  files.forEach((documents, index) => {
    const day = String(28 - index).padStart(2, '0')
    writeLogs(folder, { [`1_CloudTrail_us-east-1_202603${day}T0000Z_x.json`]: delivered(documents) })
  })
  return scanFor([folder], principal, more)
}

const issue = (accessKeyId: string, parts: Document = {}): Document =>
  stolenCall({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    requestParameters: { roleArn: 'arn:aws:iam::444455556666:role/admin', roleSessionName: 'x' },
    responseElements: { credentials: { accessKeyId, sessionToken: 'never kept', expiration: 'x' } },
    ...parts,
  })

const CHAINED_SESSION = 'ASIACHILD00000000001'
const GRANDCHILD = 'ASIACHILD00000000002'

describe('principals that records lead to', () => {
  it('the role of a key is searched for in files that were read before too', async () => {
    const [before, between, behind] = [roleCall(), roleCall(), roleCall()]
    const own = stolenCall()
    const { states, files, events } = await scanNewestFirst([[before, strangerCall()], [between], [own], [behind]], theKey)
    expect(idsIn(states[0])).toEqual(idsOf([before, between, own, behind]))
    expect({ files, events }).toEqual({ files: 4, events: 5 })
  })

  it('no baseline principal is added when one is given, or for a role, a user or an address', async () => {
    const own = stolenCall()
    const files = [[roleCall()], [own]]
    const question = questionOf(theKey, { baselinePrincipal: { kind: 'role', value: 'stranger' } })
    const given = await scanNewestFirst(files, theKey, { questions: [question] })
    expect(idsIn(given.states[0])).toEqual(idsOf([own]))
    const address = await scanNewestFirst([[roleCall({ sourceIPAddress: '10.0.0.1' })], [own]], {
      kind: 'ip',
      value: '198.51.100.7',
    })
    expect(idsIn(address.states[0])).toEqual(idsOf([own]))
  })

  it('sessions that a key obtained are followed, and sessions that those obtained', async () => {
    const chainedSession = callBy(sessionOf(CHAINED_SESSION, 'admin', 'x'))
    const grandchild = callBy(sessionOf(GRANDCHILD, 'deeper', 'y'))
    const passed = { ...issue(GRANDCHILD), userIdentity: sessionOf(CHAINED_SESSION, 'admin', 'x') }
    const files = [[grandchild], [chainedSession], [passed, strangerCall()], [issue(CHAINED_SESSION)]]
    const { chainedSessions } = await scanNewestFirst(files, theKey, { followChainedSessions: true })
    expect([...chainedSessions.keys()].sort()).toEqual([`access-key-id ${CHAINED_SESSION}`, `access-key-id ${GRANDCHILD}`])
    expect(idsIn(chainedSessions.get(`access-key-id ${CHAINED_SESSION}`))).toEqual(idsOf([chainedSession, passed]))
    expect(idsIn(chainedSessions.get(`access-key-id ${GRANDCHILD}`))).toEqual(idsOf([grandchild]))
    expect((await scanNewestFirst(files, theKey)).chainedSessions.size).toBe(0)
  })

  it('records with a session’s key do not count when they are older than the session that obtained it', async () => {
    const chainedSession = callBy(sessionOf(CHAINED_SESSION, 'admin', 'x'))
    const impossible = callBy(sessionOf(CHAINED_SESSION, 'admin', 'x'), { eventTime: '2026-01-01T00:00:00Z' })
    const passed = {
      ...issue(GRANDCHILD, { eventTime: '2026-01-01T00:00:00Z' }),
      userIdentity: sessionOf(CHAINED_SESSION, 'admin', 'x'),
    }
    const { chainedSessions } = await scanNewestFirst([[issue(CHAINED_SESSION)], [chainedSession, impossible, passed]], theKey, {
      followChainedSessions: true,
    })
    expect([...chainedSessions.keys()]).toEqual([`access-key-id ${CHAINED_SESSION}`])
    expect(idsIn(chainedSessions.get(`access-key-id ${CHAINED_SESSION}`))).toEqual(idsOf([chainedSession]))
  })

  it('all records of a session that a role obtained count, in any order of reading', async () => {
    const early = {
      ...issue(CHAINED_SESSION, { eventTime: '2026-02-10T01:00:00Z' }),
      userIdentity: sessionOf('ASIAROLE000000000001'),
    }
    const late = {
      ...issue(CHAINED_SESSION, { eventTime: '2026-03-10T01:00:00Z' }),
      userIdentity: sessionOf('ASIAROLE000000000002'),
    }
    const calls = ['2026-01-05T00:00:00Z', '2026-02-15T00:00:00Z', '2026-03-15T00:00:00Z'].map((eventTime) =>
      callBy(sessionOf(CHAINED_SESSION, 'admin', 'x'), { eventTime }),
    )
    const role: PrincipalRef = { kind: 'role', value: 'web-app' }
    for (const files of [
      [[late], calls, [early]],
      [[early], calls, [late]],
    ]) {
      const { chainedSessions } = await scanNewestFirst(files, role, { followChainedSessions: true })
      expect(idsIn(chainedSessions.get(`access-key-id ${CHAINED_SESSION}`))).toEqual(idsOf(calls))
    }
  })

  it('sessions of refused calls and of calls outside the scope are not followed', async () => {
    const refused = issue('ASIACHILD00000000003', { errorCode: 'AccessDenied' })
    const earlier = issue('ASIACHILD00000000004', { eventTime: '2026-02-01T00:00:00Z' })
    const questions = [questionOf(theKey, { scope: { from: '2026-03-01T00:00:00Z' as Instant } })]
    const { chainedSessions } = await scanNewestFirst([[refused, earlier, issue(CHAINED_SESSION)]], theKey, {
      questions,
      followChainedSessions: true,
    })
    expect([...chainedSessions.keys()]).toEqual([`access-key-id ${CHAINED_SESSION}`])
  })

  it('many sessions are found at once', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `ASIAMANY0000000000${String(index).padStart(2, '0')}`)
    const calls = keys.map((key) => callBy(sessionOf(key, 'admin', 'x')))
    const files = [[strangerCall(), ...calls, strangerCall()], [...keys.map((key) => issue(key))]]
    const { chainedSessions } = await scanNewestFirst(files, theKey, { followChainedSessions: true })
    expect(keys.map((key) => idsIn(chainedSessions.get(`access-key-id ${key}`)))).toEqual(calls.map((call) => idsOf([call])))
  })
})

describe('chained sessions beyond the limit', () => {
  const keys = Array.from({ length: 503 }, (_, index) => `ASIAMANY000000000${String(index).padStart(3, '0')}`)

  it('are counted, each once', async () => {
    const files = [keys.slice(0, 250), keys.slice(250), keys].map((some) => some.map((key) => issue(key)))
    const { chainedSessions, unfollowed } = await scanNewestFirst(files, theKey, { followChainedSessions: true })
    expect({ followed: chainedSessions.size, unfollowed }).toEqual({ followed: 500, unfollowed: 3 })
  })

  it('are not counted when chained sessions are not followed, or are few', async () => {
    const files = [keys.map((key) => issue(key))]
    expect((await scanNewestFirst(files, theKey)).unfollowed).toBe(0)
    expect((await scanNewestFirst([[issue(CHAINED_SESSION)]], theKey, { followChainedSessions: true })).unfollowed).toBe(0)
  })
})

describe('several questions', () => {
  it('are answered in one scan, each by itself', async () => {
    const other = { kind: 'access-key-id', value: 'ASIASTRANGER00000001' } as const
    const [own, strange] = [stolenCall(), strangerCall()]
    const { states } = await scanNewestFirst([[own, strange]], theKey, { questions: [questionOf(theKey), questionOf(other)] })
    expect(states.map(idsIn)).toEqual([idsOf([own]), idsOf([strange])])
  })

  it('questions about the whole account count every record, and others beside them do not', async () => {
    const documents = [stolenCall(), strangerCall(), callBy({ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' })]
    const other = { kind: 'access-key-id', value: 'ASIASTRANGER00000001' } as const
    const questions = [questionOf(theKey, { wholeAccount: true }), questionOf(other)]
    const { states } = await scanNewestFirst([documents.slice(0, 1), documents.slice(1)], theKey, { questions })
    expect(states.map(idsIn)).toEqual([idsOf(documents), idsOf(documents.slice(1, 2))])
  })
})

describe('a scan', () => {
  it('reports its progress, and ends when the signal is aborted', async () => {
    const files = Array.from({ length: 8 }, () => [stolenCall()])
    const seen: number[] = []
    await scanNewestFirst(files, theKey, { onProgress: (progress: { files: number }) => seen.push(progress.files) })
    expect(seen.at(-1)).toBe(8)
    const reason = new Error('enough')
    await expect(scanNewestFirst(files, theKey, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('stores no session token', async () => {
    const { states } = await scanNewestFirst([[issue(CHAINED_SESSION)]], theKey)
    expect([...(states[0]?.keys() ?? [])].join()).not.toContain('never kept')
  })
})
