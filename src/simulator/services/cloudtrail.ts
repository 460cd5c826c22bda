import type {
  DescribeTrailsRequest,
  DescribeTrailsResponse,
  Event,
  GetTrailStatusRequest,
  GetTrailStatusResponse,
  LookupAttribute,
  LookupEventsRequest,
  LookupEventsResponse,
  Trail as TrailDescription,
} from '@aws-sdk/client-cloudtrail'
import { DAY_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import type { TrailSetting } from '../account/detection.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { floorToSecond } from '../clock.ts'
import { pageOf } from '../page.ts'
import { trailLogGroupArn } from '../records/log-group.ts'
import type { TrailRecord } from '../records/trail.ts'
import { operation, type Service } from '../service.ts'

const PER_SECOND = 2
const BURST = 4

/** What each lookup attribute compares; ReadOnly as text, as the API takes it. */
const ATTRIBUTES: Readonly<Record<string, (record: TrailRecord, value: string) => boolean>> = {
  EventId: (record, value) => record.eventID === value,
  EventName: (record, value) => record.eventName === value,
  ReadOnly: (record, value) => String(record.readOnly) === value,
  Username: (record, value) => record.username === value,
  ResourceType: (record, value) => record.resources.some(({ type }) => type === value),
  ResourceName: (record, value) => record.resources.some(({ name }) => name === value),
  EventSource: (record, value) => record.eventSource === value,
  AccessKeyId: (record, value) => record.accessKeyId === value,
}

/** "LookupEvents": two requests a second for an account and Region; here with a small burst. */
const takeFromAllowance = (account: Account, region: string, now: number): void => {
  const before = account.lookupAllowance.get(region) ?? { tokens: BURST, at: now }
  const tokens = Math.min(BURST, before.tokens + ((now - before.at) / SECOND_MS) * PER_SECOND)
  if (tokens < 1) throw new ServiceError('ThrottlingException', 'Rate exceeded')
  account.lookupAllowance.set(region, { tokens: tokens - 1, at: now })
}

const invalidAttributes = (message: string): ServiceError => new ServiceError('InvalidLookupAttributesException', message)

const attributeFilter = (attributes: readonly LookupAttribute[]): ((record: TrailRecord) => boolean) => {
  const [attribute, ...others] = attributes
  if (others.length > 0) throw invalidAttributes('You can only specify one lookup attribute.')
  if (!attribute) return () => true
  const key = attribute.AttributeKey ?? ''
  const matches = Object.hasOwn(ATTRIBUTES, key) ? ATTRIBUTES[key] : undefined
  if (!matches) throw invalidAttributes(`Unknown attribute key ${attribute.AttributeKey}.`)
  return (record) => matches(record, attribute.AttributeValue ?? '')
}

/** The asked-for time range in ms, both ends included, within the 90 days that event history keeps. */
const timeRange = (input: LookupEventsRequest, now: number): { from: number; to: number } => {
  const from = Math.max(input.StartTime?.getTime() ?? 0, now - 90 * DAY_MS)
  const to = input.EndTime?.getTime() ?? now
  if ((input.StartTime?.getTime() ?? 0) > to) {
    throw new ServiceError('InvalidTimeRangeException', 'A start time must be before the end time.')
  }
  return { from, to }
}

const pageSize = (account: Account, asked: number | undefined): number => {
  if (asked !== undefined && (asked < 1 || asked > 50)) {
    throw new ServiceError('InvalidMaxResultsException', 'A max results value of 1 to 50 is allowed.')
  }
  return Math.min(asked ?? 50, account.behaviour.eventsPerPage)
}

/** The text of each record that was asked for: it never changes, and the same records are looked up many times. */
const TEXTS = new WeakMap<TrailRecord, string>()

const textOf = (record: TrailRecord): string => {
  const text = TEXTS.get(record) ?? JSON.stringify(record.document())
  TEXTS.set(record, text)
  return text
}

const eventOf = (record: TrailRecord): Event => ({
  EventId: record.eventID,
  EventName: record.eventName,
  ReadOnly: String(record.readOnly),
  EventTime: new Date(floorToSecond(record.at)),
  EventSource: record.eventSource,
  Resources: record.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
  CloudTrailEvent: textOf(record),
  ...given({ AccessKeyId: record.accessKeyId, Username: record.username }),
})

const lookUp = (account: Account, region: string, input: LookupEventsRequest): TrailRecord[] => {
  const now = timeIn(account)
  const { from, to } = timeRange(input, now)
  const wanted = attributeFilter(input.LookupAttributes ?? [])
  if (input.EventCategory === 'insight') return []
  const isShown = (record: TrailRecord): boolean => {
    const second = floorToSecond(record.at)
    return record.management && record.region === region && record.deliveredAt <= now && second >= from && second <= to
  }
  return account.trail
    .all()
    .filter((record) => isShown(record) && wanted(record))
    .reverse()
}

const lookupEvents = operation<LookupEventsRequest, LookupEventsResponse>({
  writes: false,
  run: (account, input, { call }) => {
    takeFromAllowance(account, call.region, timeIn(account))
    const { NextToken, ...parameters } = input
    const page = pageOf({
      items: lookUp(account, call.region, input),
      size: pageSize(account, input.MaxResults),
      token: NextToken,
      keyOf: ({ eventID }) => eventID,
      boundTo: parameters,
      refuse: () => new ServiceError('InvalidNextTokenException', 'Invalid token or the parameters were changed.'),
    })
    return { Events: page.items.map(eventOf), ...given({ NextToken: page.nextToken }) }
  },
})

const trailArn = (account: Account, { name }: TrailSetting): string =>
  `arn:${account.partition}:cloudtrail:${account.region}:${account.id}:trail/${name}`

const describeTrail = (account: Account, trail: TrailSetting): TrailDescription => ({
  Name: trail.name,
  S3BucketName: trail.bucketName,
  CloudWatchLogsLogGroupArn: trailLogGroupArn(account),
  IncludeGlobalServiceEvents: true,
  IsMultiRegionTrail: true,
  HomeRegion: account.region,
  TrailARN: trailArn(account, trail),
  LogFileValidationEnabled: true,
  HasCustomEventSelectors: false,
  HasInsightSelectors: false,
  IsOrganizationTrail: false,
})

const describeTrails = operation<DescribeTrailsRequest, DescribeTrailsResponse>({
  writes: false,
  run: (account, input, { call }) => {
    if (call.region !== account.region && input.includeShadowTrails === false) return { trailList: [] }
    const described = account.trails.map((trail) => describeTrail(account, trail))
    const names = input.trailNameList ?? []
    if (names.length === 0) return { trailList: described }
    return { trailList: described.filter(({ Name, TrailARN }) => names.includes(Name ?? '') || names.includes(TrailARN ?? '')) }
  },
})

const getTrailStatus = operation<GetTrailStatusRequest, GetTrailStatusResponse>({
  writes: false,
  run: (account, input) => {
    const trail = account.trails.find((known) => input.Name === known.name || input.Name === trailArn(account, known))
    if (!trail) throw new ServiceError('TrailNotFoundException', `Unknown trail: ${input.Name} for the user: ${account.id}`)
    const now = timeIn(account)
    return {
      IsLogging: true,
      LatestDeliveryTime: new Date(now - account.behaviour.trailDelivery * SECOND_MS),
      StartLoggingTime: new Date(now - 400 * DAY_MS),
    }
  },
})

/** CloudTrail's event history, as LookupEvents shows it, and the trail that delivers to a bucket. */
export const cloudtrail: Service = {
  LookupEvents: lookupEvents,
  DescribeTrails: describeTrails,
  GetTrailStatus: getTrailStatus,
}
