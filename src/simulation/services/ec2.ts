import { regional } from '../regional.ts'
import type { Service } from '../service.ts'
import { describeAddresses, describeNatGateways } from './ec2/addresses.ts'
import { getConsoleOutput } from './ec2/console-output.ts'
import { describeInstanceStatus } from './ec2/describe-instance-status.ts'
import { describeInstances } from './ec2/describe-instances.ts'
import { describeInstanceAttribute, modifyInstanceAttribute, modifyInstanceMetadataOptions } from './ec2/instance-attributes.ts'
import { rebootInstances, startInstances, stopInstances } from './ec2/power.ts'
import { describeIamInstanceProfileAssociations } from './ec2/profile-associations.ts'
import { describeRegions } from './ec2/regions.ts'
import { createSnapshots, describeSnapshots } from './ec2/snapshots.ts'
import { describeSpotInstanceRequests } from './ec2/spot.ts'
import { createTags } from './ec2/tags.ts'
import { describeVolumes } from './ec2/volumes.ts'

/** EC2 in the account's Region; every other Region has nothing. */
export const ec2: Service = regional({
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  DescribeAddresses: describeAddresses,
  DescribeIamInstanceProfileAssociations: describeIamInstanceProfileAssociations,
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeInstances: describeInstances,
  DescribeNatGateways: describeNatGateways,
  DescribeRegions: describeRegions,
  DescribeSnapshots: describeSnapshots,
  DescribeSpotInstanceRequests: describeSpotInstanceRequests,
  DescribeVolumes: describeVolumes,
  GetConsoleOutput: getConsoleOutput,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyInstanceMetadataOptions: modifyInstanceMetadataOptions,
  RebootInstances: rebootInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
})
