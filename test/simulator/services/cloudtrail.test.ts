import { describe, expect, test } from 'vitest'
import { happened, NOW, type QuietAccount, quietAccount } from '../../support/trail.ts'

interface Answer {
  readonly Events: readonly { EventId: string; EventName: string; EventTime: Date; Username?: string; CloudTrailEvent: string }[]
  readonly NextToken?: string
}

const HOUR = 3600
const DAY = 24 * HOUR

const lookUp = ({ ask }: QuietAccount, input: Readonly<Record<string, unknown>> = {}, region?: string): Promise<Answer> =>
  ask<Answer>('cloudtrail', 'LookupEvents', input, region)

const by = (AttributeKey: string, AttributeValue: string) => ({ LookupAttributes: [{ AttributeKey, AttributeValue }] })

const names = ({ Events }: Answer): string[] => Events.map(({ EventName }) => EventName)

const seconds = (ago: number): Date => new Date(NOW - ago * 1000)

describe('LookupEvents', () => {
  test('shows the newest event first, with the whole record as text', async () => {
    const quiet = quietAccount()
    happened(quiet.account, 2 * HOUR, { eventName: 'Older' })
    const newer = happened(quiet.account, HOUR, { eventName: 'Newer', credential: quiet.auditor })
    const answer = await lookUp(quiet)
    expect(names(answer)).toEqual(['Newer', 'Older'])
    expect(answer.Events[0]).toMatchObject({ EventId: newer.eventID, Username: 'tester', EventTime: seconds(HOUR) })
    expect(JSON.parse(answer.Events[0]?.CloudTrailEvent ?? '')).toEqual(newer.document())
  })

  test('shows an event only once it is delivered', async () => {
    const quiet = quietAccount({ trailDelivery: 300 })
    happened(quiet.account, 0, { eventName: 'Fresh' })
    expect(names(await lookUp(quiet))).toEqual([])
    quiet.account.clock.advance(361)
    expect(names(await lookUp(quiet))).toContain('Fresh')
  })

  test('never shows data events, insights, other Regions or what is older than 90 days', async () => {
    const quiet = quietAccount()
    happened(quiet.account, HOUR, { management: false })
    happened(quiet.account, HOUR, { region: 'eu-west-1', eventName: 'Elsewhere' })
    happened(quiet.account, 90 * DAY + HOUR)
    expect(names(await lookUp(quiet))).toEqual([])
    expect(names(await lookUp(quiet, {}, 'eu-west-1'))).toEqual(['Elsewhere'])
    expect(names(await lookUp(quiet, { EventCategory: 'insight' }, 'eu-west-1'))).toEqual([])
  })

  test('takes one attribute, not two', async () => {
    const two = [...by('EventName', 'a').LookupAttributes, ...by('Username', 'b').LookupAttributes]
    await expect(lookUp(quietAccount(), { LookupAttributes: two })).rejects.toMatchObject({
      code: 'InvalidLookupAttributesException',
    })
  })

  test('does not know an attribute for the source address', async () => {
    await expect(lookUp(quietAccount(), by('SourceIPAddress', '203.0.113.7'))).rejects.toMatchObject({
      code: 'InvalidLookupAttributesException',
    })
  })

  test('finds by each of its eight attributes', async () => {
    const quiet = quietAccount()
    happened(quiet.account, HOUR, { eventName: 'Noise', eventSource: 'ec2.amazonaws.com' })
    const wanted = happened(quiet.account, HOUR, {
      eventName: 'Wanted',
      eventSource: 'iam.amazonaws.com',
      readOnly: false,
      credential: quiet.auditor,
      resources: [{ type: 'AWS::IAM::Role', name: 'web-app' }],
    })
    const attributes = {
      EventId: wanted.eventID,
      EventName: 'Wanted',
      ReadOnly: 'false',
      Username: 'tester',
      ResourceType: 'AWS::IAM::Role',
      ResourceName: 'web-app',
      EventSource: 'iam.amazonaws.com',
      AccessKeyId: quiet.auditor.accessKeyId,
    }
    for (const [key, value] of Object.entries(attributes)) {
      expect(names(await lookUp(quiet, by(key, value))), key).toEqual(['Wanted'])
    }
  })

  test('includes both ends of the time range, to the second', async () => {
    const quiet = quietAccount()
    for (const ago of [4, 3, 2, 1]) happened(quiet.account, ago * HOUR, { eventName: `H${ago}` })
    const range = { StartTime: seconds(3 * HOUR), EndTime: seconds(2 * HOUR) }
    expect(names(await lookUp(quiet, range))).toEqual(['H2', 'H3'])
  })

  test('refuses a start after the end, and a page of more than 50', async () => {
    const quiet = quietAccount()
    await expect(lookUp(quiet, { StartTime: seconds(1), EndTime: seconds(2) })).rejects.toMatchObject({
      code: 'InvalidTimeRangeException',
    })
    await expect(lookUp(quiet, { MaxResults: 51 })).rejects.toMatchObject({ code: 'InvalidMaxResultsException' })
  })

  test('goes on with a token, while new events arrive, and only with the same parameters', async () => {
    const quiet = quietAccount({ eventsPerPage: 2 })
    for (const ago of [5, 4, 3, 2, 1]) happened(quiet.account, ago * HOUR, { eventName: `H${ago}` })
    const first = await lookUp(quiet, by('EventSource', 's3.amazonaws.com'))
    happened(quiet.account, HOUR / 2, { eventName: 'Late' })
    const second = await lookUp(quiet, { ...by('EventSource', 's3.amazonaws.com'), NextToken: first.NextToken })
    const third = await lookUp(quiet, { ...by('EventSource', 's3.amazonaws.com'), NextToken: second.NextToken })
    expect([first, second, third].flatMap(names)).toEqual(['H1', 'H2', 'H3', 'H4', 'H5'])
    expect(third.NextToken).toBeUndefined()
    await expect(lookUp(quiet, { ...by('EventSource', 'ec2.amazonaws.com'), NextToken: first.NextToken })).rejects.toMatchObject({
      code: 'InvalidNextTokenException',
    })
  })

  test('allows two requests a second in each Region after a small burst', async () => {
    const quiet = quietAccount({ callTakes: 0.1 })
    for (let turn = 0; turn < 4; turn += 1) await lookUp(quiet)
    await expect(Promise.all([1, 2, 3, 4].map(() => lookUp(quiet)))).rejects.toMatchObject({ code: 'ThrottlingException' })
    await expect(lookUp(quiet, {}, 'eu-west-1')).resolves.toBeDefined()
    quiet.account.clock.advance(1)
    await expect(lookUp(quiet)).resolves.toBeDefined()
  })

  test('never throttles a client that paces itself at two a second', async () => {
    const quiet = quietAccount({ callTakes: 0.5 })
    for (let turn = 0; turn < 20; turn += 1) await expect(lookUp(quiet)).resolves.toBeDefined()
  })
})

test('the account has one multi-Region trail that is logging', async () => {
  const { ask } = quietAccount()
  expect(await ask('cloudtrail', 'DescribeTrails')).toMatchObject({
    trailList: [{ Name: 'main', S3BucketName: 'logs', IsMultiRegionTrail: true, HomeRegion: 'us-east-1' }],
  })
  expect(await ask('cloudtrail', 'DescribeTrails', { includeShadowTrails: false }, 'eu-west-1')).toEqual({ trailList: [] })
  expect(await ask('cloudtrail', 'GetTrailStatus', { Name: 'main' })).toMatchObject({ IsLogging: true })
  await expect(ask('cloudtrail', 'GetTrailStatus', { Name: 'none' })).rejects.toMatchObject({ code: 'TrailNotFoundException' })
})
