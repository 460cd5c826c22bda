import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityLine } from '../../../src/investigation/activity-json.ts'
import { gravityOfApi } from '../../../src/investigation/analysis/api-gravity.ts'
import { attributeCalls } from '../../../src/investigation/analysis/attributed-calls.ts'
import { attributionBy } from '../../../src/investigation/analysis/call-attribution.ts'
import { bySource } from '../../../src/investigation/analysis/origin-table.ts'
import { busiestKept } from '../../../src/investigation/analysis/rows-kept.ts'
import { sessionSummary } from '../../../src/investigation/analysis/session-summary.ts'
import { type Call, counted, many, recordOf, theKey } from './records.ts'

const aCall: fc.Arbitrary<Call> = fc.record(
  {
    ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6', 'ec2.amazonaws.com'),
    at: fc.nat(50).map((minute) => `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`),
    event: fc.constantFrom('s3:ListBuckets', 'ec2:DescribeInstances', 'iam:CreateUser', 'ec2:RunInstances'),
    errorCode: fc.constantFrom('AccessDenied', 'ThrottlingException'),
  },
  { requiredKeys: ['ip', 'at', 'event'] },
)

describe('of very many addresses, the usual ones are counted together', () => {
  it('what is listed and what is folded are all calls, and a listed address has all of its own', () => {
    fc.assert(
      fc.property(fc.array(aCall, { maxLength: 40 }), fc.nat(6), fc.nat(3), (calls, rows, ofAnApi) => {
        const { scope, origins } = counted(calls.map(recordOf))
        const all = new Map(busiestKept(scope, bySource(origins)).rows.map(([name, counts]) => [name, counts]))
        const kept = busiestKept(scope, bySource(origins), { rows, ofAnApi })
        for (const [name, counts] of kept.rows) expect(counts).toEqual(all.get(name))
        const sumOf = (outcome: 'succeeded' | 'failed') => kept.rows.reduce((sum, [, counts]) => sum + counts[outcome], 0)
        const { names = 0, succeeded = 0, failed = 0 } = kept.folded ?? {}
        expect(kept.rows.length + names).toBe(all.size)
        expect(sumOf('failed') + failed).toBe(calls.filter(({ errorCode }) => errorCode).length)
        expect(sumOf('succeeded') + succeeded + sumOf('failed') + failed).toBe(calls.length)
      }),
    )
  })

  it('whatever the order of the records', () => {
    fc.assert(
      fc.property(fc.array(aCall, { maxLength: 30 }), fc.nat(4), fc.nat(2), (calls, rows, ofAnApi) => {
        const keptOf = (records: readonly Call[]) => {
          const { scope, origins } = counted(records.map(recordOf))
          const { rows: kept, folded } = busiestKept(scope, bySource(origins), { rows, ofAnApi })
          return [kept.map(([name, counts]) => [name, counts]), folded]
        }
        expect(keptOf(calls.toReversed())).toEqual(keptOf(calls))
      }),
    )
  })

  it('the first caller of an API that does more than look, and of one that fails, is listed', () => {
    fc.assert(
      fc.property(fc.array(aCall, { minLength: 1, maxLength: 30 }), (calls) => {
        const { scope, origins } = counted(calls.map(recordOf))
        const listed = new Set(busiestKept(scope, bySource(origins), { rows: 0, ofAnApi: 1 }).rows.map(([name]) => name))
        const [first] = calls.toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1))
        const [service = '', eventName = ''] = (first?.event ?? '').split(':')
        const isLook = gravityOfApi({ eventSource: `${service}.amazonaws.com`, eventName }) === 'look'
        const isTied = calls.filter(({ at }) => at === first?.at).length > 1
        fc.pre(!isTied && (first?.errorCode !== undefined || !isLook))
        expect(listed).toContain(first?.ip)
      }),
    )
  })

  const FLOOD = 21_000
  const ipOf = (index: number): string => `20.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
  const flood = many(FLOOD, (index) => ({ ip: ipOf(index), at: '2026-03-01T12:00:00Z' }))
  const rare = [
    recordOf({ ip: '99.0.0.1', event: 'iam:CreateUser', at: '2026-03-01T13:00:00Z' }),
    recordOf({ ip: '99.0.0.2', errorCode: 'AccessDenied', at: '2026-03-01T13:00:00Z' }),
    recordOf({ ip: '99.0.0.3', at: '2026-03-01T13:00:00Z' }),
  ]

  it('a flood of addresses hides none that wrote, that was refused, or that a finding reports', () => {
    const all = counted([...flood, ...rare])
    const { ips, foldedIps, events } = sessionSummary(all, ['99.0.0.3'])
    expect(ips).toHaveLength(20_000)
    expect(ips.map(({ ip }) => rawText(ip))).toEqual(expect.arrayContaining(['99.0.0.1', '99.0.0.2', '99.0.0.3']))
    expect(foldedIps).toEqual({ names: FLOOD + 3 - 20_000, succeeded: FLOOD + 3 - 20_000, failed: 0 })
    expect(events).toBe(FLOOD + 3)
  })

  it('their attributions are counted, and the addresses of a finding listed', () => {
    const all = counted([...flood, ...rare], {}, theKey)
    const known = { addresses: ['203.0.113.10'], reported: ['99.0.0.3'] }
    const { rows, folded } = attributeCalls(all, attributionBy(all, known), known.reported)
    expect(rows.map(({ source }) => rawText(source))).toEqual(expect.arrayContaining(['99.0.0.1', '99.0.0.2', '99.0.0.3']))
    expect(folded).toEqual([{ attribution: 'external', names: 1003, succeeded: 1003, failed: 0 }])
  })

  it('and nothing is folded of as many as fit', () => {
    const summary = sessionSummary(counted(flood.slice(0, 20_000)))
    expect([summary.ips.length, summary.foldedIps, summary.foldedUserAgents]).toEqual([20_000, undefined, undefined])
    expect(activityLine(counted(flood.slice(0, 10)), { chain: [], persistence: [], incomplete: [] })).not.toHaveProperty('folded')
  })
})

describe('callers of several accounts behind one VPC endpoint share a row', () => {
  const call = (accountId: string | undefined, at: string) => {
    const userIdentity = { type: 'FederatedUser', arn: 'arn:aws:sts::111122223333:federated-user/bob', principalId: '1:bob' }
    return recordOf({
      ...{ at, ip: '10.0.0.9', vpcEndpointId: 'vpce-0000000000000000a' },
      more: {
        userIdentity: { ...userIdentity, ...(accountId ? { accountId } : {}), accessKeyId: 'ASIASTOLENKEY0000001' },
        vpcEndpointAccountId: '111122223333',
      },
    })
  }

  it.each([[false], [true]])('whose attribution is the gravest of them, in any order (reversed: %s)', (isReversed) => {
    const records = [call('111122223333', '2026-03-03T12:00:00Z'), call(undefined, '2026-03-03T12:01:00Z')]
    const all = counted(isReversed ? records.toReversed() : records)
    const { rows } = attributeCalls(all, ({ caller }) => (caller.accountId ? ['ambiguous', 'shared'] : ['external', 'another']))
    expect(rows.map(({ attribution, succeeded }) => [attribution, succeeded])).toEqual([['external', 2]])
  })
})
