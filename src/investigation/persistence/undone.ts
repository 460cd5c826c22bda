import type { CloudTrailRecord } from '../record.ts'
import type { Json } from '../record-parameters.ts'
import { HOLDER_DELETIONS } from './holder-deletions.ts'
import { blocksAllPublicAccess, recordsAllManagementEvents } from './payload/logging.ts'
import { portRuleName, portRulesIn } from './payload/ports.ts'
import { namesOf } from './placeholders.ts'
import { eventKeyOf } from './rules.ts'

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
export const undoingOf = (undoable: Undoable, later: readonly CloudTrailRecord[]): Undoing | undefined => {
  const { record } = undoable
  if (record.outcome !== 'ok') return undefined
  const candidates = later.filter(
    (other) => other.outcome === 'ok' && other.eventSource === record.eventSource && isSamePlace(other, record),
  )
  return exactUndoing(undoable, candidates) ?? partialUndoing(record, candidates) ?? coarseUndoing(record, candidates)
}

const exactUndoing = ({ undo, names }: Undoable, later: readonly CloudTrailRecord[]): Undoing | undefined => {
  if (names.length === 0) return undefined
  const found = later.find(
    ({ eventSource, eventName, request }) =>
      undo.includes(eventKeyOf(eventSource, eventName).split(':')[1] ?? '') && hasAllNames(request, names),
  )
  // A policy that is attached again is shown by itself too.
  return found && { record: found, isOnlyThat: !/^(?:Attach|Put)/.test(found.eventName) }
}

/** Several events may each take back a part; the last of them undid the whole. */
const partialUndoing = (record: CloudTrailRecord, later: readonly CloudTrailRecord[]): Undoing | undefined => {
  const parts = partsOf(record)
  if (parts === undefined) return undefined
  const left = new Set(parts.names)
  const found = later.find((other) => {
    if (other.request?.[parts.of] !== record.request?.[parts.of]) return false
    for (const name of parts.takenBack(other)) left.delete(name)
    return left.size === 0
  })
  return found && { record: found, isOnlyThat: true }
}

const coarseUndoing = (record: CloudTrailRecord, later: readonly CloudTrailRecord[]): Undoing | undefined => {
  const found = later.find((other) => {
    const event = eventKeyOf(other.eventSource, other.eventName)
    return isDeletionOfHolder(event, other, record) || isRestored(event, other, record)
  })
  return found && { record: found, isOnlyThat: false }
}

/** Another account or Region may have something of the same name. */
const isSamePlace = (a: CloudTrailRecord, b: CloudTrailRecord): boolean =>
  accountOfRecord(a) === accountOfRecord(b) && (isGlobal(a) || a.region === b.region)

/** The account that an event is about. */
export const accountOfRecord = ({ recipientAccountId, accountId }: CloudTrailRecord): string | undefined =>
  recipientAccountId ?? accountId

/** Services whose API is the same in every Region. */
const GLOBAL: ReadonlySet<string> = new Set(['iam', 'organizations', 'account'])

/** Whether the service of an event is the same in every Region. */
export const isGlobal = ({ eventSource }: CloudTrailRecord): boolean => GLOBAL.has(eventSource.split('.', 1)[0] ?? '')

const hasAllNames = (request: unknown, names: readonly string[]): boolean => {
  const texts = new Set(textsIn(request))
  return names.every((name) => texts.has(name))
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** Words under which deletions name one thing where other events name it otherwise. */
const ALSO_NAMED: Readonly<Record<string, readonly string[]>> = { instance: ['instance', 'instances'] }

const isDeletionOfHolder = (event: string, deletion: CloudTrailRecord, { eventName, ...of }: CloudTrailRecord): boolean => {
  const word = HOLDER_DELETIONS.get(event)
  // A version of a function leaves the others; and a second deletion, or one that was recorded twice, takes nothing back.
  if (word === undefined || deletion.request?.qualifier !== undefined || deletion.eventName === eventName) return false
  const [holder, ...others] = namesOf(word, { ...of, eventName })
  if (holder === undefined || others.length > 0) return false
  return (ALSO_NAMED[word] ?? [word]).some((other) => namesOf(other, deletion).some((name) => isSameName(name, holder)))
}

/** A name and the ARN that ends with it mean the same, in one account and Region. */
const isSameName = (a: string, b: string): boolean =>
  a === b || (a.startsWith('arn:') !== b.startsWith('arn:') && lastPart(a) === lastPart(b))

const lastPart = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1)

/** A setting that a later event of the same kind sets back to what is safe. */
const isRestored = (event: string, later: CloudTrailRecord, record: CloudTrailRecord): boolean => {
  const [isSafe, word] = SAFE_SETTINGS.get(event) ?? []
  if (!isSafe || word === undefined || eventKeyOf(record.eventSource, record.eventName) !== event) return false
  const [holder] = namesOf(word, record)
  const isSame = holder !== undefined && namesOf(word, later).some((name) => isSameName(name, holder))
  return isSame && isSafe(later.request ?? {}) && !isSafe(record.request ?? {})
}

const SAFE_SETTINGS: ReadonlyMap<string, readonly [isSafe: (request: Json) => boolean, word: string]> = new Map([
  ['cloudtrail:PutEventSelectors', [recordsAllManagementEvents, 'trail']],
  ['s3:PutBucketPublicAccessBlock', [blocksAllPublicAccess, 'bucket']],
  ['s3:PutAccountPublicAccessBlock', [blocksAllPublicAccess, 'account']],
])

/** What an event gave in parts, each of which may be taken back by itself. */
interface Parts {
  readonly names: readonly string[]
  /** The request parameter that names what they are parts of. */
  readonly of: string
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
    of,
    takenBack: (later) => (later.eventName === eventName ? textsIn(memberOf(later.request?.[member], 'remove')) : []),
  })

const databaseShares = ({ valuesToAdd }: Json, of: string, eventName: string): Parts | undefined =>
  partsOrNone({
    names: textsIn(valuesToAdd),
    of,
    takenBack: (later) => (later.eventName === eventName ? textsIn(later.request?.valuesToRemove) : []),
  })

const documentShares = ({ accountIdsToAdd }: Json, eventName: string): Parts | undefined =>
  partsOrNone({
    names: textsIn(accountIdsToAdd),
    of: 'name',
    takenBack: (later) => (later.eventName === eventName ? textsIn(later.request?.accountIdsToRemove) : []),
  })

/** A rule is revoked by its id, or by protocol, ports and address. */
const portsOf = ({ eventName, request = {}, response = {} }: CloudTrailRecord): Parts | undefined => {
  const ids = textsIn(memberOf(response, 'securityGroupRuleSet')).filter((text) => text.startsWith('sgr-'))
  const rules = portRulesIn(request).map(portRuleName)
  const revoke = eventName.replace('Authorize', 'Revoke')
  return partsOrNone({
    names: rules.length > 0 ? rules : ids,
    of: 'groupId',
    takenBack: (later) => {
      if (later.eventName !== revoke) return []
      const revoked = textsIn(later.request).filter((text) => text.startsWith('sgr-'))
      // CloudTrail gives the ids in the order of the rules, where both are there.
      const byId = revoked.flatMap((id) => [id, ...(ids.length === rules.length ? [rules[ids.indexOf(id)] ?? id] : [])])
      const isWhole = ids.length > 0 && ids.every((id) => revoked.includes(id))
      return [...portRulesIn(later.request ?? {}).map(portRuleName), ...byId, ...(isWhole ? rules : [])]
    },
  })
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
