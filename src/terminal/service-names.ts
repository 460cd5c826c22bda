/** AWS's names for the services that ir-cred changes something in, by the prefix of their IAM actions. */
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
  }),
)

/** The service of an IAM action such as `iam:PutRolePolicy`; `AWS` when the action is not known. */
export const serviceNameOf = (operation: string | undefined): string => {
  const prefix = operation?.split(':')[0] ?? ''
  return NAMES.get(prefix) ?? (prefix || 'AWS')
}
