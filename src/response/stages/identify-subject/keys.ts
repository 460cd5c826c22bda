import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import type { NamedPrincipal } from './principal.ts'

/** What CloudTrail knows of the keys: when and how the stolen one was issued, and which others the instance has had lately. */
export const keyHistory = async ({ accessKeyId, instanceId }: NamedPrincipal, region: string, context: Context) => {
  const { cloudtrail } = context.aws(region)
  const window = { from: plus(context.now(), -90 * DAY_SECONDS), until: context.now() }
  const one = { pages: 1, items: 50 }
  const used = await lookupEvents(cloudtrail, region, { attribute: 'AccessKeyId', value: accessKeyId, ...window }, one)
  const dated = used.records.find(({ issuedAt }) => issuedAt !== undefined)
  const lately = { from: plus(context.now(), -2 * DAY_SECONDS), until: context.now() }
  const issued = await lookupEvents(cloudtrail, region, { attribute: 'ResourceName', value: instanceId, ...lately })
  const earlier = issuancesTo(instanceId, issued.records).map((issuance) => issuance.accessKeyId)
  return {
    ...(dated?.issuedAt ? { issuedAt: dated.issuedAt as Instant } : {}),
    ...(dated?.delivery ? { delivery: dated.delivery } : {}),
    earlierKeys: [...new Set(earlier)],
  }
}
