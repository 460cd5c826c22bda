import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityLine } from '../../../src/investigation/activity-json.ts'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../../src/investigation/analysis/fold.ts'
import { sessionSummary } from '../../../src/investigation/analysis/session-summary.ts'
import { artefactsIn } from '../../../src/investigation/persistence/artefacts.ts'
import { type PrincipalRef, questionOf } from '../../../src/investigation/question.ts'
import { readRecord } from '../../../src/investigation/read-record.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'

/** A folder of log files that others have published, outside the project, with the answers of another program. */
const folder = process.env.IR_CRED_CORPUS ?? ''
const present = existsSync(join(folder, 'expected.jsonl'))

interface Expected {
  readonly set: string
  readonly kind: 'session' | 'key'
  readonly id: string
  readonly events: number
  readonly failed: number
  readonly denied: number
  readonly first: string
  readonly last: string
  readonly accessKeyIds: readonly string[]
  readonly ips: Readonly<Record<string, number>>
  readonly userAgents: number
  readonly apis: Readonly<Record<string, number>>
  readonly distinctApis: number
  readonly issuedAt: readonly string[]
  readonly ec2RoleDelivery: readonly string[]
}

const expected: readonly Expected[] = present
  ? readFileSync(join(folder, 'expected.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  : []

const documentsIn = (value: unknown): readonly unknown[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('eventName' in value && 'eventTime' in value) return [value]
  return Object.values(value).flatMap(documentsIn)
}

const recordsOf = (set: string): readonly CloudTrailRecord[] => {
  const [name = '', file] = set.split('/')
  const path = join(folder, 'cloudtrail', name)
  const files = file === undefined ? readdirSync(path) : [basename(file)]
  return files.flatMap((each) =>
    documentsIn(JSON.parse(readFileSync(join(path, each), 'utf8')))
      .map(readRecord)
      .filter((record) => record !== undefined),
  )
}

/** The busiest twelve, as the other program lists them; which of several equals are among them is chance. */
const agreesWith = (counts: Readonly<Record<string, number>>, all: Readonly<Record<string, number>>): boolean =>
  Object.entries(counts).every(([name, count]) => all[name] === count)

const answerTo = ({ set, kind, id }: Expected) => {
  const principal: PrincipalRef = { kind: kind === 'key' ? 'access-key-id' : 'session', value: id }
  const question = questionOf(principal)
  const fold = activityFold(question)
  return fold.finish(foldAll(fold, recordsOf(set)), question)
}

describe.runIf(present)('published log files, counted as another program counted them', () => {
  it('there are some', () => {
    expect(expected.length).toBeGreaterThan(0)
  })

  it.each(expected)('$set $kind $id', (wanted) => {
    const counted = answerTo(wanted)
    const summary = sessionSummary(counted)
    expect({
      events: summary.events,
      failed: summary.failed,
      denied: summary.denied,
      first: summary.firstSeen,
      last: summary.lastSeen,
      userAgents: summary.userAgents.length,
      distinctApis: summary.apis.length,
      accessKeyIds: summary.accessKeyIds,
      issuedAt: summary.issuedAt,
      ec2RoleDelivery: summary.ec2RoleDelivery,
      ips: Object.fromEntries(summary.ips.map(({ ip, events }) => [rawText(ip), events])),
    }).toEqual({
      events: wanted.events,
      failed: wanted.failed,
      denied: wanted.denied,
      first: wanted.first,
      last: wanted.last,
      userAgents: wanted.userAgents,
      distinctApis: wanted.distinctApis,
      accessKeyIds: wanted.accessKeyIds.filter((key) => key !== ''),
      issuedAt: wanted.issuedAt.filter((at) => at !== ''),
      ec2RoleDelivery: wanted.ec2RoleDelivery.filter((version) => version !== 'None'),
      ips: wanted.ips,
    })
    const apis = summary.apis.map(({ service, api, succeeded, failed }) => [`${service}:${api}`, succeeded + failed])
    expect(agreesWith(wanted.apis, Object.fromEntries(apis))).toBe(true)
    const line = activityLine(counted, { chain: [], persistence: artefactsIn(counted.writeEvents), incomplete: [] })
    expect(JSON.stringify([line, counted.writeEvents])).not.toContain('CANARY')
  })
})
