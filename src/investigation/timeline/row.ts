import { epochOf, type Instant } from '../../incident/values/instant.ts'
import type { Json } from '../record-parameters.ts'

/** Where a row comes from: a record of CloudTrail, a finding of GuardDuty, or the journal of the response. */
export type RowKind = 'call' | 'finding' | 'response'

/** One row of the timeline: plain JSON. Texts are raw, as the sources wrote them; a format shows them. */
export interface TimelineRow {
  readonly at: Instant
  readonly kind: RowKind
  /** What happened at that moment: `API call`, `finding first seen` … */
  readonly what: string
  /** `s3:GetObject`, a finding's type, or the API of a response action. */
  readonly action: string
  /** What it was about, as far as the source names it. */
  readonly object?: string
  readonly address?: string
  readonly userAgent?: string
  readonly outcome: string
  readonly errorCode?: string
  readonly refusedBy?: string
  readonly region?: string
  readonly accountId?: string
  readonly accessKeyId?: string
  /** The session or user that called. */
  readonly principal?: string
  /** 0 for the principal itself, 1 for sessions that it obtained, 2 for those that these obtained. */
  readonly depth: number
  /** The id of the event, of the finding, or of the entry in the journal. */
  readonly id: string
  /** Of a call through a VPC endpoint: the same in the API's record and in that of the network activity. */
  readonly requestId?: string
  readonly isNetworkActivity?: true
  /** The call changes nothing: only such calls are folded into bursts. */
  readonly isRead: boolean
  /** The whole record, secrets removed; only for a screen on which a row opens. */
  readonly record?: Json
}

/** The order of rows: by time, then by what makes it the same from every source. The records of one request stand together. */
export const compareRows = (a: TimelineRow, b: TimelineRow): number =>
  compareMoments(a.at, b.at) ||
  compareTexts(a.kind, b.kind) ||
  compareTexts(a.requestId ?? a.id, b.requestId ?? b.id) ||
  compareTexts(a.id, b.id) ||
  compareTexts(a.what, b.what) ||
  compareTexts(a.action, b.action) ||
  compareTexts(a.accessKeyId ?? '', b.accessKeyId ?? '') ||
  a.depth - b.depth

/** Texts of one length compare as their moments do. */
const compareMoments = (a: Instant, b: Instant): number => (a.length === b.length ? compareTexts(a, b) : epochOf(a) - epochOf(b))

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Whether a row is the record of network activity of a call whose API's record is the other one. */
export const isTwinOf = (row: TimelineRow, other: TimelineRow): boolean =>
  row.isNetworkActivity === true &&
  other.isNetworkActivity === undefined &&
  row.requestId !== undefined &&
  row.requestId === other.requestId &&
  row.action === other.action &&
  row.accessKeyId === other.accessKeyId

/** Whether two rows are records of one request. */
export const isSameRequest = (a: TimelineRow, b: TimelineRow): boolean =>
  a.at === b.at && a.requestId !== undefined && a.requestId === b.requestId

/** Whether two rows are one event: met in two files, or a call of a chained session that carries its parent's name. */
export const isSameEvent = (a: TimelineRow, b: TimelineRow): boolean =>
  a.at === b.at && a.id === b.id && a.what === b.what && a.action === b.action && a.accessKeyId === b.accessKeyId
