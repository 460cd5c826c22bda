import type { AccountProfile, ListedAccount } from '../../incident/facts/account-profile.ts'
import type { Activity } from '../../incident/facts/activity.ts'
import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Block } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import type { DetectiveAnswer } from '../../investigation/enrichment/detective/ask-detective.ts'
import type { OtherFindings } from '../../investigation/enrichment/guardduty/other-findings.ts'
import type { Profiles } from '../../investigation/enrichment/profiles.ts'
import { accountJson } from '../../investigation/sections/account.ts'
import { detectiveBlocks, detectiveOf } from '../../investigation/sections/detective.ts'
import {
  findingTimesBlocks,
  findingTimesOf,
  otherFindingsBlocks,
  otherFindingsOf,
} from '../../investigation/sections/other-findings.ts'
import { permissionsJson } from '../../investigation/sections/permissions.ts'
import type { InvestigationSection } from '../../investigation/sections/sections.ts'

/** What other sources than CloudTrail add: answers for people, members for the JSON line. */
export interface Enrichment extends Profiles {
  readonly sections: readonly InvestigationSection[]
  readonly members: Readonly<Record<string, unknown>>
  /** The finding that the investigation began with, or that GuardDuty has on the principal. */
  readonly finding?: Pick<Finding, 'id' | 'type'>
}

/** What the responder brought along. */
export interface OwnKnowledge {
  /** The responder's list of accounts, by account id. */
  readonly accounts: ReadonlyMap<string, ListedAccount>
  /** Those that were named; GuardDuty is asked for its others. */
  readonly findings: readonly Finding[]
}

/** The enrichment without AWS: what the responder brought along. */
export const enrichFromFiles = ({ identity, apis }: Activity, { findings, accounts }: OwnKnowledge): Enrichment => {
  const listed = identity.accountId === undefined ? undefined : accounts.get(identity.accountId)
  return enrichmentOf({ apis: apis.rows, findings, ...given({ account: listed ? onlyListed(listed) : undefined }) })
}

const onlyListed = (listed: ListedAccount): AccountProfile => ({
  ...{ accountId: listed.accountId, sources: ['your list of accounts'], path: [], tags: [], listed },
  incomplete: ['IAM and AWS Organizations were not asked: the records came from files, and no profile was named'],
})

/** What each source answered. */
export interface EnrichmentAnswers extends Profiles {
  readonly apis: readonly ApiRow[]
  readonly findings: readonly Finding[]
  readonly others?: OtherFindings
  readonly detective?: DetectiveAnswer
}

/** The answers of all sources, for people and for the JSON line. */
export const enrichmentOf = (answers: EnrichmentAnswers): Enrichment => {
  const { findings, others, detective, account, permissions, apis } = answers
  const [finding] = findings
  return {
    ...given({ account, permissions, finding: finding && { id: finding.id, type: finding.type } }),
    sections: [
      ...(finding ? [section(`When, by finding ${finding.type}`, 'GuardDuty', findingTimesBlocks(finding))] : []),
      ...(others ? [section('Other findings', 'GuardDuty', otherFindingsBlocks(others))] : []),
      ...(detective ? [section('Detective', 'Detective', detectiveBlocks(detective))] : []),
    ],
    members: {
      finding: finding ? findingTimesOf(finding) : null,
      account: account ? accountJson(account) : null,
      permissions: permissions ? permissionsJson(permissions, apis) : null,
      otherFindings: others ? otherFindingsOf(others) : null,
      detective: detective ? detectiveOf(detective) : null,
    },
  }
}

const section = (heading: string, source: string, blocks: readonly Block[]): InvestigationSection => ({
  heading,
  sources: [source],
  blocks,
})
