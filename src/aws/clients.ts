import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import type { DetectiveClient } from '@aws-sdk/client-detective'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { GuardDutyClient } from '@aws-sdk/client-guardduty'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { STSClient } from '@aws-sdk/client-sts'

/** One SDK client a service, all for one Region and one identity. */
export interface AwsClients {
  readonly guardduty: GuardDutyClient
  readonly iam: IAMClient
  readonly sts: STSClient
  readonly ec2: EC2Client
  readonly ssm: SSMClient
  readonly detective: DetectiveClient
  readonly cloudtrail: CloudTrailClient
  readonly autoscaling: AutoScalingClient
}
