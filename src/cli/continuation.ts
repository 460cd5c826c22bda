import type { RunEnd } from '../incident/left-to-do.ts'
import { shellWord } from '../incident/values/shell-word.ts'
import type { ConnectionRequest } from './connection/connection-request.ts'
import type { Host } from './host.ts'
import type { FindingSelectors } from './incident-run/request.ts'
import { type CommonOptions, connectionRequestOf, type RunOptions, type SqlOptions } from './options.ts'

/** What a printed command repeats of this one: where AWS is, and where incidents are kept. */
export interface CommandPlace {
  /** How ir-cred is started here: `ir-cred`, `npx ir-cred`, `node bin/ir-cred.js`. */
  readonly commandName: string
  readonly connection: ConnectionRequest
  readonly stateDir: string | undefined
  /** Where a response counts the role's earlier calls. */
  readonly history?: SqlOptions
}

/** Where this command is run, for the commands that it prints. */
export const commandPlaceOf = ({ commandName }: Pick<Host, 'commandName'>, options: CommonOptions): CommandPlace => ({
  commandName,
  connection: connectionRequestOf(options),
  stateDir: options.stateDir,
})

/** The commands that a run of the runbook prints at its end. */
export interface NextCommands {
  /** The same once more, for a run that ended before it had an incident. */
  readonly again: string
  /** Lists the findings where this run looked for one. */
  readonly findings: string
  resume(incident: string): string
  report(incident: string): string
  /** Takes back what the response to the incident changed. */
  lift(incident: string): string
}

export const nextCommands = (again: string, place: CommandPlace): NextCommands => ({
  again,
  findings: findingsCommandFor(place),
  resume: (incident) => resumeCommand(incident, place),
  report: (incident) => reportCommandFor(incident, place),
  lift: (incident) => liftCommandFor(incident, place),
})

/** The commands that belong to what an incident leaves to do. */
export const endCommands = (commands: NextCommands, incident: string): Required<RunEnd>['commands'] => ({
  resume: commands.resume(incident),
  findingsOn: (key) => `${commands.findings} --access-key-id ${key}`,
  lift: commands.lift(incident),
})

/**
 * The command that resumes an incident: its journal knows account, Region and profile, but no role to assume and no table. An endpoint has
 * to be given again, and stands in the command only if this command line gave it.
 */
export const resumeCommand = (incident: string, place: CommandPlace): string =>
  commandLine(
    place,
    'respond',
    ...['--incident', incident],
    ...flag('--assume-role', place.connection.assumeRole),
    ...historyOf(place),
    ...flag('--endpoint-url', place.connection.endpointUrl),
    ...stateOf(place),
  )

/** The command that lifts what an incident's response changed. As of a response, the journal knows the account, and an endpoint is given again. */
export const liftCommandFor = (incident: string, place: CommandPlace, reason?: string): string =>
  commandLine(
    place,
    ...['lift', incident],
    ...flag('--reason', reason),
    ...flag('--assume-role', place.connection.assumeRole),
    ...flag('--endpoint-url', place.connection.endpointUrl),
    ...stateOf(place),
  )

/** The command that asks for the same again in an incident of its own. */
export const openAnew = (again: string, newId: string): string => `${again} --incident ${newId}`

/** The command that prints an incident's report. */
export const reportCommandFor = (incident: string, place: CommandPlace): string =>
  commandLine(place, 'report', incident, ...stateOf(place))

/** The command that lists the findings of the account and Regions where this run looked for one. */
export const findingsCommandFor = (place: CommandPlace): string => commandLine(place, 'findings', ...connectionOf(place))

/** The command that asks for the same again, for a run that ended before it had an incident. Approvals have to be given anew. */
export const respondAgain = (
  finding: string | undefined,
  { accessKeyId, role, user, instanceId, session, reason, findingId, revoke }: FindingSelectors & Pick<RunOptions, 'revoke'>,
  place: CommandPlace,
): string =>
  commandLine(
    place,
    'respond',
    ...(finding === undefined ? [] : [finding]),
    ...flag('--access-key-id', accessKeyId),
    ...flag('--role', role),
    ...flag('--user', user),
    ...flag('--instance-id', instanceId),
    ...flag('--session', session),
    ...flag('--reason', reason),
    ...flag('--finding-id', findingId),
    ...flag('--revoke', revoke),
    ...flag('--detective-profile', place.connection.detectiveProfile),
    ...historyOf(place),
    ...connectionOf(place),
  )

/** The command that plays a drill again. Without a terminal, its answers come by flag. */
export const drillAgain = (
  scenario: string | undefined,
  place: Pick<CommandPlace, 'commandName' | 'stateDir'>,
  { interactive, revoke }: { readonly interactive: boolean; readonly revoke?: RunOptions['revoke'] | undefined },
): string =>
  commandLine(
    place,
    'drill',
    ...(scenario === undefined ? [] : [scenario]),
    ...flag('--revoke', revoke),
    ...(interactive ? [] : ['--yes']),
    ...stateOf(place),
  )

/** The same investigation once more, as it was typed: every option stands for itself. */
export const investigateAgain = (commandName: string, options: object): string =>
  commandLine({ commandName }, 'investigate', ...Object.entries(options).flatMap(([name, value]) => typed(name, value)))

/** commander knows `--no-input` as input: false. */
const typed = (name: string, value: unknown): readonly string[] => {
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  if (value === true) return name === 'input' ? [] : [`--${option}`]
  if (value === false) return [`--no-${option}`]
  if (Array.isArray(value)) return value.flatMap((each) => typed(name, each))
  return value === undefined ? [] : [`--${option}`, String(value)]
}

const connectionOf = ({ connection, stateDir }: CommandPlace): readonly string[] => [
  ...connection.regions.flatMap((name) => flag('--region', name)),
  ...(connection.allRegions ? ['--all-regions'] : []),
  ...flag('--profile', connection.profile),
  ...flag('--assume-role', connection.assumeRole),
  ...flag('--endpoint-url', connection.endpointUrl),
  ...stateOf({ stateDir }),
]

const historyOf = ({ history = {} }: CommandPlace): readonly string[] => {
  const { athena, athenaWorkgroup, athenaOutput, lake, maxBytes } = history
  return [
    ...flag('--athena', athena),
    ...flag('--athena-workgroup', athenaWorkgroup),
    ...flag('--athena-output', athenaOutput),
    ...flag('--lake', lake),
    ...flag('--max-bytes', maxBytes?.toString()),
  ]
}

const stateOf = ({ stateDir }: Pick<CommandPlace, 'stateDir'>): readonly string[] => flag('--state-dir', stateDir)

const flag = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [name, value])

const commandLine = ({ commandName }: Pick<CommandPlace, 'commandName'>, ...words: readonly string[]): string =>
  [commandName, ...words.map(shellWord)].join(' ')
