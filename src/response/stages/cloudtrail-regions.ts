import type { AwsClients } from '../../aws/clients.ts'
import { globalRegions } from '../../incident/values/partition.ts'
import type { Context } from '../stage.ts'

/** The Regions that may hold records of a credential: the incident's, those of global services, the others that are searched. */
export const trailRegions = (region: string, { regions }: Context): readonly string[] => [
  ...new Set([region, ...globalRegions(region), ...regions]),
]

/** A CloudTrail client for each of these Regions, as `lookupEverywhere` takes them. */
export const cloudTrails = (
  regions: readonly string[],
  { aws }: Context,
): readonly { readonly region: string; readonly client: AwsClients['cloudtrail'] }[] =>
  regions.map((region) => ({ region, client: aws(region).cloudtrail }))
