import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityFold, type Counted } from '../../../src/investigation/analysis/activity-fold.ts'
import { attributionBy, type KnownAddresses } from '../../../src/investigation/analysis/call-attribution.ts'
import { causeOfTheft } from '../../../src/investigation/analysis/cause.ts'
import { siblingKeys } from '../../../src/investigation/analysis/sibling-keys.ts'
import { type PrincipalRef, questionOf } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { principalName } from '../../../src/investigation/source.ts'
import { countRecord, matchersFor } from '../../../src/investigation/sources/log-files/match/matchers.ts'
import { ACCOUNT, type Call, INSTANCE, ROLE_ARN, recordOf, STOLEN, theKey } from './records.ts'

const ATTACKER = '203.0.113.66'

/** What is counted for the key when all records are read until nobody new is found, as log files are. */
const readAll = (records: readonly CloudTrailRecord[], principal: PrincipalRef = theKey): Counted => {
  const question = questionOf(principal)
  const matchers = matchersFor({ questions: [question], followChainedSessions: true, range: {} }, activityFold)
  for (let found = 1; found > 0; ) found = records.flatMap((record) => countRecord(matchers, record)).length
  const fold = activityFold(question)
  return fold.finish(matchers.states.get(principalName(principal))?.state ?? fold.empty(), question)
}

const causeIn = (records: readonly CloudTrailRecord[], known: KnownAddresses = { addresses: [] }, principal = theKey) => {
  const counted = readAll(records, principal)
  return causeOfTheft(counted, attributionBy(counted, known))
}

const byEve = (call: Call) => recordOf({ key: 'AKIAEVE0000000000001', session: 'eve', role: 'admin', ip: ATTACKER, ...call })
const theft = recordOf({ at: '2026-03-01T12:00:00Z', ip: ATTACKER })
const command = byEve({ at: '2026-03-01T11:59:54Z', event: 'ssm:SendCommand', request: { instanceIds: [INSTANCE] } })
const issue = (key: string, at = '2026-03-01T06:00:00Z', session = INSTANCE) =>
  recordOf({
    at,
    event: 'sts:AssumeRole',
    ip: 'ec2.amazonaws.com',
    request: { roleArn: ROLE_ARN, roleSessionName: session },
    response: { credentials: { accessKeyId: key } },
    more: { userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } },
  })

describe('what was done before the first use of the credentials by somebody else', () => {
  it('a command that ran on the instance from the same address is named with its owner, time and record', () => {
    const { events, firstUse } = causeIn([theft, command])
    expect(firstUse).toEqual({ at: '2026-03-01T12:00:00Z', attribution: 'ambiguous' })
    expect(events).toMatchObject([
      { eventName: 'SendCommand', at: '2026-03-01T11:59:54Z', accessKeyId: 'AKIAEVE0000000000001', sameAddress: true },
    ])
    expect(events.map(({ target }) => rawText(target))).toEqual([`instance ${INSTANCE}`])
  })

  it.each<[string, Call]>([
    ['the metadata options of the instance', { event: 'ec2:ModifyInstanceMetadataOptions', request: { instanceId: INSTANCE } }],
    ['the user data of the instance', { event: 'ec2:ModifyInstanceAttribute', request: { instanceId: INSTANCE, userData: '' } }],
    ['its instance profile', { event: 'ec2:AssociateIamInstanceProfile', request: { instanceId: INSTANCE } }],
    ['the trust policy of the role', { event: 'iam:UpdateAssumeRolePolicy', request: { roleName: 'web-app' } }],
    [
      'the policies of the role',
      { event: 'iam:AttachRolePolicy', request: { roleName: 'web-app', policyArn: 'arn:aws:iam::aws:policy/X' } },
    ],
    ['a session on the instance', { event: 'ssm:StartSession', request: { target: INSTANCE } }],
  ])('a change of %s is named', (_, call) => {
    const { eventName } = byEve(call)
    expect(causeIn([theft, byEve({ at: '2026-03-01T11:00:00Z', ...call })]).events.map((event) => event.eventName)).toEqual([
      eventName,
    ])
  })

  it('what came after, and what was done to another instance or role, is not named', () => {
    const others = [
      byEve({ at: '2026-03-01T12:00:01Z', event: 'ssm:SendCommand', request: { instanceIds: [INSTANCE] } }),
      byEve({ at: '2026-03-01T11:00:00Z', event: 'ssm:SendCommand', request: { instanceIds: ['i-0ffffffffffffffff'] } }),
      byEve({ at: '2026-03-01T11:00:00Z', event: 'iam:AttachRolePolicy', request: { roleName: 'other' } }),
    ]
    expect(causeIn([theft, ...others]).events).toEqual([])
  })

  it.each([
    [10, undefined],
    [11, 'Who obtained the credentials was followed for 10 steps upwards, and not further.'],
  ])('%i steps upwards are followed, and it is said where there may be more', (steps, cut) => {
    const keyAt = (step: number) => (step === 0 ? STOLEN : step === steps ? '' : `ASIASTEP${String(step).padStart(12, '0')}`)
    const issues = Array.from({ length: steps }, (_, step) =>
      recordOf({
        ...{ key: keyAt(step + 1), at: `2026-03-01T${String(11 - Math.floor(step / 2)).padStart(2, '0')}:00:00Z` },
        ...{ event: 'sts:AssumeRole', request: { roleArn: ROLE_ARN, roleSessionName: 'x' } },
        response: { credentials: { accessKeyId: keyAt(step) } },
      }),
    )
    const { obtainedBy, obtainedByCut } = causeIn([theft, ...issues])
    expect({ steps: obtainedBy.length, obtainedByCut }).toEqual({ steps: Math.min(steps, 10), obtainedByCut: cut })
  })

  it('the order of the records does not matter', () => {
    const records = [command, issue(STOLEN), theft, byEve({ event: 's3:ListBuckets' })]
    expect(causeIn(records.toReversed())).toEqual(causeIn(records))
  })

  it('a role has no cause, and that is said', () => {
    const { events, notRead } = causeIn([theft, command], { addresses: [] }, { kind: 'role', value: 'web-app' })
    expect([events, notRead]).toEqual([[], expect.stringContaining('many credentials')])
  })
})

describe('who else called from the address', () => {
  it('is named with the caller, his key, the number of calls, and the first and the last', () => {
    const { sameAddress } = causeIn([theft, command, byEve({ at: '2026-03-01T13:00:00Z' })])
    expect(sameAddress).toMatchObject([
      {
        accessKeyId: 'AKIAEVE0000000000001',
        events: 2,
        firstSeen: '2026-03-01T11:59:54Z',
        lastSeen: '2026-03-01T13:00:00Z',
      },
    ])
    expect(sameAddress.map(({ by }) => rawText(by))).toEqual([`arn:aws:sts::${ACCOUNT}:assumed-role/admin/eve`])
  })

  it('callers from the workload’s own addresses are not named', () => {
    const records = [theft, recordOf({ at: '2026-03-01T11:00:00Z', ip: '198.51.100.10' }), byEve({ ip: '198.51.100.10' })]
    expect(causeIn(records, { addresses: ['198.51.100.10'] }).sameAddress).toEqual([])
  })

  it('many addresses are not looked for, and that is said', () => {
    const places = Array.from({ length: 25 }, (_, n) => recordOf({ ip: `203.0.113.${n}` }))
    const { sameAddress, addressesNotRead } = causeIn([...places, byEve({ ip: '203.0.113.1' })])
    expect([sameAddress, addressesNotRead]).toEqual([[], expect.stringContaining('25 addresses')])
  })
})

describe('who obtained the key', () => {
  it('is told step by step upwards', () => {
    const middle = 'ASIAMIDDLE0000000001'
    const records = [
      theft,
      recordOf({
        event: 'sts:AssumeRole',
        key: middle,
        request: { roleArn: ROLE_ARN, roleSessionName: INSTANCE },
        response: { credentials: { accessKeyId: STOLEN } },
      }),
      byEve({ event: 'sts:AssumeRole', request: { roleArn: ROLE_ARN }, response: { credentials: { accessKeyId: middle } } }),
    ]
    expect(causeIn(records).obtainedBy).toMatchObject([
      { issuedAccessKeyId: STOLEN, how: 'AssumeRole', accessKeyId: middle },
      { issuedAccessKeyId: middle, how: 'AssumeRole', accessKeyId: 'AKIAEVE0000000000001' },
    ])
  })

  it('of a long-term key it is who made it', () => {
    const key = { kind: 'access-key-id', value: 'AKIAMADE000000000001' } as const
    const made = byEve({ event: 'iam:CreateAccessKey', response: { accessKey: { accessKeyId: key.value } } })
    expect(causeIn([recordOf({ key: key.value }), made], { addresses: [] }, key).obtainedBy).toMatchObject([
      { issuedAccessKeyId: key.value, how: 'CreateAccessKey' },
    ])
  })

  it('keys that EC2 issued in the same second are siblings, used or not', () => {
    const records = [
      theft,
      issue(STOLEN),
      issue('ASIASIBLING000000001'),
      issue('ASIALATER00000000001', '2026-03-01T11:00:00Z'),
      issue('ASIANEIGHBOUR0000001', '2026-03-01T06:00:00Z', 'i-0ffffffffffffffff'),
    ]
    expect(siblingKeys(readAll(records))).toMatchObject([{ accessKeyId: 'ASIASIBLING000000001', events: 0, sameIssueTime: true }])
  })
})
