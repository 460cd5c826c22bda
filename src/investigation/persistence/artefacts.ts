import type { PersistenceArtefact, Remedy } from '../../incident/facts/activity-rows.ts'
import { REGION } from '../../incident/values/region.ts'
import type { CloudTrailRecord } from '../record.ts'
import type { PersistenceRule } from './artefact.ts'
import { eventKeyOf, PERSISTENCE_RULES } from './table.ts'
import { TECHNIQUES } from './techniques.ts'
import { commandOf, isNamedIn, namesIn, type RemedyCommand, sentenceOf } from './template.ts'
import { policyWrittenBy } from './written-policy.ts'

/**
 * What the records of a session show it has left: users, keys, policies, trust, functions, shares, instances, and
 * defences switched off. In the order of time; the remedies hold best from the last to the first. Nothing is undone here.
 */
export const artefactsIn = (writeEvents: readonly CloudTrailRecord[]): readonly PersistenceArtefact[] => {
  const steps = writeEvents.map((record) => stepOf(record))
  const spent = new Set<CloudTrailRecord>()
  const undone = steps.map((step, index) => {
    const by = step && findUndoing(step, writeEvents, index)
    if (by) spent.add(by)
    return by
  })
  return steps.flatMap((step, index) => (step && !spent.has(step.record) ? [describe(step, undone[index])] : []))
}

interface Step {
  readonly record: CloudTrailRecord
  readonly row: PersistenceRule
  readonly command?: RemedyCommand
}

const stepOf = (record: CloudTrailRecord): Step | undefined => {
  const row = PERSISTENCE_RULES.get(eventKeyOf(record.eventSource, record.eventName))
  if (!row || (row.when && !row.when(record.request ?? {}))) return undefined
  const template = row.remedy.find((remedy) => isCommand(remedy) && isNamedIn(remedy, record))
  const command = template === undefined ? undefined : commandOf(template, record)
  return { record, row, ...(command ? { command } : {}) }
}

const isCommand = (template: string): boolean => template.startsWith('aws ')

/** A later success of an undoing call, in the same account and Region, that names all that the remedy names. */
const findUndoing = (
  { record, row, command }: Step,
  writeEvents: readonly CloudTrailRecord[],
  index: number,
): CloudTrailRecord | undefined => {
  if (record.outcome !== 'ok' || row.undo.length === 0 || !command || command.names.length === 0) return undefined
  return writeEvents.slice(index + 1).find((later) => {
    if (later.outcome !== 'ok' || later.eventSource !== record.eventSource || !isSamePlace(later, record)) return false
    const name = eventKeyOf(later.eventSource, later.eventName).split(':')[1] ?? ''
    return row.undo.includes(name) && namesAll(later.request, command.names)
  })
}

/** Two accounts, and two Regions of one, may each have something of the same name. */
const isSamePlace = (a: CloudTrailRecord, b: CloudTrailRecord): boolean =>
  accountOf(a) === accountOf(b) && (isGlobal(a) || a.region === b.region)

const accountOf = ({ recipientAccountId, accountId }: CloudTrailRecord): string | undefined => recipientAccountId ?? accountId

const namesAll = (request: unknown, names: readonly string[]): boolean => {
  const said = new Set(textsIn(request))
  return names.every((name) => said.has(name))
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const describe = ({ record, row, command }: Step, undoing: CloudTrailRecord | undefined): PersistenceArtefact => {
  const { eventId, at, eventSource, eventName, region, outcome, errorCode, accessKeyId } = record
  const accountId = accountOf(record)
  const wrote = policyWrittenBy(record)
  return {
    technique: { id: row.technique, name: TECHNIQUES[row.technique] },
    left: sentenceOf(row.left, record),
    remedy: remedyOf(record, row, command),
    names: namesIn([row.left, ...row.remedy], record),
    ...(wrote ? { writtenPolicy: wrote } : {}),
    ...{ eventId, at, eventSource, eventName, region },
    ...(accountId ? { accountId } : {}),
    ...(accessKeyId ? { accessKeyId } : {}),
    succeeded: outcome === 'ok',
    ...(errorCode ? { errorCode } : {}),
    ...(undoing ? { undoneBy: { eventId: undoing.eventId, at: undoing.at } } : {}),
  }
}

const remedyOf = (record: CloudTrailRecord, row: PersistenceRule, command: RemedyCommand | undefined): Remedy => {
  if (record.outcome !== 'ok') return { sentence: 'Nothing to undo: the call failed.' }
  const region = regionOf(record)
  if (command && region !== undefined) return { command: command.command + region, ...(row.note ? { note: row.note } : {}) }
  const [first = ''] = row.remedy
  if (!isCommand(first)) return { sentence: first }
  const name = first.split(' ', 3).join(' ')
  return {
    sentence: `Use ${name}: the record misses a name that the command needs, or holds an unusual one; look at what is there.`,
  }
}

/** Services whose API is the same in every Region. */
const GLOBAL: ReadonlySet<string> = new Set(['iam', 'organizations', 'account'])

const isGlobal = ({ eventSource }: CloudTrailRecord): boolean => GLOBAL.has(eventSource.split('.', 1)[0] ?? '')

const regionOf = (record: CloudTrailRecord): string | undefined => {
  if (isGlobal(record)) return ''
  return REGION.test(record.region) ? ` --region ${record.region}` : undefined
}
