/** A group of AWS Regions with identities, ARNs and host names of its own ("AWS partitions"). */
export interface Partition {
  /** As it stands in ARNs: `aws`, `aws-cn`. */
  readonly id: string
  /** Its Regions by their names. A name becomes part of host names, so the pattern is as strict as the SDK's own. */
  readonly regions: RegExp
  /** How the host names of its services end. */
  readonly dnsSuffix: string
  /**
   * Where calls of global services (IAM, the global STS endpoint, CloudFront) are recorded: in us-east-1 since November 2021
   * ("CloudTrail concepts", Global service events); in the other partitions in a Region of their own.
   */
  readonly globalRegions: readonly [string, ...string[]]
}

const partition = (id: string, dnsSuffix: string, regions: RegExp, ...globalRegions: [string, ...string[]]): Partition => ({
  id,
  dnsSuffix,
  regions,
  globalRegions,
})

/** All partitions that the AWS SDK knows. */
const PARTITIONS: readonly Partition[] = [
  partition('aws', 'amazonaws.com', /^(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d{1,2}$/, 'us-east-1'),
  partition('aws-cn', 'amazonaws.com.cn', /^cn-[a-z]+-\d{1,2}$/, 'cn-north-1', 'cn-northwest-1'),
  partition('aws-us-gov', 'amazonaws.com', /^us-gov-[a-z]+-\d{1,2}$/, 'us-gov-west-1'),
  partition('aws-iso', 'c2s.ic.gov', /^us-iso-[a-z]+-\d{1,2}$/, 'us-iso-east-1'),
  partition('aws-iso-b', 'sc2s.sgov.gov', /^us-isob-[a-z]+-\d{1,2}$/, 'us-isob-east-1'),
  partition('aws-iso-e', 'cloud.adc-e.uk', /^eu-isoe-[a-z]+-\d{1,2}$/, 'eu-isoe-west-1'),
  partition('aws-iso-f', 'csp.hci.ic.gov', /^us-isof-[a-z]+-\d{1,2}$/, 'us-isof-south-1'),
  partition('aws-eusc', 'amazonaws.eu', /^eusc-de-[a-z]+-\d{1,2}$/, 'eusc-de-east-1'),
]

/** The partition that a Region is in; undefined for a name of no known partition. */
export const partitionOf = (region: string): Partition | undefined => PARTITIONS.find(({ regions }) => regions.test(region))

/** Where the global services of the Region's partition are recorded. A Region of no known partition stands for itself. */
export const globalRegions = (region: string): readonly string[] => partitionOf(region)?.globalRegions ?? [region]
