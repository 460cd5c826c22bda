import type { CommonOptions } from './options.ts'
import type { RequestOptions } from './request.ts'

/** The command that goes on with an incident: its journal knows account, endpoint, Region and profile. */
export const resumeCommand = (incident: string, options: CommonOptions): string =>
  commandLine(['ir-cred', 'respond', '--incident', incident], stateOf(options))

/** The command that prints an incident's report. */
export const reportCommandFor = (incident: string, options: CommonOptions): string =>
  commandLine(['ir-cred', 'report', incident], stateOf(options))

/** The command that lists the findings of the account and Regions where this run looked for one. */
export const findingsCommandFor = (options: CommonOptions): string => commandLine(['ir-cred', 'findings'], placeOf(options))

/** The command that asks for the same again, for a run that ended before it had an incident. Approvals have to be given anew. */
export const respondAgain = (finding: string | undefined, options: CommonOptions & RequestOptions): string =>
  commandLine(
    ['ir-cred', 'respond', ...(finding === undefined ? [] : [finding])],
    [
      ['--access-key-id', options.accessKeyId],
      ['--role', options.role],
      ['--instance-id', options.instanceId],
      ...placeOf(options),
    ],
  )

/** The command that plays a drill again; where nobody can be asked, its answers come by flag. */
export const drillAgain = (scenario: string | undefined, options: CommonOptions, interactive: boolean): string =>
  commandLine(
    ['ir-cred', 'drill', ...(scenario === undefined ? [] : [scenario]), ...(interactive ? [] : ['--yes'])],
    stateOf(options),
  )

type Flags = readonly (readonly [flag: string, value: string | undefined])[]

const stateOf = ({ stateDir }: CommonOptions): Flags => [['--state-dir', stateDir]]

const placeOf = (options: CommonOptions): Flags => [
  ...(options.region ?? []).map((name) => ['--region', name] as const),
  ['--profile', options.profile],
  ['--assume-role', options.assumeRole],
  ['--endpoint-url', options.endpointUrl],
  ...stateOf(options),
]

const commandLine = (words: readonly string[], flags: Flags): string =>
  [...words, ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]))].map(quoted).join(' ')

/** A word as a POSIX shell takes it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
