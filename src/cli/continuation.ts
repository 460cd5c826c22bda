import { shellWord } from '../incident/values/shell-word.ts'
import type { RequestOptions } from './incident-run/request.ts'
import type { CommonOptions } from './options.ts'

/** The command that goes on with an incident: its journal knows account, endpoint, Region and profile, but no role to assume. */
export const resumeCommand = (incident: string, options: CommonOptions): string =>
  commandLine('ir-cred', 'respond', '--incident', incident, ...flag('--assume-role', options.assumeRole), ...stateOf(options))

/** The command that asks for the same again in an incident of its own. */
export const openAnew = (again: string, newId: string): string => `${again} --incident ${newId}`

/** The command that prints an incident's report. */
export const reportCommandFor = (incident: string, options: CommonOptions): string =>
  commandLine('ir-cred', 'report', incident, ...stateOf(options))

/** The command that lists the findings of the account and Regions where this run looked for one. */
export const findingsCommandFor = (options: CommonOptions): string => commandLine('ir-cred', 'findings', ...placeOf(options))

/** The command that asks for the same again, for a run that ended before it had an incident. Approvals have to be given anew. */
export const respondAgain = (finding: string | undefined, options: CommonOptions & RequestOptions): string =>
  commandLine(
    'ir-cred',
    'respond',
    ...(finding === undefined ? [] : [finding]),
    ...flag('--access-key-id', options.accessKeyId),
    ...flag('--role', options.role),
    ...flag('--instance-id', options.instanceId),
    ...flag('--detective-profile', options.detectiveProfile),
    ...placeOf(options),
  )

/** The command that plays a drill again; where nobody can be asked, its answers come by flag. */
export const drillAgain = (scenario: string | undefined, options: CommonOptions, interactive: boolean): string =>
  commandLine(
    'ir-cred',
    'drill',
    ...(scenario === undefined ? [] : [scenario]),
    ...(interactive ? [] : ['--yes']),
    ...stateOf(options),
  )

/** The same investigation once more, as it was typed: every option stands for itself. */
export const investigateAgain = (options: object): string =>
  commandLine('ir-cred', 'investigate', ...Object.entries(options).flatMap(([name, value]) => typed(name, value)))

/** commander knows `--no-input` as input: false. */
const typed = (name: string, value: unknown): readonly string[] => {
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  if (value === true) return name === 'input' ? [] : [`--${option}`]
  if (value === false) return [`--no-${option}`]
  if (Array.isArray(value)) return value.flatMap((each) => typed(name, each))
  return value === undefined ? [] : [`--${option}`, String(value)]
}

const placeOf = (options: CommonOptions): readonly string[] => [
  ...(options.region ?? []).flatMap((name) => flag('--region', name)),
  ...(options.allRegions ? ['--all-regions'] : []),
  ...flag('--profile', options.profile),
  ...flag('--assume-role', options.assumeRole),
  ...flag('--endpoint-url', options.endpointUrl),
  ...stateOf(options),
]

const stateOf = ({ stateDir }: CommonOptions): readonly string[] => flag('--state-dir', stateDir)

const flag = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [name, value])

const commandLine = (...words: readonly string[]): string => words.map(shellWord).join(' ')
