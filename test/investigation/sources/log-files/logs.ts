import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Fold } from '../../../../src/investigation/analysis/fold.ts'
import {
  baselinePrincipalOf,
  isCallOf,
  type PrincipalRef,
  type Question,
  questionOf,
} from '../../../../src/investigation/question.ts'
import { plainRecord, readRecord } from '../../../../src/investigation/read-record.ts'
import type { CloudTrailRecord } from '../../../../src/investigation/record.ts'
import { type LogAnswer, type LogScan, scanLogs } from '../../../../src/investigation/sources/log-files/scan-logs.ts'
import type { Document } from '../../records.ts'

export const theKey: PrincipalRef = { kind: 'access-key-id', value: 'ASIASTOLENKEY0000001' }

/** The identity of a caller: a session of a role. */
export const sessionOf = (key: string, role = 'web-app', session = 'i-0abc1234def567890'): Document => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLE000000001:${session}`,
  arn: `arn:aws:sts::111122223333:assumed-role/${role}/${session}`,
  accountId: '111122223333',
  accessKeyId: key,
  sessionContext: {
    sessionIssuer: { type: 'Role', arn: `arn:aws:iam::111122223333:role/app/${role}`, userName: role },
    attributes: { creationDate: '2026-03-01T00:10:00Z', mfaAuthenticated: 'false' },
  },
})

let made = 0

/** A record with its members in CloudTrail's order, and a new event id. */
export const callBy = (userIdentity: Document, parts: Document = {}): Document => {
  made += 1
  const { requestParameters = null, responseElements = null, ...others } = parts
  return {
    eventVersion: '1.09',
    userIdentity,
    eventTime: '2026-03-01T12:00:00Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    awsRegion: 'us-east-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.15.0',
    requestParameters,
    responseElements,
    requestID: `request-${made}`,
    eventID: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...others,
  }
}

export const stolenCall = (parts: Document = {}): Document => callBy(sessionOf(theKey.value), parts)
export const roleCall = (parts: Document = {}): Document => callBy(sessionOf('ASIAROLE000000000001'), parts)
export const strangerCall = (parts: Document = {}): Document =>
  callBy(sessionOf('ASIASTRANGER00000001', 'stranger', 'somebody'), parts)

export const delivered = (documents: readonly unknown[]): string => JSON.stringify({ Records: documents })

export const gzipped = (text: string): Buffer => gzipSync(text)

/** Writes files by name into a folder, and gives their paths. */
export const writeLogs = (folder: string, files: Readonly<Record<string, string | Uint8Array>>): string[] =>
  Object.entries(files).map(([name, content]) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  })

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value

/** A record as text, equal for any order of its members. */
const textOf = (record: CloudTrailRecord): string => JSON.stringify(plainRecord(record), sorted)

/** Records, each once. */
export type Gathered = Map<string, CloudTrailRecord>

/** A fold that gathers records, so that tests can compare what scans find. */
export const gather = (_question: Question): Fold<Gathered, Question, Gathered> => ({
  empty: () => new Map(),
  add: (state, record) => state.set(textOf(record), plainRecord(record)),
  merge: (into, other) => {
    for (const [name, record] of other) into.set(name, record)
  },
  finish: (state) => state,
})

/** Scans for the stolen key in the main thread, unless other options are given. */
export const scanFor = (
  paths: readonly string[],
  principal: PrincipalRef = theKey,
  more: Partial<LogScan<Gathered>> = {},
): Promise<LogAnswer<Gathered>> =>
  scanLogs({ paths, questions: [questionOf(principal)], fold: { name: 'gather', make: gather }, threads: 1, ...more })

export const idsIn = (state: Gathered | undefined): string[] => [...(state?.values() ?? [])].map(({ eventId }) => eventId).sort()

export const idsOf = (documents: readonly Document[]): string[] => documents.map(({ eventID }) => String(eventID)).sort()

/** What a full parse finds: the principal's records, and those of their baseline principals. */
export const foundByReading = (documents: readonly unknown[], principal: PrincipalRef): string[] => {
  const records = documents.map(readRecord).filter((record) => record !== undefined)
  const own = records.filter((record) => isCallOf(principal, record))
  const baselines = ['role', 'user', 'ip'].includes(principal.kind) ? [] : own.map(baselinePrincipalOf)
  const isWanted = (record: CloudTrailRecord): boolean =>
    [principal, ...baselines].some((one) => one !== undefined && isCallOf(one, record))
  return [...new Set(records.filter(isWanted).map(textOf))].sort()
}

export const textsIn = (state: Gathered | undefined): string[] => [...(state?.keys() ?? [])].sort()
