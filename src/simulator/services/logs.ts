import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  LogStream,
} from '@aws-sdk/client-cloudwatch-logs'
import { DAY_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { trailLogGroup, trailLogGroupArn } from '../records/log-group.ts'
import type { TrailRecord } from '../records/trail.ts'
import { type AuthenticatedCall, type Authorization, operation, type Service } from '../service.ts'
import { filterOf } from './logs/filter-pattern.ts'

/** Filtered events a page: the service gives up to 10,000, or 1 MB. */
const EVENTS = 1000
/** Streams in an answer: no account has as many Regions. */
const STREAMS = 50

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterException', message)

const onGroup =
  (action: string) =>
  (account: Account): readonly Authorization[] => [{ action: `logs:${action}`, resource: trailLogGroupArn(account) }]

interface InGroup {
  readonly logGroupName?: string | undefined
  readonly logGroupIdentifier?: string | undefined
}

/** Throws ResourceNotFoundException for any group but the trail's, which is there in the account's own Region. */
const checkGroup = (account: Account, { call }: AuthenticatedCall, { logGroupName, logGroupIdentifier }: InGroup): void => {
  const named = logGroupName ?? logGroupIdentifier?.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, '')
  if (named === trailLogGroup(account) && call.region === account.region) return
  throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.')
}

/** What the trail has delivered, the oldest first. */
const delivered = (account: Account): readonly TrailRecord[] => {
  const now = timeIn(account)
  return account.trail.all().filter(({ management, deliveredAt }) => management && deliveredAt <= now)
}

const streamOf = (account: Account, { region }: TrailRecord): string => `${account.id}_CloudTrail_${region}`

const describeLogGroups = operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>({
  authorize: onGroup('DescribeLogGroups'),
  run: (account, { logGroupNamePrefix = '' }, { call }) => {
    const logGroupName = trailLogGroup(account)
    if (call.region !== account.region || !logGroupName.startsWith(logGroupNamePrefix)) return { logGroups: [] }
    const arn = trailLogGroupArn(account)
    return { logGroups: [{ logGroupName, arn, creationTime: Math.floor(timeIn(account)) - 400 * DAY_MS, retentionInDays: 90 }] }
  },
  writes: false,
})

const describeLogStreams = operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>({
  authorize: onGroup('DescribeLogStreams'),
  run: (account, input, caller) => {
    const { logGroupName, logGroupIdentifier, logStreamNamePrefix = '', orderBy, descending, limit = STREAMS, nextToken } = input
    checkGroup(account, caller, { logGroupName, logGroupIdentifier })
    const streams = new Map<string, LogStream>()
    for (const record of delivered(account)) {
      const logStreamName = streamOf(account, record)
      const first = streams.get(logStreamName)?.firstEventTimestamp ?? Math.floor(record.at)
      streams.set(logStreamName, { logStreamName, firstEventTimestamp: first, lastEventTimestamp: Math.floor(record.at) })
    }
    const byTime = (stream: LogStream): number => stream.lastEventTimestamp ?? 0
    const byName = ({ logStreamName: a = '' }: LogStream, { logStreamName: b = '' }: LogStream): number => (a < b ? -1 : 1)
    const shown = [...streams.values()].filter(({ logStreamName = '' }) => logStreamName.startsWith(logStreamNamePrefix))
    const sorted = shown.sort(orderBy === 'LastEventTime' ? (a, b) => byTime(a) - byTime(b) : byName)
    const page = pageOf({
      ...{ items: descending ? sorted.reverse() : sorted, token: nextToken, size: limit },
      ...{ keyOf: ({ logStreamName = '' }: LogStream) => logStreamName, boundTo: { logStreamNamePrefix, orderBy, descending } },
      refuse: () => invalid('The specified nextToken is invalid.'),
    })
    return { logStreams: [...page.items], ...given({ nextToken: page.nextToken }) }
  },
  writes: false,
})

const eventOf = (account: Account, record: TrailRecord): FilteredLogEvent => ({
  ...{
    logStreamName: streamOf(account, record),
    timestamp: Math.floor(record.at),
    ingestionTime: Math.floor(record.deliveredAt),
  },
  ...{ message: JSON.stringify(record.document()), eventId: record.eventID },
})

const filterLogEvents = operation<FilterLogEventsRequest, FilterLogEventsResponse>({
  authorize: onGroup('FilterLogEvents'),
  run: (account, input, caller) => {
    const { logGroupName, logGroupIdentifier, logStreamNames, logStreamNamePrefix = '' } = input
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, filterPattern = '', nextToken, limit = EVENTS } = input
    checkGroup(account, caller, { logGroupName, logGroupIdentifier })
    const matches = filterOf(filterPattern)
    const items = delivered(account)
      .filter((record) => record.at >= startTime && record.at <= endTime)
      .filter((record) => {
        const stream = streamOf(account, record)
        return stream.startsWith(logStreamNamePrefix) && (logStreamNames ?? [stream]).includes(stream)
      })
      .filter((record) => {
        const document = record.document()
        return filterPattern === '' || matches(JSON.stringify(document), document)
      })
    const page = pageOf({
      ...{ items, token: nextToken, size: Math.min(limit, EVENTS), keyOf: ({ eventID }: TrailRecord) => eventID },
      boundTo: { logStreamNames, logStreamNamePrefix, filterPattern },
      refuse: () => invalid('The specified nextToken is invalid.'),
    })
    return { events: page.items.map((record) => eventOf(account, record)), ...given({ nextToken: page.nextToken }) }
  },
  writes: false,
})

/** CloudWatch Logs, with what the trail delivers: one group, and a stream for each Region. */
export const logs: Service = {
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  FilterLogEvents: filterLogEvents,
}
