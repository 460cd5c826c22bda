import type { Span } from '../../../incident/values/block.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../record.ts'
import type { Json } from '../../record-parameters.ts'
import type { Payload } from './payload.ts'

/** What a trail, a bucket or a block still records or forbids after the event, in words: what was switched off, and what on. */
export const loggingPayload = ({ eventName, request = {} }: CloudTrailRecord): Payload | undefined => {
  const says = SETTINGS.get(eventName)?.(request)
  if (says === undefined || says.length === 0) return undefined
  const isSafe = SAFE.get(eventName)?.(request) ?? false
  return { says: [': ', ...says], ...(isSafe ? { gravity: 'identity', isSafe } : {}) }
}

/** Settings with which nothing is switched off. */
const SAFE: ReadonlyMap<string, (request: Json) => boolean> = new Map([
  ['PutEventSelectors', (request: Json) => recordsAllManagementEvents(request)],
  ['PutInsightSelectors', ({ insightSelectors }: Json) => !isEmpty(insightSelectors)],
  ['PutBucketPublicAccessBlock', (request: Json) => blocksAllPublicAccess(request)],
  ['PutAccountPublicAccessBlock', (request: Json) => blocksAllPublicAccess(request)],
])

const SETTINGS: ReadonlyMap<string, (request: Json) => readonly Span[]> = new Map([
  ['PutEventSelectors', (request: Json) => joined(selectorWords(request))],
  ['UpdateTrail', (request: Json) => joined(trailWords(request))],
  ['PutInsightSelectors', ({ insightSelectors }: Json) => [isEmpty(insightSelectors) ? 'Insights off' : 'Insights on']],
  ['PutBucketPublicAccessBlock', (request: Json) => joined(blockWords(request))],
  ['PutAccountPublicAccessBlock', (request: Json) => joined(blockWords(request))],
  ['PutBucketLifecycle', (request: Json) => joined(lifecycleWords(request))],
  ['PutBucketLifecycleConfiguration', (request: Json) => joined(lifecycleWords(request))],
  ['UpdateDetector', (request: Json) => joined(detectorWords(request))],
])

const joined = (words: readonly (readonly Span[])[]): readonly Span[] =>
  words.flatMap((spans, index) => [...(index > 0 ? [', '] : []), ...spans])

const listOf = (value: unknown): readonly Json[] =>
  [value].flat().filter((item): item is Json => typeof item === 'object' && item !== null)

const isEmpty = (value: unknown): boolean => !Array.isArray(value) || value.length === 0

/**
 * Whether these selectors record every management event, which is what a trail does by itself ("Logging management events"). With
 * advanced selectors: a selector for management events that no further field narrows.
 */
export const recordsAllManagementEvents = ({ eventSelectors, advancedEventSelectors }: Json): boolean => {
  const advanced = listOf(advancedEventSelectors)
  if (advanced.length > 0) return advanced.some((one) => isManagement(one) && fieldsOf(one).length === 1)
  return listOf(eventSelectors).some(
    ({ includeManagementEvents, readWriteType, excludeManagementEventSources }) =>
      String(includeManagementEvents ?? 'true') === 'true' &&
      (readWriteType ?? 'All') === 'All' &&
      isEmpty(excludeManagementEventSources),
  )
}

const fieldsOf = ({ fieldSelectors }: Json): readonly Json[] => listOf(fieldSelectors)

const isManagement = (selector: Json): boolean =>
  fieldsOf(selector).some(({ field, equals }) => field === 'eventCategory' && [equals].flat().includes('Management'))

const selectorWords = (request: Json): readonly (readonly Span[])[] => {
  const { eventSelectors, advancedEventSelectors } = request
  if (recordsAllManagementEvents(request)) return [['management events ON, all of them'], dataWords(request)]
  const advanced = listOf(advancedEventSelectors)
  if (advanced.length > 0) {
    const some = advanced.some(isManagement)
    return [[some ? 'management events ON in part only' : 'management events OFF'], dataWords(request)]
  }
  const [selector = {}] = listOf(eventSelectors)
  const { includeManagementEvents, readWriteType, excludeManagementEventSources } = selector
  const isOff = String(includeManagementEvents) === 'false' || listOf(eventSelectors).length === 0
  return [
    [isOff ? 'management events OFF' : 'management events ON in part only'],
    ...(typeof readWriteType === 'string' && readWriteType !== 'All' ? [[untrusted(readWriteType)]] : []),
    ...(isEmpty(excludeManagementEventSources)
      ? []
      : [['without ', untrusted([excludeManagementEventSources].flat().map(String).join(', '))]]),
    dataWords(request),
  ]
}

const dataWords = ({ eventSelectors, advancedEventSelectors }: Json): readonly Span[] => {
  const types = [
    ...listOf(eventSelectors).flatMap(({ dataResources }) => listOf(dataResources).map(({ type }) => type)),
    ...listOf(advancedEventSelectors).flatMap((selector) =>
      fieldsOf(selector).flatMap(({ field, equals }) => (field === 'resources.type' ? [equals].flat() : [])),
    ),
  ].filter((type) => typeof type === 'string')
  return types.length === 0 ? ['data events OFF'] : ['data events of ', untrusted([...new Set(types)].join(', '))]
}

const trailWords = (request: Json): readonly (readonly Span[])[] => [
  ...FLAGS.flatMap(([member, what]) => {
    const value = request[member] === undefined ? undefined : String(request[member])
    return value === 'true' || value === 'false' ? [[`${what} ${value === 'true' ? 'ON' : 'OFF'}`]] : []
  }),
  ...NAMES.flatMap(([member, what]) => {
    const value = request[member]
    return typeof value === 'string' ? [value === '' ? [`${what} removed`] : [`${what} now `, untrusted(value)]] : []
  }),
]

const FLAGS = [
  ['isMultiRegionTrail', 'other Regions'],
  ['includeGlobalServiceEvents', 'global services'],
  ['enableLogFileValidation', 'log file validation'],
  ['isOrganizationTrail', 'organization’s accounts'],
] as const
const NAMES = [
  ['s3BucketName', 'bucket'],
  ['s3KeyPrefix', 'prefix'],
  ['snsTopicName', 'SNS topic'],
  ['kmsKeyId', 'key'],
  ['cloudWatchLogsLogGroupArn', 'log group'],
] as const

const blockWords = (request: Json): readonly (readonly Span[])[] => {
  const [settings = {}] = listOf(request.PublicAccessBlockConfiguration ?? request.publicAccessBlockConfiguration)
  return ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map((name) => [
    `${name} ${isTrue(settings[name]) ? 'ON' : 'OFF'}`,
  ])
}

const isTrue = (value: unknown): boolean => String(value) === 'true'

/** Whether a block of public access forbids everything. */
export const blocksAllPublicAccess = (request: Json): boolean =>
  blockWords(request).every(([words]) => String(words).endsWith(' ON'))

const lifecycleWords = ({ LifecycleConfiguration }: Json): readonly (readonly Span[])[] =>
  listOf(listOf(LifecycleConfiguration).flatMap(({ Rule }) => listOf(Rule))).flatMap((rule) => {
    const [expiration] = listOf(rule.Expiration)
    const days = expiration?.Days
    if (rule.Status !== 'Enabled' || days === undefined) return []
    const prefix = listOf(rule.Filter)[0]?.Prefix ?? rule.Prefix
    const where = typeof prefix === 'string' && prefix !== '' ? [' under ', untrusted(prefix)] : []
    return [['objects', ...where, ` are deleted after ${Number(days)} day${Number(days) === 1 ? '' : 's'}`]]
  })

const detectorWords = ({ enable, features, dataSources }: Json): readonly (readonly Span[])[] => {
  const named = listOf(features).flatMap(({ name, status }) =>
    typeof name === 'string' && typeof status === 'string' ? [[untrusted(name), ` ${status === 'ENABLED' ? 'ON' : 'OFF'}`]] : [],
  )
  return [
    ...(enable === undefined ? [] : [[`GuardDuty ${isTrue(enable) ? 'ON' : 'OFF'}`]]),
    ...named,
    ...(dataSources === undefined ? [] : [['older protection plans changed']]),
  ]
}
