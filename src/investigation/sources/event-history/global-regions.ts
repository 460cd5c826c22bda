/**
 * Where calls of global services (IAM, the global STS endpoint, CloudFront) are recorded: since November 2021 in us-east-1
 * ("CloudTrail concepts", Global service events), in the other partitions in Regions of their own.
 */
export const globalRegions = (region: string): readonly string[] => {
  if (region.startsWith('us-gov-')) return ['us-gov-west-1']
  return region.startsWith('cn-') ? ['cn-north-1', 'cn-northwest-1'] : ['us-east-1']
}
