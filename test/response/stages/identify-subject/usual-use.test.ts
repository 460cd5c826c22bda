import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { UsualUse } from '../../../../src/incident/facts/subject.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import type { Context } from '../../../../src/response/stage.ts'
import {
  SAMPLE_PAGES,
  SAMPLE_SECONDS,
  sampleUsualUse,
  type TheftInHistory,
} from '../../../../src/response/stages/identify-subject/usual-use.ts'
import { awsError, contextsOf } from '../../../support/stage-context.ts'

const cloudtrail = mockClient(CloudTrailClient)
const { contextLike } = contextsOf({ cloudtrail: CloudTrailClient })

const ROLE = { id: 'AROAXCSEC6TNB2WZPQ7LK', arn: 'arn:aws:iam::111122223333:role/service/web-app' }
const SESSION = 'i-08faaaafb15777f5a'
const ADDRESS = '198.51.100.23'
const STOLEN = 'ASIAXCSEC6TNGZ6EZUUO'
const at = (text: string): Instant => `2026-11-${text}Z` as Instant
const ISSUED = at('25T01:07:00')

interface Call {
  readonly at?: Instant
  readonly from?: string
  readonly key?: string
  readonly session?: string
  readonly roleId?: string
}

let count = 0
/** A record of a call of the role, from an address, before the theft. */
const call = (parts: Call = {}): object => {
  const {
    at: eventTime = at('20T10:00:00'),
    from = ADDRESS,
    key = 'ASIAEARLIER000000001',
    session = SESSION,
    roleId = ROLE.id,
  } = parts
  count += 1
  return {
    eventID: `e-${count}`,
    eventTime,
    eventName: 'ListBuckets',
    eventSource: 's3.amazonaws.com',
    awsRegion: 'us-east-1',
    sourceIPAddress: from,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${roleId}:${session}`,
      accessKeyId: key,
      sessionContext: { sessionIssuer: { type: 'Role', arn: ROLE.arn, userName: 'web-app' } },
    },
  }
}

/** EC2's record that it issued a session of the role. */
const issue = (session: string): object => ({
  eventID: `i-${session}`,
  eventTime: at('24T09:00:00'),
  eventName: 'AssumeRole',
  eventSource: 'sts.amazonaws.com',
  userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
  requestParameters: { roleArn: ROLE.arn, roleSessionName: session },
})

type History = Readonly<Record<string, readonly object[]>>

/** CloudTrail answers these records, by `Region value` of the attribute or by value alone, in pages of two. */
const history = (records: History, pageSize = 2) =>
  cloudtrail.on(LookupEventsCommand).callsFake(async (input: LookupEventsCommandInput, client) => {
    const value = input.LookupAttributes?.[0]?.AttributeValue ?? ''
    const region = await client().config.region()
    const all = records[`${region} ${value}`] ?? (region === 'us-east-1' ? records[value] : undefined) ?? []
    const start = Number(input.NextToken ?? 0)
    const page = all.slice(start, start + pageSize)
    const next = start + pageSize < all.length ? { NextToken: String(start + pageSize) } : {}
    return { Events: page.map((record) => ({ CloudTrailEvent: JSON.stringify(record) })), ...next }
  })

const theft: TheftInHistory = {
  addresses: [ADDRESS],
  role: ROLE,
  sessionName: SESSION,
  accessKeyId: STOLEN,
  region: 'us-east-1',
  moments: [ISSUED, at('25T01:12:40')],
}

const sample = async (
  parts: Partial<TheftInHistory> = {},
  context: Context = contextLike(),
  known?: UsualUse,
): Promise<UsualUse> => {
  const use = await sampleUsualUse({ ...theft, ...parts }, context, known)
  if (!use) throw new Error('nothing was sampled')
  return use
}

const asked = () => cloudtrail.commandCalls(LookupEventsCommand).map(({ args: [{ input }] }) => input)

beforeEach(() => {
  cloudtrail.reset()
})

describe('the use of an address before the theft', () => {
  it('is counted with its days, its first and last call and its sessions, and says how far back was read', async () => {
    const calls = [
      call({ at: at('24T10:00:00') }),
      call({ at: at('23T08:00:00') }),
      call({ at: at('23T07:00:00'), from: '203.0.113.9' }),
    ]
    history({ [SESSION]: calls })
    const { addresses, ...use } = await sample()
    expect(use).toMatchObject({ before: ISSUED, calls: 3, regions: ['us-east-1'], incomplete: [] })
    expect(use.readBackTo).toBe('2026-08-27T12:00:00Z')
    expect(addresses).toEqual([
      {
        address: ADDRESS,
        calls: 2,
        days: 2,
        first: at('23T08:00:00'),
        last: at('24T10:00:00'),
        sessions: [{ untrusted: SESSION }],
      },
    ])
  })

  it('is looked up by the name of the session, in a window that ends before the theft', async () => {
    history({})
    await sample()
    expect(asked()[0]).toMatchObject({
      LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: SESSION }],
      EndTime: new Date('2026-11-25T01:06:59Z'),
      MaxResults: 50,
    })
  })

  it('is counted in the role’s other sessions as well, whose names its issue records give', async () => {
    history({
      [ROLE.arn]: [issue('i-0aa1b2c3d4e5f6071'), issue(SESSION)],
      'i-0aa1b2c3d4e5f6071': [call({ session: 'i-0aa1b2c3d4e5f6071' })],
    })
    const { addresses } = await sample()
    expect(addresses[0]).toMatchObject({ calls: 1, sessions: [{ untrusted: 'i-0aa1b2c3d4e5f6071' }] })
  })

  it.each<[string, Call]>([
    ['made with the stolen key', { key: STOLEN }],
    ['after the theft', { at: at('25T01:07:00') }],
    ['of another role, whose session somebody named alike', { roleId: 'AROAANOTHER0000000001' }],
    ['that a service made on the role’s behalf', { from: 'cloudformation.amazonaws.com' }],
  ])('leaves out a call %s', async (_, parts) => {
    history({ [SESSION]: [call(parts)] })
    expect((await sample()).calls).toBe(0)
  })

  it.each([
    ['the issue of the stolen key', [ISSUED, at('25T01:12:40')], ISSUED],
    ['the first sighting, when the issue is not known', [undefined, at('25T01:12:40')], at('25T01:12:40')],
    ['the first sighting, when it is earlier', [ISSUED, at('24T22:00:00')], at('24T22:00:00')],
    ['now, when neither is known', [undefined], at('25T12:00:00')],
    ['now, when the finding is dated into the future', [at('29T00:00:00')], at('25T12:00:00')],
  ])('ends with %s', async (_, moments, before) => {
    history({})
    expect((await sample({ moments })).before).toBe(before)
  })

  it('is told of each address that the finding names, however the services spell it', async () => {
    history({ [SESSION]: [call({ from: '2001:db8:0:0::7' }), call()] })
    const { addresses } = await sample({ addresses: [ADDRESS, '2001:DB8::7', '192.0.2.1'] })
    expect(addresses.map(({ address, calls }) => [address, calls])).toEqual([
      [ADDRESS, 1],
      ['2001:DB8::7', 1],
      ['192.0.2.1', 0],
    ])
  })

  it('counts each call once, whatever the history is', async () => {
    const from = fc.constantFrom(ADDRESS, '203.0.113.9', 'ec2.amazonaws.com')
    const key = fc.constantFrom(STOLEN, 'ASIAEARLIER000000001')
    const day = fc.integer({ min: 10, max: 28 }).map((number) => at(`${number}T00:00:00`))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ from, key, at: day }), { maxLength: 12 }), async (calls) => {
        cloudtrail.reset()
        history({ [SESSION]: calls.map(call) })
        const before = calls.filter((one) => one.key !== STOLEN && one.at < ISSUED)
        const use = await sample()
        expect(use.calls).toBe(before.filter((one) => one.from !== 'ec2.amazonaws.com').length)
        expect(use.addresses[0]?.calls).toBe(before.filter((one) => one.from === ADDRESS).length)
      }),
      { numRuns: 40 },
    )
  })
})

describe('the sample ends', () => {
  const busy = { [SESSION]: Array.from({ length: 400 }, (_, index) => call({ at: at(`${index < 60 ? 24 : 23}T10:00:00`) })) }

  it('with its pages, and says how far back it came', async () => {
    history(busy)
    const use = await sample()
    expect(asked()).toHaveLength(SAMPLE_PAGES)
    expect(use).toMatchObject({ calls: 2 * (SAMPLE_PAGES - 1), readBackTo: at('24T10:00:00') })
  })

  it('with its time, however slow the pages are', async () => {
    history(busy)
    const context = contextLike()
    let seconds = 0
    const slow = {
      ...context,
      now: () => new Date(Date.parse(context.now()) + seconds * 1000).toISOString().replace('.000Z', 'Z') as Instant,
    }
    const answer = slow.aws('us-east-1').cloudtrail
    const send = answer.send.bind(answer) as (...args: readonly unknown[]) => Promise<unknown>
    const slowly = async (...args: readonly unknown[]) => {
      seconds += 4
      return send(...args)
    }
    const use = await sample({}, { ...slow, aws: () => ({ cloudtrail: { send: slowly } }) as never })
    expect(seconds).toBeLessThanOrEqual(SAMPLE_SECONDS + 4)
    expect(use.calls).toBeGreaterThan(0)
  })

  it('when the service repeats a page token, and says that the rest is not read', async () => {
    cloudtrail.on(LookupEventsCommand).resolves({ Events: [{ CloudTrailEvent: JSON.stringify(call()) }], NextToken: 'again' })
    expect((await sample()).incomplete.join()).toContain('repeated a page token')
    expect(asked().length).toBeLessThan(5)
  })

  it('before it begins, when the theft is older than the history', async () => {
    const use = await sample({ moments: ['2026-07-01T00:00:00Z' as Instant] })
    expect(asked()).toEqual([])
    expect(use).toMatchObject({ calls: 0, incomplete: [expect.stringContaining('90 days')] })
    expect(use.readBackTo).toBeUndefined()
  })
})

describe('other Regions', () => {
  const three = () => contextLike({ regions: ['us-east-1', 'eu-west-1', 'ap-south-1'] })

  it('are sampled when the incident’s own shows no use', async () => {
    history({ [`eu-west-1 ${SESSION}`]: [call()] })
    const use = await sample({}, three())
    expect(use).toMatchObject({ regions: ['us-east-1', 'eu-west-1', 'ap-south-1'], addresses: [{ calls: 1 }] })
  })

  it('are left alone when it does', async () => {
    history({ [SESSION]: [call()] })
    expect(await sample({}, three())).toMatchObject({ regions: ['us-east-1'], addresses: [{ calls: 1 }] })
  })
})

describe('a history that cannot be read', () => {
  it.each([
    ['AccessDeniedException', 'is denied'],
    ['ThrottlingException', 'is throttled'],
    ['InternalFailure', 'gets no answer'],
  ])('is not known, and no end of the run: %s', async (code, why) => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError(code, code === 'InternalFailure' ? 500 : 400))
    const use = await sample()
    expect(use).toMatchObject({
      calls: 0,
      regions: [],
      incomplete: [`CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents ${why}`],
    })
    expect(use.readBackTo).toBeUndefined()
  })

  it('is not empty when the answer has no list of events', async () => {
    cloudtrail.on(LookupEventsCommand).resolves({})
    expect((await sample()).readBackTo).toBeUndefined()
  })

  it('ends the run when the responder’s own credentials have ended', async () => {
    cloudtrail.on(LookupEventsCommand).rejects(awsError('ExpiredToken'))
    await expect(sample()).rejects.toThrow('ExpiredToken')
  })
})

describe('a run that goes on', () => {
  it('does not read the same past again, and reads it again where something was missing', async () => {
    history({ [SESSION]: [call()] })
    const known = await sample()
    cloudtrail.resetHistory()
    expect(await sample({}, contextLike(), known)).toBe(known)
    expect(asked()).toEqual([])
    await sample({}, contextLike(), { ...known, incomplete: ['a gap'] })
    await sample({ moments: [at('24T00:00:00')] }, contextLike(), known)
    await sample({ addresses: ['192.0.2.1'] }, contextLike(), known)
    expect(asked().length).toBeGreaterThanOrEqual(6)
  })

  it('samples nothing where no address is known', async () => {
    expect(await sampleUsualUse({ ...theft, addresses: [] }, contextLike(), undefined)).toBeUndefined()
    expect(asked()).toEqual([])
  })
})
