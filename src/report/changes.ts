import { awsCommandFor } from '../incident/aws-command.ts'
import type { Entry } from '../incident/entry.ts'
import { liftedAt, replay } from '../incident/incident.ts'
import { type Block, code, type Line, list, type Span, table, text } from '../incident/values/block.ts'
import { type Change, changesOf } from './claims.ts'

/** Every change that was intended, its outcome, and its claim. */
export const changeBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const changes = changesOf(entries)
  const planned = plannedOnly(entries)
  if (changes.length + planned.length === 0) return [text('No change was made, and none was approved.')]
  return [
    ...(changes.length > 0
      ? [table(['Intent (UTC)', 'Stage', 'Change', 'Outcome', 'Read back', 'Claim'], changes.map(changeRow))]
      : []),
    ...planned,
  ]
}

/** How to undo every change that may have been made, the newest first. */
export const undoBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const standing = changesOf(entries).filter(({ claim }) => claim !== 'failed')
  if (standing.length === 0) return [text('There is nothing to undo.')]
  const newestFirst = standing.toReversed()
  const commands = newestFirst.flatMap(({ intent: { entry } }) => undoCommands(entry, entries))
  return [
    text('ir-cred undoes nothing by itself. The newest change comes first.'),
    ...(liftedAt(replay(entries)) ? [text('What section lift-revocation says is lifted needs no undo any more.')] : []),
    table(
      ['Change', 'On', 'Undo', 'Journal'],
      newestFirst.map(({ intent: { entry, number } }) => {
        const { operation, resource, undo } = entry.effect
        return [operation, resource, undo ?? 'no undo is recorded', String(number)]
      }),
    ),
    ...(commands.length > 0 ? [text('The commands in the same order, to be run in the incident’s directory:'), ...commands] : []),
  ]
}

/** The command that undoes a change. Which snapshots it made is known only since they were seen. */
const undoCommands = ({ effect }: Change['intent']['entry'], entries: readonly Entry[]): readonly Block[] => {
  if (effect.operation !== 'ec2:CreateSnapshots') return effect.undoCommand === undefined ? [] : [code(effect.undoCommand)]
  const { facts, setting } = replay(entries)
  const aws = awsCommandFor(setting ?? {})
  const region = facts.subject?.region ?? setting?.region
  const deletions = facts.evidence?.snapshots.map(({ id }) => aws(`ec2 delete-snapshot --snapshot-id ${id}`, region)) ?? []
  return deletions.length > 0 ? [code(deletions.join('\n'))] : []
}

const changeRow = ({ intent, sent, readBack, recheck, claim }: Change): readonly Line[] => [
  [{ at: intent.entry.at }, ` (journal ${intent.number})`],
  intent.entry.stage,
  `${intent.entry.effect.operation} on ${intent.entry.effect.resource}: ${intent.entry.effect.sentence}`,
  sent ? [...outcome(sent.entry), ` (journal ${sent.number})`] : 'not known: the journal has no answer',
  readBack ? [{ at: readBack.entry.at }, ` (journal ${readBack.number})`, ...recheckSpans(recheck)] : 'not read back',
  claim,
]

const outcome = (sent: Extract<Entry, { type: 'sent' }>): readonly Span[] => {
  switch (sent.outcome) {
    case 'accepted':
      return [`accepted, request ${sent.requestId}`]
    case 'refused':
      return [`refused, ${sent.code}: `, sent.message]
    case 'unknown':
      return [`unknown: ${sent.why}`]
  }
}

const recheckSpans = (recheck: Change['recheck']): readonly Span[] =>
  recheck
    ? [recheck.entry.stands ? ', in place at ' : ', NOT IN PLACE at ', { at: recheck.entry.at }, ` (journal ${recheck.number})`]
    : []

/** Changes that were approved and never intended. */
const plannedOnly = (entries: readonly Entry[]): readonly Block[] => {
  const intended = new Set(entries.flatMap((entry) => (entry.type === 'intended' ? [entry.stage] : [])))
  const lines = entries.flatMap((entry) =>
    entry.type === 'approved' && !intended.has(entry.stage)
      ? entry.effects.map(
          ({ operation, resource }) => `planned: ${operation} on ${resource} (${entry.stage}), approved, not started`,
        )
      : [],
  )
  return lines.length > 0 ? [list(lines)] : []
}
