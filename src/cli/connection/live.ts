import { STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { AwsClients } from '../../aws/clients.ts'
import { type AwsClock, createAwsClock, realPassing } from '../../aws/clock.ts'
import type { EarlySockets } from '../../aws/early-sockets.ts'
import { failureOf } from '../../aws/failure.ts'
import { type ClientConfig, openClients, openDetectiveClient, TIME_OUTS } from '../../aws/open-clients.ts'
import { createReadAhead, type ReadAhead } from '../../aws/read-ahead.ts'
import { createWriteGate, type WriteGate } from '../../aws/read-only.ts'
import type { RecordedCall } from '../../aws/recorder.ts'
import type { Setting } from '../../incident/entry.ts'
import { HOUR_SECONDS, MINUTE_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { checkRegion } from '../options.ts'
import type { AwsConnection, CallObserver } from './aws-connection.ts'
import { checkConfiguredEndpoint } from './configured-endpoint.ts'
import type { ConnectionRequest } from './connection-request.ts'
import { checkEndpoint, checkTls, isLoopback } from './endpoint.ts'
import { type CallerIdentity, identify, refuseSomebodyElse } from './identity.ts'
import { checkProfile } from './profile.ts'
import { likelyRegions, type SearchedRegions, searchedRegions } from './regions.ts'
import { waitingFor } from './waiting.ts'

/** What of the process a live connection depends on. */
export interface LiveProcess {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly version: string
  readonly signal: AbortSignal
  /** Connections that were opened before. */
  readonly early?: EarlySockets
}

/** Who follows a live connection. */
export interface LiveListener {
  readonly observer: CallObserver
  /** Gets what is waited for, when that takes long. */
  readonly say: (text: string) => void
  /**
   * Gets the clients as soon as there are credentials, while AWS is still asked who responds: what is sent now is answered at the same time.
   * With it the enabled Regions are not waited for either (`regionsKnown`).
   */
  readonly atOnce?: (clients: ClientsAtOnce) => void
}

/** What can be sent before AWS has said who responds. */
export interface ClientsAtOnce {
  readonly aws: (region: string) => AwsClients
  /** The incident's Region, and those that were named or are enabled in every account of the partition. */
  readonly regions: readonly string[]
  readonly readAhead: ReadAhead
}

/** Opens AWS with the responder's own credentials: the SDK's default chain, a profile, or a role on top of either. */
export const openLive = async (request: ConnectionRequest, live: LiveProcess, listener: LiveListener): Promise<AwsConnection> => {
  const { env } = live
  checkTls(env)
  const endpoint = checkEndpoint(env, request.endpointUrl)
  await checkProfile(request.profile)
  await checkConfiguredEndpoint(env, request)
  const region = await homeFor(request, env)
  const clock = createAwsClock(realPassing, { maySimulate: isLoopback(endpoint), elsewhere: endpoint !== undefined })
  const writeGate = createWriteGate()
  const place = { request, region, endpoint, clock, writeGate, live, listener }
  const likely = likelyRegions(request, region)
  let searched: SearchedRegions = { regions: [region, ...request.regions.slice(1)] }
  let regionsKnown: Promise<void> = Promise.resolve()
  let session = await signIn(place, (clients, readAhead) => {
    regionsKnown = searchedRegions(request, region, clients).then((found) => {
      searched = found
    })
    regionsKnown.catch(() => undefined)
    listener.atOnce?.({ aws: clients, regions: likely, readAhead })
  })
  const { identity } = session
  const aws = (where: string) => session.aws(where)
  if (!listener.atOnce) await regionsKnown
  return {
    ...{ aws, clock, writeGate, regionsKnown },
    likelyRegions: likely,
    get clientConfig() {
      return session.clientConfig
    },
    get regions() {
      return searched.regions
    },
    get regionsNote() {
      return searched.regionsNote
    },
    setting: settingOf(place, identity),
    get responderAccessKeyId() {
      return session.credentials.accessKeyId
    },
    get sessionExpiresAt() {
      const { expiration } = session.credentials
      return expiration && instantOf(expiration)
    },
    signInAgain: async () => {
      const again = await signIn(place)
      refuseSomebodyElse(identity, again.identity)
      session = again
    },
  }
}

const settingOf = ({ request, region, endpoint, clock }: SignInPlace, identity: CallerIdentity): Setting => ({
  accountId: identity.accountId,
  partition: identity.partition,
  region,
  responderArn: identity.arn,
  responderUserId: identity.userId,
  ...given({
    profile: request.profile || undefined,
    detectiveProfile: request.detectiveProfile || undefined,
    endpoint: endpoint || undefined,
  }),
  simulated: clock.simulated(),
})

interface SignInPlace {
  readonly request: ConnectionRequest
  readonly region: string
  readonly endpoint: string | undefined
  readonly clock: AwsClock
  readonly writeGate: WriteGate
  readonly live: LiveProcess
  readonly listener: LiveListener
}

/** Credentials as they are now, and clients that use them: the SDK's own keep theirs for good where these do not say when they end. */
const signIn = async (
  { request, region, endpoint, clock, writeGate, live, listener: { observer, say } }: SignInPlace,
  atOnce?: (aws: (region: string) => AwsClients, readAhead: ReadAhead) => void,
) => {
  const { pid, version, signal, early } = live
  const { profile, detectiveProfile, assumeRole } = request
  const base = { region, endpoint, pid }
  const provider = credentialsFor({ ...base, profile, assumeRole })
  const asked = provider().catch((error: unknown) => {
    throw failureOf(error, 'get credentials')
  })
  const from = assumeRole ? `asking STS in ${region} for credentials of ${assumeRole}` : 'waiting for credentials'
  const credentials = await waitingFor(asked, from, { signal, say })
  const readAhead = createReadAhead(clock.elapsed)
  const clientConfig: ClientConfig = {
    credentials: provider,
    readAhead,
    ...given({ endpoint: endpoint || undefined, early }),
    clock,
    writeGate,
    onCall: (call: RecordedCall) => observer.onCall(call),
    requestCount: { sent: 0 },
    signal,
    version,
  }
  const own = openClients(clientConfig)
  const aws =
    detectiveProfile === undefined
      ? own
      : withDetective(own, { ...clientConfig, credentials: credentialsFor({ ...base, profile: detectiveProfile }) })
  atOnce?.(aws, readAhead)
  const where = `STS in ${region}${endpoint ? ` at ${endpoint}` : ''}`
  const identity = await waitingFor(identify(aws(region), signal), `asking ${where} who responds`, { signal, say })
  return { credentials, clientConfig, aws, identity }
}

/**
 * The clients, with Detective's for the profile of `--detective-profile`: Detective answers only the account that administers a
 * behaviour graph. The credentials are fetched when Detective is asked: a response does not wait for them.
 */
const withDetective = (aws: (region: string) => AwsClients, clientConfig: ClientConfig): ((region: string) => AwsClients) => {
  const opened = new Map<string, AwsClients>()
  return (region) => {
    const clients = opened.get(region) ?? {
      ...aws(region),
      detective: openDetectiveClient(region, clientConfig),
    }
    opened.set(region, clients)
    return clients
  }
}

/** An incident's own Region, `--region`, then AWS_REGION and AWS_DEFAULT_REGION, then the profile's. */
const homeFor = async ({ regions: [first], home, profile }: ConnectionRequest, env: LiveProcess['env']): Promise<string> => {
  const named = home ?? first
  if (named) return named
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name]
    if (region) return checkRegion(region, name)
  }
  try {
    const region = await new STSClient(given({ profile: profile || undefined })).config.region()
    return checkRegion(region, 'the profile’s region')
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure({
      kind: 'usage',
      what: 'no Region is set',
      remedy: 'name one with --region, or set AWS_REGION',
      cause: error,
    })
  }
}

/** Nothing has begun yet, so a credential source that does not answer is given up soon. */
const IMPATIENT = { requestHandler: { ...TIME_OUTS, requestTimeout: 5_000, socketTimeout: 5_000 }, maxAttempts: 2 }

interface CredentialRequest {
  readonly region: string
  readonly endpoint: string | undefined
  readonly pid: number
  readonly profile: string | undefined
  readonly assumeRole?: string | undefined
}

const credentialsFor = ({ region, endpoint, pid, profile, assumeRole }: CredentialRequest): Provider => {
  const clientConfig = { region, ...IMPATIENT, ...given({ endpoint: endpoint || undefined }) }
  // The files are read anew: somebody may have signed in since.
  const own = fromNodeProviderChain({ ...given({ profile: profile || undefined }), clientConfig, ignoreCache: true })
  if (!assumeRole) return memoized(own)
  const params = { RoleArn: assumeRole, RoleSessionName: `ir-cred-${pid}`, DurationSeconds: HOUR_SECONDS }
  return memoized(fromTemporaryCredentials({ masterCredentials: own, params, clientConfig }))
}

type Provider = ReturnType<typeof fromNodeProviderChain>

const FIVE_MINUTES = 5 * MINUTE_MS

/**
 * One set of credentials for the run, fetched again shortly before it ends. Requests that are sent at the same time wait for one fetch:
 * of several at once for credentials that have ended, the SDK's own chain may give one nothing.
 */
const memoized = (provider: Provider): Provider => {
  let current: Awaited<ReturnType<Provider>> | undefined
  let fetching: ReturnType<Provider> | undefined
  return async () => {
    const left = current?.expiration ? current.expiration.getTime() - performance.timeOrigin - performance.now() : Infinity
    if (current && left >= FIVE_MINUTES) return current
    fetching ??= provider().finally(() => {
      fetching = undefined
    })
    current = await fetching
    return current
  }
}
