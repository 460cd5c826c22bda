import { eachAwsCommand, isAwsCommand } from '../../incident/aws-command.ts'
import type { PersistenceArtefact, Remedy } from '../../incident/facts/activity-rows.ts'
import type { Gravity } from '../../incident/facts/gravity.ts'
import { given } from '../../incident/values/given.ts'
import { REGION } from '../../incident/values/region.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'
import { rolesOfEvent } from './passed-roles.ts'
import type { Payload } from './payload/payload.ts'
import { ipPermissionsOf } from './payload/ports.ts'
import { payloadOf } from './payload/read-payload.ts'
import { commandOf, isNamedIn, namesIn, namesOf, placeholdersOf, type RemedyCommand, sentenceOf } from './placeholders.ts'
import { eventKeyOf, PERSISTENCE_RULES, type RankedRule } from './rules.ts'
import { TECHNIQUES } from './techniques.ts'
import { accountOfRecord, isGlobal, undoEventsAfter } from './undo-events.ts'
import { type Undoing, undoingOf } from './undone.ts'
import { policyWrittenBy } from './written-policy.ts'

/**
 * The persistence artefacts that write events show: users, keys, policies, trust policies, functions, shares, instances,
 * disabled defences. In the order of time; the remedies work best from the last to the first. The event that undid one is noted
 * with it as `undoneBy`; an event that did nothing but undo is none itself. `others` are events of anybody else that may have undone
 * one: they leave no artefact.
 */
export const artefactsIn = (
  writeEvents: readonly CloudTrailRecord[],
  others: readonly CloudTrailRecord[] = [],
): readonly PersistenceArtefact[] => {
  const matches = writeEvents.map((record) => matchRule(record))
  const administrators = administratorsIn(matches)
  const undoing = new Set<CloudTrailRecord>()
  const foreign = new Set(others)
  const later = undoEventsAfter(writeEvents, others)
  const undoneBy = matches.map((match, index) => {
    if (!match || undoing.has(match.record)) return undefined
    const by = undoingOf(undoableOf(match), later(match.record, index))
    if (by?.isOnlyThat) undoing.add(by.record)
    return by
  })
  return matches.flatMap((match, index) =>
    match && !undoing.has(match.record) ? [artefactOf(match, { undoing: undoneBy[index], foreign, administrators })] : [],
  )
}

/** The names of the remedy's command; without one, those of the sentence on what was left. */
const undoableOf = ({ record, rule, command }: Match): Parameters<typeof undoingOf>[0] => ({
  ...{ record, undo: rule.undo ?? [] },
  names: command?.names ?? placeholdersOf(rule.left).flatMap((word) => namesOf(word, record)),
})

/**
 * Equal artefacts as one, in the place of the first: of the same event with the same names and outcome, in the same account and
 * Region. Whoever reads one secret 300 times leaves one thing to look at.
 */
export const mergeEqual = (artefacts: readonly PersistenceArtefact[]): readonly PersistenceArtefact[] => {
  const merged = new Map<string, PersistenceArtefact>()
  for (const artefact of artefacts) {
    const { eventSource, eventName, names, accountId, region, succeeded, errorCode, undoneBy, writtenPolicy, payload } = artefact
    const outcome = [succeeded, errorCode, undoneBy !== undefined, writtenPolicy?.fingerprint, payload]
    const key = JSON.stringify([eventSource, eventName, Object.entries(names).sort(), accountId, region, ...outcome])
    const first = Object.keys(names).length === 0 && succeeded ? undefined : merged.get(key)
    const count = (first?.times?.count ?? 1) + 1
    if (first) merged.set(key, { ...first, times: { count, last: artefact.at }, ...given({ undoneBy }) })
    else merged.set(merged.has(key) ? `${key} ${artefact.eventId}` : key, artefact)
  }
  return [...merged.values()]
}

interface Match {
  readonly record: CloudTrailRecord
  readonly rule: RankedRule
  readonly remedies: readonly string[]
  readonly payload?: Payload
  readonly command?: RemedyCommand
}

const matchRule = (record: CloudTrailRecord): Match | undefined => {
  const rule = PERSISTENCE_RULES.get(eventKeyOf(record.eventSource, record.eventName))
  if (!rule || (rule.when && !rule.when(record.request ?? {}))) return undefined
  const remedies = [rule.remedy].flat()
  const template = remedies.find((remedy) => isAwsCommand(remedy) && isNamedIn(remedy, record))
  const command = template === undefined ? undefined : commandOf(template, record)
  return { record, rule, remedies, ...given({ command, payload: payloadOf(record) }) }
}

/** Policies and groups that the session made into administrators: whoever is put on them becomes one. */
const administratorsIn = (matches: readonly (Match | undefined)[]): ReadonlySet<string> =>
  new Set(
    matches.flatMap((match) =>
      match?.payload?.gravity === 'administrator' && match.record.outcome === 'ok'
        ? [...namesOf('policyArn', match.record), ...namesOf('group', match.record).map((name) => `group ${name}`)]
        : [],
    ),
  )

const gravityOf = ({ record, rule, payload }: Match, administrators: ReadonlySet<string>): Gravity => {
  const isByName =
    namesOf('policyArn', record).some((arn) => administrators.has(arn)) ||
    (record.eventName === 'AddUserToGroup' && namesOf('group', record).some((name) => administrators.has(`group ${name}`)))
  const isTaken = /^(?:Detach|Delete|Remove)/.test(record.eventName)
  if (isByName && !isTaken) return 'administrator'
  return (isTaken ? undefined : payload?.gravity) ?? rule.gravity
}

interface Circumstances {
  readonly undoing: Undoing | undefined
  /** Events that were not the session's. */
  readonly foreign: ReadonlySet<CloudTrailRecord>
  readonly administrators: ReadonlySet<string>
}

const artefactOf = (match: Match, { undoing, foreign, administrators }: Circumstances): PersistenceArtefact => {
  const { record, rule, remedies, payload } = match
  const { eventId, at, eventSource, eventName, region, outcome, errorCode, accessKeyId } = record
  const accountId = accountOfRecord(record)
  const writtenPolicy = policyWrittenBy(record)
  return {
    technique: { id: rule.technique, name: TECHNIQUES[rule.technique] },
    danger: rule.danger,
    gravity: gravityOf(match, administrators),
    left: sentenceOf(rule.left, record),
    ...given({ payload: payload?.says }),
    remedy: undoing && outcome === 'ok' ? NOTHING_LEFT : remedyOf(match),
    names: { ...namesIn([rule.left, ...remedies], record), ...roleNames(record) },
    ...given({ writtenPolicy }),
    ...{ eventId, at, eventSource, eventName, region },
    ...given({ accountId: accountId || undefined, accessKeyId: accessKeyId || undefined }),
    succeeded: outcome === 'ok',
    ...given({ errorCode: errorCode || undefined, undoneBy: undoing && undoneByOf(undoing, foreign) }),
  }
}

/** A command would fail on what is not there. */
const NOTHING_LEFT: Remedy = { sentence: 'Nothing to undo: it is no longer in place.' }

const undoneByOf = (
  { record }: Undoing,
  foreign: ReadonlySet<CloudTrailRecord>,
): NonNullable<PersistenceArtefact['undoneBy']> => ({
  ...{ eventId: record.eventId, at: record.at, eventName: record.eventName },
  ...given({ by: foreign.has(record) ? whoCalled(record) : undefined }),
})

const whoCalled = ({ sessionArn, userName, principalId, invokedBy }: CloudTrailRecord): Untrusted =>
  untrusted(sessionArn ?? userName ?? principalId ?? invokedBy ?? 'unknown')

/** The roles that code of the attacker may run under: those that the event passed, and those that only its answer shows. */
const roleNames = (record: CloudTrailRecord): PersistenceArtefact['names'] => {
  const { passed, shown } = rolesOfEvent(record)
  return given({
    passedRoles: passed.length > 0 ? passed : undefined,
    shownRoles: shown.length > 0 ? shown : undefined,
  })
}

const remedyOf = ({ record, rule: { note }, remedies, command, payload }: Match): Remedy => {
  if (record.outcome !== 'ok') return { sentence: 'Nothing to undo: the call failed.' }
  if (payload?.isSafe) return { sentence: 'Nothing to switch on again. Compare the setting with its template.' }
  const region = regionOption(record)
  if (command && region !== undefined)
    return { command: eachAwsCommand(command.command, (one) => one + region), ...given({ note: note || undefined }) }
  const revoke = revokeByRule(record)
  if (revoke !== undefined && region !== undefined) return { command: revoke + region }
  const [first = ''] = remedies
  if (!isAwsCommand(first)) return { sentence: first }
  const name = first.split(' ', 3).join(' ')
  return {
    sentence: `Use ${name}: the record lacks a name that the command needs, or has an unusual one. Look at what is there first.`,
  }
}

/** `--region` of the record, nothing for a global service; undefined when the record does not name an AWS Region. */
const regionOption = (record: CloudTrailRecord): string | undefined => {
  if (isGlobal(record)) return ''
  return REGION.test(record.region) ? ` --region ${record.region}` : undefined
}

/** Older records have no ids of the rules that they made: the rules themselves name them. */
const revokeByRule = (record: CloudTrailRecord): string | undefined => {
  const way = /^AuthorizeSecurityGroup(Ingress|Egress)$/.exec(record.eventName)?.[1]?.toLowerCase()
  const group = commandOf('{securityGroup}', record)
  const permissions = ipPermissionsOf(record.request ?? {})
  if (way === undefined || !group || permissions === undefined) return undefined
  return `aws ec2 revoke-security-group-${way} --group-id ${group.command} --ip-permissions ${permissions}`
}
