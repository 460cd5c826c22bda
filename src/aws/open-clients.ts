import { setMaxListeners } from 'node:events'
import type { AthenaClient } from '@aws-sdk/client-athena'
import { GuardDutyClient } from '@aws-sdk/client-guardduty'
import { IAMClient } from '@aws-sdk/client-iam'
import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { given } from '../incident/values/given.ts'
import { type AnswerLimits, limitAnswers } from './answer-limits.ts'
import { believeOnlyAws } from './answers.ts'
import type { AwsClients } from './clients.ts'
import type { AwsClock } from './clock.ts'
import { deferredClient } from './deferred-client.ts'
import type { EarlyService, EarlySockets } from './early-sockets.ts'
import { judgeExpiry } from './expiry.ts'
import { keepTime, signInTime } from './keep-time.ts'
import type { AnyClient } from './middleware.ts'
import { paceLookups } from './pace.ts'
import type { ReadAhead } from './read-ahead.ts'
import { guardWrites, type WriteGate } from './read-only.ts'
import { type RecordedCall, recordCalls } from './recorder.ts'
import { countRequests, type RequestCount } from './request-count.ts'
import { standardRetries } from './retries.ts'
import type { AnywhereSender } from './roles-anywhere-client.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

export interface ClientConfig {
  readonly credentials: Credentials | (() => Promise<Credentials>)
  readonly endpoint?: string
  /** An in-process transport. Without it: HTTPS with time-outs (the SDK's defaults wait for ever). */
  readonly requestHandler?: object
  readonly clock: AwsClock
  /** Default: those that AWS's answers keep. */
  readonly answerLimits?: AnswerLimits
  readonly writeGate: WriteGate
  readonly onCall: (call: RecordedCall) => void
  /** Counts every request that leaves: a wait keeps its rate by it. */
  readonly requestCount?: RequestCount
  readonly signal: AbortSignal
  readonly version: string
  /** What is sent before anybody asks for it. */
  readonly readAhead?: ReadAhead
  /** Connections that stand already. */
  readonly early?: EarlySockets
}

const MAX_ATTEMPTS = 4
/** Milliseconds. The SDK's own defaults wait for ever. */
export const TIME_OUTS = { connectionTimeout: 3_000, requestTimeout: 20_000, socketTimeout: 10_000, throwOnRequestTimeout: true }

/** Opens the clients of every Region on first use, each with guard, recorder, clock and (CloudTrail) pace. */
export const openClients = (config: ClientConfig): ((region: string) => AwsClients) => {
  const opened = new Map<string, AwsClients>()
  // Every open call, in all Regions, listens to this signal; Node would warn of a leak.
  setMaxListeners(0, config.signal)
  return (region) => {
    const clients = opened.get(region) ?? clientsFor(region, config)
    opened.set(region, clients)
    return clients
  }
}

/** The deny needs the first three. The code of the others is loaded with their first request. */
const clientsFor = (region: string, config: ClientConfig): AwsClients => {
  const sts = openEarlier('sts', STSClient, region, config)
  const judged = <C>(service: string, client: C): C => {
    judgeExpiry(client as unknown as AnyClient, service, sts)
    return client
  }
  const open = <C>(service: string, Client: ClientClass<C>): C => judged(service, openClient(service, Client, region, config))
  const cloudtrail = deferredClient(async () => {
    const client = open('cloudtrail', (await import('@aws-sdk/client-cloudtrail')).CloudTrailClient)
    paceLookups(client as unknown as AnyClient, config.clock, config.signal)
    return client
  })
  config.readAhead?.serve(cloudtrail)
  return {
    guardduty: judged('guardduty', openEarlier('guardduty', GuardDutyClient, region, config)),
    iam: judged('iam', openEarlier('iam', IAMClient, region, config)),
    sts,
    ec2: deferredClient(async () => open('ec2', (await import('@aws-sdk/client-ec2')).EC2Client)),
    ssm: deferredClient(async () => open('ssm', (await import('@aws-sdk/client-ssm')).SSMClient)),
    detective: openDetectiveClient(region, config),
    cloudtrail,
    autoscaling: deferredClient(async () =>
      open('autoscaling', (await import('@aws-sdk/client-auto-scaling')).AutoScalingClient),
    ),
    elasticloadbalancing: deferredClient(async () =>
      open('elasticloadbalancing', (await import('@aws-sdk/client-elastic-load-balancing-v2')).ElasticLoadBalancingV2Client),
    ),
    lambda: deferredClient(async () => open('lambda', (await import('@aws-sdk/client-lambda')).LambdaClient)),
    ecs: deferredClient(async () => open('ecs', (await import('@aws-sdk/client-ecs')).ECSClient)),
    cognitoIdentity: deferredClient(async () =>
      open('cognito-identity', (await import('@aws-sdk/client-cognito-identity')).CognitoIdentityClient),
    ),
    eks: deferredClient(async () => open('eks', (await import('@aws-sdk/client-eks')).EKSClient)),
    kms: deferredClient(async () => open('kms', (await import('@aws-sdk/client-kms')).KMSClient)),
    rolesanywhere: deferredClient(
      async () =>
        open('rolesanywhere', (await import('./roles-anywhere-client.ts')).RolesAnywhereClient) as unknown as AnywhereSender,
    ),
  }
}

/** Opens a client on connections that stand already, where there are any. */
const openEarlier = <C>(service: EarlyService, Client: ClientClass<C>, region: string, config: ClientConfig): C => {
  const { early, requestHandler } = config
  if (early === undefined || requestHandler !== undefined) return openClient(service, Client, region, config)
  return openClient(service, Client, region, { ...config, requestHandler: { ...TIME_OUTS, httpsAgent: early.agentFor(service) } })
}

/** Opens the Detective client of a Region. The SDK's code is loaded with its first request. */
export const openDetectiveClient = (region: string, config: ClientConfig): AwsClients['detective'] =>
  deferredClient(async () => openClient('detective', (await import('@aws-sdk/client-detective')).DetectiveClient, region, config))

const settingsFor = (region: string, config: ClientConfig) => ({
  region,
  credentials: config.credentials,
  maxAttempts: MAX_ATTEMPTS,
  retryStrategy: standardRetries(MAX_ATTEMPTS),
  customUserAgent: [['ir-cred', config.version] as [string, string]],
  requestHandler: (config.requestHandler ?? TIME_OUTS) as never,
  ...given({ endpoint: config.endpoint || undefined }),
})

type ClientClass<C> = new (settings: ReturnType<typeof settingsFor>) => C

/** Opens one client as all are opened: guarded, recorded, timed, and ended with the run. */
export const openClient = <C>(service: string, Client: ClientClass<C>, region: string, config: ClientConfig): C => {
  const client = new Client(settingsFor(region, config))
  const any = client as unknown as AnyClient
  guardWrites(any, service, config.writeGate)
  recordCalls(any, service, config.onCall)
  if (config.requestCount) countRequests(any, config.requestCount)
  keepTime(any, service, config.clock)
  signInTime(client, config.clock)
  believeOnlyAws(any, service, { elsewhere: config.endpoint !== undefined })
  limitAnswers(any, service, config.clock, config.answerLimits)
  endWithRun(client as unknown as Sender, config.signal)
  config.readAhead?.serve(client as unknown as object)
  return client
}

interface Sender {
  send(command: unknown, options?: object): Promise<unknown>
}

/** An interrupted run does not wait for a call without an answer. A write brings its own signal: its outcome is waited for. */
const endWithRun = (client: Sender, abortSignal: AbortSignal): void => {
  const send = client.send.bind(client)
  client.send = async (command, options) => {
    try {
      return await send(command, { abortSignal, ...options })
    } catch (error) {
      // The reason is what ended the run, not that this call was aborted.
      throw abortSignal.aborted && error instanceof Error && error.name === 'AbortError' ? abortSignal.reason : error
    }
  }
}

/** Opens the Athena client of a Region. The SDK's code is loaded here: without --athena it is never loaded. */
export const openAthena = async (region: string, config: ClientConfig): Promise<AthenaClient> => {
  const { AthenaClient } = await import('@aws-sdk/client-athena')
  return openClient('athena', AthenaClient, region, config)
}

/** Opens the client of AWS Organizations. The SDK's code is loaded here, on first use. */
export const openOrganizations = async (region: string, config: ClientConfig): Promise<OrganizationsClient> => {
  const { OrganizationsClient } = await import('@aws-sdk/client-organizations')
  return openClient('organizations', OrganizationsClient, region, config)
}

/** Opens the S3 client of a Region. The SDK's code is loaded here: without a bucket to read it is never loaded. */
export const openS3 = async (region: string, config: ClientConfig): Promise<S3Client> => {
  const { S3Client } = await import('@aws-sdk/client-s3')
  const Client = class extends S3Client {
    constructor(settings: ConstructorParameters<typeof S3Client>[0]) {
      super({
        ...settings,
        // With a custom endpoint, a bucket's name as a subdomain would be another host.
        forcePathStyle: config.endpoint !== undefined,
        // gzip has a checksum of its own, and S3's are computed in JavaScript.
        responseChecksumValidation: 'WHEN_REQUIRED',
      })
    }
  }
  return openClient<S3Client>('s3', Client, region, config)
}
