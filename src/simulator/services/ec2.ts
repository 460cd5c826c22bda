import { regional } from '../account/regional.ts'
import type { Service } from '../service.ts'
import { describeAddresses, describeNatGateways } from './ec2/addresses.ts'
import { getConsoleOutput } from './ec2/console-output.ts'
import { describeInstanceStatus } from './ec2/describe-instance-status.ts'
import { describeInstances } from './ec2/describe-instances.ts'
import { createImage, deregisterImage, describeImages } from './ec2/images.ts'
import { describeInstanceAttribute, modifyInstanceAttribute, modifyInstanceMetadataOptions } from './ec2/instance-attributes.ts'
import { describeInstanceTypes } from './ec2/instance-types.ts'
import { createKeyPair, deleteKeyPair, describeKeyPairs } from './ec2/key-pairs.ts'
import { rebootInstances, startInstances, stopInstances } from './ec2/power.ts'
import {
  associateIamInstanceProfile,
  describeIamInstanceProfileAssociations,
  disassociateIamInstanceProfile,
  replaceIamInstanceProfileAssociation,
} from './ec2/profile-associations.ts'
import { describeRegions } from './ec2/regions.ts'
import { runInstances, terminateInstances } from './ec2/run-instances.ts'
import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  describeSecurityGroupRules,
  revokeSecurityGroupEgress,
  revokeSecurityGroupIngress,
} from './ec2/security-group-rules.ts'
import { createSecurityGroup, deleteSecurityGroup, describeSecurityGroups } from './ec2/security-groups.ts'
import {
  deleteSnapshot,
  describeImageAttribute,
  describeSnapshotAttribute,
  modifyImageAttribute,
  modifySnapshotAttribute,
} from './ec2/sharing.ts'
import { createSnapshot, createSnapshots, describeSnapshots } from './ec2/snapshots.ts'
import { describeSpotInstanceRequests } from './ec2/spot.ts'
import { createTags } from './ec2/tags.ts'
import { describeVolumes } from './ec2/volumes.ts'

/** EC2 in the account's Region; every other Region has nothing. */
export const ec2: Service = regional({
  AssociateIamInstanceProfile: associateIamInstanceProfile,
  AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
  CreateImage: createImage,
  CreateKeyPair: createKeyPair,
  CreateSecurityGroup: createSecurityGroup,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  DeleteKeyPair: deleteKeyPair,
  DeleteSecurityGroup: deleteSecurityGroup,
  DeleteSnapshot: deleteSnapshot,
  DeregisterImage: deregisterImage,
  DescribeAddresses: describeAddresses,
  DescribeIamInstanceProfileAssociations: describeIamInstanceProfileAssociations,
  DescribeImageAttribute: describeImageAttribute,
  DescribeImages: describeImages,
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeInstances: describeInstances,
  DescribeKeyPairs: describeKeyPairs,
  DescribeNatGateways: describeNatGateways,
  DescribeRegions: describeRegions,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSnapshotAttribute: describeSnapshotAttribute,
  DescribeSnapshots: describeSnapshots,
  DescribeSpotInstanceRequests: describeSpotInstanceRequests,
  DescribeVolumes: describeVolumes,
  DescribeInstanceTypes: describeInstanceTypes,
  DisassociateIamInstanceProfile: disassociateIamInstanceProfile,
  GetConsoleOutput: getConsoleOutput,
  ModifyImageAttribute: modifyImageAttribute,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyInstanceMetadataOptions: modifyInstanceMetadataOptions,
  ModifySnapshotAttribute: modifySnapshotAttribute,
  RebootInstances: rebootInstances,
  ReplaceIamInstanceProfileAssociation: replaceIamInstanceProfileAssociation,
  RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
  RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
})
