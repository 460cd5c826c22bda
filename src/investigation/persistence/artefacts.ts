import type { PersistenceArtefact, Remedy } from '../../incident/facts/activity-rows.ts'
import { given } from '../../incident/values/given.ts'
import { REGION } from '../../incident/values/region.ts'
import type { CloudTrailRecord } from '../record.ts'
import { rolesOfEvent } from './passed-roles.ts'
import { commandOf, isNamedIn, namesIn, type RemedyCommand, sentenceOf } from './placeholders.ts'
import { eventKeyOf, PERSISTENCE_RULES, type RankedRule } from './rules.ts'
import { TECHNIQUES } from './techniques.ts'
import { policyWrittenBy } from './written-policy.ts'

/**
 * The persistence artefacts that write events show: users, keys, policies, trust policies, functions, shares, instances,
 * disabled defences. In the order of time; the remedies work best from the last to the first. An event that removes what an
 * earlier one left is noted with that artefact as `undoneBy`.
 */
export const artefactsIn = (writeEvents: readonly CloudTrailRecord[]): readonly PersistenceArtefact[] => {
  const matches = writeEvents.map((record) => matchRule(record))
  const undoing = new Set<CloudTrailRecord>()
  const undoneBy = matches.map((match, index) => {
    const by = match && findUndoing(match, writeEvents, index)
    if (by) undoing.add(by)
    return by
  })
  return matches.flatMap((match, index) => (match && !undoing.has(match.record) ? [artefactOf(match, undoneBy[index])] : []))
}

/**
 * Equal artefacts as one, in the place of the first: of the same event with the same names and outcome, in the same account and
 * Region. Whoever reads one secret 300 times leaves one thing to look at.
 */
export const mergeEqual = (artefacts: readonly PersistenceArtefact[]): readonly PersistenceArtefact[] => {
  const merged = new Map<string, PersistenceArtefact>()
  for (const artefact of artefacts) {
    const { eventSource, eventName, names, accountId, region, succeeded, errorCode, undoneBy, writtenPolicy } = artefact
    const outcome = [succeeded, errorCode, undoneBy !== undefined, writtenPolicy?.fingerprint]
    const key = JSON.stringify([eventSource, eventName, Object.entries(names).sort(), accountId, region, ...outcome])
    const first = Object.keys(names).length === 0 ? undefined : merged.get(key)
    const count = (first?.times?.count ?? 1) + 1
    if (first) merged.set(key, { ...first, times: { count, last: artefact.at } })
    else merged.set(merged.has(key) ? `${key} ${artefact.eventId}` : key, artefact)
  }
  return [...merged.values()]
}

interface Match {
  readonly record: CloudTrailRecord
  readonly rule: RankedRule
  readonly remedies: readonly string[]
  readonly command?: RemedyCommand
}

const matchRule = (record: CloudTrailRecord): Match | undefined => {
  const rule = PERSISTENCE_RULES.get(eventKeyOf(record.eventSource, record.eventName))
  if (!rule || (rule.when && !rule.when(record.request ?? {}))) return undefined
  const remedies = [rule.remedy].flat()
  const template = remedies.find((remedy) => isCommand(remedy) && isNamedIn(remedy, record))
  const command = template === undefined ? undefined : commandOf(template, record)
  return { record, rule, remedies, ...given({ command }) }
}

const isCommand = (template: string): boolean => template.startsWith('aws ')

/** The first successful event that undoes this one: in the same account and Region, with all names of the remedy. */
const findUndoing = (
  { record, rule: { undo = [] }, command }: Match,
  writeEvents: readonly CloudTrailRecord[],
  index: number,
): CloudTrailRecord | undefined => {
  if (record.outcome !== 'ok' || undo.length === 0 || !command || command.names.length === 0) return undefined
  return writeEvents.slice(index + 1).find((later) => {
    if (later.outcome !== 'ok' || later.eventSource !== record.eventSource || !isSamePlace(later, record)) return false
    const name = eventKeyOf(later.eventSource, later.eventName).split(':')[1] ?? ''
    return undo.includes(name) && hasAllNames(later.request, command.names)
  })
}

/** Another account or Region may have something of the same name. */
const isSamePlace = (a: CloudTrailRecord, b: CloudTrailRecord): boolean =>
  accountOf(a) === accountOf(b) && (isGlobal(a) || a.region === b.region)

const accountOf = ({ recipientAccountId, accountId }: CloudTrailRecord): string | undefined => recipientAccountId ?? accountId

const hasAllNames = (request: unknown, names: readonly string[]): boolean => {
  const texts = new Set(textsIn(request))
  return names.every((name) => texts.has(name))
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const artefactOf = (match: Match, undoing: CloudTrailRecord | undefined): PersistenceArtefact => {
  const { record, rule, remedies } = match
  const { eventId, at, eventSource, eventName, region, outcome, errorCode, accessKeyId } = record
  const accountId = accountOf(record)
  const writtenPolicy = policyWrittenBy(record)
  return {
    technique: { id: rule.technique, name: TECHNIQUES[rule.technique] },
    danger: rule.danger,
    left: sentenceOf(rule.left, record),
    remedy: remedyOf(match),
    names: { ...namesIn([rule.left, ...remedies], record), ...roleNames(record) },
    ...given({ writtenPolicy }),
    ...{ eventId, at, eventSource, eventName, region },
    ...given({ accountId: accountId || undefined, accessKeyId: accessKeyId || undefined }),
    succeeded: outcome === 'ok',
    ...given({ errorCode: errorCode || undefined, undoneBy: undoing ? { eventId: undoing.eventId, at: undoing.at } : undefined }),
  }
}

/** The roles that code of the attacker may run under: those that the event passed, and those that only its answer shows. */
const roleNames = (record: CloudTrailRecord): PersistenceArtefact['names'] => {
  const { passed, shown } = rolesOfEvent(record)
  return given({
    passedRoles: passed.length > 0 ? passed : undefined,
    shownRoles: shown.length > 0 ? shown : undefined,
  })
}

const remedyOf = ({ record, rule: { note }, remedies, command }: Match): Remedy => {
  if (record.outcome !== 'ok') return { sentence: 'Nothing to undo: the call failed.' }
  const region = regionOption(record)
  if (command && region !== undefined) return { command: command.command + region, ...given({ note: note || undefined }) }
  const [first = ''] = remedies
  if (!isCommand(first)) return { sentence: first }
  const name = first.split(' ', 3).join(' ')
  return {
    sentence: `Use ${name}: the record lacks a name that the command needs, or has an unusual one. Look at what is there first.`,
  }
}

/** Services whose API is the same in every Region. */
const GLOBAL: ReadonlySet<string> = new Set(['iam', 'organizations', 'account'])

const isGlobal = ({ eventSource }: CloudTrailRecord): boolean => GLOBAL.has(eventSource.split('.', 1)[0] ?? '')

/** `--region` of the record, nothing for a global service; undefined when the record does not name an AWS Region. */
const regionOption = (record: CloudTrailRecord): string | undefined => {
  if (isGlobal(record)) return ''
  return REGION.test(record.region) ? ` --region ${record.region}` : undefined
}
