import type { CloudTrailRecord } from '../record.ts'
import type { Json } from '../record-parameters.ts'
import { HOLDER_DELETIONS } from './holder-deletions.ts'
import { portRuleName, portRulesIn } from './payload/ports.ts'
import { namesOf } from './placeholders.ts'
import { eventKeyOf } from './rules.ts'
import { deletedBy, type LaterEvents, lastPartOfName, SAFE_SETTINGS, textsIn, type UndoEvent } from './undo-events.ts'

/** Whatever is undone: the record that left it, the events of its rule that undo it, and the names that these have to hold. */
export interface Undoable {
  readonly record: CloudTrailRecord
  readonly undo: readonly string[]
  readonly names: readonly string[]
}

/** The event that undid something, and whether it did nothing else: then it is shown with what it undid, not by itself. */
export interface Undoing {
  readonly record: CloudTrailRecord
  readonly isOnlyThat: boolean
}

/**
 * The first of the later successful events since which it is no longer in place: an event of its rule with all its names, in the
 * same account and Region; the deletion of what it was on; or, for shares and ports, the events that together took back every part.
 */
export const undoingOf = (undoable: Undoable, later: LaterEvents): Undoing | undefined => {
  const { record } = undoable
  if (record.outcome !== 'ok') return undefined
  return exactUndoing(undoable, later) ?? partialUndoing(record, later) ?? coarseUndoing(record, later)
}

const exactUndoing = ({ record, undo, names }: Undoable, later: LaterEvents): Undoing | undefined => {
  if (names.length === 0) return undefined
  const [service = ''] = eventKeyOf(record.eventSource, record.eventName).split(':')
  const found = earliest(
    undo.map((event) =>
      first(later.naming(`${service}:${event}`, 'text', names), ({ record: { request } }) => hasAllNames(request, names)),
    ),
  )
  // A policy that is attached again is shown by itself too.
  return found && { record: found.record, isOnlyThat: !/^(?:Attach|Put)/.test(found.record.eventName) }
}

const first = (events: Iterable<UndoEvent>, isMeant: (event: UndoEvent) => boolean): UndoEvent | undefined => {
  for (const event of events) if (isMeant(event)) return event
  return undefined
}

const earliest = (events: readonly (UndoEvent | undefined)[]): UndoEvent | undefined =>
  events.reduce((least, event) => (event && (!least || event.order < least.order) ? event : least), undefined)

/** Several events may each take back a part; the last of them undid the whole. */
const partialUndoing = (record: CloudTrailRecord, later: LaterEvents): Undoing | undefined => {
  const parts = partsOf(record)
  if (parts === undefined) return undefined
  const whole = record.request?.[parts.of]
  const event = eventKeyOf(record.eventSource, parts.takenBackBy)
  const candidates = typeof whole === 'string' ? later.naming(event, 'text', [whole]) : later.all(event)
  const left = new Set(parts.names)
  const found = first(candidates, ({ record: other }) => {
    if (other.request?.[parts.of] !== whole) return false
    for (const name of parts.takenBack(other)) left.delete(name)
    return left.size === 0
  })
  return found && { record: found.record, isOnlyThat: true }
}

const coarseUndoing = (record: CloudTrailRecord, later: LaterEvents): Undoing | undefined => {
  const found = earliest([deletionOfHolder(record, later), restoring(record, later)])
  return found && { record: found.record, isOnlyThat: false }
}

const hasAllNames = (request: unknown, names: readonly string[]): boolean => {
  const texts = new Set(textsIn(request))
  return names.every((name) => texts.has(name))
}

/** A second deletion, or one that was recorded twice, takes nothing back. */
const deletionOfHolder = (record: CloudTrailRecord, later: LaterEvents): UndoEvent | undefined => {
  const own = eventKeyOf(record.eventSource, record.eventName)
  const service = own.slice(0, own.indexOf(':') + 1)
  return earliest(
    [...HOLDER_DELETIONS].map(([event, word]) => {
      if (event === own || !event.startsWith(service)) return undefined
      const [holder, ...others] = namesOf(word, record)
      if (holder === undefined || others.length > 0) return undefined
      return first(later.naming(event, 'deleted', [lastPartOfName(holder)]), ({ record: deletion }) =>
        deletedBy(event, deletion).some((name) => isSameName(name, holder)),
      )
    }),
  )
}

/** A name and the ARN that ends with it mean the same, in one account and Region. */
const isSameName = (a: string, b: string): boolean =>
  a === b || (a.startsWith('arn:') !== b.startsWith('arn:') && lastPartOfName(a) === lastPartOfName(b))

/** A setting that a later event of the same kind sets back to what is safe. */
const restoring = (record: CloudTrailRecord, later: LaterEvents): UndoEvent | undefined => {
  const event = eventKeyOf(record.eventSource, record.eventName)
  const [isSafe, word] = SAFE_SETTINGS.get(event) ?? []
  if (!isSafe || word === undefined || isSafe(record.request ?? {})) return undefined
  const [holder] = namesOf(word, record)
  if (holder === undefined) return undefined
  return first(later.naming(event, 'made safe', [lastPartOfName(holder)]), ({ record: safe }) =>
    namesOf(word, safe).some((name) => isSameName(name, holder)),
  )
}

/** What an event gave in parts, each of which may be taken back by itself. */
interface Parts {
  readonly names: readonly string[]
  /** The request parameter that names what they are parts of. */
  readonly of: string
  /** The name of the event that takes parts back. */
  readonly takenBackBy: string
  readonly takenBack: (later: CloudTrailRecord) => readonly string[]
}

const partsOf = (record: CloudTrailRecord): Parts | undefined => {
  const { eventName, request = {} } = record
  switch (eventName) {
    case 'ModifySnapshotAttribute':
      return sharesOf(request, 'snapshotId', 'createVolumePermission', eventName)
    case 'ModifyImageAttribute':
      return sharesOf(request, 'imageId', 'launchPermission', eventName)
    case 'ModifyDBSnapshotAttribute':
      return databaseShares(request, 'dBSnapshotIdentifier', eventName)
    case 'ModifyDBClusterSnapshotAttribute':
      return databaseShares(request, 'dBClusterSnapshotIdentifier', eventName)
    case 'ModifyDocumentPermission':
      return documentShares(request, eventName)
    default:
      return eventName.startsWith('AuthorizeSecurityGroup') ? portsOf(record) : undefined
  }
}

const partsOrNone = (parts: Parts): Parts | undefined => (parts.names.length > 0 ? parts : undefined)

const sharesOf = (request: Json, of: string, member: string, eventName: string): Parts | undefined =>
  partsOrNone({
    names: textsIn(memberOf(request[member], 'add')),
    ...{ of, takenBackBy: eventName },
    takenBack: (later) => textsIn(memberOf(later.request?.[member], 'remove')),
  })

const databaseShares = ({ valuesToAdd }: Json, of: string, eventName: string): Parts | undefined =>
  partsOrNone({
    names: textsIn(valuesToAdd),
    ...{ of, takenBackBy: eventName },
    takenBack: (later) => textsIn(later.request?.valuesToRemove),
  })

const documentShares = ({ accountIdsToAdd }: Json, eventName: string): Parts | undefined =>
  partsOrNone({
    names: textsIn(accountIdsToAdd),
    ...{ of: 'name', takenBackBy: eventName },
    takenBack: (later) => textsIn(later.request?.accountIdsToRemove),
  })

/** A rule is revoked by its id, or by protocol, ports and address. */
const portsOf = ({ eventName, request = {}, response = {} }: CloudTrailRecord): Parts | undefined => {
  const ids = textsIn(memberOf(response, 'securityGroupRuleSet')).filter((text) => text.startsWith('sgr-'))
  const rules = portRulesIn(request).map(portRuleName)
  return partsOrNone({
    names: rules.length > 0 ? rules : ids,
    ...{ of: 'groupId', takenBackBy: eventName.replace('Authorize', 'Revoke') },
    takenBack: (later) => {
      const revoked = revokedBy(later)
      // CloudTrail gives the ids in the order of the rules, where both are there.
      const byId = revoked.ids.flatMap((id) => [id, ...(ids.length === rules.length ? [rules[ids.indexOf(id)] ?? id] : [])])
      const isWhole = ids.length > 0 && ids.every((id) => revoked.ids.includes(id))
      return [...revoked.rules, ...byId, ...(isWhole ? rules : [])]
    },
  })
}

interface TakenBack {
  readonly ids: readonly string[]
  readonly rules: readonly string[]
}

/** One revocation is looked at for every rule of its group that was opened before. */
const revocations = new WeakMap<CloudTrailRecord, TakenBack>()

const revokedBy = (record: CloudTrailRecord): TakenBack => {
  const known = revocations.get(record)
  if (known) return known
  const revoked = {
    ids: textsIn(record.request).filter((text) => text.startsWith('sgr-')),
    rules: portRulesIn(record.request ?? {}).map(portRuleName),
  }
  revocations.set(record, revoked)
  return revoked
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
