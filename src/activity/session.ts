import type { Activity, Tally } from '../incident/facts.ts'
import { rawText, untrusted } from '../incident/untrusted.ts'
import type { CloudTrailRecord } from './record.ts'

/** What a key did, counted. `siblings` are records of other keys of the same session. Pure; counts are exact, lists are cut at 200 rows. */
export const summarize = (
  accessKeyId: string,
  records: readonly CloudTrailRecord[],
  siblings: readonly CloudTrailRecord[],
  incomplete: readonly string[],
): Activity => {
  const own = records.filter((record) => record.accessKeyId === accessKeyId)
  const times = own.map(({ at }) => at).sort((a, b) => Date.parse(a) - Date.parse(b))
  const [firstSeen] = times
  const lastSeen = times.at(-1)
  return {
    accessKeyId,
    ...(firstSeen && lastSeen ? { firstSeen, lastSeen } : {}),
    events: own.length,
    succeeded: count(own, 'ok'),
    denied: count(own, 'denied'),
    failed: own.length - count(own, 'ok') - count(own, 'denied'),
    ips: tally(own, ({ source }) => rawText(source)),
    apis: tally(own, ({ eventSource, eventName }) => `${eventSource.replace('.amazonaws.com', '')}:${eventName}`),
    userAgents: tally(own, ({ userAgent }) => rawText(userAgent)),
    siblingKeys: siblingsOf(accessKeyId, siblings),
    assumedRoles: assumed(own),
    incomplete,
  }
}

/** Rows that a fact holds of each list, the busiest first: a journal's line has an end. All records are kept as evidence. */
const ROWS = 200

const count = (records: readonly CloudTrailRecord[], outcome: CloudTrailRecord['outcome']): number =>
  records.filter((record) => record.outcome === outcome).length

const tally = (records: readonly CloudTrailRecord[], name: (record: CloudTrailRecord) => string): readonly Tally[] => {
  const tallies = new Map<string, { succeeded: number; failed: number }>()
  for (const record of records) {
    const entry = tallies.get(name(record)) ?? { succeeded: 0, failed: 0 }
    entry[record.outcome === 'ok' ? 'succeeded' : 'failed'] += 1
    tallies.set(name(record), entry)
  }
  return [...tallies]
    .map(([key, counts]) => ({ name: untrusted(key), ...counts }))
    .sort((a, b) => b.succeeded + b.failed - (a.succeeded + a.failed))
    .slice(0, ROWS)
}

const siblingsOf = (accessKeyId: string, records: readonly CloudTrailRecord[]): Activity['siblingKeys'] => {
  const keys = new Map<string, CloudTrailRecord[]>()
  for (const record of records) {
    if (!record.accessKeyId || record.accessKeyId === accessKeyId) continue
    keys.set(record.accessKeyId, [...(keys.get(record.accessKeyId) ?? []), record])
  }
  return [...keys].slice(0, ROWS).map(([key, own]) => ({
    accessKeyId: key,
    events: own.length,
    ...(own[0]?.issuedAt ? { issuedAt: own[0].issuedAt } : {}),
    ...(own[0]?.delivery ? { delivery: own[0].delivery } : {}),
  }))
}

/** Sessions of other roles that the key obtained: a revocation of this role does not touch them. */
const assumed = (records: readonly CloudTrailRecord[]): Activity['assumedRoles'] =>
  records
    .filter(({ eventName, outcome }) => eventName.startsWith('AssumeRole') && outcome === 'ok')
    .slice(0, ROWS)
    .map(({ requested, issuedAccessKeyId, at }) => ({
      roleArn: untrusted(requested.roleArn ?? 'unknown role'),
      ...(issuedAccessKeyId ? { accessKeyId: issuedAccessKeyId } : {}),
      at,
    }))
