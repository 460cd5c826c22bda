import { loadSharedConfigFiles } from '@smithy/core/config'
import { Failure } from '../../incident/values/failure.ts'
import { quoted } from '../../incident/values/quoted.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import type { ConnectionRequest } from './connection-request.ts'

type Settings = Readonly<Record<string, string | undefined>>

/** An endpoint that stands in the files of AWS's tools. */
interface ConfiguredEndpoint {
  /** Where it stands, as a clause. */
  readonly where: string
  readonly url: string
}

const FILE_URL = 'endpoint_url'
const IGNORE = 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'

/**
 * Refuses an endpoint that stands in `~/.aws/config` or `~/.aws/credentials` and was not given on the command line
 * ("Service-specific endpoints", AWS SDKs and Tools Reference Guide): the SDK would send the responder's credentials there. Looked at
 * are the profiles that this run may use: the environment's, those that were named, and their source profiles, each with its services
 * section. What the SDK ignores is ignored. Throws Failure usage.
 */
export const checkConfiguredEndpoint = async (
  env: Settings,
  { endpointUrl, profile, detectiveProfile }: Pick<ConnectionRequest, 'endpointUrl' | 'profile' | 'detectiveProfile'>,
): Promise<void> => {
  if (endpointUrl !== undefined) return
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true })
  // The SDK prefers the config file where both have a setting.
  const settingsOf = (name: string): Settings => ({ ...own(credentialsFile, name), ...own(configFile, name) })
  const ambient = env.AWS_PROFILE || 'default'
  if ((env[IGNORE] || settingsOf(ambient).ignore_configured_endpoint_urls) === 'true') return
  for (const name of withSources([ambient, profile, detectiveProfile], settingsOf)) {
    const found = endpointIn(name, settingsOf(name), (section) => own(configFile, section))
    if (found) throw unconfirmed(found)
  }
}

const own = (file: Readonly<Record<string, Settings | undefined>>, name: string): Settings | undefined =>
  Object.hasOwn(file, name) ? file[name] : undefined

/** The profiles, and those whose credentials they go on with. */
const withSources = (names: readonly (string | undefined)[], settingsOf: (name: string) => Settings): ReadonlySet<string> => {
  const found = new Set(names.filter((name) => name !== undefined && name !== '') as string[])
  for (const name of found) {
    const source = settingsOf(name).source_profile
    if (source) found.add(source)
  }
  return found
}

const endpointIn = (
  name: string,
  profile: Settings,
  sectionOf: (name: string) => Settings | undefined,
): ConfiguredEndpoint | undefined => {
  const { services } = profile
  if (services) {
    const section = sectionOf(`services.${services}`)
    if (!section) throw noSection(name, services)
    const [first] = Object.entries(section).filter(([key, value]) => value && key.endsWith(`.${FILE_URL}`))
    if (first) return { where: `services section ${quoted(services)} of profile ${quoted(name)}`, url: first[1] ?? '' }
  }
  const url = profile[FILE_URL]
  return url ? { where: `profile ${quoted(name)}`, url } : undefined
}

const unconfirmed = ({ where, url }: ConfiguredEndpoint): Failure => {
  const shown = url.slice(0, 80)
  return new Failure({
    kind: 'usage',
    what: `an endpoint is set for AWS in ${where} (${shown})`,
    why: 'a command that talks to another endpoint than AWS’s must be meant',
    remedy: `confirm it with --endpoint-url ${shellWord(shown)}, or set ${IGNORE}=true to talk to AWS`,
  })
}

const noSection = (profile: string, services: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `profile ${quoted(profile)} names the services section ${quoted(services)}, and the config file of AWS has none of that name`,
    remedy: `correct the profile, or set ${IGNORE}=true to talk to AWS`,
  })
