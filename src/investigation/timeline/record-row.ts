import { rawText } from '../../incident/values/untrusted.ts'
import { serviceOf } from '../analysis/call-totals.ts'
import { useOf } from '../objects/stores.ts'
import type { CloudTrailRecord } from '../record.ts'
import type { Json } from '../record-parameters.ts'
import type { TimelineRow } from './row.ts'

/** The row of a call. `depth` is 0 for the principal itself. */
export const rowOfRecord = (record: CloudTrailRecord, depth: number): TimelineRow => {
  const { at, eventSource, eventName, eventId, region, errorCode, refusedBy, accessKeyId, sessionArn, userName } = record
  const service = serviceOf(eventSource)
  const object = objectOfRecord(record)
  const accountId = record.recipientAccountId ?? record.accountId
  const principal = sessionArn ?? userName ?? record.principalId ?? record.invokedBy
  return {
    ...{ at, kind: 'call', what: 'API call', action: `${service}:${eventName}` },
    ...(object === undefined ? {} : { object }),
    ...{ address: rawText(record.source), userAgent: rawText(record.userAgent), outcome: OUTCOMES[record.outcome] },
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(refusedBy === undefined ? {} : { refusedBy }),
    region,
    ...(accountId === undefined ? {} : { accountId }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(principal === undefined ? {} : { principal }),
    ...(record.requestId === undefined ? {} : { requestId: record.requestId }),
    ...(record.category === 'network' ? { isNetworkActivity: true as const } : {}),
    ...{ depth, id: eventId, isRead: record.readOnly ?? isReadByName(service, eventName) },
  }
}

const OUTCOMES: Readonly<Record<CloudTrailRecord['outcome'], string>> = {
  ok: 'ok',
  denied: 'denied',
  throttled: 'throttled',
  failed: 'failed',
  'dry-run': 'dry run, would have succeeded',
}

const isReadByName = (service: string, eventName: string): boolean => {
  const use = useOf(service, eventName)
  return use === 'read' || use === 'listed'
}

/** Names that stand in one cell. */
const MOST_NAMES = 10

const objectOfRecord = ({ touched, requested, resources, request }: CloudTrailRecord): string | undefined => {
  if (touched) {
    const { kind, stores, item } = touched
    return `${kind} ${few(stores)}${item === undefined ? '' : `/${item}`}`
  }
  if (requested.roleArn) return requested.roleArn
  const named = namesIn(request ?? {})
  if (named.length > 0) return few(named)
  return resources.length > 0 ? few(resources) : undefined
}

const few = (names: readonly string[]): string =>
  names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`

/** Members of request parameters that name what the call is about. */
const NAMING = /(?:name|id|arn|identifier|url|key)$/i
/** Members that end like a name and are none: tokens of clients, and how many answers are wanted. */
const NO_NAME = /^(?:clientToken|nextToken|marker|requestId|clientRequestToken|maxResults)$/i

const namesIn = (parameters: Json): readonly string[] =>
  Object.entries(parameters)
    .filter(([name, value]) => typeof value === 'string' && value !== '' && NAMING.test(name) && !NO_NAME.test(name))
    .map(([name, value]) => `${name} ${value}`)
