import type { Entry } from '../incident/entry.ts'
import { type Incident, replay } from '../incident/incident.ts'
import { summary } from '../incident/summary.ts'
import { type Block, fields, list, table, text, warning } from '../incident/values/block.ts'
import { changeBlocks, undoBlocks } from './changes.ts'
import { standingOf } from './claims.ts'
import type { Report } from './document.ts'
import { evidenceBlocks } from './evidence-table.ts'
import { neverVerifiedBlocks } from './never-verified.ts'
import { type Descriptions, stageSections } from './stage-sections.ts'
import { timelineTable } from './timeline.ts'

export interface ReportContext {
  /** SHA-256 of the journal's last entry: it vouches for all entries before it. */
  readonly head: string
  /** The version of ir-cred that renders. */
  readonly version: string
  readonly descriptions: Descriptions
}

/**
 * The report on an incident, from its journal's entries and nothing else: composing twice gives the same. No sentence is
 * stronger than the entries it cites. Times are UTC.
 */
export const compose = (entries: readonly Entry[], { head, version, descriptions }: ReportContext): Report => {
  const incident = replay(entries)
  return {
    title: `Incident ${incident.id || '(not opened)'}`,
    incident: incident.id,
    generatedAt: entries.at(-1)?.at,
    sections: [
      { heading: 'Summary', blocks: summaryBlocks(incident, entries) },
      { heading: 'Timeline', blocks: [timelineTable(entries)] },
      ...stageSections(entries, descriptions),
      { heading: 'Changes made', blocks: changeBlocks(entries) },
      { heading: 'Undo', blocks: undoBlocks(entries) },
      { heading: 'Evidence', blocks: evidenceBlocks(entries) },
      { heading: 'Never verified on real AWS', blocks: neverVerifiedBlocks },
      { heading: 'Journal', blocks: journalBlocks(entries, head, version) },
    ],
  }
}

const summaryBlocks = (incident: Incident, entries: readonly Entry[]): readonly Block[] => [
  ...settingBlocks(incident),
  ...rowsOf(incident, entries),
  ...endBlocks(entries),
  ...doubtBlocks(incident, entries),
]

const settingBlocks = ({ setting, openedAt }: Incident): readonly Block[] => {
  if (!setting) return [warning('The journal does not say where this incident was opened.')]
  return [
    ...(setting.simulated ? [text('This was a drill on a simulated account. Nothing in it happened on AWS.')] : []),
    fields(
      ['account', `${setting.accountId} (${setting.partition}), ${setting.region}`],
      ['responder', setting.responderArn],
      openedAt ? ['began', [{ at: openedAt }]] : undefined,
    ),
  ]
}

/** What became of the incident, each row with how sure it is and where the journal says so. */
const rowsOf = (incident: Incident, entries: readonly Entry[]): readonly Block[] => {
  const rows = summary(incident)
  if (rows.length === 0) return [text('Nothing has been contained yet.')]
  return [
    table(
      ['What', 'As far as it is known', 'Claim', 'Journal'],
      rows.map(({ fact, label, line }) => {
        const standing = standingOf(fact, entries)
        return [label, line, standing?.claim ?? 'incomplete', String(standing?.established.number ?? '')]
      }),
    ),
  ]
}

/** How the last run ended; a journal that goes on after an ending, or has none, is not finished. */
const endBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const last = entries.at(-1)
  if (last?.type !== 'ended')
    return [warning('The run has not ended: this is what the journal holds so far. Nothing later is known.')]
  return [text(`Ended: ${last.ending}, exit ${last.exitCode}, `, { at: last.at }, ` (journal ${entries.length}).`)]
}

/** Alarms, and what is not proven: of the last run's end and of the last look at CloudTrail. */
const doubtBlocks = ({ facts: { closure } }: Incident, entries: readonly Entry[]): readonly Block[] => {
  const ended = entries.findLast((entry) => entry.type === 'ended')
  const alarms = new Set([...(ended?.alarms ?? []), ...(closure?.alarms ?? [])])
  const unproven = [...new Set([...(ended?.unproven ?? []), ...(closure?.unproven ?? [])])]
  return [
    ...[...alarms].map((alarm) => warning(`ALARM: ${alarm}`)),
    ...(unproven.length > 0 ? [text('Unproven:'), list(unproven)] : []),
  ]
}

const journalBlocks = (entries: readonly Entry[], head: string, version: string): readonly Block[] => [
  fields(['entries', String(entries.length)], ['head', head], ['version', `ir-cred ${version}`]),
  text('The head is a hash over all entries: whoever holds it can tell whether the journal is still the same.'),
]
