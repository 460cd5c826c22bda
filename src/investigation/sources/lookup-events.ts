import { type Event, type LookupAttributeKey, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import type { AwsClients } from '../../aws/clients.ts'
import { unreadReason } from '../../aws/failure.ts'
import { allPages, type PageLimits } from '../../aws/pager.ts'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { readRecord } from '../read-record.ts'
import type { CloudTrailRecord } from '../record.ts'

/** How far back CloudTrail's event history goes, in seconds ("Viewing CloudTrail events"). */
export const EVENT_HISTORY_SECONDS = 90 * DAY_SECONDS

/** What LookupEvents is asked: one attribute, and always a beginning and an end. */
export interface Lookup {
  readonly attribute: LookupAttributeKey
  readonly value: string
  readonly from: Instant
  readonly until: Instant
}

export interface LookupPage {
  /** Newest first, without duplicates. Management events only: S3 object reads and the like are never in here. */
  readonly records: readonly CloudTrailRecord[]
  /** The records as CloudTrail answered them, JSON texts: evidence. They hold session tokens until they are redacted. */
  readonly raw: readonly string[]
  /** Why something may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/**
 * CloudTrail's event history of one Region ("Viewing CloudTrail events"): 90 days, delivered about 5 minutes late.
 * A lookup that is refused, or that gets no answer of CloudTrail's, gives an empty list and says so. Thrown is what concerns the whole
 * run: the responder's own credentials, an interruption, a bug.
 */
export const lookupEvents = async (
  client: AwsClients['cloudtrail'],
  region: string,
  lookup: Lookup,
  limits?: PageLimits,
): Promise<LookupPage> => {
  try {
    const { items, incomplete } = await allPages((token) => pageOfEvents(client, lookup, token), limits)
    const records = recordsOf(items)
    const unread = items.length - records.length
    const gaps = [incomplete, unread > 0 ? `records that could not be read: ${unread}` : undefined]
      .filter((gap) => gap !== undefined)
      .map((gap) => `CloudTrail in ${region}, ${lookup.attribute} ${lookup.value}: ${gap}`)
    const raw = items.flatMap(({ CloudTrailEvent }) => (CloudTrailEvent === undefined ? [] : [CloudTrailEvent]))
    return { records: unique(records), raw, incomplete: gaps }
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { records: [], raw: [], incomplete: [`CloudTrail in ${region} could not be read: cloudtrail:LookupEvents ${why}`] }
  }
}

/** One page of a lookup, newest first, as CloudTrail answers it, and the token of the next. Throws what the SDK throws. */
export const pageOfEvents = async (
  client: AwsClients['cloudtrail'],
  { attribute, value, from, until }: Lookup,
  token: string | undefined,
  abortSignal?: AbortSignal,
): Promise<{ readonly items: readonly Event[] | undefined; readonly next: string | undefined }> => {
  const answer = await client.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
      StartTime: new Date(from),
      EndTime: new Date(until),
      MaxResults: 50,
      NextToken: token,
    }),
    given({ abortSignal }),
  )
  return { items: answer.Events, next: answer.NextToken }
}

/** A record, with the text in which CloudTrail answered it. */
export interface RecordWithText {
  readonly record: CloudTrailRecord
  readonly raw: string
}

/**
 * The newest events with an attribute in one Region, one page of the event history. The request holds no time, so that it can be sent
 * before AWS's time is known. Throws what the SDK throws.
 */
export const newestEvents = async (
  client: AwsClients['cloudtrail'],
  attribute: LookupAttributeKey,
  value: string,
): Promise<readonly RecordWithText[]> => (await newestPage(client, attribute, value)).events

/** The same, with whether the event history has older ones. */
export const newestPage = async (
  client: AwsClients['cloudtrail'],
  attribute: LookupAttributeKey,
  value: string,
): Promise<{ readonly events: readonly RecordWithText[]; readonly hasOlder: boolean }> => {
  const { Events = [], NextToken } = await client.send(
    new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }], MaxResults: 50 }),
  )
  const events = Events.flatMap(({ CloudTrailEvent: raw }) => {
    const record = readJson(raw)
    return record && raw !== undefined ? [{ record, raw }] : []
  })
  return { events, hasOlder: NextToken !== undefined && NextToken !== '' }
}

/** The records of these events that can be read. */
export const recordsOf = (events: readonly Event[]): readonly CloudTrailRecord[] =>
  events.map(({ CloudTrailEvent }) => readJson(CloudTrailEvent)).filter((record) => record !== undefined)

/** The same lookup in several Regions at once, one list. Each Region keeps its own pace. */
export const lookupEverywhere = async (
  clients: readonly { readonly region: string; readonly client: AwsClients['cloudtrail'] }[],
  lookup: Lookup,
  limits?: PageLimits,
): Promise<LookupPage> => {
  const found = await Promise.all(clients.map(({ client, region }) => lookupEvents(client, region, lookup, limits)))
  const records = unique(found.flatMap((part) => part.records))
  return {
    records: records.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)),
    raw: found.flatMap((part) => part.raw),
    incomplete: found.flatMap((part) => part.incomplete),
  }
}

const readJson = (text: string | undefined): CloudTrailRecord | undefined => {
  try {
    return readRecord(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

const unique = (records: readonly CloudTrailRecord[]): CloudTrailRecord[] => [
  ...new Map(records.map((record) => [record.eventId, record])).values(),
]
