import { type Block, fields, type Line, list, table, text, warning } from '../incident/block.ts'
import { isBefore } from '../incident/instant.ts'
import type { Counted } from './analysis/activity-fold.ts'
import { type Baseline, baselineOf } from './analysis/baseline.ts'
import type { Chain, ChainLink } from './analysis/chain.ts'
import { failedCalls } from './analysis/failures.ts'
import { INCREASE_RULE } from './analysis/increased.ts'
import type { NewlyObserved } from './analysis/newly-observed.ts'
import { callsOnBehalf } from './analysis/on-behalf.ts'
import type { LeftBehind } from './analysis/persistence/left-behind.ts'
import { type SessionSummary, sessionSummary } from './analysis/session.ts'
import { siblingKeys } from './analysis/siblings.ts'
import { SPIKE_RULE } from './analysis/volume.ts'
import { WHOSE_RULE, whoseCalls } from './analysis/whose-calls.ts'
import type { SourceReport } from './source.ts'

/** What the sections speak of. */
export interface Told {
  readonly counted: Counted
  readonly chain: Chain
  readonly leftovers: readonly LeftBehind[]
  readonly news: NewlyObserved
  readonly report: SourceReport
  readonly incomplete: readonly string[]
}

/** Rows of a table for people; the JSON line has them all. */
const ROWS = 25

/** The investigation in words, question by question, each naming CloudTrail (the source) as its witness. */
export const investigationBlocks = (told: Told, places: string): readonly Block[] => {
  const { counted, report } = told
  const summary = sessionSummary(counted)
  const { kind, value } = counted.question.principal
  const head = text(
    `What ${kind.replaceAll('-', ' ')} ${value} did, by ${report.source} (${report.events.toLocaleString('en-US')} events read)`,
  )
  if (summary.events === 0) return [head, text('No call of it is in there.'), ...gaps(told)]
  return [
    head,
    ...when(summary, baselineOf(counted)),
    ...which(counted, summary),
    ...whose(counted),
    ...calls(counted, summary),
    ...failures(counted),
    ...news(told.news, places),
    ...children(told.chain),
    ...leftovers(told.leftovers),
    ...gaps(told),
  ]
}

const when = (summary: SessionSummary, { days, events, inTraining }: Baseline): readonly Block[] => [
  fields(
    summary.firstSeen ? ['first seen', [{ at: summary.firstSeen }]] : undefined,
    summary.lastSeen ? ['last seen', [{ at: summary.lastSeen }]] : undefined,
    summary.issuedAt.length > 0
      ? ['issued', summary.issuedAt.slice(0, ROWS).flatMap((at, i) => (i > 0 ? [', ', { at }] : [{ at }]))]
      : undefined,
    [
      'calls',
      `${summary.events}: ${summary.succeeded} succeeded, ${summary.denied} denied, ${summary.throttled} throttled, ${summary.failed - summary.denied - summary.throttled} failed otherwise`,
    ],
    ['account', `${summary.accountIds.join(', ')}, ${summary.regions.join(', ')}`],
    [
      'baseline',
      `${days} days before, ${events} events${inTraining ? '; in training: fewer than 14 days, so what looks new may not be' : ''}`,
    ],
  ),
]

const which = (counted: Counted, summary: SessionSummary): readonly Block[] => {
  const siblings = siblingKeys(counted)
  const delivery = summary.ec2RoleDelivery.map((version) => `IMDSv${version.charAt(0)}`).join(' and ')
  return [
    fields(
      ['keys', summary.accessKeyIds.slice(0, ROWS).join(', ') || 'none'],
      delivery ? ['delivered', `over ${delivery}`] : undefined,
    ),
    ...(siblings.length > 0
      ? [
          text('Other keys of the same session:'),
          list(
            siblings
              .slice(0, ROWS)
              .map(
                ({ accessKeyId, events, sameIssueTime, firstSeen, lastSeen }): Line => [
                  `${accessKeyId}, ${events} calls, `,
                  { at: firstSeen },
                  ' to ',
                  { at: lastSeen },
                  sameIssueTime ? ', issued in the same second: the thief may hold it too' : '',
                ],
              ),
          ),
        ]
      : []),
  ]
}

/** The instance's own use apart from the thief's; only instances' sessions have a place of their own. */
const whose = (counted: Counted): readonly Block[] => {
  const origins = whoseCalls(counted, { addresses: [] })
  if (!origins.some(({ ec2RoleDelivery }) => ec2RoleDelivery)) return []
  const rows = origins
    .slice(0, ROWS)
    .map((row) => [row.whose, [row.source], [row.userAgent], String(row.succeeded), String(row.failed)])
  return [text(WHOSE_RULE), table(['whose', 'from', 'user agent', 'ok', 'failed'], rows)]
}

const calls = (counted: Counted, { ips, apis, userAgents }: SessionSummary): readonly Block[] => {
  const onBehalf = callsOnBehalf(counted)
  return [
    table(
      ['address', 'calls', 'failed'],
      ips.slice(0, ROWS).map(({ ip, events, failed }) => [[ip], String(events), String(failed)]),
    ),
    table(
      ['API', 'ok', 'failed'],
      apis.slice(0, ROWS).map(({ service, api, succeeded, failed }) => [`${service}:${api}`, String(succeeded), String(failed)]),
    ),
    table(
      ['user agent', 'calls'],
      userAgents.slice(0, ROWS).map(({ userAgent, events }) => [[userAgent], String(events)]),
    ),
    ...(onBehalf.length > 0
      ? [
          list(
            onBehalf.map(
              ({ service, succeeded, failed }): Line => [service, ` called on its behalf: ${succeeded} ok, ${failed} failed`],
            ),
          ),
        ]
      : []),
    text(SPIKE_RULE),
  ]
}

const failures = (counted: Counted): readonly Block[] => {
  const failed = failedCalls(counted)
  if (failed.length === 0) return [text('No call failed.')]
  const rows = failed
    .slice(0, ROWS)
    .map(({ errorClass, errorCode, service, api, events }) => [errorClass, errorCode, `${service}:${api}`, String(events)])
  return [table(['class', 'error', 'API', 'calls'], rows)]
}

const news = (
  { compared, apis, ips, userAgents, countries, networks, increased }: NewlyObserved,
  places: string,
): readonly Block[] => {
  if (!compared) return [text('Nothing can be said to be new: there are no records from before the scope.')]
  const rows: (readonly [string, Line, number, string])[] = [
    ...countries.map((row) => ['country', [row.country], row.events, row.newFor] as const),
    ...networks.map((row) => ['network', [row.network], row.events, row.newFor] as const),
    ...apis.map((row) => ['API', `${row.service}:${row.api}`, row.events, row.newFor] as const),
    ...userAgents.map((row) => ['user agent', [row.userAgent], row.events, row.newFor] as const),
    ...ips.map((row) => ['address', [row.ip], row.events, row.newFor] as const),
  ]
  return [
    rows.length === 0
      ? text('Nothing is new against the baseline.')
      : table(
          ['newly observed', 'what', 'calls', 'new for'],
          rows.slice(0, 2 * ROWS).map(([kind, what, events, newFor]) => [kind, what, String(events), newFor]),
        ),
    ...(increased.length > 0
      ? [
          text(INCREASE_RULE),
          list(
            increased
              .slice(0, ROWS)
              .map(
                ({ service, api, busiestHour, busiestHourBefore }) =>
                  `${service}:${api}: ${busiestHour} an hour, ${busiestHourBefore} before`,
              ),
          ),
        ]
      : []),
    text(places),
  ]
}

const children = ({ links }: Chain): readonly Block[] => {
  if (links.length === 0) return [text('It obtained no other session.')]
  return [
    warning('It asked for other sessions; a revocation of its role does not touch those of other roles:'),
    list(links.slice(0, 2 * ROWS).map(childLine)),
  ]
}

const childLine = ({ child, depth, activity, revoked }: ChainLink): Line => [
  `${'  '.repeat(depth - 1)}${child.how} `,
  child.roleArn ?? child.sessionArn ?? 'of no named role',
  ' at ',
  { at: child.at },
  child.succeeded ? '' : `, refused (${child.errorCode ?? 'error'})`,
  child.accessKeyId ? `, key ${child.accessKeyId}` : '',
  activity ? `, ${activity.summary.events} calls` : '',
  activity?.summary.lastSeen && isBefore(child.at, activity.summary.lastSeen) ? ', last ' : '',
  ...(activity?.summary.lastSeen && isBefore(child.at, activity.summary.lastSeen) ? [{ at: activity.summary.lastSeen }] : []),
  revoked ? ', revoked' : '',
]

const leftovers = (left: readonly LeftBehind[]): readonly Block[] => {
  if (left.length === 0) return [text('No call of it leaves something behind (users, keys, policies, functions, shares …).')]
  const done = left.filter(({ succeeded }) => succeeded)
  return [
    warning(`${done.length} calls left something behind, ${left.length - done.length} tried to. Nothing is undone by itself:`),
    list(left.slice(0, 2 * ROWS).flatMap(leftoverLines)),
  ]
}

const leftoverLines = (row: LeftBehind): readonly Line[] => [
  [...row.left, ` (${row.technique.id} ${row.technique.name}), `, { at: row.at }, `, event ${row.eventId}`, outcomeOf(row)],
  ...(row.succeeded && !row.undoneBy ? [`  remedy: ${'command' in row.remedy ? row.remedy.command : row.remedy.sentence}`] : []),
]

const outcomeOf = ({ succeeded, errorCode, undoneBy }: LeftBehind): string => {
  if (!succeeded) return `, refused (${errorCode ?? 'error'})`
  return undoneBy ? `, taken away again by event ${undoneBy.eventId}` : ''
}

const gaps = ({ incomplete, report }: Told): readonly Block[] => [
  ...(incomplete.length > 0 ? [warning('Incomplete:'), list([...incomplete])] : []),
  ...report.limits.map((limit) => text(limit)),
]
