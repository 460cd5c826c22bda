import type { Json } from '../record-parameters.ts'
import { type ObjectKind, type ObjectUse, type StoreRule, storeRulesOf, useOf } from './stores.ts'

/** What a call touched: one or more stores of a kind, such as buckets, and of a store the one thing in it that it names. */
export interface Touched {
  readonly kind: ObjectKind
  readonly use: ObjectUse
  /** Names or ids, as the record has them. */
  readonly stores: readonly string[]
  /** A key of a bucket, where the call names one. */
  readonly item?: string
  /** It names one thing, whose name was not kept: there were too many. */
  readonly isUnnamed?: true
  /** What decides whether it can be had back: `no final snapshot`, `no recovery window` … */
  readonly detail?: string
  /** Bytes that were transferred, as the record says: out for what was read, in for all else. */
  readonly bytes?: number
}

const serviceIn = (eventSource: string): string => eventSource.split('.', 1)[0] ?? ''

/** What the record of a call touched; undefined for calls of other kinds. `resource` is what a refusal names. */
export const touchedBy = (record: Json, eventSource: string, eventName: string, resource?: string): Touched | undefined => {
  const service = serviceIn(eventSource)
  const rules = storeRulesOf(service, eventName)
  if (rules.length === 0) return undefined
  const parameters = objectOf(record.requestParameters)
  for (const rule of rules) {
    const named = storesIn(rule, parameters, record, resource)
    const isOtherAttribute = eventName === 'DescribeInstanceAttribute' && parameters.attribute !== 'userData'
    if (named.length > 0) return touchedAs(rule, named, record, isOtherAttribute ? 'listed' : useOf(service, eventName))
  }
  return undefined
}

const touchedAs = (rule: StoreRule, named: readonly string[], record: Json, use: ObjectUse): Touched => {
  const parameters = objectOf(record.requestParameters)
  const [first = ''] = named
  const stores = [...new Set(named.map((name) => nameIn(name, rule.kind)))]
  const item = rule.item === undefined ? undefined : (textsAt(parameters, rule.item)[0] ?? KEY_IN_ARN.exec(first)?.[1])
  const detail = use === 'deleted' ? detailOf(parameters) : undefined
  const bytes = bytesOf(objectOf(record.additionalEventData), use)
  return {
    ...{ kind: rule.kind, use, stores },
    ...(item === undefined ? {} : { item }),
    ...(detail === undefined ? {} : { detail }),
    ...(bytes === undefined ? {} : { bytes }),
  }
}

/** Stores that one call names. More of them are one entry of their own. */
const MOST_STORES = 100

const storesIn = (rule: StoreRule, parameters: Json, record: Json, resource: string | undefined): readonly string[] => {
  for (const path of rule.names) {
    const named = textsAt(parameters, path)
    if (named.length > 0) return [...new Set(named)].slice(0, MOST_STORES)
  }
  const arns = resourceArns(record.resources).filter((arn) => rule.arn?.test(arn))
  if (arns.length > 0) return [...new Set(arns)].slice(0, MOST_STORES)
  return resource !== undefined && rule.arn?.test(resource) ? [resource] : []
}

const KEY_IN_ARN = /^arn:[^:]+:s3:::[^/]+\/(.+)$/s

/** The name that calls use for the thing of an ARN: calls name one bucket, table or function either way. */
const NAMES_IN_ARNS: Readonly<Partial<Record<ObjectKind, RegExp>>> = {
  bucket: /^arn:[^:]+:s3:::([^/]+)/,
  table: /:table\/([^/]+)/,
  function: /:function:([^:]+)/,
  'KMS key': /:key\/(.+)$/,
  snapshot: /:snapshot\/(.+)$/,
  image: /:image\/(.+)$/,
  volume: /:volume\/(.+)$/,
  instance: /:instance\/(.+)$/,
  repository: /:repository\/(.+)$/,
  parameter: /:parameter(\/.+)$/,
  'log group': /:log-group:([^:]+)/,
  database: /:(?:db|cluster):(.+)$/,
  'database snapshot': /:(?:cluster-)?snapshot:(.+)$/,
  'file system': /:file-system\/(.+)$/,
}

const nameIn = (text: string, kind: ObjectKind): string =>
  text.startsWith('arn:') ? (NAMES_IN_ARNS[kind]?.exec(text)?.[1] ?? text) : text

const resourceArns = (resources: unknown): readonly string[] =>
  Array.isArray(resources) ? resources.flatMap((resource) => textsAt(objectOf(resource), 'ARN')) : []

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** The texts at a path, such as `instancesSet.items.instanceId`; a list on the way gives those of all its members. */
const textsAt = (value: Json, path: string): readonly string[] => {
  let found: readonly unknown[] = [value]
  for (const name of path.split('.')) found = found.flatMap((each) => [objectOf(each)[name]].flat())
  return found.filter((each): each is string => typeof each === 'string' && each !== '')
}

const isOn = (value: unknown): boolean => value === true || value === 'true'

const detailOf = (parameters: Json): string | undefined => {
  const { skipFinalSnapshot, finalDBSnapshotIdentifier, finalClusterSnapshotIdentifier, forceDeleteWithoutRecovery } = parameters
  const snapshot = finalDBSnapshotIdentifier ?? finalClusterSnapshotIdentifier
  if (typeof snapshot === 'string' && snapshot !== '') return `final snapshot ${snapshot}`
  if (isOn(skipFinalSnapshot) || isOn(parameters.skipFinalClusterSnapshot)) return 'no final snapshot'
  if (isOn(forceDeleteWithoutRecovery)) return 'no recovery window'
  return typeof parameters.versionId === 'string' && parameters.versionId !== '' ? 'one version' : undefined
}

const bytesOf = ({ bytesTransferredOut, bytesTransferredIn }: Json, use: ObjectUse): number | undefined => {
  if (use === 'listed') return undefined
  const bytes = Number(use === 'read' ? bytesTransferredOut : bytesTransferredIn)
  return Number.isFinite(bytes) && bytes >= 0 ? bytes : undefined
}
