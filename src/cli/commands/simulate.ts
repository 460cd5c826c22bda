import { findingsInText } from '../../incident/finding/finding-document.ts'
import { duration, SECOND_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { decodeUtf8 } from '../../incident/values/strict-json.ts'
import type { IssuedCredential } from '../../simulator/account/credentials.ts'
import { runningClock } from '../../simulator/clock.ts'
import type { BuiltScenario } from '../../simulator/scenario-kit/scenario.ts'
import { loadScenario } from '../../simulator/scenarios/catalogue.ts'
import { openAccount } from '../../simulator/serve-account.ts'
import { createDispatcher } from '../../simulator/wire/dispatch.ts'
import { serve } from '../../simulator/wire/http-server.ts'
import { verifySignature } from '../../simulator/wire/signature.ts'
import type { Command } from '../command.ts'
import { readNoConfiguration } from '../connection/no-configuration.ts'
import { type End, STOPPED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { type FileHost, readNamedFile, Unreadable } from '../named-file.ts'
import { type CommonOptions, printable } from '../options.ts'
import { startOf } from '../start-time.ts'

export interface SimulateOptions extends CommonOptions {
  readonly port?: number
  /** Seconds that pass in the account in a real one, 1 to 60. */
  readonly pace?: number
  readonly finding?: string
  readonly at?: string
}

const FAST = 60

/** `ir-cred simulate`: serves a simulated account on 127.0.0.1 until interrupted, for the aws CLI, SDKs and `ir-cred respond`. */
export const simulateCommand: Command<SimulateOptions, [scenario: string | undefined]> = {
  run: async (host, options, scenarioId) => {
    readNoConfiguration(host)
    const { pace = FAST } = options
    const clock = runningClock(startOf(host, options.at), pace, () => performance.now())
    const scenario =
      options.finding === undefined
        ? await loadScenario(scenarioId ?? 'custom-threat-list')
        : await fromFile(options.finding, scenarioId, host)
    const built = scenario.build({ clock, ...given({ region: homeOf(options.region) }) })
    const opened = openAccount(built)
    const dispatch = createDispatcher({
      answer: opened.answer,
      now: () => clock.now(),
      pace,
      authenticate: verifySignature(opened.secretOf),
      onBug: (error) =>
        host.stderr.write(`ir-cred: a bug in the simulated account: ${error instanceof Error ? error.message : String(error)}\n`),
    })
    const server = await listen(dispatch, options.port ?? 0)
    // Actors go on while nobody calls.
    const heartbeat = setInterval(opened.catchUp, 250)
    try {
      printServing(host, options, built, server.endpoint, scenario.id)
      await interrupted(host.signal)
    } finally {
      clearInterval(heartbeat)
      await server.close()
    }
    const announce = (end: End): void => {
      host.stdout.write(options.json ? `${JSON.stringify({ type: 'ended', ...end, writes: opened.writes() })}\n` : '\nstopped\n')
    }
    return { outcome: STOPPED, announce }
  },
}

/** The simulated account's home. Throws Failure usage for several, and for a Region of no known partition. */
const homeOf = ([home, ...others]: readonly string[] = []): string | undefined => {
  if (others.length === 0 && (home === undefined || partitionOf(home))) return home
  const what =
    others.length > 0 ? 'a simulated account has one home Region' : `"${printable(home ?? '')}" is in no partition that is known`
  throw new Failure({ kind: 'usage', what, remedy: 'give one Region, such as --region us-gov-west-1' })
}

const fromFile = async (path: string, scenarioId: string | undefined, host: FileHost) => {
  if (scenarioId !== undefined) {
    throw new Failure({ kind: 'usage', what: 'a scenario and --finding were both given', remedy: 'give one of them' })
  }
  const name = quotedPath(path)
  const bytes = await readNamedFile(path, host).catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error
    throw new Failure({
      kind: 'usage',
      what: `the finding file ${name} cannot be read`,
      why: error.message,
      remedy: 'check its name',
    })
  })
  const { scenarioFromFinding } = await import('../../simulator/scenario-kit/from-finding.ts')
  // Of several findings in the file, the account is built around the first.
  return scenarioFromFinding(findingsInText(decodeUtf8(bytes, name), name)[0])
}

const listen = async (dispatch: Parameters<typeof serve>[0], port: number) => {
  try {
    return await serve(dispatch, { port })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new Failure({
      kind: 'blocked',
      what: `cannot listen on 127.0.0.1:${port}`,
      why: code === 'EADDRINUSE' ? 'another program uses this port' : String(code ?? error),
      remedy: 'choose another with --port, or leave it out to get a free one',
    })
  }
}

const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }: IssuedCredential) => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
})

/** The profiles of other accounts, as they would stand in ~/.aws/credentials. */
const profileLines = ({ investigator, management }: BuiltScenario['cast']): readonly string[] => [
  ...profileOf(
    'security',
    'Detective answers only the account that administers its graph. As a profile, for --detective-profile:',
    investigator,
  ),
  ...profileOf('management', 'Somebody of the organization’s management account, who may call sts:AssumeRoot:', management),
]

const profileOf = (name: string, what: string, credential: IssuedCredential | undefined): readonly string[] =>
  credential === undefined
    ? []
    : [
        ...['', what, `  [${name}]`, `  aws_access_key_id = ${credential.accessKeyId}`],
        `  aws_secret_access_key = ${credential.secretAccessKey}`,
        `  aws_session_token = ${credential.sessionToken ?? ''}`,
      ]

/** The account's time runs faster than the clock on the wall, and so do its credentials run out. */
const goodFor = ({ account, cast: { responder } }: BuiltScenario, pace: number): readonly string[] =>
  responder.expiresAt === undefined
    ? []
    : [
        `They are good for ${duration((responder.expiresAt - account.clock.now()) / SECOND_MS / pace)} of yours, then they expire.`,
      ]

const printServing = (
  host: Host,
  { json, pace = FAST }: SimulateOptions,
  built: BuiltScenario,
  endpoint: string,
  scenario: string,
): void => {
  const { account, cast, findingId } = built
  const credentials = {
    responder: keysOf(cast.responder),
    attacker: keysOf(cast.attacker),
    workload: keysOf(cast.workload),
    ...given({
      investigator: cast.investigator ? keysOf(cast.investigator) : undefined,
      management: cast.management ? keysOf(cast.management) : undefined,
    }),
  }
  const { notes = [], stolenToken } = built
  if (json) {
    host.stdout.write(
      `${JSON.stringify({ type: 'serving', endpoint, region: account.region, scenario, findingId, credentials, ...given({ stolenToken }), ...(notes.length > 0 ? { notes } : {}) })}\n`,
    )
    return
  }
  const { responder } = credentials
  host.stdout.write(
    [
      `Simulated account ${account.id} (${account.alias}), ${account.region}, scenario ${scenario}, at ${endpoint}`,
      // Made of checked names and of placeholders, which are words.
      ...notes,
      '',
      'In another terminal, as the responder (these keys are worth nothing outside this process):',
      `  export AWS_ACCESS_KEY_ID=${responder.accessKeyId}`,
      `  export AWS_SECRET_ACCESS_KEY=${responder.secretAccessKey}`,
      `  export AWS_SESSION_TOKEN=${responder.sessionToken ?? ''}`,
      // Version 1 of the aws CLI, and boto3, know only the second name.
      `  export AWS_REGION=${account.region} AWS_DEFAULT_REGION=${account.region}`,
      `  ${host.commandName} respond ${findingId} --endpoint-url ${endpoint}`,
      `  aws --endpoint-url ${endpoint} guardduty list-detectors`,
      ...goodFor(built, pace),
      ...profileLines(cast),
      '',
      'Ctrl-C stops it. With --json the credentials of the attacker and of a workload are printed too.',
      '',
    ].join('\n'),
  )
}
