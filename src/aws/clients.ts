import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import type { CognitoIdentityClient } from '@aws-sdk/client-cognito-identity'
import type { DetectiveClient } from '@aws-sdk/client-detective'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { ECSClient } from '@aws-sdk/client-ecs'
import type { EKSClient } from '@aws-sdk/client-eks'
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { GuardDutyClient } from '@aws-sdk/client-guardduty'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { KMSClient } from '@aws-sdk/client-kms'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { STSClient } from '@aws-sdk/client-sts'
import type { AnywhereSender } from './roles-anywhere-client.ts'

/** A client that is opened, and whose code is loaded, with its first request: it sends, and nothing else of it can be used. */
type Sending<C extends { send: unknown }> = Pick<C, 'send'>

/** One SDK client a service, all for one Region and one identity. The deny needs the first three. */
export interface AwsClients {
  readonly guardduty: GuardDutyClient
  readonly iam: IAMClient
  readonly sts: STSClient
  readonly ec2: Sending<EC2Client>
  readonly ssm: Sending<SSMClient>
  readonly detective: Sending<DetectiveClient>
  readonly cloudtrail: Sending<CloudTrailClient>
  readonly autoscaling: Sending<AutoScalingClient>
  readonly elasticloadbalancing: Sending<ElasticLoadBalancingV2Client>
  readonly lambda: Sending<LambdaClient>
  readonly ecs: Sending<ECSClient>
  readonly cognitoIdentity: Sending<CognitoIdentityClient>
  readonly eks: Sending<EKSClient>
  readonly kms: Sending<KMSClient>
  readonly rolesanywhere: AnywhereSender
}
