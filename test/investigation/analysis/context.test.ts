import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { CAUSE_NAMES } from '../../../src/investigation/analysis/cause-events.ts'
import { isAbout, mayBeAbout } from '../../../src/investigation/analysis/context.ts'
import { CHANGES_OF_TRAILS } from '../../../src/investigation/analysis/logging-gaps.ts'
import { TOKEN_ISSUES } from '../../../src/investigation/record-parameters.ts'
import { INSTANCE, recordOf, STOLEN } from './records.ts'

const NAMES = ['web-app', INSTANCE, STOLEN, '203.0.113.66', 'alice'] as const

const anEvent = fc
  .tuple(
    fc.constantFrom('ec2', 'iam', 'ssm', 'sts', 'cloudtrail', 's3'),
    fc.constantFrom(...CAUSE_NAMES, ...TOKEN_ISSUES, 'StopLogging', 'CreateTrail', 'CreateAccessKey', 'ListBuckets'),
  )
  .map((parts) => parts.join(':'))

const aRecord = fc
  .record({ event: anEvent, ip: fc.constantFrom(...NAMES), named: fc.constantFrom(...NAMES), issued: fc.constantFrom(...NAMES) })
  .map(({ event, ip, named, issued }) =>
    recordOf({
      ...{ event, ip, request: { roleName: named, roleSessionName: named, instanceIds: [named] } },
      ...{ response: { credentials: { accessKeyId: issued }, accessKey: { accessKeyId: issued } }, more: { readOnly: false } },
    }),
  )

const aPrincipal = fc.oneof(
  fc.record({
    kind: fc.constantFrom('access-key-id', 'role', 'user', 'instance-id', 'session', 'ip'),
    value: fc.constantFrom(...NAMES),
  }),
  fc.constant(CHANGES_OF_TRAILS),
)

describe('the context of a principal', () => {
  it('is in records that may be about somebody, and in those that came from its address', () => {
    let about = 0
    fc.assert(
      fc.property(aRecord, aPrincipal, (record, principal) => {
        if (!isAbout(principal, record)) return
        about += 1
        expect(principal.kind === 'ip' ? rawText(record.source) === principal.value : mayBeAbout(record)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
    expect(about).toBeGreaterThan(10)
  })

  it('is in no other record', () => {
    expect(mayBeAbout(recordOf({ event: 's3:ListBuckets' }))).toBe(false)
  })
})
