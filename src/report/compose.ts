import type { Entry } from '../incident/entry.ts'
import { endOfResponse, type Incident, replay } from '../incident/incident.ts'
import { type KeptEvidence, keptEvidence } from '../incident/kept-evidence.ts'
import { summary } from '../incident/summary.ts'
import { type Block, fields, list, table, text, warning } from '../incident/values/block.ts'
import { given } from '../incident/values/given.ts'
import type { Instant } from '../incident/values/instant.ts'
import { redactedSentence } from '../incident/values/redaction/kinds.ts'
import { changeBlocks, undoBlocks } from './changes.ts'
import { standingOf } from './claims.ts'
import { type Descriptions, type ReportSection, stageSections } from './stage-sections.ts'
import { stillToDoBlocks } from './still-to-do.ts'
import { timelineTable } from './timeline.ts'

/** A report on one incident, before it is Markdown or JSON. It is a function of the journal and of nothing else. */
export interface Report {
  /** What is wrong with the journal, as sentences; absent for a whole one. It comes first in every format. */
  readonly damage?: string
  readonly title: string
  readonly incident: string
  /** The moment of the journal's last entry, not of the rendering: the same journal gives the same bytes. */
  readonly generatedAt: Instant | undefined
  readonly sections: readonly ReportSection[]
}

export interface ReportContext {
  /** The first 16 hex digits of the journal's head, which depends on every entry. */
  readonly head: string
  /** The version of ir-cred that renders. */
  readonly version: string
  readonly descriptions: Descriptions
  /** What is wrong with the journal behind these entries, as sentences. */
  readonly damage?: string | undefined
}

/**
 * The report on an incident, from its journal's entries and nothing else: the same entries give the same report. No sentence claims
 * more than the entries that it cites. Times are UTC.
 */
export const compose = (entries: readonly Entry[], { head, version, descriptions, damage }: ReportContext): Report => {
  const incident = replay(entries)
  return {
    ...given({ damage }),
    title: `Incident ${incident.id || '(not opened)'}`,
    incident: incident.id,
    generatedAt: entries.at(-1)?.at,
    sections: [
      { heading: 'Summary', blocks: summaryBlocks(incident, entries) },
      { heading: 'Still to do', blocks: stillToDoBlocks(incident, entries) },
      { heading: 'Timeline', blocks: [timelineTable(entries)] },
      ...stageSections(entries, descriptions),
      { heading: 'Changes made', blocks: changeBlocks(entries) },
      { heading: 'Undo', blocks: undoBlocks(entries) },
      { heading: 'Evidence', blocks: evidenceBlocks(entries) },
      { heading: 'Never verified on real AWS', blocks: neverVerifiedBlocks },
      { heading: 'Journal', blocks: journalBlocks(incident, entries, { head, version }) },
    ],
  }
}

const summaryBlocks = (incident: Incident, entries: readonly Entry[]): readonly Block[] => [
  ...settingBlocks(incident),
  ...rowsOf(incident, entries),
  ...endBlocks(entries),
  ...falseAlarmBlocks(incident),
  ...doubtBlocks(incident, entries),
]

const settingBlocks = ({ setting, openedAt }: Incident): readonly Block[] => {
  if (!setting) return [warning('The journal does not say where this incident was opened.')]
  return [
    ...(setting.simulated ? [text('This was a drill on a simulated account. Nothing in it happened on AWS.')] : []),
    fields(
      ['account', `${setting.accountId} (${setting.partition}), ${setting.region}`],
      ['responder', setting.responderArn],
      openedAt ? ['started', [{ at: openedAt }]] : undefined,
    ),
  ]
}

/** What is known of the incident. Each row has its claim and the entry that it comes from. */
const rowsOf = (incident: Incident, entries: readonly Entry[]): readonly Block[] => {
  const rows = summary(incident)
  if (rows.length === 0) return [text('Nothing has been contained yet.')]
  return [
    table(
      ['Subject', 'Known', 'Claim', 'Journal'],
      rows.map(({ fact, label, line }) => {
        const standing = standingOf(fact, entries)
        return [label, line, standing?.claim ?? 'incomplete', String(standing?.established.number ?? '')]
      }),
    ),
  ]
}

/** How the last run ended. A journal whose last entry is not an ending is not finished. */
const endBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const last = entries.at(-1)
  if (last?.type !== 'ended') return [warning('The run has not ended. This report shows what the journal holds so far.')]
  return [
    text(
      `${last.of === 'lift' ? 'The lift ended' : 'Ended'}: ${last.ending}, exit ${last.exitCode}, `,
      { at: last.at },
      ` (journal ${entries.length}).`,
    ),
  ]
}

/** Who declared a false alarm, if that is how the incident ended. A later run that went on makes it a thing of the past. */
const falseAlarmBlocks = ({ falseAlarm, ended }: Incident): readonly Block[] => {
  if (!falseAlarm || ended?.ending !== 'falseAlarm') return []
  const { at, by, responderArn, reason } = falseAlarm
  return [text(`Declared a false alarm by ${by} (${responderArn}) at `, { at }, ': ', reason, '. Nothing was changed.')]
}

/** Alarms, and what is not proven: of the last run's end and of the last look at CloudTrail. */
const doubtBlocks = ({ facts: { closure } }: Incident, entries: readonly Entry[]): readonly Block[] => {
  const ended = endOfResponse(entries)
  const alarms = new Set([...(ended?.alarms ?? []), ...(closure?.alarms ?? [])])
  const unproven = [...new Set([...(ended?.unproven ?? []), ...(closure?.unproven ?? [])])]
  return [
    ...[...alarms].map((alarm) => warning(`ALARM: ${alarm}`)),
    ...(unproven.length > 0 ? [text('Unproven:'), list(unproven)] : []),
  ]
}

const journalBlocks = (
  { id }: Incident,
  entries: readonly Entry[],
  { head, version }: Pick<ReportContext, 'head' | 'version'>,
): readonly Block[] => [
  fields(['entries', String(entries.length)], ['head (first 16 hex digits)', head], ['version', `ir-cred ${version}`]),
  text(
    'The head depends on every entry. CloudTrail records the head of each write in its user agent. ',
    `To check the journal and the evidence, run: \`ir-cred audit ${id}\``,
  ),
]

/** Every file of evidence with its SHA-256, so that anybody can check it. */
const evidenceBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const files = keptEvidence(entries)
  if (files.length === 0) return [text('No evidence file was kept.')]
  return [
    table(
      ['File', 'What', 'SHA-256', 'Bytes', 'Journal'],
      files.map(({ ref, name, number }) => [ref.file, name, ref.sha256, String(ref.bytes), String(number)]),
    ),
    ...redactedBlocks(files),
  ]
}

/** Of each file from which secrets were redacted: how many of which kind, and what AWS's answer was before. */
const redactedBlocks = (files: readonly KeptEvidence[]): readonly Block[] => {
  const redacted = files.flatMap(({ ref: { file, redacted: was } }) => (was ? [{ file, was }] : []))
  if (redacted.length === 0) return []
  return [
    text('Secrets were redacted before these files were kept. The SHA-256 is that of the answer before:'),
    list(
      redacted.map(
        ({ file, was }) => `${file}: ${redactedSentence(was.counts) ?? ''}. Before: ${was.bytes} bytes, SHA-256 ${was.sha256}`,
      ),
    ),
  ]
}

/**
 * What ir-cred knows from AWS's documentation or from public records, and was not tried on a real account. Each report has it: a
 * reader must know what rests on documentation alone.
 */
const neverVerifiedBlocks: readonly Block[] = [
  text('ir-cred knows the following from AWS documentation or public records. It was not tried on a real account:'),
  list([
    'what LastUpdated of the instance metadata service means exactly',
    'that a stop and a start renew both sets of credentials, of IMDSv1 and of IMDSv2, and what a resume from hibernation does',
    'that SimulatePrincipalPolicy decides as IAM does when a context key is a date',
    'whether the Systems Manager agent falls back to Default Host Management after a denial, and how long it uses an old credential file',
    'a deny for one session only (aws:userid together with a date)',
    'how long a policy takes to reach every endpoint',
    'whether Kubernetes tokens that were made with the role outlive the deny',
    'that GuardDuty joins the criteria of several fields with AND',
    'the error codes of a stop that EC2 refuses',
    'whether links to the Detective console take times in seconds or in milliseconds',
  ]),
]
