import { DetectiveClient } from '@aws-sdk/client-detective'
import { DescribeRegionsCommand } from '@aws-sdk/client-ec2'
import { STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { AwsClients } from '../../aws/clients.ts'
import { createAwsClock, realPassing } from '../../aws/clock.ts'
import { failureOf } from '../../aws/failure.ts'
import { type ClientConfig, openClient, openClients, TIME_OUTS } from '../../aws/open-clients.ts'
import { createWriteGate } from '../../aws/read-only.ts'
import type { RecordedCall } from '../../aws/recorder.ts'
import { HOUR_SECONDS, MINUTE_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Host } from '../host.ts'
import { waitingFor } from '../incident-run/waiting.ts'
import { type CommonOptions, regionsOf } from '../options.ts'
import type { AwsConnection, CallObserver } from './aws-connection.ts'
import { checkEndpoint, checkTls } from './endpoint.ts'
import { identify } from './identity.ts'
import { checkProfile } from './profile.ts'

/** Opens AWS with the responder's own credentials: the SDK's default chain, a profile, or a role on top of either. */
export const openLive = async (host: Host, options: CommonOptions, observer: CallObserver): Promise<AwsConnection> => {
  checkTls(host.env)
  const endpoint = checkEndpoint(host.env, options.endpointUrl)
  await checkProfile(options.profile)
  const [region, ...others] = await regionsFor(host, options)
  const clock = createAwsClock(realPassing)
  const writeGate = createWriteGate()
  const provider = credentialsFor(options, region, endpoint, host.pid)
  const asked = provider().catch((error: unknown) => {
    throw failureOf(error, 'get credentials')
  })
  const { assumeRole } = options
  const from = assumeRole ? `asking STS in ${region} for credentials of ${assumeRole}` : 'waiting for credentials'
  const credentials = await waitingFor(host, options, from, asked)
  const clientConfig = {
    credentials: provider,
    ...(endpoint ? { endpoint } : {}),
    clock,
    writeGate,
    onCall: (call: RecordedCall) => observer.onCall(call),
    signal: host.signal,
    version: host.version,
  }
  const aws = withDetective(openClients(clientConfig), options, (given) => ({
    ...clientConfig,
    credentials: credentialsFor(given, region, endpoint, host.pid),
  }))
  const where = `STS in ${region}${endpoint ? ` at ${endpoint}` : ''}`
  const identity = await waitingFor(host, options, `asking ${where} who responds`, identify(aws(region), host.signal))
  return {
    aws,
    clientConfig,
    clock,
    writeGate,
    regions: options.allRegions ? await enabledRegions(aws, region) : [region, ...others],
    setting: {
      accountId: identity.accountId,
      partition: identity.partition,
      region,
      responderArn: identity.arn,
      responderUserId: identity.userId,
      ...(options.profile ? { profile: options.profile } : {}),
      ...(options.detectiveProfile ? { detectiveProfile: options.detectiveProfile } : {}),
      ...(endpoint ? { endpoint } : {}),
      simulated: clock.simulated(),
    },
    responderAccessKeyId: credentials.accessKeyId,
    ...(credentials.expiration ? { sessionExpiresAt: instantOf(credentials.expiration) } : {}),
  }
}

/**
 * The clients, with Detective's for the profile of `--detective-profile`: only the account that administers a behaviour graph is
 * answered. Its credentials are fetched when Detective is asked: a response does not wait for them.
 */
const withDetective = (
  aws: (region: string) => AwsClients,
  { detectiveProfile }: CommonOptions,
  configFor: (options: CommonOptions) => ClientConfig,
): ((region: string) => AwsClients) => {
  if (detectiveProfile === undefined) return aws
  const clientConfig = configFor({ profile: detectiveProfile })
  const opened = new Map<string, AwsClients>()
  return (region) => {
    const clients = opened.get(region) ?? {
      ...aws(region),
      detective: openClient('detective', DetectiveClient, region, clientConfig),
    }
    opened.set(region, clients)
    return clients
  }
}

/** `--region`, then AWS_REGION and AWS_DEFAULT_REGION, then the profile's. */
const regionsFor = async (host: Host, options: CommonOptions): Promise<readonly [string, ...string[]]> => {
  const [first, ...more] = regionsOf(options)
  if (first) return [first, ...more]
  const fromEnvironment = host.env.AWS_REGION ?? host.env.AWS_DEFAULT_REGION
  if (fromEnvironment) return [fromEnvironment]
  try {
    return [await new STSClient({ ...(options.profile ? { profile: options.profile } : {}) }).config.region()]
  } catch (error) {
    throw new Failure({
      kind: 'usage',
      what: 'no Region is set',
      remedy: 'name one with --region, or set AWS_REGION',
      cause: error,
    })
  }
}

/** Nothing has begun yet: somebody who does not answer is given up soon. */
const IMPATIENT = { requestHandler: { ...TIME_OUTS, requestTimeout: 5_000, socketTimeout: 5_000 }, maxAttempts: 2 }

const credentialsFor = ({ profile, assumeRole }: CommonOptions, region: string, endpoint: string | undefined, pid: number) => {
  const clientConfig = { region, ...IMPATIENT, ...(endpoint ? { endpoint } : {}) }
  const own = fromNodeProviderChain({ ...(profile ? { profile } : {}), clientConfig })
  if (!assumeRole) return memoized(own)
  const params = { RoleArn: assumeRole, RoleSessionName: `ir-cred-${pid}`, DurationSeconds: HOUR_SECONDS }
  return memoized(fromTemporaryCredentials({ masterCredentials: own, params, clientConfig }))
}

type Provider = ReturnType<typeof fromNodeProviderChain>

const FIVE_MINUTES = 5 * MINUTE_MS

/** One set of credentials for the run, fetched again shortly before it ends. */
const memoized = (provider: Provider): Provider => {
  let current: Awaited<ReturnType<Provider>> | undefined
  return async () => {
    const left = current?.expiration ? current.expiration.getTime() - performance.timeOrigin - performance.now() : Infinity
    if (!current || left < FIVE_MINUTES) current = await provider()
    return current
  }
}

const enabledRegions = async (aws: (region: string) => AwsClients, region: string): Promise<readonly string[]> => {
  try {
    const { Regions } = await aws(region).ec2.send(new DescribeRegionsCommand({}))
    const names = (Regions ?? []).flatMap(({ RegionName }) => (RegionName ? [RegionName] : []))
    return [region, ...names.filter((name) => name !== region).sort()]
  } catch (error) {
    throw failureOf(error, 'list the enabled Regions (ec2:DescribeRegions)')
  }
}
