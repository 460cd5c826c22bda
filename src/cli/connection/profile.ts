import { loadSharedConfigFiles } from '@smithy/core/config'
import { Failure } from '../../incident/values/failure.ts'
import { quoted } from '../../incident/values/quoted.ts'

/**
 * Refuses a profile that is in neither of the shared files ("Configuration and credential file settings in the AWS CLI"): the SDK
 * would go on to whatever other credentials there are, or only say that it found none. Throws Failure identity.
 */
export const checkProfile = async (name: string | undefined): Promise<void> => {
  if (name === undefined) return
  const { configFile, credentialsFile } = await loadSharedConfigFiles()
  if (Object.hasOwn(configFile, name) || Object.hasOwn(credentialsFile, name)) return
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])].filter((each) => !each.includes('.'))
  throw new Failure({
    kind: 'identity',
    what: `there is no profile ${quoted(name)}`,
    why: 'neither the config nor the credentials file of AWS has one of that name',
    remedy: known.length === 0 ? 'there are none: `aws configure` makes one' : `name one that is there: ${listed(known)}`,
  })
}

const SHOWN = 8

const listed = (names: readonly string[]): string =>
  `${names.slice(0, SHOWN).map(quoted).join(', ')}${names.length > SHOWN ? ', …' : ''}`
