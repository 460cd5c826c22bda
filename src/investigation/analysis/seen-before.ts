import type { Counted } from './activity-fold.ts'
import type { CounterCall } from './counter.ts'
import { type NumberSet, numberSet } from './number-set.ts'
import { textCount } from './text-table.ts'

/** What the calls of a baseline came from and called. Texts by their numbers in the table of origins. */
export interface SeenBefore {
  readonly calls: ReadonlySet<CounterCall>
  readonly sources: NumberSet
  readonly userAgents: NumberSet
  /** Ids of VPC endpoints. */
  readonly endpoints: ReadonlySet<string>
  callsFrom(source: number): number
}

const known = new WeakMap<Counted, SeenBefore>()

/** What the baseline shows. It is gone through once: it has many calls, and several answers ask. */
export const seenBefore = (counted: Counted): SeenBefore => {
  const before = known.get(counted) ?? lookThrough(counted)
  known.set(counted, before)
  return before
}

const lookThrough = ({ baseline, origins: { texts } }: Counted): SeenBefore => {
  const calls = new Set<CounterCall>()
  const [sources, userAgents] = [numberSet(textCount(texts)), numberSet(textCount(texts))]
  const endpoints = new Set<string>()
  const callsFrom = new Float64Array(textCount(texts))
  for (const { call, origin, events } of baseline) {
    const { sourceNumber, agentNumber, vpcEndpointId } = origin
    calls.add(call)
    sources.add(sourceNumber)
    userAgents.add(agentNumber)
    callsFrom[sourceNumber] = (callsFrom[sourceNumber] ?? 0) + events
    if (vpcEndpointId) endpoints.add(vpcEndpointId)
  }
  return { calls, sources, userAgents, endpoints, callsFrom: (source) => callsFrom[source] ?? 0 }
}
