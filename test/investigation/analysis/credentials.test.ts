import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { attributeCalls } from '../../../src/investigation/analysis/attributed-calls.ts'
import { attributionBy, isPublic, type KnownAddresses } from '../../../src/investigation/analysis/call-attribution.ts'
import { callsOnBehalf } from '../../../src/investigation/analysis/calls-on-behalf.ts'
import { errorClassOf, failedCalls, failuresByClass } from '../../../src/investigation/analysis/failed-calls.ts'
import { siblingKeys, userKeys } from '../../../src/investigation/analysis/sibling-keys.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { type Call, counted, INSTANCE, recordOf, theKey, workload } from './records.ts'

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

  it('have what any of their records says, in whatever order they were read', () => {
    const key = 'ASIASAMEISSUE0000001'
    const { sessionArn: _, delivery: __, ...bare } = recordOf({ at: '2026-03-01T08:00:00Z', key })
    const both = [bare, recordOf({ at: '2026-03-01T07:00:00Z', key, delivery: '1.0' })]
    const keysOf = (some: readonly CloudTrailRecord[]) =>
      siblingKeys(counted([recordOf({ at: '2026-03-01T12:00:00Z' }), ...some]))
    expect(keysOf(both)).toEqual(keysOf(both.toReversed()))
    expect(keysOf(both)).toMatchObject([{ accessKeyId: key, ec2RoleDelivery: '1.0', session: expect.anything(), events: 2 }])
  })

  it('a neighbour of the same role and issue time is another session', () => {
    const keys = siblingKeys(counted(records)).map(({ accessKeyId }) => accessKeyId)
    expect(keys).not.toContain('ASIANEIGHBOUR0000001')
  })
})

describe('the other keys of a user', () => {
  const ofUser = (key: string, at = '2026-03-01T12:00:00Z', issuedAt?: string) => ({
    ...recordOf({ key, at }),
    ...{ principalKind: 'IAMUser', principalId: 'AIDAANN', userName: 'ann', sessionName: undefined, roleName: undefined },
    ...{ roleArn: undefined, issuedAt },
  })
  const records = [
    ofUser('AKIAANN0000000000001'),
    ofUser('AKIAANN0000000000002'),
    ofUser('AKIAANN0000000000003', '2026-02-01T12:00:00Z'),
  ]
  const all = counted(records as never, {}, { kind: 'access-key-id', value: 'AKIAANN0000000000001' })

  it('are the user’s, and no keys of the session', () => {
    expect(siblingKeys(all)).toEqual([])
    expect(userKeys(all).map(({ accessKeyId }) => accessKeyId)).toEqual(['AKIAANN0000000000002'])
  })
})

describe('whose calls they are is told by where they came from', () => {
  const own = { addresses: ['203.0.113.50', '10.0.1.5', '2001:db8::5'] }
  const attributed = (records: readonly CloudTrailRecord[], known: KnownAddresses, principal = theKey) => {
    const all = counted(records, {}, principal)
    return attributeCalls(all, attributionBy(all, known)).rows
  }
  const judged = (call: Call, known: KnownAddresses = own, days = 30) =>
    attributed([...workload(days), recordOf({ at: '2026-03-01T12:00:00Z', ...call })], known)[0]
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
    ['a service that says who it acts for', { ip: '198.51.100.7', agent, invokedBy: 'athena.amazonaws.com' }, 'service'],
  ])('%s', (_, call, whose) => {
    expect(judged(call)?.attribution).toBe(whose)
    expect(judged(call)?.why).toMatch(/^[a-z]/)
  })

  it('without any history an own address is the workload’s, a foreign one is external', () => {
    const origins = attributed([recordOf({ ip: '203.0.113.50' }), recordOf({ ip: '198.51.100.7' })], own)
    expect(origins.map(({ source, attribution }) => `${rawText(source)} ${attribution}`)).toEqual([
      '198.51.100.7 external',
      '203.0.113.50 workload',
    ])
  })

  const nothing = { addresses: [] }

  it('without any knowledge nobody is external', () => {
    expect(judged({ ip: '198.51.100.7' }, nothing, 0)).toMatchObject({ attribution: 'ambiguous' })
    expect(judged({ ip: '198.51.100.7' }, nothing, 1)).toMatchObject({ attribution: 'external' })
  })

  it('the address that the finding names is external, a private one too', () => {
    expect(judged({ ip: '192.168.10.20' }, { addresses: [], reported: ['192.168.10.20'] }, 0)).toMatchObject({
      attribution: 'external',
      why: 'the finding names this address',
    })
  })

  it('the address that the finding names is ambiguous when it was called from before, or is the instance’s own', () => {
    const call = { ip: '203.0.113.10', agent }
    expect(judged(call, { addresses: [], reported: ['203.0.113.10'] })?.why).toContain('720 calls from it before')
    expect(judged(call, { addresses: ['203.0.113.10'], reported: ['203.0.113.10'] })?.attribution).toBe('ambiguous')
  })

  it('a VPC endpoint of another account is told with the account', () => {
    const call = { ip: '10.0.1.5', agent, vpcEndpointId: 'vpce-1', more: { vpcEndpointAccountId: '999999999999' } }
    expect(judged(call, nothing)).toMatchObject({ attribution: 'external', vpcEndpointAccountId: '999999999999' })
    expect(judged(call, nothing, 0)?.attribution).toBe('ambiguous')
    expect(judged(call, nothing)?.why).toContain('999999999999')
  })

  it.each(['***', 'HIDDEN_DUE_TO_SECURITY_REASONS', '999.1.1.1', 'unknown'])('%s is no address, and no service either', (ip) => {
    expect(judged({ ip }, nothing)?.attribution).toBe('ambiguous')
    expect(callsOnBehalf(counted([recordOf({ ip })]))).toEqual([])
  })

  describe('the instance’s SSM agent', () => {
    const session = { kind: 'session', value: `web-app/${INSTANCE}` } as const
    const report = (ip: string) =>
      recordOf({
        event: 'ssm:UpdateInstanceInformation',
        key: 'ASIAAGENT00000000001',
        ip,
        agent: 'aws-sdk-go amazon-ssm-agent/3',
      })
    const whose = (records: readonly CloudTrailRecord[]) =>
      Object.fromEntries(attributed(records, nothing, session).map(({ source, attribution }) => [rawText(source), attribution]))

    it('is the workload, and a public address beside it is external', () => {
      expect(whose([report('198.51.100.10'), recordOf({ ip: '203.0.113.66' })])).toEqual({
        '198.51.100.10': 'workload',
        '203.0.113.66': 'external',
      })
    })

    it('a private address beside it is ambiguous', () => {
      expect(whose([report('198.51.100.10'), recordOf({ ip: '192.168.10.20' })])['192.168.10.20']).toBe('ambiguous')
    })

    it('at two addresses proves nothing', () => {
      expect(new Set(Object.values(whose([report('198.51.100.10'), report('203.0.113.66')])))).toEqual(new Set(['ambiguous']))
    })

    it('its key is a sibling whose calls are the workload’s', () => {
      const all = counted([report('198.51.100.10'), recordOf({ ip: '192.168.10.20' })])
      expect(siblingKeys(all, attributionBy(all, nothing))).toMatchObject([
        { accessKeyId: 'ASIAAGENT00000000001', attribution: 'workload' },
      ])
    })
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
    ['InvalidClientTokenId', 'credentials'],
    ['UnrecognizedClientException', 'credentials'],
    ['ExpiredTokenException', 'credentials'],
    ['Client.AuthFailure', 'credentials'],
    ['SignatureDoesNotMatch', 'credentials'],
    ['InternalFailure', 'other'],
    ['Client.DryRunOperation', 'dry-run'],
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
    expect(failuresByClass(failed)).toMatchObject({ denied: 2, throttled: 0, invalid: 1, credentials: 0, 'dry-run': 0, other: 0 })
  })
})
