import type { Instant } from '../../incident/values/instant.ts'
import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import { type Question, questionOf, type TimeRange } from '../question.ts'
import type { ActivityState } from './activity-fold.ts'
import { rankOfApi } from './api-gravity.ts'
import { inOrder, serviceOf } from './call-totals.ts'
import type { CounterCaller } from './counter.ts'
import type { CounterOrigin } from './origin-table.ts'
import { instantAt, sightingsOf, timeBucketsOf } from './time-buckets.ts'

/** A key with which somebody called. */
export interface CallerKey {
  readonly accessKeyId: string
  /** Of a role: the session that the key belongs to. */
  readonly session?: Untrusted
  readonly events: number
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/** Somebody in the records: a role, a user, a service. */
export interface Caller {
  readonly kind: 'root' | 'user' | 'role' | 'federated' | 'other' | 'service'
  readonly name: Untrusted
  readonly accountId?: string
  readonly events: number
  readonly failed: number
  readonly firstSeen: Instant
  readonly lastSeen: Instant
  /** The gravest API that was called. */
  readonly gravest: string
  /** The busiest first. */
  readonly keys: readonly CallerKey[]
}

/** Nobody has this name: every record is compared with, and thereby counted by its caller, while none is the principal's. */
const NOBODY = { kind: 'user', value: '*' } as const

/** The question with which a source counts every record by who called. */
export const everybody = (scope: TimeRange): Question => questionOf(NOBODY, { scope, baselineDays: 0, wholeAccount: true })

/** Everybody in the records, whoever did the gravest first, and AWS's services last. */
export const callersIn = ({ counter }: ActivityState): readonly Caller[] => {
  const callers = new Map<string, Draft>()
  for (const { caller, call, origin, events, first, last } of timeBucketsOf(counter, { part: 'comparison' })) {
    const draft = draftOf(callers, caller, origin)
    draft.events += events
    if (call.outcome !== 'ok') draft.failed += events
    draft.first = Math.min(draft.first, first)
    draft.last = Math.max(draft.last, last)
    const rank = rankOfApi(call)
    if (rank < draft.rank) {
      draft.rank = rank
      draft.gravest = `${serviceOf(call.eventSource)}:${call.eventName}`
    }
  }
  for (const { caller, origin, events, first, last } of sightingsOf(counter)) {
    const { accessKeyId, sessionName } = caller
    if (!accessKeyId) continue
    const { keys } = draftOf(callers, caller, origin)
    const key = keys.get(accessKeyId) ?? { events: 0, first, last, sessionName }
    keys.set(accessKeyId, {
      events: key.events + events,
      first: Math.min(key.first, first),
      last: Math.max(key.last, last),
      sessionName: key.sessionName ?? sessionName,
    })
  }
  return [...callers.values()].sort(byGravityOfCalls).map(callerOf)
}

interface Draft {
  readonly kind: Caller['kind']
  readonly name: string
  readonly accountId: string | undefined
  events: number
  failed: number
  first: number
  last: number
  rank: number
  gravest: string
  readonly keys: Map<string, { events: number; first: number; last: number; sessionName: string | undefined }>
}

const draftOf = (callers: Map<string, Draft>, caller: CounterCaller, origin: CounterOrigin): Draft => {
  const [kind, name] = whoIs(caller, origin)
  const id = [kind, caller.accountId, name].join('\0')
  const known = callers.get(id)
  if (known) return known
  const draft: Draft = {
    ...{ kind, name, accountId: caller.accountId, events: 0, failed: 0, gravest: '', keys: new Map() },
    ...{ first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, rank: Number.POSITIVE_INFINITY },
  }
  callers.set(id, draft)
  return draft
}

const whoIs = (caller: CounterCaller, origin: CounterOrigin): readonly [kind: Caller['kind'], name: string] => {
  const { principalKind, roleName, roleArn, userName, sessionArn, principalId, accountId } = caller
  if (principalKind === 'Root') return ['root', sessionArn ?? `root of ${accountId ?? 'an unnamed account'}`]
  if (roleName !== undefined) return ['role', roleName]
  if (roleArn !== undefined && principalKind === 'AssumedRole') return ['role', roleArn]
  if (principalKind === 'IAMUser' && userName !== undefined) return ['user', userName]
  if (principalKind === 'AWSService' || (principalKind === undefined && origin.invokedBy !== undefined))
    return ['service', origin.invokedBy ?? rawText(origin.source)]
  const name = sessionArn ?? userName ?? principalId
  if (principalKind === 'FederatedUser') return ['federated', name ?? 'unnamed']
  return ['other', [principalKind, name].filter((part) => part !== undefined).join(' ') || 'unnamed']
}

const byGravityOfCalls = (a: Draft, b: Draft): number =>
  Number(a.kind === 'service') - Number(b.kind === 'service') ||
  a.rank - b.rank ||
  b.events - a.events ||
  inOrder(a.name, b.name) ||
  inOrder(a.accountId ?? '', b.accountId ?? '')

const callerOf = ({ kind, name, accountId, events, failed, first, last, gravest, keys }: Draft): Caller => ({
  ...{ kind, name: untrusted(name), ...(accountId ? { accountId } : {}), events, failed, gravest },
  ...{ firstSeen: instantAt(first), lastSeen: instantAt(last) },
  keys: [...keys]
    .sort(([a, x], [b, y]) => y.events - x.events || inOrder(a, b))
    .map(([accessKeyId, key]) => ({
      ...{ accessKeyId, events: key.events, firstSeen: instantAt(key.first), lastSeen: instantAt(key.last) },
      ...(key.sessionName ? { session: untrusted(key.sessionName) } : {}),
    })),
})
