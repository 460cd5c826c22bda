import { Command as CommanderCommand, CommanderError, Option } from 'commander'
import { Failure } from '../incident/values/failure.ts'
import type { Command, CommandEnding } from './command.ts'
import { endCommand, endingOfError } from './end-command.ts'
import { examplesOf } from './examples.ts'
import { FINISHED, failed } from './exit-code.ts'
import type { Host } from './host.ts'
import { ACCOUNT_OPTIONS, collect, collectPlaces, collectRegions, numberFor, parseDuration } from './options.ts'

type Load = () => Promise<Command<object, (string | undefined)[]>>
type Run = (load: Load) => (...args: unknown[]) => Promise<void>

/** Runs one command line to its exit code. The only place where a command's ending becomes an exit code. Throws bugs. */
export const runCommandLine = async (host: Host, argv: readonly string[]): Promise<number> => {
  let ending: CommandEnding | undefined
  const program = createProgram(host, (given) => {
    ending = given
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    ending = error instanceof CommanderError ? endingOfHelp(error, argv) : endingOfError(host, error)
  }
  if (!ending) throw new Error('the command gave no ending')
  return endCommand(host, ending)
}

/** commander has printed help or version. Help that nobody asked for follows a command line without a command. */
const endingOfHelp = ({ code }: CommanderError, { length }: readonly string[]): CommandEnding =>
  code === 'commander.help' && length === 0 ? { outcome: failed(NO_COMMAND) } : { outcome: FINISHED }

const NO_COMMAND = new Failure({
  kind: 'usage',
  what: 'no command was given',
  remedy: 'name one of the commands above; `ir-cred drill` needs no AWS account',
})

/** All commands on one screen. A command's module is imported when it is run, so that --help stays instant. */
const createProgram = (host: Host, ended: (ending: CommandEnding) => void): CommanderCommand => {
  const run: Run =
    (load) =>
    async (...args) => {
      const parsed = args.pop()
      const options = parsed instanceof CommanderCommand ? parsed.optsWithGlobals() : {}
      const given = args.slice(0, -1) as (string | undefined)[]
      const { run, lastEvent } = await load()
      try {
        ended(await run(host, options, ...given))
      } catch (error) {
        ended(endingOfError(host, error, lastEvent?.(host, options, ...given), options.json))
      }
    }
  const program = new CommanderCommand('ir-cred')
    .description('Walks a responder through stolen AWS credentials: find, revoke, restart, prove, investigate.')
    .version(host.version, '-V, --version')
    .addHelpText('after', `${examplesOf('')}\n\n${EXIT_CODES}`)
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      // Told like every other failure, by its ending.
      outputError: () => {},
    })

  addRuns(program, run)
  addInvestigation(program, run)
  addTools(program, run)
  program.exitOverride(refuse(program))
  for (const command of program.commands) command.copyInheritedSettings(program).exitOverride(refuse(command))
  return program
}

/** What commander refuses, as a failure: in words of its own, with the help that lists what there is. */
const refuse =
  (command: CommanderCommand) =>
  (error: CommanderError): never => {
    if (/^commander\.(help|version)/.test(error.code)) throw error
    const [what = '', hint] = error.message.replace(/^error: /, '').split('\n')
    const name = command.parent ? `ir-cred ${command.name()}` : 'ir-cred'
    const help = `\`${name} --help\` shows what can be typed`
    throw new Failure({ kind: 'usage', what, remedy: hint === undefined ? help : `${hint.slice(1, -1)} ${help}` })
  }

/** The commands that walk the runbook, and the account to walk it on. */
const addRuns = (program: CommanderCommand, run: Run): void => {
  command(program, 'respond [finding]', 'walk the runbook on a real account. finding: id, ARN, JSON file, or - for stdin')
    .option('--access-key-id <id>', 'respond to the finding on this access key')
    .option('--role <name>', 'respond to the finding on this role')
    .option('--instance-id <id>', 'respond to the finding on this instance')
    .option('--detective-profile <name>', DETECTIVE_PROFILE)
    .option('--wait [duration]', 'wait for a finding (default 30m)', duration('30m'))
    .action(run(async () => (await import('./commands/respond.ts')).respondCommand))
  withoutAccount(command(program, 'drill [scenario]', 'train: the same runbook on a simulated account; needs no AWS'))
    .option('--list', 'list the scenarios')
    .addOption(new Option('--detective-profile <name>', DETECTIVE_PROFILE).hideHelp())
    .option('--at <time>', 'begin the simulated account’s time here')
    .action(run(async () => (await import('./commands/drill.ts')).drillCommand))
  plain(program, 'simulate [scenario]', 'serve a simulated account on 127.0.0.1 for the aws CLI and SDKs')
    .option('--port <number>', 'the port (default: a free one)', numberFor('--port', PORT))
    .addOption(new Option('--pace <pace>', 'how fast its time runs: fast is 60 times').choices(['fast', 'real']).default('fast'))
    .option('--finding <file>', 'build the account around a finding file')
    .option('--at <time>', 'begin its time here')
    .action(run(async () => (await import('./commands/simulate.ts')).simulateCommand))
}

/** The investigation alone. */
const addInvestigation = (program: CommanderCommand, run: Run): void => {
  aws(plain(program, 'investigate', 'what somebody did: from AWS’s event history, or from log files'))
    .option('--access-key-id <id>', 'what this key did')
    .option('--role <name>', 'what sessions of this role did')
    .option('--session <name>', 'what this role session did')
    .option('--instance-id <id>', 'what this instance’s sessions did')
    .option('--ip <address>', 'what was called from this address')
    .option('--user <name>', 'what this IAM user did')
    .option('--finding <id>', 'the key of this finding: id, ARN, or JSON file')
    .option('--incident <id>', 'the key of this incident')
    .option('--logs <place>', 'read CloudTrail log files: a folder, a file, or s3://bucket/prefix; several times', collectPlaces)
    .option('--athena <database.table>', 'ask Athena, over a table of CloudTrail logs')
    .option('--athena-workgroup <name>', 'Athena’s workgroup')
    .option('--athena-output <s3 folder>', 'where Athena puts results')
    .option('--print-athena-table [s3 place]', 'print the statement that makes such a table of a trail’s logs')
    .option('--account <id>', 'for that table, or of an organisation’s bucket; several times', collect)
    .option('--organization <id>', 'for that table, of an organisation’s trail')
    .option('--lake <store>', 'ask an event data store of CloudTrail Lake')
    .option('--max-bytes <number>', 'the most bytes that paid queries may read', numberFor('--max-bytes', BYTES))
    .option('--threads <number>', 'scan with so many threads', numberFor('--threads', THREADS))
    .option('--cache <folder>', 'keep what was read of log files, for the next question')
    .option('--detective-profile <name>', DETECTIVE_PROFILE)
    .option('--since <time>', 'only calls from here on')
    .option('--until <time>', 'only calls before')
    .addOption(new Option('--scope <part>', 'the time around the finding').choices(['before', 'during', 'after']))
    .option('--baseline-days <number>', 'days to compare with (default 45)', numberFor('--baseline-days', DAYS))
    .option('--whole-account', 'read every record, to tell what is new for the whole account')
    .option('--accounts <file>', 'your list of accounts (.csv or .json): owner, environment, data class')
    .option('--geoip <file>', 'a country or city database (.mmdb)')
    .option('--asn <file>', 'a network database (.mmdb)')
    .option('--no-input', 'do not open the chart for browsing')
    .option('--plain', 'line by line, no chart')
    .option('--quiet', 'no progress')
    .action(run(async () => (await import('./commands/investigate.ts')).investigateCommand))
}

const THREADS = { least: 1, most: 64, example: '2', whole: true }
const BYTES = { least: 1, most: Number.MAX_SAFE_INTEGER, example: '1000000000', whole: true }
const DAYS = { least: 0, most: 365, example: '45', whole: true }

/** The commands around it. */
const addTools = (program: CommanderCommand, run: Run): void => {
  aws(plain(program, 'findings', 'list findings about credentials, newest first'))
    .option('--access-key-id <id>', 'only on this key')
    .option('--type <text>', 'only types that contain this')
    .option('--min-severity <number>', 'only from this severity on', numberFor('--min-severity', SEVERITY))
    .option('--age <duration>', 'only updated within this time', parseDuration)
    .option('--archived', 'archived ones too')
    .option('--all', 'findings of every kind')
    .action(run(async () => (await import('./commands/findings.ts')).findingsCommand))
  plain(program, 'incidents', 'list the incidents kept on this machine').action(
    run(async () => (await import('./commands/incidents.ts')).incidentsCommand),
  )
  plain(program, 'report <incident>', 'print the report of an incident')
    .option('--format <format>', 'markdown or json', 'markdown')
    .action(run(async () => (await import('./commands/report.ts')).reportCommand))
  plain(program, 'audit <incident>', 'check that the journal and the evidence of an incident are as ir-cred wrote them').action(
    run(async () => (await import('./commands/audit.ts')).auditCommand),
  )
  plain(
    program,
    'policy [set]',
    'print the IAM policy a responder needs: respond (all), or only observe, contain or verify',
  ).action(run(async () => (await import('./commands/policy.ts')).policyCommand))
  aws(plain(program, 'doctor', 'check whether a response could be made from here')).action(
    run(async () => (await import('./commands/doctor.ts')).doctorCommand),
  )
}

const DETECTIVE_PROFILE = 'the AWS profile of the account that administers the Detective graph'

const PORT = { least: 0, most: 65_535, example: '4599', whole: true }
const SEVERITY = { least: 0, most: 10, example: '4' }

const duration = (fallback: string) => (text: string | true) => parseDuration(text === true ? fallback : text)

const plain = (program: CommanderCommand, name: string, description: string): CommanderCommand =>
  program
    .command(name)
    .description(description)
    .addHelpText('after', ({ command }) => examplesOf(command.name()))
    .option('--json', 'one JSON object a line on standard output')
    .option('--state-dir <directory>', 'where incidents are kept')

/** Options of a real account are taken, so that a command line can be tried out, and not advertised. */
const withoutAccount = (command: CommanderCommand): CommanderCommand => {
  for (const option of command.options) if (ACCOUNT_OPTIONS.has(option.attributeName())) option.hideHelp()
  return command
}

const aws = (command: CommanderCommand): CommanderCommand =>
  command
    .option('--region <region>', 'the Region; can be given several times', collectRegions)
    .option('--all-regions', 'every enabled Region')
    .option('--profile <name>', 'the AWS profile to use')
    .option('--assume-role <arn>', 'respond as this role')
    .option('--endpoint-url <url>', 'talk to this endpoint instead of AWS’s')

const command = (program: CommanderCommand, name: string, description: string): CommanderCommand =>
  aws(plain(program, name, description))
    .option('--incident <id>', 'continue this incident, or name a new one')
    .option('--dry-run', 'look at everything, show every change, change nothing')
    .option('--yes', 'approve every change; guards still stand')
    .option('--approve <stages>', 'approve these stages', collect)
    .option('--skip <stages>', 'leave these stages out', collect)
    .option('--answers <file>', 'a JSON file with answers')
    .option('--no-input', 'ask nobody: what is not approved is declined')
    .option('--proof-wait <duration>', 'how long to wait for CloudTrail’s proof', parseDuration)
    .option('--plain', 'line by line, no redrawing')
    .option('--quiet', 'only what must be said')
    .option('--verbose', 'every API call too')

const EXIT_CODES = `Exit codes: 0 finished and seen, 2 bad input, 3 declined, 4 identity or permission, 5 blocked,
  6 containment not confirmed, 7 AWS unavailable, 130 interrupted.`
