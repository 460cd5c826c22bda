import { Command as CommanderCommand, CommanderError, Option } from 'commander'
import { Failure } from '../incident/values/failure.ts'
import { isSecretWord, quoted } from '../incident/values/quoted.ts'
import type { Command, CommandEnding, LastEvent } from './command.ts'
import { endCommand, endingOfError } from './end-command.ts'
import { examplesOf } from './examples.ts'
import { FINISHED, failed } from './exit-code.ts'
import type { Host } from './host.ts'
import { refuseWrongValues } from './option-values.ts'
import { ACCOUNT_OPTIONS, collect, collectPlaces, collectRegions, numberFor, parseDuration, parsePace } from './options.ts'

type Load = () => Promise<Command<object, (string | undefined)[]>>
type Run = (load: Load) => (...args: unknown[]) => Promise<void>

/** Runs one command line to its exit code. The only place where a command's ending becomes an exit code. Throws bugs. */
export const runCommandLine = async (host: Host, argv: readonly string[]): Promise<number> => {
  let ending: CommandEnding | undefined
  const program = createProgram(host, (given) => {
    ending = given
  })
  try {
    refuseSecrets(argv)
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    ending =
      error instanceof CommanderError
        ? endingOfHelp(error, argv)
        : endingOfError(host, error, lastEventOf(argv), argv.includes('--json'))
  }
  if (!ending) throw new Error('the command gave no ending')
  return endCommand(host, ending)
}

/** The commands whose `--json` ends with an event, also where the command line itself is refused: no incident has been named then. */
const lastEventOf = (argv: readonly string[]): LastEvent | undefined =>
  ['respond', 'drill', 'lift'].includes(argv.find((word) => !word.startsWith('-')) ?? '') ? { incident: '' } : undefined

/** commander has printed help or version. It prints help on its own when no command was given. */
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
    .description('Guides you through an incident with stolen AWS credentials: find, revoke, restart, verify, investigate.')
    .version(host.version, '-V, --version')
    .addHelpText('after', `${examplesOf('', host.commandName)}\n\n${EXIT_CODES}`)
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      // endCommand prints it, as every other failure.
      outputError: () => {},
    })

  addRuns(program, run)
  addInvestigation(program, run)
  addTools(program, run)
  addPolicy(program, run)
  program.exitOverride(refuse(program))
  for (const command of program.commands) {
    command.copyInheritedSettings(program).exitOverride(refuse(command))
    refuseWrongValues(command.options)
    command.addHelpText('after', () => examplesOf(command.name(), host.commandName))
  }
  return program
}

/** What commander refuses holds what was typed in single quotes: `unknown option '--foo'`. Its hint names only what it knows. */
const TYPED = /^([^']*(?:'[^']*' argument |value )?)'(.*)'( is invalid[^']*)?$/s
const HINT = /\n\((Did you mean [^()]{1,100}\?)\)$/

const refusalWords = ({ code, message }: CommanderError): { readonly what: string; readonly hint: string | undefined } => {
  const said = message.replace(/^error: /, '')
  const hint = HINT.exec(said.slice(-200))
  const whole = hint ? said.slice(0, -hint[0].length) : said
  // These two are all that is said in words of ours alone, whatever was typed.
  if (code === 'commander.excessArguments' || code.startsWith('commander.missing') || code === 'commander.optionMissingArgument')
    return { what: whole, hint: hint?.[1] }
  const [, before, typed, after = ''] = TYPED.exec(whole) ?? []
  return { what: typed === undefined ? quoted(whole) : `${before}${quoted(typed)}${after}`, hint: hint?.[1] }
}

/** A secret on the command line is in the shell's history by now: it is refused before anything is done with it, and not shown. */
const refuseSecrets = (argv: readonly string[]): void => {
  const at = argv.findIndex(isSecretWord)
  if (at < 0) return
  throw new Failure({
    kind: 'usage',
    what: `word ${at + 1} of the command line looks like a secret`,
    why: 'ir-cred takes no secret keys, session tokens or passwords as arguments',
    remedy:
      'Treat it as exposed: it stands in the shell’s history. Put credentials into a profile (--profile); name a session of 40 characters as role/session',
  })
}

/** Turns commander's refusal into a failure, in commander's words, with the help that lists what is accepted. */
const refuse =
  (command: CommanderCommand) =>
  (error: CommanderError): never => {
    if (/^commander\.(help|version)/.test(error.code)) throw error
    const { what, hint } = refusalWords(error)
    const name = command.parent ? `ir-cred ${command.name()}` : 'ir-cred'
    const help = `\`${name} --help\` lists the arguments and options`
    throw new Failure({ kind: 'usage', what, remedy: hint === undefined ? help : `${hint} ${help}` })
  }

/** The commands that run the runbook, and the simulated account to run it on. */
const addRuns = (program: CommanderCommand, run: Run): void => {
  command(program, 'respond [finding]', 'run the runbook on a real account. finding: id, ARN, JSON file, or - for standard input')
    .option('--access-key-id <id>', 'respond to this access key: its finding, or what CloudTrail and IAM show of it')
    .option('--role <name>', 'respond to this role (name or ARN): its finding, or its sessions in CloudTrail')
    .option('--user <name>', 'respond to this IAM user (name or ARN): its finding, or its keys')
    .option('--instance-id <id>', 'respond to this instance: its finding, or what EC2 issued to it')
    .option('--session <arn>', 'respond to this role session: its finding, or its calls in CloudTrail')
    .option('--reason <text>', 'why you report it: kept in the journal and the report')
    .option('--finding-id <id>', 'of a file that holds several findings: the one to respond to')
    .option('--detective-profile <name>', DETECTIVE_PROFILE)
    .option('--athena <database.table>', 'count the role’s earlier calls in a table of CloudTrail logs with Athena')
    .option('--athena-workgroup <name>', 'the Athena workgroup')
    .option('--athena-output <s3 folder>', 'where Athena writes query results')
    .option('--lake <store>', 'count the role’s earlier calls in a CloudTrail Lake event data store')
    .option('--max-bytes <number>', 'the most bytes that this count may read', numberFor('--max-bytes', BYTES))
    .option('--wait [duration]', 'wait for a finding, newer than those that are there (default 30m)', duration('30m'))
    .action(run(async () => (await import('./commands/respond.ts')).respondCommand))
  withoutAccount(command(program, 'drill [scenario]', 'practise: run the same runbook on a simulated account, without AWS'))
    .option('--list', 'list the scenarios')
    .addOption(new Option('--detective-profile <name>', DETECTIVE_PROFILE).hideHelp())
    .option('--at <time>', 'the time at which the simulated account starts')
    .action(run(async () => (await import('./commands/drill.ts')).drillCommand))
  plain(program, 'simulate [scenario]', 'serve a simulated account on 127.0.0.1, for the aws CLI and SDKs')
    .option('--port <number>', 'the port (default: a free one)', numberFor('--port', PORT))
    .option(
      '--pace <pace>',
      'how fast time passes in the account: fast (60 times real time), real, or a number between',
      parsePace,
    )
    .option('--finding <file>', 'build the account around a finding file')
    .option('--at <time>', 'the time at which the account starts')
    .option('--region <region>', 'the home Region of the account', collectRegions)
    .action(run(async () => (await import('./commands/simulate.ts')).simulateCommand))
}

/** The investigation alone. */
const addInvestigation = (program: CommanderCommand, run: Run): void => {
  aws(plain(program, 'investigate', 'show what a principal did, from CloudTrail’s event history or log files'))
    .option('--access-key-id <id>', 'investigate this access key')
    .option('--role <name>', 'investigate all sessions of this role')
    .option('--session <name>', 'investigate this role session')
    .option('--instance-id <id>', 'investigate the sessions of this instance')
    .option('--ip <address>', 'investigate calls from this IP address')
    .option('--user <name>', 'investigate this IAM user')
    .option('--finding <id>', 'investigate the access key of this finding: id, ARN, or JSON file')
    .option('--incident <id>', 'investigate the access key of this incident')
    .option(
      '--logs <place>',
      'read CloudTrail log files: a folder, a file, - for standard input, or s3://bucket/prefix; repeatable',
      collectPlaces,
    )
    .option('--athena <database.table>', 'query a table of CloudTrail logs with Athena')
    .option('--athena-workgroup <name>', 'the Athena workgroup')
    .option('--athena-output <s3 folder>', 'where Athena writes query results')
    .option('--print-athena-table [s3 place]', 'print the CREATE TABLE statement for a trail’s logs')
    .option('--account <id>', 'an account in the table or the organization’s bucket; repeatable', collect)
    .option('--organization <id>', 'the organization id in the table of an organization trail')
    .option('--lake <store>', 'query a CloudTrail Lake event data store')
    .option('--max-bytes <number>', 'the most bytes that Athena or Lake queries may read', numberFor('--max-bytes', BYTES))
    .option('--threads <number>', 'scan log files with this many threads', numberFor('--threads', THREADS))
    .option('--validate', 'compare the log files of a folder or a bucket with the digest files beside them')
    .option('--cache <folder>', 'cache the contents of log files for the next investigation')
    .option('--detective-profile <name>', DETECTIVE_PROFILE)
    .option('--since <time>', 'only calls at or after this time')
    .option('--until <time>', 'only calls before this time')
    .addOption(
      new Option('--scope <part>', 'only the time before, during or after the finding').choices(['before', 'during', 'after']),
    )
    .option('--baseline-days <number>', 'days of baseline to compare with (default: 45)', numberFor('--baseline-days', DAYS))
    .option('--whole-account', 'read all records of the account, to find what is new in the account')
    .option('--timeline [file]', 'write every call in order to this file, or to standard output')
    .addOption(
      new Option('--timeline-format <format>', 'format of the timeline (default: by the file’s name, or text)').choices([
        ...['text', 'json', 'csv', 'timesketch'],
      ]),
    )
    .option('--unfold', 'list each call of a burst in a text timeline')
    .option('--accounts <file>', 'your list of accounts (.csv or .json) with owner, environment and data class')
    .option('--geoip <file>', 'your country or city database (.mmdb)')
    .option('--asn <file>', 'your network (ASN) database (.mmdb)')
    .option('--full', 'show every row of every list, however long')
    .option('--no-input', 'do not open the interactive chart')
    .option('--plain', 'print lines only, without a chart')
    .option('--quiet', 'do not show progress')
    .action(run(async () => (await import('./commands/investigate.ts')).investigateCommand))
}

const THREADS = { least: 1, most: 64, example: '2', whole: true }
const BYTES = { least: 1, most: Number.MAX_SAFE_INTEGER, example: '1000000000', whole: true }
const DAYS = { least: 0, most: 365, example: '45', whole: true }

/** The other commands. */
const addTools = (program: CommanderCommand, run: Run): void => {
  aws(plain(program, 'findings', 'list GuardDuty findings about credentials, newest first'))
    .option('--access-key-id <id>', 'only findings about this access key')
    .option('--type <text>', 'only finding types that contain this text')
    .option('--min-severity <number>', 'only findings of at least this severity', numberFor('--min-severity', SEVERITY))
    .option('--age <duration>', 'only findings updated within this time', parseDuration)
    .option('--archived', 'include archived findings')
    .option('--all', 'include findings that are not about credentials')
    .action(run(async () => (await import('./commands/findings.ts')).findingsCommand))
  plain(program, 'incidents', 'list the incidents on this machine').action(
    run(async () => (await import('./commands/incidents.ts')).incidentsCommand),
  )
  plain(program, 'report <incident>', 'print the report of an incident')
    .option('--format <format>', 'markdown or json', 'markdown')
    .action(run(async () => (await import('./commands/report.ts')).reportCommand))
  aws(plain(program, 'audit <incident>', 'check that the journal and evidence of an incident are unchanged'))
    .option('--head <hex>', 'check that the journal has this head, from a screen, a report or an earlier audit')
    .option('--cloudtrail', 'compare the journal with CloudTrail, Systems Manager and the tags of the snapshots')
    .action(run(async () => (await import('./commands/audit.ts')).auditCommand))
  aws(plain(program, 'lift <incident>', 'lift what a response changed, once it is safe: earlier policies come back'))
    .option('--reason <text>', 'why it is lifted too early, or while the incident is open: kept in the journal and the report')
    .option('--dry-run', 'show all changes without making them')
    .option('--yes', 'approve all changes')
    .option('--no-input', 'do not ask; changes without approval are declined')
    .option('--plain', 'print lines only, without redrawing the screen')
    .option('--quiet', 'print only what is necessary')
    .option('--verbose', 'print every API call')
    .action(run(async () => (await import('./commands/lift.ts')).liftCommand))
  aws(plain(program, 'doctor', 'check whether you can respond from this machine'))
    .option('--role <role>', 'check the rights to revoke this role, by path and name or ARN; repeatable', collectPlaces)
    .option('--instance-id <id>', 'check the rights to stop, start and ask this instance; repeatable', collect)
    .action(run(async () => (await import('./commands/doctor.ts')).doctorCommand))
}

const addPolicy = (program: CommanderCommand, run: Run): void => {
  plain(
    program,
    'policy [set]',
    'print the IAM policy that a responder needs: respond (all), observe, contain or verify; or lift',
  )
    .option('--account <id>', 'narrow it to this account; repeatable', collect)
    .option('--region <region>', 'narrow it to this Region; repeatable', collectRegions)
    .option('--role <role>', 'allow to revoke this role only, by path and name or ARN; repeatable', collectPlaces)
    .option('--instance-id <id>', 'allow to stop, start and ask this instance only; repeatable', collect)
    .option('--responder-role <role>', 'deny changes of the responder’s own role; repeatable', collectPlaces)
    .option('--admin-role <role>', 'deny changes of this administrator role; repeatable', collectPlaces)
    .option('--aws-documents', 'allow AWS-RunShellScript too, which runs anything as root')
    .option('--document', 'print the Run Command document with the fixed script, to be created in your account')
    .option('--format <format>', 'json or terraform', 'json')
    .action(run(async () => (await import('./commands/policy.ts')).policyCommand))
}

const DETECTIVE_PROFILE = 'the AWS profile of the Detective administrator account'

const PORT = { least: 0, most: 65_535, example: '4599', whole: true }
const SEVERITY = { least: 0, most: 10, example: '4' }

const duration = (fallback: string) => (text: string | true) => parseDuration(text === true ? fallback : text)

const plain = (program: CommanderCommand, name: string, description: string): CommanderCommand =>
  program
    .command(name)
    .description(description)
    .option('--json', 'print one JSON object per line')
    .option('--state-dir <directory>', 'the directory that holds the incidents')

/** A drill accepts the options of a real account, so that you can try a command line, and does not list them. */
const withoutAccount = (command: CommanderCommand): CommanderCommand => {
  for (const option of command.options) if (ACCOUNT_OPTIONS.has(option.attributeName())) option.hideHelp()
  return command
}

const aws = (command: CommanderCommand): CommanderCommand =>
  command
    .option('--region <region>', 'search this Region only; repeatable (default: all enabled Regions)', collectRegions)
    .addOption(new Option('--all-regions', 'search all enabled Regions, beginning with --region').hideHelp())
    .option('--profile <name>', 'the AWS profile to use')
    .option('--assume-role <arn>', 'assume this role first')
    .option('--endpoint-url <url>', 'use this endpoint instead of AWS')

const command = (program: CommanderCommand, name: string, description: string): CommanderCommand =>
  aws(plain(program, name, description))
    .option('--incident <id>', 'continue this incident, or open one with this id')
    .option('--dry-run', 'show all changes without making them')
    .option('--yes', 'approve all changes but a stop that loses data; guards still apply')
    .option('--approve <stages>', 'approve these stages', collect)
    .option('--skip <stages>', 'skip these stages', collect)
    .option('--answers <file>', 'a JSON file with answers to questions')
    .option('--no-input', 'do not ask; changes without approval are declined')
    .addOption(
      new Option(
        '--revoke <reach>',
        'session: deny the stolen session alone; role: every older session of the role (default)',
      ).choices(['session', 'role']),
    )
    .option('--archive', 'archive the finding at the end, if everything is confirmed')
    .option('--proof-wait <duration>', 'how long to wait for CloudTrail to confirm the rotation', parseDuration)
    .option('--plain', 'print lines only, without redrawing the screen')
    .option('--quiet', 'print only what is necessary')
    .option('--verbose', 'print every API call')

const EXIT_CODES = `Exit codes: 0 finished and confirmed, 1 bug, 2 bad input, 3 declined, 4 identity or permission, 5 blocked,
  6 containment not confirmed, 7 AWS unavailable, 130 interrupted.`
