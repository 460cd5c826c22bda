import type { Account, Behaviour } from '../../src/simulator/account/account.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import { emptyAccount } from '../../src/simulator/account/empty-account.ts'
import type { ServiceName } from '../../src/simulator/call.ts'
import { steppingClock } from '../../src/simulator/clock.ts'
import { issueSession } from '../../src/simulator/issue-credentials.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { TrailEvent } from '../../src/simulator/records/record-document.ts'
import { type OpenAccount, openAccount } from '../../src/simulator/serve-account.ts'

/** A Wednesday. */
export const NOW = Date.UTC(2026, 10, 25, 2, 0, 0)

const allowAll = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })

export interface QuietAccount {
  readonly account: Account
  readonly open: OpenAccount
  /** A session of role `auditor`, which may do anything. */
  readonly auditor: IssuedCredential
  readonly ask: <O = Record<string, unknown>>(
    service: ServiceName,
    operation: string,
    input?: Readonly<Record<string, unknown>>,
    region?: string,
  ) => Promise<O>
}

export const addRole = (account: Account, name: string, document = allowAll, path = '/'): void => {
  account.roles.set(name, {
    name,
    id: `AROA${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}0000000000`.slice(0, 21),
    path,
    trustPolicy: '{}',
    createdAt: NOW - 1e10,
    maxSessionDuration: 43_200,
    tags: {},
    attachedPolicies: [],
    inline: new Map([['rights', { document, writtenAt: NOW - 1e10 }]]),
    deleted: new Map(),
  })
}

export const sessionOf = (account: Account, roleName: string, sessionName: string, issuedAt = NOW - 60_000): IssuedCredential => {
  const role = account.roles.get(roleName)
  if (!role) throw new RangeError(`no role ${roleName}`)
  return issueSession(account, role, sessionName, 43_200, issuedAt)
}

/** An account in which nothing happens by itself, with a detector, a graph and one role that may do anything. */
export const quietAccount = (behaviour: Partial<Behaviour> = {}): QuietAccount => {
  const account = emptyAccount({
    id: '111122223333',
    region: 'us-east-1',
    alias: 'test',
    clock: steppingClock(NOW),
    behaviour: { callTakes: 1, ...behaviour },
    detectorId: '7ab2c0d4e6f81a3b5c7d9e0f1a2b3c4d',
    graphArn: 'arn:aws:detective:us-east-1:111122223333:graph:4e6f81a3b5c7d9e0f1a2b3c4d7ab2c0d',
    trails: [{ name: 'main', bucketName: 'logs' }],
  })
  addRole(account, 'auditor')
  const auditor = sessionOf(account, 'auditor', 'tester')
  const open = openAccount({ account, cast: { responder: auditor, attacker: auditor, workload: auditor } })
  let asked = 0
  const ask: QuietAccount['ask'] = async <O>(service: ServiceName, operation: string, input = {}, region = 'us-east-1') => {
    asked += 1
    const { accessKeyId, sessionToken = '' } = auditor
    const origin = { region, sourceIp: '192.0.2.1', userAgent: 'test', requestId: `request-${asked}` }
    return (await open.answer({ service, operation, input, accessKeyId, sessionToken, ...origin })) as O
  }
  return { account, open, auditor, ask }
}

/** Records an event `ago` seconds before NOW; delivered by NOW when it is older than six minutes. */
export const happened = (account: Account, ago: number, event: Partial<TrailEvent> = {}) =>
  recordEvent(account, {
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    readOnly: true,
    sourceIp: '203.0.113.7',
    userAgent: 'test',
    at: NOW - ago * 1000,
    ...event,
  })
