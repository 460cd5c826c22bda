import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EarlyHost, EarlyService } from '../../aws/early-sockets.ts'
import type { Request } from '../../incident/entry.ts'
import { findingArnOf } from '../../incident/values/identifiers.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import type { ConnectionRequest } from './connection-request.ts'
import { checkEndpoint, checkTls } from './endpoint.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The requests of a service that are sent at once: the role and the policy that stands on it are two. */
const AT_ONCE: Readonly<Record<EarlyService, number>> = { sts: 1, guardduty: 1, iam: 2 }

const HTTPS = 443

/**
 * The hosts that a response asks before the deny, as far as the command line and the environment name them, and none where a setting
 * may name others: a connection goes only where a request goes too. Throws Failure usage, as the run would, for an endpoint that
 * was not confirmed.
 */
export const earlyHosts = async (
  request: ConnectionRequest,
  finding: Request,
  env: Environment,
): Promise<readonly EarlyHost[]> => {
  checkTls(env)
  const endpoint = checkEndpoint(env, request.endpointUrl)
  const asked = askedBefore(finding, request.home ?? request.regions[0] ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION))
  if (endpoint !== undefined) return asked.flatMap(([service]) => atEndpoint(service, new URL(endpoint)))
  if (!(await isOrdinary(env))) return []
  return asked.flatMap(([service, region]) => earlyHost(service, hostOf(service, region), HTTPS))
}

/** The services that are asked, each with its Region. A list that somebody chooses from is looked at for a while before IAM is asked. */
const askedBefore = (finding: Request, home: string | undefined): readonly (readonly [EarlyService, string])[] => {
  const arn = finding.by === 'finding-id' ? findingArnOf(finding.id) : undefined
  const searched = arn?.region ?? home
  const asked: (readonly [EarlyService, string | undefined])[] = [
    ['sts', home],
    ['guardduty', ['file', 'role', 'session'].includes(finding.by) ? undefined : searched],
    ['iam', ['list', 'instance-id', 'user'].includes(finding.by) ? undefined : home],
  ]
  return asked.flatMap(([service, region]) => (region === undefined ? [] : [[service, region] as const]))
}

const earlyHost = (service: EarlyService, host: string | undefined, port: number): readonly EarlyHost[] =>
  host === undefined ? [] : [{ service, host, port, connections: AT_ONCE[service] }]

/** A plain endpoint needs no handshake: nothing is gained there. */
const atEndpoint = (service: EarlyService, { protocol, hostname, port }: URL): readonly EarlyHost[] =>
  protocol === 'https:' ? earlyHost(service, hostname.replace(/^\[|\]$/g, ''), Number(port) || HTTPS) : []

/** IAM has one host for a whole partition ("AWS Identity and Access Management endpoints and quotas"). Undefined where another rule may hold. */
export const hostOf = (service: EarlyService, region: string): string | undefined => {
  const partition = partitionOf(region)
  if (partition?.id !== 'aws') return undefined
  return service === 'iam' ? `iam.${partition.dnsSuffix}` : `${service}.${region}.${partition.dnsSuffix}`
}

/** Settings of the SDK that lead to other hosts ("AWS SDKs and Tools Reference Guide": endpoints, FIPS, dual stack), wherever they stand. */
const ELSEWHERE = /endpoint|fips|dualstack|dual_stack/i

/** Whether nothing in the environment or the shared files may lead to other hosts than the usual ones. */
const isOrdinary = async (env: Environment): Promise<boolean> => {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, HOME } = env
  if (Object.keys(env).some((name) => name.startsWith('AWS_') && ELSEWHERE.test(name) && env[name] !== '')) return false
  const files = [AWS_CONFIG_FILE ?? inHome(HOME, 'config'), AWS_SHARED_CREDENTIALS_FILE ?? inHome(HOME, 'credentials')]
  const texts = await Promise.all(files.map(textOf))
  return texts.every((text) => text !== undefined && !ELSEWHERE.test(text))
}

const inHome = (home: string | undefined, name: string): string | undefined => (home ? join(home, '.aws', name) : undefined)

/** Undefined where it is not known what stands there. */
const textOf = async (path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : undefined
  }
}
