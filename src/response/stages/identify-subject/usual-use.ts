import { isIP } from 'node:net'
import type { AddressUse, UsualUse } from '../../../incident/facts/subject.ts'
import { isSameAddress } from '../../../incident/values/address.ts'
import { SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import { rawText, untrusted } from '../../../incident/values/untrusted.ts'
import { isCallOf } from '../../../investigation/question.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { EVENT_HISTORY_SECONDS } from '../../../investigation/sources/lookup-events.ts'
import { type RegionSample, readBackOf, type SampleBudget, sampleHistory } from '../../../investigation/sources/sample-history.ts'
import type { Context } from '../../stage.ts'
import { countedUse } from './counted-use.ts'

/** The sample stands before the deny, so it is short: seconds of AWS's time, and pages of 50 calls (2 a second at the most). */
export const SAMPLE_SECONDS = 20
export const SAMPLE_PAGES = 24

/** What was stolen, from where it was used, and when it was taken. */
export interface TheftInHistory {
  /** The addresses that the finding names. */
  readonly addresses: readonly string[]
  readonly role: { readonly id: string; readonly arn: string }
  readonly sessionName: string
  readonly accessKeyId: string
  readonly region: string
  /** The issue of the stolen key, and the finding's first sighting, as far as they are known. */
  readonly moments: readonly (Instant | undefined)[]
}

/**
 * Whether the role called from the theft's addresses before the theft: counted by Athena or CloudTrail Lake, where the responder named a
 * table or a store and it answers; else a sample of CloudTrail's event history. What cannot be read is a sentence. Undefined without an
 * address. The past does not change: what an earlier run counted, or read without a gap (`known`), is not read again.
 */
export const sampleUsualUse = async (
  theft: TheftInHistory,
  context: Context,
  known: UsualUse | undefined,
): Promise<UsualUse | undefined> => {
  if (theft.addresses.length === 0) return undefined
  const before = earliest([...theft.moments, context.now()])
  const { history } = context
  if (known && isSameSample(known, theft, before) && (!history || known.counted?.source === history.name)) return known
  const counted = history && (await countedUse(history, { ...theft, before }, context))
  if (counted && !('why' in counted)) return counted
  const sampled = await sampleEventHistory(theft, before, context)
  return counted ? { ...sampled, incomplete: [counted.why, ...sampled.incomplete] } : sampled
}

/** Samples the history of the incident's Region; where nothing is found there and time is left, one page of each other Region. */
const sampleEventHistory = async (theft: TheftInHistory, before: Instant, context: Context): Promise<UsualUse> => {
  const from = plus(context.now(), -EVENT_HISTORY_SECONDS)
  if (!isBefore(from, plus(before, -1))) return useOf(theft, before, [tooOld(theft.region)])
  const budget = { pages: SAMPLE_PAGES, deadline: plus(context.now(), SAMPLE_SECONDS) }
  const tooLate = AbortSignal.timeout(SAMPLE_SECONDS * SECOND_MS)
  const sample = async (region: string, budgetHere: SampleBudget): Promise<RegionSample & { readonly region: string }> => {
    const role = { roleArn: theft.role.arn, sessionName: theft.sessionName, from, until: plus(before, -1) }
    const { cloudtrail: client } = context.aws(region)
    const { now, signal } = context
    return { region, ...(await sampleHistory(role, { region, client, now, signal, tooLate }, budgetHere)) }
  }
  context.progress(`ir-cred looks whether the role called from ${theft.addresses.join(', ')} before (up to ${SAMPLE_SECONDS} s)`)
  const here = await sample(theft.region, budget)
  const own = useOf(theft, before, [here])
  if (own.addresses.some(({ calls }) => calls > 0) || !isBefore(context.now(), budget.deadline)) return own
  const others = context.regions.filter((region) => region !== theft.region)
  const elsewhere = await Promise.all(others.map(async (region) => sample(region, { ...budget, pages: 1 })))
  return useOf(theft, before, [here, ...elsewhere])
}

const earliest = (moments: readonly (Instant | undefined)[]): Instant =>
  moments.filter((at) => at !== undefined).reduce((first, at) => (isBefore(at, first) ? at : first))

const isSameSample = (known: UsualUse, { addresses }: TheftInHistory, before: Instant): boolean =>
  known.before === before &&
  known.readBackTo !== undefined &&
  (known.counted !== undefined || known.incomplete.length === 0) &&
  addresses.every((address) => known.addresses.some((one) => one.address === address))

const tooOld = (region: string) => ({
  region,
  records: [],
  incomplete: ['the theft is older than the 90 days that CloudTrail’s event history keeps'],
})

/** Pure: what the samples say of each address. */
const useOf = (
  theft: TheftInHistory,
  before: Instant,
  samples: readonly (RegionSample & { readonly region: string })[],
): UsualUse => {
  const calls = samples.flatMap(({ records }) => records).filter((record) => isBeforeTheft(record, theft, before))
  return {
    before,
    calls: calls.length,
    regions: samples.filter(({ readBackTo }) => readBackTo !== undefined).map(({ region }) => region),
    addresses: theft.addresses.map((address) => useOfAddress(address, calls)),
    incomplete: [...new Set(samples.flatMap(({ incomplete }) => incomplete))],
    ...given({ readBackTo: readBackOf(samples) }),
  }
}

/** A call of the role itself, from an address: not one that a service made on its behalf, and never one of the stolen key. */
const isBeforeTheft = (record: CloudTrailRecord, { role, accessKeyId }: TheftInHistory, before: Instant): boolean =>
  isCallOf({ kind: 'role', value: role.id }, record) &&
  record.accessKeyId !== accessKeyId &&
  record.invokedBy === undefined &&
  isBefore(record.at, before) &&
  isIP(rawText(record.source)) !== 0

const useOfAddress = (address: string, calls: readonly CloudTrailRecord[]): AddressUse => {
  const from = calls.filter(({ source }) => isSameAddress(rawText(source), address))
  const times = from.map(({ at }) => at).sort((a, b) => (isBefore(a, b) ? -1 : 1))
  const names = new Set(from.flatMap(({ sessionName }) => (sessionName === undefined ? [] : [sessionName])))
  return {
    address,
    calls: from.length,
    days: new Set(times.map((at) => at.slice(0, 10))).size,
    sessions: [...names].map((name) => untrusted(name)),
    ...given({ first: times[0], last: times.at(-1) }),
  }
}
