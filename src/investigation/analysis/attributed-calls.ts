import type { AttributedCalls, Attribution } from '../../incident/facts/activity-rows.ts'
import { isSameAddress } from '../../incident/values/address.ts'
import { given } from '../../incident/values/given.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { type Attribute, GRAVEST_ATTRIBUTION_FIRST, type ReasonedAttribution } from './call-attribution.ts'
import { type CallTotals, inOrder } from './call-totals.ts'
import { type CounterOrigin, type OriginTable, originAt } from './origin-table.ts'
import { busiestKept, type FoldedRows } from './rows-kept.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'
import type { NumberedCalls } from './totals-by-number.ts'

/** Calls with their attribution, and of very many origins those that are counted together. */
export interface AttributedRows {
  /** The busiest first. */
  readonly rows: readonly AttributedCalls[]
  readonly folded: readonly (FoldedRows & { readonly attribution: Attribution })[]
}

/** Attributes the calls in scope to the workload, a service or somebody external. Addresses that a finding reports are listed. */
export const attributeCalls = (
  { scope, origins }: Pick<Counted, 'scope' | 'origins'>,
  attribute: Attribute,
  reported: readonly string[] = [],
): AttributedRows => {
  const reasons = gravestReasons(attribute)
  const folded = new Map<Attribution, FoldedRows>()
  const { rows } = busiestKept(scope, {
    ...byOriginAndDelivery(scope, origins),
    onBucket: reasons.note,
    isKept: (name) => reported.some((address) => isSameAddress(address, partsOf(name).source)),
    onFolded: (number, { succeeded, failed }) => {
      const [attribution] = reasons.of(number)
      const before = folded.get(attribution) ?? { names: 0, succeeded: 0, failed: 0 }
      folded.set(attribution, {
        ...{ names: before.names + 1, succeeded: before.succeeded + succeeded, failed: before.failed + failed },
      })
    },
  })
  return {
    rows: rows.map(([name, calls, number]) => attributedCalls(name, calls, reasons.of(number))),
    folded: GRAVEST_ATTRIBUTION_FIRST.flatMap((attribution) => {
      const each = attribution && folded.get(attribution)
      return each ? [{ attribution, ...each }] : []
    }),
  }
}

/** By origin and delivery of credentials. */
const byOriginAndDelivery = (scope: Iterable<TimeBucket>, origins: OriginTable): NumberedCalls => {
  const all = [...new Set(deliveriesIn(scope))]
  return {
    numbers: all.length * origins.keys.size,
    numberOf: ({ caller, origin }) => all.length * origin.number + all.indexOf(caller.delivery),
    nameOf: (number) => {
      const { vpcEndpointId, vpcEndpointAccountId, invokedBy, source, userAgent } =
        originAt(origins, Math.floor(number / all.length)) ?? NO_ORIGIN
      const place = [all[number % all.length], vpcEndpointId, vpcEndpointAccountId, invokedBy]
      return [rawText(source), rawText(userAgent), ...place].join('\u0000')
    },
  }
}

function* deliveriesIn(scope: Iterable<TimeBucket>): Generator<TimeBucket['caller']['delivery']> {
  for (const { caller } of scope) yield caller.delivery
}

const NO_ORIGIN: CounterOrigin = { source: untrusted(''), userAgent: untrusted('') }

/** Parts of a name behind the user agent. */
const PLACES = 4

/** Anything can stand in a user agent: it is what is left between the others. */
const partsOf = (name: string) => {
  const [source = '', ...parts] = name.split('\u0000')
  const [delivery, vpcEndpointId, vpcEndpointAccountId] = parts.splice(-PLACES)
  return { delivery, vpcEndpointId, vpcEndpointAccountId, source, userAgent: parts.join('\u0000') }
}

/**
 * The attribution of each row by its number. Callers of several accounts can share a row, because the account is not shown: the
 * gravest attribution of its calls counts, in whatever order they were read.
 */
const gravestReasons = (attribute: Attribute) => {
  const reasons: ReasonedAttribution[] = []
  const numbers = new Map<string, number>()
  let reasonOfRow = new Uint32Array(64)
  const numberOf = (reason: ReasonedAttribution): number => {
    const name = reason.join(' ')
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, reasons.length)
    return reasons.push(reason) - 1
  }
  const of = (row: number): ReasonedAttribution => reasons[reasonOfRow[row] ?? 0] ?? ['ambiguous', 'no call tells']
  const note = (row: number, bucket: TimeBucket, isNew: boolean): void => {
    if (!isNew && bucket.origin.vpcEndpointAccountId === undefined) return
    const reason = attribute(bucket)
    if (!isNew && !isGraver(reason, of(row))) return
    if (row >= reasonOfRow.length) {
      const more = new Uint32Array(2 * row + 64)
      more.set(reasonOfRow)
      reasonOfRow = more
    }
    reasonOfRow[row] = numberOf(reason)
  }
  return { note, of }
}

const isGraver = ([a, why]: ReasonedAttribution, [b, whyBefore]: ReasonedAttribution): boolean =>
  (GRAVEST_ATTRIBUTION_FIRST.indexOf(a) - GRAVEST_ATTRIBUTION_FIRST.indexOf(b) || inOrder(why, whyBefore)) < 0

const attributedCalls = (
  name: string,
  { succeeded, failed, first, last }: CallTotals,
  [attribution, why]: ReasonedAttribution,
): AttributedCalls => {
  const { source, userAgent, delivery, vpcEndpointId, vpcEndpointAccountId } = partsOf(name)
  return {
    ...{ attribution, why, source: untrusted(source), userAgent: untrusted(userAgent) },
    ...given({
      ec2RoleDelivery: delivery || undefined,
      vpcEndpointId: vpcEndpointId ? untrusted(vpcEndpointId) : undefined,
      vpcEndpointAccountId: vpcEndpointAccountId || undefined,
    }),
    ...{ succeeded, failed, firstSeen: instantAt(first), lastSeen: instantAt(last) },
  }
}
