import { type Finding, severityBand, severityWords } from '../../incident/finding/finding.ts'
import { whatItMeans } from '../../incident/finding/finding-words.ts'
import { type Block, fields, type Line, list, type Span, text } from '../../incident/values/block.ts'
import type { About, OtherFinding, OtherFindings } from '../enrichment/guardduty/other-findings.ts'

/** When a finding was seen, made and changed. GuardDuty puts repetitions into one finding. */
export const findingTimesBlocks = (finding: Finding): readonly Block[] => {
  const { firstSeen, lastSeen, createdAt, updatedAt, count } = finding
  return [
    fields(
      ['finding first seen', firstSeen ? [{ at: firstSeen }] : 'not given'],
      ['finding last seen', lastSeen ? [{ at: lastSeen }] : 'not given'],
      ['finding created', [{ at: createdAt }]],
      ['finding updated', [{ at: updatedAt }]],
      ['finding counted', times(count)],
    ),
  ]
}

/** Other findings in the order observed, each with what it means and what it is about; and why these may not be all. */
export const otherFindingsBlocks = ({ findings, notEnabled, incomplete }: OtherFindings): readonly Block[] => [
  findings.length > 0
    ? list(findings.map(findingLine))
    : text(incomplete.length === 0 ? 'GuardDuty has no other finding on them.' : 'No other finding on them could be seen.'),
  ...(notEnabled.length === 0 ? [] : [text(`GuardDuty is not enabled in ${notEnabled.join(', ')}.`)]),
  ...incomplete.map((why) => text(`incomplete: ${why}`)),
]

const findingLine = ({ finding, about }: OtherFinding): Line => {
  const { type, createdAt, updatedAt, firstSeen, lastSeen, count, archived, sampleMarks, region } = finding
  return [
    { at: firstSeen ?? createdAt },
    ' to ',
    { at: lastSeen ?? updatedAt },
    `, ${severityWords(finding)} ${type}, ${times(count)}, on ${said(about)}; created `,
    { at: createdAt },
    ', updated ',
    { at: updatedAt },
    ...marks([archived && 'archived', sampleMarks.length > 0 && 'a SAMPLE, nothing real']),
    `, in ${region}. ${whatItMeans(finding)}`,
  ]
}

const marks = (given: readonly (string | false)[]): readonly Span[] =>
  given.flatMap((mark) => (mark === false ? [] : [`, ${mark}`]))

const times = (count: number): string => `${count} ${count === 1 ? 'time' : 'times'}`

const said = (about: readonly About[]): string => {
  const names = about.map((name) => `the ${name}`)
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** When a finding was seen, made and changed, for `investigate --json`. */
export const findingTimesOf = ({ id, type, firstSeen, lastSeen, createdAt, updatedAt, count }: Finding) => ({
  id,
  type,
  firstSeen: firstSeen ?? null,
  lastSeen: lastSeen ?? null,
  createdAt,
  updatedAt,
  count,
})

/** Other findings in the order observed, for `investigate --json`. */
export const otherFindingsOf = ({ findings, notEnabled, incomplete }: OtherFindings): object => ({
  findings: findings.map(({ finding, about }) => ({
    ...findingTimesOf(finding),
    means: whatItMeans(finding),
    ...(finding.severity === undefined ? {} : { severity: finding.severity, band: severityBand(finding.severity) }),
    accountId: finding.accountId,
    region: finding.region,
    about,
    archived: finding.archived,
    sample: finding.sampleMarks.length > 0,
  })),
  notEnabled,
  incomplete,
})
