import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { type Caller, callersIn, everybody } from '../../../src/investigation/analysis/callers.ts'
import { foldAll } from '../../../src/investigation/analysis/fold.ts'
import { callerBlocks } from '../../../src/investigation/sections/callers.ts'
import { blockText } from '../../support/block-text.ts'
import { ACCOUNT, type Call, instant, recordOf, STOLEN } from './records.ts'

const callers = (...calls: readonly Call[]): readonly Caller[] =>
  callersIn(
    foldAll(
      activityFold(everybody({})),
      calls.map((call) => recordOf(call)),
    ),
  )
const names = (found: readonly Caller[]): readonly string[] => found.map(({ kind, name }) => `${kind} ${rawText(name)}`)

const user = (userName: string, accessKeyId: string): Call => ({
  more: {
    userIdentity: { type: 'IAMUser', principalId: `AIDA${userName}`, userName, accountId: ACCOUNT, accessKeyId },
  },
})
const service: Call = { more: { userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } }, ip: 'ec2.amazonaws.com' }
const root: Call = {
  more: { userIdentity: { type: 'Root', principalId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT } },
}

describe('everybody in the records', () => {
  it('is listed with exact counts, whatever the number of keys, and each record counts once', () => {
    const again: Call = { at: '2026-03-01T13:00:00Z', id: 'once' }
    const found = callers({}, { key: 'ASIAOTHERKEY00000001', errorCode: 'AccessDenied' }, again, again)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      ...{ kind: 'role', accountId: ACCOUNT, events: 3, failed: 1 },
      ...{ firstSeen: '2026-03-01T12:00:00Z', lastSeen: '2026-03-01T13:00:00Z' },
      keys: [
        { accessKeyId: STOLEN, events: 2, lastSeen: '2026-03-01T13:00:00Z' },
        { accessKeyId: 'ASIAOTHERKEY00000001', events: 1 },
      ],
    })
  })

  it('users, roles, the root user and services are told apart', () => {
    expect(names(callers({}, user('adam', 'AKIAADAM000000000001'), root, service)).toSorted()).toEqual([
      'role web-app',
      `root arn:aws:iam::${ACCOUNT}:root`,
      'service ec2.amazonaws.com',
      'user adam',
    ])
  })

  it('whoever did the gravest comes first, however few the calls, and services come last', () => {
    const busy = Array.from({ length: 50 }, (): Call => ({ role: 'busy' }))
    const grave: Call = { ...user('eve', 'AKIAEVE0000000000001'), event: 'iam:CreateAccessKey', request: { userName: 'eve' } }
    const found = callers(...busy, { ...service, event: 'sts:AssumeRole' }, grave)
    expect(names(found)).toEqual(['user eve', 'role busy', 'service ec2.amazonaws.com'])
    expect(found[0]?.gravest).toBe('iam:CreateAccessKey')
  })

  it('a scope leaves out what was before it', () => {
    const records = [recordOf({ at: '2026-02-01T00:00:00Z' }), recordOf({ at: '2026-03-02T00:00:00Z' })]
    const question = everybody({ from: instant('2026-03-01T00:00:00Z') })
    expect(callersIn(foldAll(activityFold(question), records))[0]?.events).toBe(1)
  })
})

describe('the list for people', () => {
  const report = {
    ...{ source: 'log files in logs', incomplete: [], limits: [], badFiles: [{ path: 'a.gz', why: 'It is damaged.' }] },
    ...{ calls: 0, files: 1, events: 60, bytes: 1 },
  }
  const many = callers(...Array.from({ length: 60 }, (_, at): Call => ({ role: `role-${at}`, key: `ASIAKEY${at}` })))

  it('is cut at its end, and says of which kind those are that it leaves out', () => {
    const words = blockText(callerBlocks({ callers: many, report }, 'short'))
    expect(words).toContain('10 more are not shown here: 10 × role')
    expect(blockText(callerBlocks({ callers: many, report }, 'full'))).toContain('role role-59')
  })

  it('names what was not read, and how to go on', () => {
    const words = blockText(callerBlocks({ callers: many, report }, 'short'))
    expect(words).toContain('a.gz: It is damaged.')
    expect(words).toContain('--access-key-id')
  })
})
