/** AWS's names of the services that ir-cred writes to, by the prefix of their IAM actions. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    iam: 'IAM',
    sts: 'STS',
    ec2: 'EC2',
    ssm: 'Systems Manager',
    guardduty: 'GuardDuty',
    detective: 'Detective',
    cloudtrail: 'CloudTrail',
    autoscaling: 'Auto Scaling',
    elasticloadbalancing: 'Elastic Load Balancing',
    lambda: 'Lambda',
    ecs: 'ECS',
  }),
)

/** The name of an IAM action's service: `IAM` for `iam:PutRolePolicy`. The prefix itself for others, `AWS` without an action. */
export const serviceNameOf = (operation: string | undefined): string => {
  const prefix = operation?.split(':')[0] ?? ''
  return NAMES.get(prefix) ?? (prefix || 'AWS')
}
