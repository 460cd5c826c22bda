import { type Finding, severityBand } from '../../../incident/finding/finding.ts'
import { whatItMeans } from '../../../incident/finding/finding-words.ts'
import type { OtherFindings } from './other-findings.ts'

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
    severity: finding.severity,
    band: severityBand(finding.severity),
    accountId: finding.accountId,
    region: finding.region,
    about,
    archived: finding.archived,
    sample: finding.sampleMarks.length > 0,
  })),
  notEnabled,
  incomplete,
})
