import {
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2'
import {
  GetAccessKeyLastUsedCommand,
  GetGroupCommand,
  GetInstanceProfileCommand,
  GetLoginProfileCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetSAMLProviderCommand,
  GetUserCommand,
  ListVirtualMFADevicesCommand,
} from '@aws-sdk/client-iam'
import type { AwsClients } from '../../aws/clients.ts'
import { allPages, iamPages } from '../../aws/pager.ts'
import { attachedPoliciesOf, inlinePolicyOf, mfaDevicesOf, type PolicyHolder, readGroups } from '../enrichment/iam-lists.ts'

/** Filters find what is there; a request by ids fails as soon as one of them is gone. */
const filterBy = (Name: string, Values: readonly string[]) => ({ Filters: [{ Name, Values: [...Values] }] })

const iamReads = (iam: AwsClients['iam']) => ({
  getUser: async (UserName: string) => (await iam.send(new GetUserCommand({ UserName }))).User,
  getAccessKeyLastUsed: async (AccessKeyId: string) =>
    (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed,
  getLoginProfile: async (UserName: string) => (await iam.send(new GetLoginProfileCommand({ UserName }))).LoginProfile,
  listMFADevices: (user: string) => mfaDevicesOf(iam, user),
  listVirtualMFADevices: () =>
    iamPages(
      (Marker) => iam.send(new ListVirtualMFADevicesCommand({ Marker })),
      ({ VirtualMFADevices }) => VirtualMFADevices,
    ),
  getGroup: (GroupName: string) => iam.send(new GetGroupCommand({ GroupName })),
  listGroupsForUser: (user: string) => readGroups(iam, user),
  listAttachedPolicies: (holder: PolicyHolder, name: string) => attachedPoliciesOf(iam, holder, name),
  getInlinePolicy: (holder: PolicyHolder, name: string, policy: string) => inlinePolicyOf(iam, holder, name, policy),
  getPolicy: async (PolicyArn: string) => (await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy,
  getPolicyVersion: async (PolicyArn: string, VersionId: string) =>
    (await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))).PolicyVersion,
  getRole: async (RoleName: string) => (await iam.send(new GetRoleCommand({ RoleName }))).Role,
  getInstanceProfile: async (InstanceProfileName: string) =>
    (await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }))).InstanceProfile,
  getSAMLProvider: (SAMLProviderArn: string) => iam.send(new GetSAMLProviderCommand({ SAMLProviderArn })),
  getOpenIDConnectProvider: (OpenIDConnectProviderArn: string) =>
    iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
})

const ec2Reads = (ec2: AwsClients['ec2']) => ({
  describeInstances: (ids: readonly string[]) =>
    allPages(async (NextToken) => {
      const answer = await ec2.send(new DescribeInstancesCommand({ ...filterBy('instance-id', ids), NextToken }))
      return { items: answer.Reservations?.flatMap(({ Instances = [] }) => Instances), next: answer.NextToken }
    }),
  describeKeyPair: async (name: string) =>
    (await ec2.send(new DescribeKeyPairsCommand(filterBy('key-name', [name])))).KeyPairs?.[0],
  describeSecurityGroupRules: (ids: readonly string[]) =>
    allPages(async (NextToken) => {
      const filters = filterBy('security-group-rule-id', ids)
      const answer = await ec2.send(new DescribeSecurityGroupRulesCommand({ ...filters, NextToken }))
      return { items: answer.SecurityGroupRules, next: answer.NextToken }
    }),
  describeSnapshots: (ids: readonly string[]) =>
    allPages(async (NextToken) => {
      const filters = filterBy('snapshot-id', ids)
      const answer = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], ...filters, NextToken }))
      return { items: answer.Snapshots, next: answer.NextToken }
    }),
  describeImages: async (id: string) => {
    const input = { Owners: ['self'], IncludeDisabled: true, ...filterBy('image-id', [id]) }
    return (await ec2.send(new DescribeImagesCommand(input))).Images ?? []
  },
  describeSnapshotPermissions: async (SnapshotId: string) => {
    const input = { SnapshotId, Attribute: 'createVolumePermission' } as const
    return (await ec2.send(new DescribeSnapshotAttributeCommand(input))).CreateVolumePermissions ?? []
  },
  describeImagePermissions: async (ImageId: string) => {
    const input = { ImageId, Attribute: 'launchPermission' } as const
    return (await ec2.send(new DescribeImageAttributeCommand(input))).LaunchPermissions ?? []
  },
})

/** The reads that live looks make in one Region, named like their API calls. The rules use them by type alone: they load no SDK. */
export const liveReads = ({ iam, ec2 }: Pick<AwsClients, 'iam' | 'ec2'>) => ({ ...iamReads(iam), ...ec2Reads(ec2) })

export type LiveReads = ReturnType<typeof liveReads>
