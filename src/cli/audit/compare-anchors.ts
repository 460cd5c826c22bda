import type { SendingOutcome } from '../../incident/entry.ts'
import { MINUTE_MS } from '../../incident/values/duration.ts'
import { epochOf, type Instant } from '../../incident/values/instant.ts'

/** A write that was sent, or may have been, with the user agent that CloudTrail's record of it has. */
export interface AuditedWrite {
  readonly line: number
  readonly at: Instant
  readonly operation: string
  readonly resource: string
  /** What the record's userAgent contains. */
  readonly userAgent: string
  /** What AWS answered; absent where the journal has no answer. */
  readonly outcome?: SendingOutcome['outcome']
  readonly requestId?: string
}

/** Where AWS keeps a head of the journal, beyond the reach of whoever holds the file. */
export type AnchorPlace = 'CloudTrail' | 'Systems Manager' | 'snapshot tag'

/** What AWS holds of one write: a record of CloudTrail, a command's comment, or the tags of a snapshot. */
export interface Anchor {
  readonly place: AnchorPlace
  /** Such as `PutRolePolicy`. */
  readonly eventName: string
  /** 16 hex digits. */
  readonly head: string
  readonly at?: Instant
  readonly requestId?: string
  readonly callerArn?: string
  /** The event, command or snapshot id. */
  readonly id: string
  /** Whether it names this incident, its role or its instance. */
  readonly isOfIncident: boolean
}

/** How one write of the journal compares with one place. Not visible is no evidence: nothing follows from it. */
export interface ComparedWrite {
  readonly line: number
  readonly operation: string
  readonly userAgent: string
  readonly place: AnchorPlace
  readonly standing: 'matches' | 'differs' | 'notVisible'
  readonly id?: string
  readonly why?: string
}

/** What AWS holds and the journal does not. */
export interface DroppedWrite {
  readonly place: AnchorPlace
  readonly eventName: string
  readonly head: string
  readonly id: string
  readonly at?: Instant
}

/** The responders that the journal names, and the heads that are known from other journals on this machine. */
export interface Known {
  readonly responderArns: readonly string[]
  readonly otherHeads: ReadonlySet<string>
}

const nameOf = (operation: string): string => operation.replace(/^[^:]*:/, '')

const headOf = ({ userAgent }: Pick<AuditedWrite, 'userAgent'>): string => userAgent.replace(/^journal\//, '')

/** Each write of the journal in each place that keeps its head. A write that AWS refused is compared where it is visible only. */
export const compareWrites = (
  writes: readonly AuditedWrite[],
  anchors: readonly Anchor[],
  read: ReadonlySet<AnchorPlace>,
  known: Known,
): readonly ComparedWrite[] =>
  writes.flatMap((write) =>
    placesOf(write)
      .filter((place) => read.has(place))
      .flatMap((place) => {
        const { standing, ...more } = standingOf(
          write,
          anchors.filter((anchor) => anchor.place === place),
          known,
        )
        const wasRefused = write.outcome === 'refused' && (standing === 'notVisible' || place !== 'CloudTrail')
        const { line, operation, userAgent } = write
        return wasRefused ? [] : [{ line, operation, userAgent, place, standing, ...more }]
      }),
  )

const placesOf = ({ operation }: AuditedWrite): readonly AnchorPlace[] => {
  if (operation === 'ssm:SendCommand') return ['CloudTrail', 'Systems Manager']
  return operation === 'ec2:CreateSnapshots' ? ['CloudTrail', 'snapshot tag'] : ['CloudTrail']
}

const standingOf = (
  write: AuditedWrite,
  anchors: readonly Anchor[],
  { responderArns }: Known,
): Pick<ComparedWrite, 'standing' | 'id' | 'why'> => {
  const anchor = anchors.find(({ head }) => head === headOf(write))
  if (anchor) {
    const why = differenceOf(write, anchor, responderArns)
    return why === undefined ? { standing: 'matches', id: anchor.id } : { standing: 'differs', id: anchor.id, why }
  }
  const sameRequest = anchors.find(({ requestId }) => requestId !== undefined && requestId === write.requestId)
  if (!sameRequest) return { standing: 'notVisible' }
  return {
    standing: 'differs',
    id: sameRequest.id,
    why: `the request carried journal/${sameRequest.head}: line ${write.line} or one before it is not as it was when the request was sent`,
  }
}

/** AWS's records have whole seconds, and an answer may take its time. */
const SLACK_MS = 10 * MINUTE_MS

const differenceOf = (write: AuditedWrite, anchor: Anchor, responderArns: readonly string[]): string | undefined => {
  const { eventName, requestId, callerArn, at } = anchor
  if (eventName !== nameOf(write.operation)) return `the record is of ${eventName}`
  if (requestId !== undefined && write.requestId !== undefined && requestId !== write.requestId)
    return `the record has request ${requestId}, and the journal has ${write.requestId}`
  if (callerArn !== undefined && responderArns.length > 0 && !responderArns.includes(callerArn))
    return `the record is of a call of ${callerArn}, who is not the journal's responder`
  if (at !== undefined && Math.abs(epochOf(at) - epochOf(write.at)) > SLACK_MS)
    return `the record is of ${at}, and the journal's intent of ${write.at}`
  return undefined
}

/** Writes that AWS holds, that are of this incident, and that the journal does not hold: entries were dropped or rewritten. */
export const droppedWrites = (
  writes: readonly AuditedWrite[],
  anchors: readonly Anchor[],
  { otherHeads }: Known,
): readonly DroppedWrite[] => {
  const heads = new Set(writes.map(headOf))
  const requests = new Set(writes.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId])))
  return anchors
    .filter(({ head, isOfIncident }) => isOfIncident && !heads.has(head) && !otherHeads.has(head))
    .filter(({ requestId }) => requestId === undefined || !requests.has(requestId))
    .map(({ place, eventName, head, id, at }) => ({ place, eventName, head, id, ...(at && { at }) }))
}
