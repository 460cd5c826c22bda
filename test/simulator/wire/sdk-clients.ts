import * as autoscaling from '@aws-sdk/client-auto-scaling'
import * as cloudtrail from '@aws-sdk/client-cloudtrail'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as cognitoIdentity from '@aws-sdk/client-cognito-identity'
import * as detective from '@aws-sdk/client-detective'
import * as ec2 from '@aws-sdk/client-ec2'
import * as ecs from '@aws-sdk/client-ecs'
import * as eks from '@aws-sdk/client-eks'
import * as elasticloadbalancing from '@aws-sdk/client-elastic-load-balancing-v2'
import * as guardduty from '@aws-sdk/client-guardduty'
import * as iam from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import * as lambda from '@aws-sdk/client-lambda'
import * as organizations from '@aws-sdk/client-organizations'
import * as s3 from '@aws-sdk/client-s3'
import * as ssm from '@aws-sdk/client-ssm'
import * as sts from '@aws-sdk/client-sts'
import type { HttpHandler } from '@smithy/core/protocols'
import * as rolesanywhere from '../../../src/aws/roles-anywhere-client.ts'
import type { ServiceName } from '../../../src/simulator/call.ts'
import { CREDENTIALS } from './wire-builders.ts'

/** As much of an SDK client as every one of them has. */
export interface AnyClient {
  send(command: unknown): Promise<Record<string, unknown>>
  destroy(): void
  readonly config: { readonly protocol: { getShapeId(): string }; readonly protocolSettings: { readonly xmlNamespace?: string } }
}

type ClientConstructor = new (options: object) => AnyClient
type CommandConstructor = new (input: unknown) => unknown

const MODULES: Readonly<Record<ServiceName, readonly [module: object, client: string]>> = {
  autoscaling: [autoscaling, 'AutoScalingClient'],
  cloudtrail: [cloudtrail, 'CloudTrailClient'],
  'cognito-identity': [cognitoIdentity, 'CognitoIdentityClient'],
  detective: [detective, 'DetectiveClient'],
  ec2: [ec2, 'EC2Client'],
  elasticloadbalancing: [elasticloadbalancing, 'ElasticLoadBalancingV2Client'],
  ecs: [ecs, 'ECSClient'],
  eks: [eks, 'EKSClient'],
  kms: [kms, 'KMSClient'],
  lambda: [lambda, 'LambdaClient'],
  logs: [logs, 'CloudWatchLogsClient'],
  guardduty: [guardduty, 'GuardDutyClient'],
  iam: [iam, 'IAMClient'],
  organizations: [organizations, 'OrganizationsClient'],
  rolesanywhere: [rolesanywhere, 'RolesAnywhereClient'],
  s3: [s3, 'S3Client'],
  ssm: [ssm, 'SSMClient'],
  sts: [sts, 'STSClient'],
}

const exported = (service: ServiceName, name: string): unknown => Reflect.get(MODULES[service][0], name)

/** The SDK's own client of a service, with whatever carries its requests. */
export const sdkClient = (service: ServiceName, carrier: { requestHandler: HttpHandler } | { endpoint: string }): AnyClient => {
  const Client = exported(service, MODULES[service][1]) as ClientConstructor
  return new Client({ region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 1, ...carrier })
}

export const sdkCommand = (service: ServiceName, operation: string, input: unknown): unknown => {
  const Command = exported(service, `${operation}Command`) as CommandConstructor
  return new Command(input)
}
