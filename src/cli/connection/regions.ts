import type { AwsClients } from '../../aws/clients.ts'
import { unreadReason } from '../../aws/failure.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import type { ConnectionRequest } from './connection-request.ts'

/** The Regions in which a command looks. */
export interface SearchedRegions {
  /** The incident's, or the one that was named first; then the others. */
  readonly regions: readonly string[]
  /** Why these may not be all that the account uses, in a sentence. */
  readonly regionsNote?: string | undefined
}

/**
 * The Regions that are searched: those that were named, or all that are enabled in the account ("DescribeRegions"). A role works in
 * every Region, so a narrower search is said. Where the enabled Regions cannot be listed, only the first is searched, and that is said too.
 */
export const searchedRegions = async (
  { regions: named, allRegions }: Pick<ConnectionRequest, 'regions' | 'allRegions'>,
  home: string,
  aws: (region: string) => AwsClients,
): Promise<SearchedRegions> => {
  const [, ...others] = named
  if (named.length > 0 && !allRegions) {
    const all = [home, ...others] as const
    return {
      regions: all,
      regionsNote: `--region narrows the search: only ${all.join(', ')} ${all.length > 1 ? 'are' : 'is'} read`,
    }
  }
  try {
    // Loaded on use: who names the Regions does not wait for it.
    const { DescribeRegionsCommand } = await import('@aws-sdk/client-ec2')
    const { Regions } = await aws(home).ec2.send(new DescribeRegionsCommand({}))
    const names = (Regions ?? []).flatMap(({ RegionName }) => (RegionName ? [RegionName] : []))
    return { regions: [home, ...new Set([...others, ...names.filter((name) => name !== home).sort()])] }
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return {
      regions: [home, ...others],
      regionsNote: `the enabled Regions are not known: ec2:DescribeRegions ${why}; only ${[home, ...others].join(', ')} is read; name others with --region`,
    }
  }
}

/** The Regions of the partition aws that every account has enabled ("Enable or disable AWS Regions in your account"). */
const ALWAYS_ENABLED = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
]

/** The Regions that can be asked before AWS has said which ones are enabled, the incident's first. */
export const likelyRegions = (
  { regions: named, allRegions }: Pick<ConnectionRequest, 'regions' | 'allRegions'>,
  home: string,
): readonly string[] => {
  const others = partitionOf(home)?.id === 'aws' && (named.length === 0 || allRegions) ? ALWAYS_ENABLED : []
  return [...new Set([home, ...named.slice(1), ...others])]
}
