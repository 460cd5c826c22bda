import { artefact, type PersistenceRule } from './artefact.ts'

/** Instances, containers and what opens them. */
export const COMPUTE: readonly PersistenceRule[] = [
  artefact('ec2:RunInstances', 'T1578.002', 'instances {instances}', 'aws ec2 terminate-instances --instance-ids {instances}', {
    undo: 'TerminateInstances',
    note: 'Their volumes are evidence: snapshots come first.',
  }),
  artefact(
    'ec2:RequestSpotInstances',
    'T1578.002',
    'Spot requests {spot}',
    'aws ec2 cancel-spot-instance-requests --spot-instance-request-ids {spot}',
    { undo: 'CancelSpotInstanceRequests', note: 'Their instances are terminated as well.' },
  ),
  artefact(
    'ec2:RequestSpotFleet',
    'T1578.002',
    'Spot fleet {spotFleet}',
    'aws ec2 cancel-spot-fleet-requests --spot-fleet-request-ids {spotFleet} --terminate-instances',
    { undo: 'CancelSpotFleetRequests' },
  ),
  artefact('ec2:CreateFleet', 'T1578.002', 'fleet {fleet}', 'aws ec2 delete-fleets --fleet-ids {fleet} --terminate-instances', {
    undo: 'DeleteFleets',
  }),
  artefact(
    'ec2:CreateLaunchTemplate',
    'T1578.002',
    'launch template {launchTemplate}',
    'aws ec2 delete-launch-template --launch-template-id {launchTemplate}',
    { undo: 'DeleteLaunchTemplate' },
  ),
  ...['CreateKeyPair', 'ImportKeyPair'].map((name) =>
    artefact(`ec2:${name}`, 'T1098.004', 'key pair {keyPair}', 'aws ec2 delete-key-pair --key-name {keyPair}', {
      undo: 'DeleteKeyPair',
    }),
  ),
  artefact(
    'ec2:ModifyInstanceAttribute',
    'T1578.005',
    'other user data on instance {instance}',
    'Write the former user data back while the instance is stopped (aws ec2 modify-instance-attribute --user-data): it runs at the next start.',
    { when: (request) => 'userData' in request || request.attribute === 'userData' },
  ),
  artefact(
    'ec2:ModifyInstanceMetadataOptions',
    'T1578.005',
    'instance {instance}, whose credentials can be fetched without a token',
    'aws ec2 modify-instance-metadata-options --instance-id {instance} --http-tokens required',
    { when: (request) => /"HttpTokens":"optional"/i.test(JSON.stringify(request)) },
  ),
  artefact(
    'ec2:CreateLaunchTemplateVersion',
    'T1578.005',
    'version {launchTemplateVersion} of launch template {launchTemplate}',
    'aws ec2 delete-launch-template-versions --launch-template-id {launchTemplate} --versions {launchTemplateVersion}',
    { undo: 'DeleteLaunchTemplateVersions', note: 'Another version is made the default first.' },
  ),
  artefact(
    'ec2:ModifyLaunchTemplate',
    'T1578.005',
    'another default version of launch template {launchTemplate}',
    'Make the version the default again that was it before (aws ec2 describe-launch-template-versions, modify-launch-template).',
  ),
  artefact(
    'ec2:CreateTrafficMirrorSession',
    'T1040',
    'mirror session {mirror}, which copies the traffic of an instance',
    'aws ec2 delete-traffic-mirror-session --traffic-mirror-session-id {mirror}',
    { undo: 'DeleteTrafficMirrorSession' },
  ),
  artefact(
    'ec2:CreateInstanceConnectEndpoint',
    'T1021',
    'endpoint {connectEndpoint}, a way to private instances from the internet',
    'aws ec2 delete-instance-connect-endpoint --instance-connect-endpoint-id {connectEndpoint}',
    { undo: 'DeleteInstanceConnectEndpoint' },
  ),
  ...['AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation'].map((name) =>
    artefact(
      `ec2:${name}`,
      'T1098.003',
      'another role on an instance, by association {profileAssociation}',
      'aws ec2 disassociate-iam-instance-profile --association-id {profileAssociation}',
      { undo: 'DisassociateIamInstanceProfile' },
    ),
  ),
  ...(['ingress', 'egress'] as const).map((way) => {
    const name = `SecurityGroup${way === 'ingress' ? 'Ingress' : 'Egress'}`
    return artefact(
      `ec2:Authorize${name}`,
      'T1562.007',
      `${way} rules {securityRules} of security group {securityGroup}`,
      `aws ec2 revoke-security-group-${way} --group-id {securityGroup} --security-group-rule-ids {securityRules}`,
      { undo: [`Revoke${name}`, 'DeleteSecurityGroup'] },
    )
  }),
  artefact(
    'ec2:CreateSecurityGroup',
    'T1562.007',
    'security group {securityGroup}',
    'aws ec2 delete-security-group --group-id {securityGroup}',
    { undo: 'DeleteSecurityGroup' },
  ),
  ...['CreateNetworkAclEntry', 'ReplaceNetworkAclEntry', 'DeleteNetworkAclEntry'].map((name) =>
    artefact(
      `ec2:${name}`,
      'T1562.007',
      'another entry of network ACL {networkAcl}',
      'Put the entry back as it was (aws ec2 describe-network-acls, create-network-acl-entry, replace-network-acl-entry).',
    ),
  ),
  artefact(
    'ec2:EnableSerialConsoleAccess',
    'T1021',
    'the serial console of all instances, enabled',
    'aws ec2 disable-serial-console-access',
    { undo: 'DisableSerialConsoleAccess' },
  ),
  ...['SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey'].map((name) =>
    artefact(
      `ec2-instance-connect:${name}`,
      'T1021',
      'an SSH key on instance {instance}, for 60 seconds',
      'Look on the instance for what was done in the session that the key opened.',
    ),
  ),
  artefact(
    'autoscaling:CreateAutoScalingGroup',
    'T1578.002',
    'Auto Scaling group {autoScalingGroup}',
    'aws autoscaling delete-auto-scaling-group --auto-scaling-group-name {autoScalingGroup} --force-delete',
    { undo: 'DeleteAutoScalingGroup' },
  ),
  artefact(
    'autoscaling:CreateLaunchConfiguration',
    'T1578.002',
    'launch configuration {launchConfiguration}',
    'aws autoscaling delete-launch-configuration --launch-configuration-name {launchConfiguration}',
    { undo: 'DeleteLaunchConfiguration' },
  ),
  artefact(
    'ecs:RegisterTaskDefinition',
    'T1610',
    'task definition {taskDefinition}',
    'aws ecs deregister-task-definition --task-definition {taskDefinition}',
    { undo: 'DeregisterTaskDefinition' },
  ),
  artefact(
    'ecs:CreateService',
    'T1610',
    'service {ecsService} on a cluster of ECS',
    'aws ecs delete-service --cluster {ecsCluster} --service {ecsService} --force',
    { undo: 'DeleteService' },
  ),
  artefact(
    'ecs:UpdateService',
    'T1610',
    'another task definition or number of tasks of service {ecsService}',
    'Set the service back to its own task definition (aws ecs update-service --task-definition).',
  ),
  ...['RunTask', 'StartTask'].map((name) =>
    artefact(`ecs:${name}`, 'T1610', 'tasks {ecsTasks}', 'Stop the tasks (aws ecs stop-task), after looking at their images.'),
  ),
  artefact('eks:CreateCluster', 'T1610', 'cluster {cluster}', 'aws eks delete-cluster --name {cluster}', {
    undo: 'DeleteCluster',
  }),
  artefact(
    'ecr:PutImage',
    'T1525',
    'image {imageTag} in repository {repository}',
    'aws ecr batch-delete-image --repository-name {repository} --image-ids imageTag={imageTag}',
    { undo: 'BatchDeleteImage', note: 'Whoever pulls the tag goes back to the image before.' },
  ),
  artefact(
    'lightsail:CreateInstances',
    'T1578.002',
    'instances {lightsail} of Lightsail',
    'Delete them (aws lightsail delete-instance --instance-name), after a snapshot.',
    { undo: 'DeleteInstance' },
  ),
  ...['CreateKeyPair', 'ImportKeyPair'].map((name) =>
    artefact(
      `lightsail:${name}`,
      'T1098.004',
      'key pair {lightsailKey} of Lightsail',
      'aws lightsail delete-key-pair --key-pair-name {lightsailKey}',
      { undo: 'DeleteKeyPair' },
    ),
  ),
  artefact(
    'sagemaker:CreateNotebookInstance',
    'T1578.002',
    'notebook instance {notebook}',
    'aws sagemaker stop-notebook-instance --notebook-instance-name {notebook}',
    { undo: ['StopNotebookInstance', 'DeleteNotebookInstance'] },
  ),
  artefact(
    'glue:CreateDevEndpoint',
    'T1578.002',
    'development endpoint {devEndpoint}',
    'aws glue delete-dev-endpoint --endpoint-name {devEndpoint}',
    { undo: 'DeleteDevEndpoint' },
  ),
]
