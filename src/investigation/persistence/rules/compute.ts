import { allOrSome, byCreationDate, changed, gone, liveLook, type PersistenceRule, there, unread } from '../rule.ts'

const instances = liveLook('ec2:DescribeInstances', ['instances'], async (_, { reads }, { names }) => {
  const ids = names.instances ?? []
  const { items, incomplete } = await reads.describeInstances(ids)
  if (incomplete !== undefined) return unread(incomplete)
  const states = items.map(({ State }) => String(State?.Name ?? 'no state'))
  const alive = states.filter((state) => state !== 'terminated' && state !== 'shutting-down')
  const shown = `EC2 shows ${states.join(', ')}`
  if (alive.length === 0) return gone(states.length > 0 ? shown : 'EC2 does not show it any more')
  return alive.length === ids.length && alive.every((state) => state !== 'stopped') ? there(shown) : changed(shown)
})

const securityGroupRules = liveLook('ec2:DescribeSecurityGroupRules', ['securityRules'], async (_, { reads }, { names }) => {
  const ids = names.securityRules ?? []
  const { items, incomplete } = await reads.describeSecurityGroupRules(ids)
  return incomplete === undefined ? allOrSome('rule', items.length, ids.length) : unread(incomplete)
})

const openedPorts = (direction: 'ingress' | 'egress', name: 'SecurityGroupIngress' | 'SecurityGroupEgress'): PersistenceRule => ({
  events: [`ec2:Authorize${name}`],
  technique: 'T1562.007',
  left: `${direction} rules {securityRules} of security group {securityGroup}`,
  gravity: direction === 'ingress' ? 'exposure' : 'execution',
  remedy: `aws ec2 revoke-security-group-${direction} --group-id {securityGroup} --security-group-rule-ids {securityRules}`,
  undo: [`Revoke${name}`, 'DeleteSecurityGroup'],
  look: securityGroupRules,
})

/** Instances, containers, and what gives access to them. */
export const COMPUTE_RULES: readonly PersistenceRule[] = [
  {
    events: ['ec2:RunInstances'],
    technique: 'T1578.002',
    left: 'instances {instances}',
    remedy: 'aws ec2 terminate-instances --instance-ids {instances}',
    note: 'Their volumes are evidence: take snapshots first.',
    undo: ['TerminateInstances'],
    look: instances,
  },
  {
    events: ['ec2:RequestSpotInstances'],
    technique: 'T1578.002',
    left: 'Spot requests {spot}',
    remedy: 'aws ec2 cancel-spot-instance-requests --spot-instance-request-ids {spot}',
    note: 'Terminate their instances as well.',
    undo: ['CancelSpotInstanceRequests'],
  },
  {
    events: ['ec2:RequestSpotFleet'],
    technique: 'T1578.002',
    left: 'Spot fleet {spotFleet}',
    remedy: 'aws ec2 cancel-spot-fleet-requests --spot-fleet-request-ids {spotFleet} --terminate-instances',
    undo: ['CancelSpotFleetRequests'],
  },
  {
    events: ['ec2:CreateFleet'],
    technique: 'T1578.002',
    left: 'fleet {fleet}',
    remedy: 'aws ec2 delete-fleets --fleet-ids {fleet} --terminate-instances',
    undo: ['DeleteFleets'],
  },
  {
    events: ['ec2:CreateLaunchTemplate'],
    technique: 'T1578.002',
    left: 'launch template {launchTemplate}',
    remedy: 'aws ec2 delete-launch-template --launch-template-id {launchTemplate}',
    undo: ['DeleteLaunchTemplate'],
  },
  {
    events: ['ec2:CreateKeyPair', 'ec2:ImportKeyPair'],
    technique: 'T1098.004',
    left: 'key pair {keyPair}',
    remedy: 'aws ec2 delete-key-pair --key-name {keyPair}',
    undo: ['DeleteKeyPair'],
    look: liveLook('ec2:DescribeKeyPairs', ['keyPair'], async ({ keyPair }, { reads }, artefact) => {
      const pair = await reads.describeKeyPair(keyPair)
      return pair ? byCreationDate('key pair', pair.CreateTime, artefact) : gone('there is no such key pair')
    }),
  },
  {
    events: ['ec2:ModifyInstanceAttribute'],
    technique: 'T1578.005',
    left: 'user data of instance {instance}, changed',
    remedy:
      'Restore the former user data while the instance is stopped (aws ec2 modify-instance-attribute --user-data). It may run at the next start.',
    when: (request) => 'userData' in request || request.attribute === 'userData',
  },
  {
    events: ['ec2:ModifyInstanceMetadataOptions'],
    technique: 'T1578.005',
    danger: 'defence',
    left: 'metadata options of instance {instance}, changed: IMDSv2 tokens are optional',
    remedy: 'aws ec2 modify-instance-metadata-options --instance-id {instance} --http-tokens required',
    when: (request) => /"HttpTokens":"optional"/i.test(JSON.stringify(request)),
  },
  {
    events: ['ec2:CreateLaunchTemplateVersion'],
    technique: 'T1578.005',
    left: 'version {launchTemplateVersion} of launch template {launchTemplate}',
    remedy: 'aws ec2 delete-launch-template-versions --launch-template-id {launchTemplate} --versions {launchTemplateVersion}',
    note: 'Make another version the default first.',
    undo: ['DeleteLaunchTemplateVersions'],
  },
  {
    events: ['ec2:ModifyLaunchTemplate'],
    technique: 'T1578.005',
    left: 'default version of launch template {launchTemplate}, changed',
    remedy:
      'Make the former default version the default again (aws ec2 describe-launch-template-versions, modify-launch-template).',
  },
  {
    events: ['ec2:CreateTrafficMirrorSession'],
    technique: 'T1040',
    left: 'mirror session {mirror}, which copies the traffic of an instance',
    remedy: 'aws ec2 delete-traffic-mirror-session --traffic-mirror-session-id {mirror}',
    undo: ['DeleteTrafficMirrorSession'],
  },
  {
    events: ['ec2:CreateInstanceConnectEndpoint'],
    technique: 'T1021',
    left: 'endpoint {connectEndpoint}, a way to private instances from the internet',
    remedy: 'aws ec2 delete-instance-connect-endpoint --instance-connect-endpoint-id {connectEndpoint}',
    undo: ['DeleteInstanceConnectEndpoint'],
  },
  {
    events: ['ec2:AssociateIamInstanceProfile', 'ec2:ReplaceIamInstanceProfileAssociation'],
    technique: 'T1098.003',
    left: 'instance profile of an instance, changed by association {profileAssociation}',
    remedy: 'aws ec2 disassociate-iam-instance-profile --association-id {profileAssociation}',
    undo: ['DisassociateIamInstanceProfile'],
  },
  openedPorts('ingress', 'SecurityGroupIngress'),
  openedPorts('egress', 'SecurityGroupEgress'),
  {
    events: ['ec2:CreateSecurityGroup'],
    technique: 'T1562.007',
    left: 'security group {securityGroup}',
    remedy: 'aws ec2 delete-security-group --group-id {securityGroup}',
    undo: ['DeleteSecurityGroup'],
  },
  {
    events: ['ec2:CreateNetworkAclEntry', 'ec2:ReplaceNetworkAclEntry', 'ec2:DeleteNetworkAclEntry'],
    technique: 'T1562.007',
    left: 'entry of network ACL {networkAcl}, changed',
    remedy: 'Restore the entry (aws ec2 describe-network-acls, create-network-acl-entry, replace-network-acl-entry).',
  },
  {
    events: ['ec2:EnableSerialConsoleAccess'],
    technique: 'T1021',
    left: 'serial console access to all instances, enabled',
    remedy: 'aws ec2 disable-serial-console-access',
    undo: ['DisableSerialConsoleAccess'],
  },
  {
    events: ['ec2-instance-connect:SendSSHPublicKey', 'ec2-instance-connect:SendSerialConsoleSSHPublicKey'],
    technique: 'T1021',
    left: 'SSH key on instance {instance} for 60 seconds',
    remedy: 'Examine the instance for what was done with the key.',
  },
  {
    events: ['autoscaling:CreateAutoScalingGroup'],
    technique: 'T1578.002',
    left: 'Auto Scaling group {autoScalingGroup}',
    remedy: 'aws autoscaling delete-auto-scaling-group --auto-scaling-group-name {autoScalingGroup} --force-delete',
    undo: ['DeleteAutoScalingGroup'],
  },
  {
    events: ['autoscaling:CreateLaunchConfiguration'],
    technique: 'T1578.002',
    left: 'launch configuration {launchConfiguration}',
    remedy: 'aws autoscaling delete-launch-configuration --launch-configuration-name {launchConfiguration}',
    undo: ['DeleteLaunchConfiguration'],
  },
  {
    events: ['ecs:RegisterTaskDefinition'],
    technique: 'T1610',
    left: 'task definition {taskDefinition}',
    remedy: 'aws ecs deregister-task-definition --task-definition {taskDefinition}',
    undo: ['DeregisterTaskDefinition'],
  },
  {
    events: ['ecs:CreateService'],
    technique: 'T1610',
    left: 'ECS service {ecsService}',
    remedy: 'aws ecs delete-service --cluster {ecsCluster} --service {ecsService} --force',
    undo: ['DeleteService'],
  },
  {
    events: ['ecs:UpdateService'],
    technique: 'T1610',
    left: 'task definition or task count of ECS service {ecsService}, changed',
    remedy: 'Restore the service’s former task definition (aws ecs update-service --task-definition).',
  },
  {
    events: ['ecs:RunTask', 'ecs:StartTask'],
    technique: 'T1610',
    left: 'tasks {ecsTasks}',
    remedy: 'Examine their images, then stop the tasks (aws ecs stop-task).',
  },
  {
    events: ['eks:CreateCluster'],
    technique: 'T1610',
    left: 'cluster {cluster}',
    remedy: 'aws eks delete-cluster --name {cluster}',
    undo: ['DeleteCluster'],
  },
  {
    events: ['ecr:PutImage'],
    technique: 'T1525',
    left: 'image {imageTag} in repository {repository}',
    remedy: 'aws ecr batch-delete-image --repository-name {repository} --image-ids imageTag={imageTag}',
    note: 'Workloads that pull the tag need the former image again.',
    undo: ['BatchDeleteImage'],
  },
  {
    events: ['lightsail:CreateInstances'],
    technique: 'T1578.002',
    left: 'Lightsail instances {lightsail}',
    remedy: 'Take a snapshot, then delete them (aws lightsail delete-instance --instance-name).',
    undo: ['DeleteInstance'],
  },
  {
    events: ['lightsail:CreateKeyPair', 'lightsail:ImportKeyPair'],
    technique: 'T1098.004',
    left: 'Lightsail key pair {lightsailKey}',
    remedy: 'aws lightsail delete-key-pair --key-pair-name {lightsailKey}',
    undo: ['DeleteKeyPair'],
  },
  {
    events: ['glue:CreateDevEndpoint'],
    technique: 'T1578.002',
    left: 'development endpoint {devEndpoint}',
    remedy: 'aws glue delete-dev-endpoint --endpoint-name {devEndpoint}',
    undo: ['DeleteDevEndpoint'],
  },
]
