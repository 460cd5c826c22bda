import {
  AssociateIamInstanceProfileCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  DeleteSecurityGroupCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DisassociateIamInstanceProfileCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMetadataOptionsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import {
  GetFindingsCommand,
  GetFindingsStatisticsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  UnarchiveFindingsCommand,
} from '@aws-sdk/client-guardduty'
import {
  IAMClient,
  ListAccessKeysCommand,
  ListGroupsCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import type { ActorEvent } from '../../../src/simulator/account/account.ts'
import { calledFromTheHost } from '../../../src/simulator/scenarios/called-from-the-host.ts'
import { customThreatList } from '../../../src/simulator/scenarios/custom-threat-list.ts'
import { servedScenario } from '../../support/served-scenario.ts'

const INSTANCE = 'i-08faaaafb15777f5a'
const VOLUME = 'vol-0f1e2d3c4b5a69781'
const EVERYTHING = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]

/** The responder of a scenario, with the rights that the scenario gives, and what everybody else does meanwhile. */
const atHand = (scenario = customThreatList) => {
  const served = servedScenario(scenario)
  const acted: ActorEvent[] = []
  served.account.actorListeners.push((event) => acted.push(event))
  const sinceNow = async (seconds: number) => {
    acted.length = 0
    served.passes(seconds)
    return [...acted]
  }
  return { ...served, ec2: new EC2Client(served.config), sinceNow }
}

/** A group that lets nothing in and nothing out. */
const quarantine = async (ec2: EC2Client): Promise<string> => {
  const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'quarantine', Description: 'nothing in, nothing out' }))
  const GroupId = made.GroupId ?? ''
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: EVERYTHING }))
  return GroupId
}

describe('a security group that lets nothing out', () => {
  it('is what the instance has, wherever it is described', async () => {
    const { ec2 } = atHand()
    const GroupId = await quarantine(ec2)
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: INSTANCE, Groups: [GroupId] }))
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [INSTANCE] }))
    const [instance] = Reservations?.[0]?.Instances ?? []
    expect(instance?.SecurityGroups).toEqual([{ GroupId, GroupName: 'quarantine' }])
    expect(instance?.NetworkInterfaces?.[0]?.Groups).toEqual([{ GroupId, GroupName: 'quarantine' }])
    const asked = new DescribeInstanceAttributeCommand({ InstanceId: INSTANCE, Attribute: 'groupSet' })
    expect((await ec2.send(asked)).Groups).toEqual([{ GroupId }])
  })

  it('ends the calls of an attacker on the instance, and those of its application and agent', async () => {
    const { ec2, account, config, sinceNow } = atHand(calledFromTheHost)
    expect((await sinceNow(900)).map(({ who }) => who)).toContain('attacker')
    const GroupId = await quarantine(ec2)
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: INSTANCE, Groups: [GroupId] }))
    const address = account.instances.get(INSTANCE)?.publicIp
    const before = account.trail.all().length
    expect((await sinceNow(3600)).map(({ who }) => who)).not.toContain('attacker')
    expect(
      account.trail
        .all()
        .slice(before)
        .map(({ document }) => document().sourceIPAddress),
    ).not.toContain(address)
    const { InstanceInformationList = [] } = await new SSMClient(config).send(new DescribeInstanceInformationCommand({}))
    expect(InstanceInformationList.find(({ InstanceId }) => InstanceId === INSTANCE)?.PingStatus).not.toBe('Online')
    // Its own rules are what holds it: one outbound rule, and the calls go on.
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: EVERYTHING }))
    expect((await sinceNow(3600)).map(({ who }) => who)).toContain('attacker')
  })

  it('cannot be deleted while an instance has it', async () => {
    const { ec2 } = atHand()
    const GroupId = await quarantine(ec2)
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: INSTANCE, Groups: [GroupId] }))
    const deletes = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId }))
    await expect(deletes()).rejects.toMatchObject({ name: 'DependencyViolation' })
    const [network] = (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? []
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: INSTANCE, Groups: [network?.GroupId ?? ''] }))
    await deletes()
    await expect(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
    })
  })
})

describe('the rules of a security group', () => {
  it('are listed with it, and taken away as they were made', async () => {
    const { ec2 } = atHand()
    const [{ GroupId = '' } = {}] = (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? []
    const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
    const opening = { GroupId, IpPermissions: [rule] }
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(opening))
    const ingress = async () =>
      (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))).SecurityGroups?.[0]?.IpPermissions
    expect(await ingress()).toMatchObject([rule])
    await expect(ec2.send(new AuthorizeSecurityGroupIngressCommand(opening))).rejects.toMatchObject({
      name: 'InvalidPermission.Duplicate',
    })
    const flat = { GroupId, IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' }
    await ec2.send(new RevokeSecurityGroupIngressCommand(flat))
    expect(await ingress()).toEqual([])
    await expect(ec2.send(new RevokeSecurityGroupIngressCommand(flat))).rejects.toMatchObject({
      name: 'InvalidPermission.NotFound',
    })
  })

  it('are for address ranges: others are refused', async () => {
    const { ec2 } = atHand()
    const [{ GroupId = '' } = {}] = (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? []
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }]
    await expect(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))).rejects.toThrow(
      'address ranges only',
    )
  })
})

describe('an instance profile that is taken away', () => {
  it('leaves the metadata service without credentials; those that are out stay good', async () => {
    const { ec2, built, configOf, account, sinceNow } = atHand()
    const associations = async () =>
      (
        await ec2.send(
          new DescribeIamInstanceProfileAssociationsCommand({ Filters: [{ Name: 'instance-id', Values: [INSTANCE] }] }),
        )
      ).IamInstanceProfileAssociations ?? []
    const [{ AssociationId = '', IamInstanceProfile } = {}] = await associations()
    expect(built.newCredentials()).toBeDefined()
    await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId }))
    expect(await associations()).toEqual([])
    await sinceNow(7200)
    expect(built.newCredentials()).toBeUndefined()
    await expect(new EC2Client(configOf(built.cast.attacker)).send(new DescribeInstancesCommand({}))).resolves.toBeDefined()
    await ec2.send(
      new AssociateIamInstanceProfileCommand({ InstanceId: INSTANCE, IamInstanceProfile: { Arn: IamInstanceProfile?.Arn } }),
    )
    await sinceNow(account.behaviour.lastUpdatedLag)
    expect(built.newCredentials()?.issuedAt).toBeGreaterThan(built.cast.attacker.issuedAt)
  })
})

describe('what is read and preserved by hand', () => {
  it('is a snapshot of one volume, pending and then completed', async () => {
    const { ec2, passes } = atHand()
    const TagSpecifications = [{ ResourceType: 'snapshot' as const, Tags: [{ Key: 'incident', Value: 'web-app' }] }]
    const made = await ec2.send(new CreateSnapshotCommand({ VolumeId: VOLUME, Description: 'evidence', TagSpecifications }))
    expect(made).toMatchObject({ VolumeId: VOLUME, State: 'pending', Description: 'evidence' })
    passes(600)
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [made.SnapshotId ?? ''] }))
    expect(Snapshots).toMatchObject([{ State: 'completed', Tags: [{ Key: 'incident', Value: 'web-app' }] }])
    await expect(ec2.send(new CreateSnapshotCommand({ VolumeId: 'vol-0ffffffffffffffff' }))).rejects.toMatchObject({
      name: 'InvalidVolume.NotFound',
    })
  })

  it('are the metadata options, as they were set', async () => {
    const { ec2 } = atHand()
    const options = { HttpTokens: 'required', HttpPutResponseHopLimit: 2, InstanceMetadataTags: 'enabled' } as const
    await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: INSTANCE, ...options }))
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [INSTANCE] }))
    expect(Reservations?.[0]?.Instances?.[0]?.MetadataOptions).toMatchObject(options)
  })

  it('are credentials that the metadata service gives nobody while it is off', async () => {
    const { ec2, built } = atHand()
    await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: INSTANCE, HttpEndpoint: 'disabled' }))
    expect(built.newCredentials()).toBeUndefined()
  })

  it('are the lists of IAM, and of the functions on the role', async () => {
    const { config } = atHand()
    const iam = new IAMClient(config)
    const [users, roles, policies, groups, functions] = await Promise.all([
      iam.send(new ListUsersCommand({})),
      iam.send(new ListRolesCommand({})),
      iam.send(new ListPoliciesCommand({ OnlyAttached: true })),
      iam.send(new ListGroupsCommand({})),
      new LambdaClient(config).send(new ListFunctionsCommand({})),
    ])
    expect(users.Users?.map(({ UserName }) => UserName)).toContain('build-bot')
    expect(roles.Roles?.map(({ RoleName }) => RoleName)).toContain('web-app')
    expect(policies.Policies).not.toEqual([])
    expect(groups.Groups).not.toEqual([])
    expect(functions.Functions).toMatchObject([{ FunctionName: 'resize-images', Role: expect.stringMatching(/\/web-app$/) }])
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'build-bot' }))
    expect(AccessKeyMetadata).toHaveLength(1)
  })
})

describe('GuardDuty by hand', () => {
  const counted = async () => {
    const { config, account } = atHand()
    const guardduty = new GuardDutyClient(config)
    const { DetectorIds: [DetectorId] = [] } = await guardduty.send(new ListDetectorsCommand({}))
    return { guardduty, DetectorId, account }
  }

  it.each(['ACCOUNT', 'DATE', 'FINDING_TYPE', 'RESOURCE', 'SEVERITY'] as const)('counts all findings by %s', async (GroupBy) => {
    const { guardduty, DetectorId, account } = await counted()
    const { FindingStatistics = {} } = await guardduty.send(
      new GetFindingsStatisticsCommand({ DetectorId, GroupBy, MaxResults: 100 }),
    )
    const groups = Object.values(FindingStatistics).flat() as readonly { readonly TotalFindings: number }[]
    expect(groups.reduce((sum, { TotalFindings }) => sum + TotalFindings, 0)).toBe(account.findings.size)
    const totals = groups.map(({ TotalFindings }) => TotalFindings)
    expect(totals).toEqual([...totals].sort((a, b) => b - a))
  })

  it('counts only the findings that fit the criteria, by severity as before GroupBy', async () => {
    const { guardduty, DetectorId } = await counted()
    const Criterion = { 'resource.accessKeyDetails.accessKeyId': { Equals: ['ASIAXCSEC6TNGZ6EZUUO'] } }
    const asked = { DetectorId, FindingStatisticTypes: ['COUNT_BY_SEVERITY' as const], FindingCriteria: { Criterion } }
    const { FindingStatistics } = await guardduty.send(new GetFindingsStatisticsCommand(asked))
    expect(Object.values(FindingStatistics?.CountBySeverity ?? {}).reduce((a, b) => a + b, 0)).toBe(3)
  })

  it('counts nothing where it is not said by what', async () => {
    const { guardduty, DetectorId } = await counted()
    await expect(guardduty.send(new GetFindingsStatisticsCommand({ DetectorId }))).rejects.toMatchObject({
      name: 'BadRequestException',
    })
  })

  it('takes a finding out of the archive again', async () => {
    const { guardduty, DetectorId, account } = await counted()
    const [id = ''] = account.findings.keys()
    const finding = account.findings.get(id)
    if (finding)
      account.findings.set(id, { ...finding, Service: { ...(finding.Service as object), Archived: true } } as typeof finding)
    await guardduty.send(new UnarchiveFindingsCommand({ DetectorId, FindingIds: [id] }))
    const { Findings } = await guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds: [id] }))
    expect(Findings?.[0]?.Service?.Archived).toBe(false)
  })
})
