import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { attributeCalls, isPublic } from '../../../src/investigation/analysis/call-attribution.ts'
import { callsOnBehalf } from '../../../src/investigation/analysis/calls-on-behalf.ts'
import { errorClassOf, failedCalls, failuresByClass } from '../../../src/investigation/analysis/failed-calls.ts'
import { siblingKeys } from '../../../src/investigation/analysis/sibling-keys.ts'
import { type Call, counted, recordOf, workload } from './records.ts'

describe('the other keys of the stolen session', () => {
  const records = [
    recordOf({ at: '2026-03-01T12:00:00Z' }),
    recordOf({ at: '2026-03-01T07:00:00Z', key: 'ASIASAMEISSUE0000001', delivery: '1.0' }),
    recordOf({ at: '2026-03-01T13:00:00Z', key: 'ASIALATER00000000001', issuedAt: '2026-03-01T12:30:00Z' }),
    recordOf({ at: '2026-03-01T14:00:00Z', key: 'ASIALATER00000000001', issuedAt: '2026-03-01T12:30:00Z', ip: '192.0.2.1' }),
    recordOf({ at: '2026-02-01T12:00:00Z', key: 'ASIALONGAGO000000001', issuedAt: '2026-02-01T11:00:00Z' }),
    recordOf({ at: '2026-03-01T12:00:00Z', key: 'ASIANEIGHBOUR0000001', session: 'i-0ffffffffffffffff' }),
  ]

  it('are those of the same issue, and those in use since; with their delivery and their exact numbers', () => {
    expect(siblingKeys(counted(records))).toMatchObject([
      { accessKeyId: 'ASIASAMEISSUE0000001', sameIssueTime: true, ec2RoleDelivery: '1.0', events: 1 },
      { accessKeyId: 'ASIALATER00000000001', sameIssueTime: false, events: 2, lastSeen: '2026-03-01T14:00:00Z' },
    ])
  })

  it('a neighbour of the same role and issue time is another session', () => {
    const keys = siblingKeys(counted(records)).map(({ accessKeyId }) => accessKeyId)
    expect(keys).not.toContain('ASIANEIGHBOUR0000001')
  })
})

describe('whose calls they are is told by where they came from', () => {
  const own = { addresses: ['203.0.113.50', '10.0.1.5', '2001:db8::5'] }
  const judged = (call: Call) =>
    attributeCalls(counted([...workload(30), recordOf({ at: '2026-03-01T12:00:00Z', ...call })]), own)[0]
  const agent = 'workload/1.0'

  it.each<[string, Call, string]>([
    ['another public address', { ip: '198.51.100.7', agent }, 'external'],
    ['the instance’s own address, with its usual agent', { ip: '203.0.113.50', agent }, 'workload'],
    ['its private address, through an endpoint', { ip: '10.0.1.5', agent, vpcEndpointId: 'vpce-1' }, 'workload'],
    ['an address that the role called from before', { ip: '203.0.113.10', agent }, 'workload'],
    ['the same with an agent never used', { ip: '203.0.113.10', agent: 'kali' }, 'ambiguous'],
    ['the own IPv6 address in another spelling', { ip: '2001:DB8:0:0::5', agent }, 'workload'],
    ['the own address with an agent never used', { ip: '203.0.113.50', agent: 'kali' }, 'ambiguous'],
    ['the same with another delivery', { ip: '203.0.113.10', agent, delivery: '1.0' }, 'ambiguous'],
    ['a private address that nobody knows', { ip: '10.9.9.9', agent }, 'ambiguous'],
    ['a private address through an endpoint of somebody’s', { ip: '10.9.9.9', agent, vpcEndpointId: 'vpce-evil' }, 'ambiguous'],
    ['a service', { ip: 'cloudformation.amazonaws.com', agent }, 'service'],
    ['a service that says for whom', { ip: '198.51.100.7', agent, invokedBy: 'athena.amazonaws.com' }, 'service'],
  ])('%s', (_, call, whose) => {
    expect(judged(call)?.attribution).toBe(whose)
    expect(judged(call)?.why).toMatch(/^[a-z]/)
  })

  it('without any history an own address is the workload’s, a foreign one is external', () => {
    const origins = attributeCalls(counted([recordOf({ ip: '203.0.113.50' }), recordOf({ ip: '198.51.100.7' })]), own)
    expect(origins.map(({ source, attribution }) => `${rawText(source)} ${attribution}`)).toEqual([
      '198.51.100.7 external',
      '203.0.113.50 workload',
    ])
  })

  it.each(['10.1.2.3', '172.16.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '127.0.0.1', 'fd00::1', 'fe80::1', '::1'])(
    '%s is private',
    (ip) => {
      expect(isPublic(ip)).toBe(false)
    },
  )

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:db8::1'])('%s is not', (ip) => {
    expect(isPublic(ip)).toBe(true)
  })
})

describe('calls on the principal’s behalf', () => {
  it('are told by service', () => {
    const records = [
      recordOf({ invokedBy: 'cloudformation.amazonaws.com', ip: 'cloudformation.amazonaws.com', event: 'ec2:RunInstances' }),
      recordOf({ ip: 'AWS Internal', event: 'kms:Decrypt', errorCode: 'AccessDenied' }),
      recordOf(),
    ]
    expect(callsOnBehalf(counted(records)).map(({ service, apis }) => [rawText(service), apis.map(({ api }) => api)])).toEqual([
      ['AWS Internal', ['Decrypt']],
      ['cloudformation.amazonaws.com', ['RunInstances']],
    ])
  })
})

describe('failed calls', () => {
  it.each([
    ['AccessDenied', 'denied'],
    ['AccessDeniedException', 'denied'],
    ['Client.UnauthorizedOperation', 'denied'],
    ['UnauthorizedOperation', 'denied'],
    ['ThrottlingException', 'throttled'],
    ['Client.RequestLimitExceeded', 'throttled'],
    ['Client.InvalidInstanceID.NotFound', 'invalid'],
    ['NoSuchEntityException', 'invalid'],
    ['ValidationException', 'invalid'],
    ['InvalidClientTokenId', 'other'],
    ['InternalFailure', 'other'],
    ['Client.DryRunOperation', 'other'],
  ])('%s is %s', (code, errorClass) => {
    expect(errorClassOf(code)).toBe(errorClass)
  })

  it('are counted by class, code and API', () => {
    const failed = failedCalls(
      counted([
        recordOf({ errorCode: 'AccessDenied', at: '2026-03-01T12:00:00Z' }),
        recordOf({ errorCode: 'AccessDenied', at: '2026-03-01T13:00:00Z' }),
        recordOf({ errorCode: 'NoSuchBucket', event: 's3:GetBucketAcl' }),
        recordOf(),
      ]),
    )
    expect(failed).toMatchObject([
      { errorClass: 'denied', api: 'ListBuckets', service: 's3', events: 2, lastSeen: '2026-03-01T13:00:00Z' },
      { errorClass: 'invalid', errorCode: 'NoSuchBucket', events: 1 },
    ])
    expect(failuresByClass(failed)).toEqual({ denied: 2, throttled: 0, invalid: 1, other: 0 })
  })
})
