import { type Block, type Line, list, text, warning } from '../../incident/values/block.ts'
import { flattenUntrusted } from '../../incident/values/show.ts'
import type { Caller, CallerKey } from '../analysis/callers.ts'
import type { SourceReport } from '../source.ts'
import { type Length, mostOf, quantity, shownLines } from './listing.ts'

const MOST = 50
const MOST_KEYS = 5

/** Who is in the records of a source. */
export interface CallersRead {
  readonly callers: readonly Caller[]
  readonly report: SourceReport
}

/** Everybody in the records with counts, first and last call and keys; whoever did the gravest first. */
export const callerBlocks = ({ callers, report }: CallersRead, length: Length): readonly Block[] => {
  const gaps = unreadPartsOf(report)
  return [
    text(`Who is in ${report.source} (${quantity(report.events, 'event')} read):`),
    ...(callers.length === 0
      ? [text('No call was counted.')]
      : [
          list(
            shownLines(
              { rows: callers, all: callers.length },
              (caller) => callerLine(caller, length),
              mostOf(MOST, length),
              kindsOf,
            ),
          ),
        ]),
    ...(gaps.length > 0 ? [warning('Incomplete:'), list(gaps)] : []),
    ...report.limits.map((limit) => text(limit)),
    text('Name one to investigate it: --access-key-id, --role, --user, --session, --instance-id, --ip, --finding or --incident.'),
  ]
}

/** The same as one object for programs. */
export const callersJson = ({ callers, report }: CallersRead): object => ({
  type: 'callers',
  source: report.source,
  events: report.events,
  callers: flattenUntrusted(callers),
  incomplete: unreadPartsOf(report),
  limits: report.limits,
})

/** What could not be read, a sentence each. */
export const unreadPartsOf = ({ incomplete, badFiles }: SourceReport): readonly string[] => [
  ...incomplete,
  ...badFiles.map(({ path, why }) => `${path}: ${why}`),
]

const callerLine = (caller: Caller, length: Length): Line => {
  const { kind, name, accountId, events, failed, firstSeen, lastSeen, gravest, keys } = caller
  const failures = failed > 0 ? ` (${failed.toLocaleString('en-US')} failed)` : ''
  return [
    `${KINDS[kind]} `,
    name,
    accountId ? ` of account ${accountId}` : '',
    `: ${quantity(events, 'call')}${failures}, `,
    { at: firstSeen },
    ...(lastSeen === firstSeen ? [] : [' to ', { at: lastSeen }]),
    `, gravest ${gravest}`,
    ...keysOf(keys, length),
  ]
}

const KINDS: Readonly<Record<Caller['kind'], string>> = {
  ...{ root: 'root user', user: 'user', role: 'role', federated: 'federated user', service: 'AWS service', other: 'caller' },
}

const keysOf = (keys: readonly CallerKey[], length: Length): readonly string[] => {
  if (keys.length === 0) return []
  const shown = keys.slice(0, mostOf(MOST_KEYS, length))
  const names = shown.map(({ accessKeyId, events }) => `${accessKeyId} (${quantity(events, 'call')})`)
  const more = keys.length > shown.length ? [`${keys.length - shown.length} more keys are not shown here`] : []
  return [`; ${keys.length === 1 ? 'key' : 'keys'} ${[...names, ...more].join(', ')}`]
}

const kindsOf = (cut: readonly Caller[]): string =>
  [...new Set(cut.map(({ kind }) => kind))]
    .map((kind) => `${cut.filter((caller) => caller.kind === kind).length} × ${KINDS[kind]}`)
    .join(', ')
