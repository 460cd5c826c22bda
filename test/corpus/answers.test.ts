import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { activityJson } from '../../src/investigation/activity-json.ts'
import { addressLookupOf, openGeography } from '../../src/investigation/geography/geography.ts'
import { finishInvestigation } from '../../src/investigation/investigation.ts'
import { type PrincipalRef, questionOf } from '../../src/investigation/question.ts'
import { logFiles } from '../../src/investigation/sources/log-files.ts'

/** A folder with `expected.jsonl` and the CloudTrail sets it speaks of; without it there is nothing to compare with. */
const CORPUS = process.env.IR_CRED_CORPUS

interface Expected {
  readonly set: string
  readonly kind: 'key' | 'session'
  readonly id: string
  readonly events: number
  readonly failed: number
  readonly denied: number
  readonly first: string
  readonly last: string
  readonly ips: Readonly<Record<string, number>>
  readonly userAgents: number
  readonly apis: Readonly<Record<string, number>>
  readonly distinctApis: number
  readonly issuedAt: readonly string[]
  readonly ec2RoleDelivery: readonly string[]
}

interface Line {
  readonly events: number
  readonly failed: number
  readonly denied: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly ips: readonly { readonly ip: string; readonly events: number }[]
  readonly userAgents: readonly unknown[]
  readonly apis: readonly {
    readonly service: string
    readonly api: string
    readonly succeeded: number
    readonly failed: number
  }[]
  readonly issuedAt: readonly string[]
  readonly ec2RoleDelivery: readonly string[]
}

const expectedAnswers = (folder: string): readonly Expected[] =>
  readFileSync(join(folder, 'expected.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const investigate = async (folder: string, logs: string, principal: PrincipalRef, wholeAccount = false) => {
  const question = questionOf(principal, { wholeAccount })
  const source = logFiles({ paths: [join(folder, 'cloudtrail', logs)], threads: 1, clock: () => new Date() })
  const reading = { signal: new AbortController().signal, progress: () => {} }
  const gathered = await source.read({ questions: [question], followChainedSessions: true, range: {} }, reading)
  return finishInvestigation(question, gathered, {
    places: addressLookupOf(await openGeography({ known: [] })),
    ownAddresses: [],
  })
}

const inWords = (line: Line) => ({
  events: line.events,
  failed: line.failed,
  denied: line.denied,
  first: line.firstSeen,
  last: line.lastSeen,
  ips: Object.fromEntries(line.ips.map(({ ip, events }) => [ip, events])),
  userAgents: line.userAgents.length,
  distinctApis: line.apis.length,
  issuedAt: line.issuedAt,
  ec2RoleDelivery: line.ec2RoleDelivery,
})

const known = (values: readonly string[]): readonly string[] => values.filter((value) => value !== '' && value !== 'None')

describe.runIf(CORPUS)('the corpus', () => {
  const folder = CORPUS ?? ''

  it.each(CORPUS ? expectedAnswers(CORPUS) : [])('$set: $kind $id', async (expected) => {
    const principal: PrincipalRef = { kind: expected.kind === 'key' ? 'access-key-id' : 'session', value: expected.id }
    const line = activityJson(await investigate(folder, expected.set, principal)) as Line
    const { events, failed, denied, first, last, ips, userAgents, distinctApis } = expected
    expect(inWords(line)).toEqual({
      ...{ events, failed, denied, first, last, ips, userAgents, distinctApis },
      issuedAt: known(expected.issuedAt),
      ec2RoleDelivery: known(expected.ec2RoleDelivery),
    })
    const calls = new Map(
      line.apis.map(({ service, api, succeeded, failed: errors }) => [`${service}:${api}`, succeeded + errors]),
    )
    for (const [api, count] of Object.entries(expected.apis)) expect(calls.get(api), api).toBe(count)
  })

  it('is read to its last file, or the file is named, and no secret of it is told', async () => {
    const found = await investigate(folder, '.', { kind: 'ip', value: '203.0.113.99' }, true)
    expect(found.report.files).toBeGreaterThan(700)
    for (const { why } of found.report.badFiles) expect(why).toMatch(/\.$/)
    expect(JSON.stringify(activityJson(found))).not.toContain('CANARY')
  })
})
