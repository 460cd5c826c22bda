import { allFindingsOf, type FoundFinding, type ReportByResponder } from '../../incident/facts/facts.ts'
import { type Finding, type RemoteAccount, type RemoteAddress, severityWords } from '../../incident/finding/finding.ts'
import { whatItMeans } from '../../incident/finding/finding-words.ts'
import { type Block, fields, type Line, type Span, text, warning } from '../../incident/values/block.ts'
import { apiSpan } from '../../incident/values/delimited.ts'
import { given } from '../../incident/values/given.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import { otherFindingsBlocks } from '../../investigation/sections/other-findings.ts'
import { defineStage, established } from '../stage.ts'
import { comparedWithGuardDuty, originalOfFinding } from './find-finding/compare.ts'
import { othersOf, relatedFindings } from './find-finding/related.ts'
import { reportWords } from './find-finding/report.ts'
import { chosenFinding, sameFinding } from './find-finding/request.ts'

/**
 * Finds the GuardDuty finding to respond to, and every other one on the same access key, session, instance and role. A temporary key that
 * the responder names is looked up in CloudTrail's event history too: the first answer that names its session is acted on, and the other
 * one is compared with it before the restart.
 */
export const findFinding = defineStage({
  id: 'find-finding',
  phase: 'detect',
  title: 'Find the finding',
  needs: [],
  establishes: 'finding',
  async assess({ earlier }, context) {
    const chosen = earlier.finding ? await sameFinding(earlier.finding, context) : await chosenFinding(context)
    if ('status' in chosen) return chosen
    const { finding, source, raw } = chosen
    const { report, unsettled } = earlier.finding ?? chosen
    const document = raw === undefined && earlier.finding ? earlier.finding.document : await context.keep('finding', raw)
    return established<FoundFinding>({
      finding,
      source,
      document,
      onSameKey: [],
      onSamePrincipal: [],
      incomplete: [NOT_READ_YET],
      ...given({ report, unsettled }),
      // It stands until GuardDuty says otherwise.
      ...given({ disputed: source === 'reported' ? earlier.finding?.disputed : undefined }),
    })
  },
  beside: {
    describe: (found) => [...findingBlocks(found), ...remarkBlocks(found)],
    readings: [
      {
        what: 'what GuardDuty says about the key',
        before: 'restart-instance',
        applies: ({ source }) => source === 'reported',
        read: ({ facts: { finding } }, context) => comparedWithGuardDuty(finding, context),
        describe: (found) => [...findingBlocks(found), ...remarkBlocks(found)],
      },
      {
        what: 'GuardDuty’s own finding',
        before: 'restart-instance',
        applies: ({ source, finding }) => source === 'file' && finding.writtenAs !== undefined,
        read: ({ facts: { finding } }, context) => originalOfFinding(finding, context),
        describe: (found) => [...findingBlocks(found), ...remarkBlocks(found)],
      },
      {
        what: 'other findings on the key, the session, the instance and the role',
        before: 'investigate-session',
        read: async ({ facts: { finding } }, context) => {
          const related = await relatedFindings(finding.finding, context)
          return ({ incomplete: _, ...found }) => ({ ...found, ...related })
        },
        describe: (found) => [fields(['also', alsoOn(found)]), ...relatedBlocks(found)],
      },
    ],
  },
  describe: (found) => [...findingBlocks(found, ['also', alsoOn(found)]), ...relatedBlocks(found), ...remarkBlocks(found)],
  changes: (before, now) => findingChanges(before, now),
})

/** Stands in the fact until the other findings are read. */
const NOT_READ_YET = 'other findings are not read yet'

/** What GuardDuty has seen since: more of the same, and findings that were not there. */
const findingChanges = (before: FoundFinding, now: FoundFinding): readonly Line[] => {
  const known = new Set(allFindingsOf(before).map(({ id }) => id))
  const [{ count, lastSeen }, ...others] = allFindingsOf(now)
  const added = others.filter(({ id }) => !known.has(id))
  return [
    ...(before.source === now.source && count > before.finding.count && lastSeen
      ? [[`GuardDuty has seen it ${count - before.finding.count} more times, last `, { at: lastSeen }]]
      : []),
    ...added.map(({ type, updatedAt }): Line => [`new finding ${type}, updated `, { at: updatedAt }]),
  ]
}

/** The other findings on the same key, session, instance and role, and why these may not be all. */
const relatedBlocks = (found: FoundFinding): readonly Block[] => {
  const others = othersOf(found)
  return others.findings.length + others.incomplete.length > 0 ? otherFindingsBlocks(others) : []
}

const remarkBlocks = ({ finding: { remarks }, disputed, unsettled }: FoundFinding): readonly Block[] => [
  ...(unsettled === undefined ? [] : [warning(`${unsettled}. No instance is restarted.`)]),
  ...(disputed === undefined ? [] : [warning(`${disputed}. The instance is not restarted.`)]),
  ...remarks.map((remark) => text(`note: ${remark}`)),
]

/** The finding in plain words: what it means, how bad, when, from where. */
const findingBlocks = ({ finding, source, report }: FoundFinding, ...more: readonly [string, string][]): readonly Block[] => {
  const isReported = source === 'reported'
  return [
    ...(isReported
      ? [text(...(report ? reportWords(report) : ['Reported by you.']))]
      : [text(`${finding.type}, ${severityWords(finding)}`), text(whatItMeans(finding))]),
    fields(
      isReported
        ? ['access key', finding.accessKeyId ?? 'not known']
        : ['finding', `${finding.id}${source === 'file' ? ' (from a file)' : ''}`],
      ['account', `${finding.accountId}, ${finding.region}`],
      isReported && report?.credentials ? ['credentials', credentialsLine(report)] : undefined,
      isReported && finding.count === 0 ? undefined : ['seen', isReported ? newestSeen(finding) : seen(finding)],
      isReported ? undefined : ['updated', [{ at: finding.updatedAt }, ', created ', { at: finding.createdAt }]],
      finding.action?.remote ? ['from', address(finding.action.remote)] : undefined,
      finding.action?.remoteAccount ? ['from account', remoteAccount(finding.action.remoteAccount, finding)] : undefined,
      finding.endpoints ? ['endpoints', finding.endpoints.slice(0, 20).join(', ')] : undefined,
      finding.action?.api ? ['called', called(finding)] : undefined,
      finding.threatLists.length > 0
        ? ['threat list', finding.threatLists.flatMap((name, i) => (i ? [', ', name] : [name]))]
        : undefined,
      ...more,
    ),
  ]
}

/** All keys of what was reported: the deny reaches the sessions among them. */
const credentialsLine = ({ credentials = [], more }: ReportByResponder): Line => [
  ...credentials.flatMap(({ accessKeyId, principalId }, index): Span[] => [
    `${index > 0 ? ', ' : ''}${accessKeyId} (`,
    untrusted(principalId),
    ')',
  ]),
  ...(more === undefined ? [] : [` and ${more} more`]),
]

const alsoOn = ({ onSameKey, onSamePrincipal, onSameInstance = [], onSameRole = [] }: FoundFinding): string =>
  [
    `${plural(onSameKey.length, 'other finding')} on this key`,
    `${onSamePrincipal.length} more on this session`,
    ...(onSameInstance.length > 0 ? [`${onSameInstance.length} more on this instance`] : []),
    ...(onSameRole.length > 0 ? [`${onSameRole.length} more on this role`] : []),
  ].join(', ')

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const seen = ({ count, firstSeen, lastSeen }: Finding): Line => [
  `${plural(count, 'time')}`,
  ...(firstSeen ? [', first ', { at: firstSeen }] : []),
  ...(lastSeen ? [', last ', { at: lastSeen }] : []),
]

/** One page of CloudTrail's event history was read: there may be more calls, and earlier ones. */
const newestSeen = ({ count, lastSeen }: Finding): Line => [
  `at least ${plural(count, 'call')}`,
  ...(lastSeen ? [', last ', { at: lastSeen }] : []),
  ' (CloudTrail)',
]

/** Address, city, country and network, as far as GuardDuty knows them. */
const address = ({ ip, country, city, asn, network }: RemoteAddress): readonly Span[] => {
  const place = [city, country, asn ? `AS${asn}` : undefined, network].filter((part) => part !== undefined)
  return [ip ?? 'an unknown address', ...place.flatMap((part) => [', ', part])]
}

const remoteAccount = ({ accountId, affiliated }: RemoteAccount, finding: Finding): string => {
  if (accountId === finding.accountId) return `${accountId}, this account itself`
  if (affiliated === undefined) return accountId
  return `${accountId}, ${affiliated ? 'affiliated' : 'not affiliated'} with yours`
}

const called = ({ action }: Finding): readonly Span[] => [
  ...(action?.service ? [action.service, ' '] : []),
  ...(action?.api ? [apiSpan(rawText(action.api))] : []),
  ...(action?.userAgent ? [', agent ', action.userAgent] : []),
]
