/** Policy documents of the account that all scenarios share. */
/** A policy document of these statements. */
export const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** A statement that allows actions. */
export const allow = (actions: readonly string[], resource: string | readonly string[] = '*'): object => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resource,
})

const trust = (...principals: readonly object[]): string =>
  policy(...principals.map((Principal) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })))

/** EC2 instances and a Lambda function live on the role. */
export const workloadTrust = trust({ Service: 'ec2.amazonaws.com' }, { Service: 'lambda.amazonaws.com' })

export const accountTrust = (accountId: string): string => trust({ AWS: `arn:aws:iam::${accountId}:root` })

/** What the web application may do: enough to be worth stealing. */
export const workloadPolicy = policy(
  allow(['s3:ListAllMyBuckets', 's3:GetBucketLocation']),
  allow(['s3:ListBucket'], 'arn:aws:s3:::acme-web-uploads'),
  allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::acme-web-uploads/*'),
  allow(['ec2:Describe*']),
)

/** What a build pushes its images with. */
export const buildersPolicy = policy(
  allow(['ecr:GetAuthorizationToken']),
  allow(['ecr:BatchCheckLayerAvailability', 'ecr:CompleteLayerUpload', 'ecr:PutImage'], 'arn:aws:ecr:*:*:repository/acme-*'),
)

export const SSM_CORE_ARN = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'

/** After the managed policy of that name: what the Systems Manager agent needs. */
export const ssmCorePolicy = policy(
  allow([
    'ssm:DescribeAssociation',
    'ssm:GetDocument',
    'ssm:DescribeDocument',
    'ssm:GetManifest',
    'ssm:GetParameter',
    'ssm:GetParameters',
    'ssm:ListAssociations',
    'ssm:ListInstanceAssociations',
    'ssm:PutInventory',
    'ssm:PutComplianceItems',
    'ssm:UpdateAssociationStatus',
    'ssm:UpdateInstanceAssociationStatus',
    'ssm:UpdateInstanceInformation',
  ]),
  allow([
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ]),
  allow([
    'ec2messages:AcknowledgeMessage',
    'ec2messages:DeleteMessage',
    'ec2messages:FailMessage',
    'ec2messages:GetEndpoint',
    'ec2messages:GetMessages',
    'ec2messages:SendReply',
  ]),
)

const LOOKING = [
  'autoscaling:Describe*',
  'cloudtrail:DescribeTrails',
  'cloudtrail:GetTrailStatus',
  'cloudtrail:LookupEvents',
  'cognito-identity:DescribeIdentityPool',
  'detective:GetInvestigation',
  'detective:GetMembers',
  'detective:List*',
  'ec2:Describe*',
  'ec2:GetConsoleOutput',
  'ecs:Describe*',
  'ecs:List*',
  'eks:Describe*',
  'eks:List*',
  'elasticloadbalancing:Describe*',
  'guardduty:Get*',
  'guardduty:List*',
  'iam:GenerateCredentialReport',
  'iam:Get*',
  'iam:List*',
  'iam:SimulateCustomPolicy',
  'iam:SimulatePrincipalPolicy',
  'kms:DescribeKey',
  'kms:ListGrants',
  'kms:ListKeys',
  'lambda:Get*',
  'lambda:List*',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:FilterLogEvents',
  'organizations:Describe*',
  'organizations:List*',
  'rolesanywhere:Get*',
  'rolesanywhere:List*',
  's3:GetBucket*',
  's3:ListAllMyBuckets',
  's3:ListBucket',
  'ssm:DescribeDocument',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  'ssm:GetDocument',
  'ssm:GetServiceSetting',
  'ssm:ListCommandInvocations',
  'ssm:ListCommands',
  'sts:GetAccessKeyInfo',
]

const CHANGING = [
  'cognito-identity:UpdateIdentityPool',
  'detective:StartInvestigation',
  'ec2:AssociateIamInstanceProfile',
  'ec2:AuthorizeSecurityGroupEgress',
  'ec2:AuthorizeSecurityGroupIngress',
  'ec2:CreateSecurityGroup',
  'ec2:CreateSnapshot',
  'autoscaling:EnterStandby',
  'autoscaling:ExitStandby',
  'autoscaling:ResumeProcesses',
  'autoscaling:StartInstanceRefresh',
  'autoscaling:SuspendProcesses',
  'autoscaling:UpdateAutoScalingGroup',
  'ec2:CreateSnapshots',
  'ec2:CreateTags',
  'ec2:DeleteSecurityGroup',
  'ec2:DisassociateIamInstanceProfile',
  'ec2:ModifyInstanceAttribute',
  'ec2:ModifyInstanceMetadataOptions',
  'ec2:ReplaceIamInstanceProfileAssociation',
  'ec2:RevokeSecurityGroupEgress',
  'ec2:RevokeSecurityGroupIngress',
  'ec2:StartInstances',
  'ec2:StopInstances',
  'ecs:StopTask',
  'ecs:UpdateService',
  'eks:CreatePodIdentityAssociation',
  'eks:DeletePodIdentityAssociation',
  'eks:TagResource',
  'guardduty:ArchiveFindings',
  'guardduty:UnarchiveFindings',
  'guardduty:UpdateFindingsFeedback',
  'guardduty:CreateSampleFindings',
  'iam:AttachRolePolicy',
  'iam:CreatePolicy',
  'iam:DeleteLoginProfile',
  'iam:DeletePolicy',
  'iam:DeleteRolePolicy',
  'iam:DeleteUserPolicy',
  'iam:DetachRolePolicy',
  'iam:PassRole',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:UpdateAccessKey',
  'iam:UpdateAssumeRolePolicy',
  'kms:RevokeGrant',
  'lambda:AddPermission',
  'lambda:PublishVersion',
  'lambda:PutFunctionConcurrency',
  'lambda:RemovePermission',
  'lambda:UpdateAlias',
  'lambda:UpdateFunctionConfiguration',
  'lambda:UpdateFunctionUrlConfig',
  'rolesanywhere:DisableProfile',
  'rolesanywhere:EnableProfile',
  's3:DeleteBucketPolicy',
  's3:PutBucketPolicy',
  'ssm:CancelCommand',
  'ssm:CreateDocument',
  'ssm:SendCommand',
]

/** The responder: observe, contain and verify, and never the responder's own role. */
export const responderRolePolicy = (responderRoleArn: string): string =>
  policy(allow(LOOKING), allow(CHANGING), {
    Effect: 'Deny',
    Action: ['iam:DeleteRolePolicy', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
    Resource: responderRoleArn,
  })
