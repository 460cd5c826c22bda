import { partitionOf } from '../../incident/values/partition.ts'

/** Some Regions of each partition; of the commercial one two of many, so that a look into all of an account's stays quick. */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  aws: ['us-east-1', 'eu-west-1', 'us-west-2'],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-iso': ['us-iso-east-1', 'us-iso-west-1'],
}

const MOST = 3

/** The Regions that are enabled in an account whose home this one is: the home, the partition's global Region, and another. */
export const enabledRegionsOf = (home: string): readonly string[] => {
  const partition = partitionOf(home)
  if (!partition) return [home]
  const some = REGIONS[partition.id] ?? []
  return [...new Set([home, ...partition.globalRegions, ...some])].slice(0, MOST)
}
