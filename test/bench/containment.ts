import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Serving } from '../support/served-account.ts'
import { startBin } from '../support/start-bin.ts'
import { interleave, type Variant } from './interleaved.ts'
import { type FrontSettings, startFront } from './latency-front.ts'
import { cpuSoFar, lastOf, lonelyEnvironment } from './measured-process.ts'
import type { BenchSettings } from './settings.ts'
import { type BenchTable, median, ratioBar, shown } from './table.ts'
import { findAws, findPython, outputOf } from './tools.ts'

const ROUND_TRIP_MS = 60
const SERVICE_MS = 20
const PATIENCE_MS = 120_000
const HOURS_MS = 4 * 3_600_000

/** The account that a variant meets, and what the responder has been told of. */
interface Alarm {
  readonly endpoint: string
  readonly key: string
  readonly arn: string
  /** A file with the finding. */
  readonly file: string
  /** An empty folder. */
  readonly stateDir: string
}

interface Contained {
  readonly seconds: number
  /** Seconds of CPU until then; undefined where the system does not tell. */
  readonly cpu: number | undefined
  /** Answered up to and with the revocation. */
  readonly calls: number
  /** The longest that the account took to answer one of them. */
  readonly slowestMs: number
}

interface Tool {
  readonly name: string
  readonly peer?: boolean
  command(alarm: Alarm): readonly string[]
}

interface Certificate {
  readonly tls: FrontSettings['tls']
  readonly env: Readonly<Record<string, string>>
}

/** A certificate for localhost of one's own; without openssl there is none, and no TLS. */
const makeCertificate = (folder: string): Certificate => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '2',
    ...subject,
  ])
  if (made.status !== 0) return { tls: undefined, env: {} }
  return {
    tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') },
    env: { NODE_EXTRA_CA_CERTS: cert, AWS_CA_BUNDLE: cert },
  }
}

const responderEnvironment = ({ region, credentials: { responder } }: Serving, endpoint: string, home: string) => ({
  ...lonelyEnvironment(home),
  AWS_REGION: region,
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: responder.accessKeyId,
  AWS_SECRET_ACCESS_KEY: responder.secretAccessKey,
  AWS_SESSION_TOKEN: responder.sessionToken,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
})

/** The account that all variants meet, one after the other. A new one for each would answer its first calls late, as no service does. */
const serveAccount = async (home: string) => {
  const simulated = startBin(['simulate', '--json', '--pace', 'real', '--state-dir', join(home, 'simulated')], {
    env: lonelyEnvironment(home),
    patience: HOURS_MS,
  })
  const serving: Serving = JSON.parse(await simulated.line((line) => line.includes('"serving"')))
  const stop = async (): Promise<void> => {
    simulated.kill('SIGKILL')
    await simulated.ended
  }
  return { serving, stop }
}

/** Takes the revocation of the run before back, and gives the finding as GuardDuty tells it. */
const resetAccount = (serving: Serving, home: string): string => {
  const reset = ['test/bench/raw-bound.js', 'reset', serving.credentials.attacker.accessKeyId]
  const env = responderEnvironment(serving, serving.endpoint, home)
  const { status, stdout, stderr } = spawnSync(process.execPath, reset, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The simulated account does not answer: ${stderr}`)
  return stdout
}

/** One revocation: the time from the start of the tool until it has been told that the policy was accepted. */
const contain = async (tool: Tool, serving: Serving, home: string, { tls, env: trust }: Certificate): Promise<Contained> => {
  const found = resetAccount(serving, home)
  const stateDir = mkdtempSync(join(home, 'state-'))
  const file = join(stateDir, 'finding.json')
  writeFileSync(file, found)
  const front = await startFront({ account: serving.endpoint, roundTripMs: ROUND_TRIP_MS, serviceMs: SERVICE_MS, tls })
  try {
    const key = serving.credentials.attacker.accessKeyId
    const [command = '', ...args] = tool.command({ endpoint: front.endpoint, key, arn: JSON.parse(found).arn, file, stateDir })
    const env = { ...responderEnvironment(serving, front.endpoint, home), ...trust }
    const begun = performance.now()
    const started = spawn(command, args, {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    })
    let stderr = ''
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const failed = once(started, 'close').then(([status]) => {
      throw new Error(`${tool.name} ended with ${status} and has not revoked: ${lastOf(stderr)}`)
    })
    const accepted = await Promise.race([
      front.call(({ operation, status }) => operation === 'PutRolePolicy' && status === 200),
      failed,
    ])
    const cpu = cpuSoFar(started.pid)
    started.kill('SIGKILL')
    await failed.catch(() => 'It has revoked and was stopped.')
    const calls = front.calls.slice(0, front.calls.indexOf(accepted) + 1)
    const slowestMs = Math.max(...calls.map(({ tookMs }) => tookMs))
    return { seconds: (accepted.answeredAt - begun) / 1000, cpu, calls: calls.length, slowestMs }
  } finally {
    front.close()
  }
}

const RAW = 'raw bound, by ARN'
const OURS = 'ir-cred, by ARN'
const BOTO3 = 'boto3, by ARN'
const BOTO3_KEY = 'boto3, by access key'
const CLI = 'aws CLI, by ARN'
const CLI_KEY = 'aws CLI, by access key'

const irCred = (finding: readonly string[], { endpoint, stateDir }: Alarm): readonly string[] => [
  process.execPath,
  'bin/ir-cred.js',
  'respond',
  ...finding,
  '--yes',
  '--endpoint-url',
  endpoint,
  '--state-dir',
  stateDir,
]

const OWN_TOOLS: readonly Tool[] = [
  { name: RAW, command: ({ arn }) => [process.execPath, 'test/bench/raw-bound.js', 'arn', arn] },
  { name: OURS, command: (alarm) => irCred([alarm.arn], alarm) },
  { name: 'ir-cred, by a file with the finding', command: (alarm) => irCred([alarm.file], alarm) },
  { name: 'raw bound, by access key', command: ({ key }) => [process.execPath, 'test/bench/raw-bound.js', 'key', key] },
  { name: 'ir-cred, by access key', command: (alarm) => irCred(['--access-key-id', alarm.key], alarm) },
]

const peerTools = (): { tools: Tool[]; notes: string[] } => {
  const python = findPython()
  const boto3 = python === undefined ? undefined : outputOf(python, ['-c', 'import boto3; print(boto3.__version__)'])
  const aws = findAws(python)
  const tools: Tool[] = []
  const notes: string[] = []
  if (python === undefined || boto3 === undefined) notes.push('python3 with boto3 is not here.')
  else {
    const procedure = [python, 'test/bench/boto3-procedure.py']
    tools.push({ name: BOTO3, peer: true, command: ({ arn }) => [...procedure, 'arn', arn] })
    tools.push({ name: BOTO3_KEY, peer: true, command: ({ key }) => [...procedure, 'key', key] })
    notes.push(`boto3 ${boto3}.`)
  }
  if (aws === undefined) notes.push('The aws CLI is not here.')
  else {
    const procedure = ['sh', 'test/bench/aws-cli-procedure.sh', aws]
    tools.push({ name: CLI, peer: true, command: ({ arn }) => [...procedure, 'arn', arn] })
    tools.push({ name: CLI_KEY, peer: true, command: ({ key }) => [...procedure, 'key', key] })
    notes.push(`${(outputOf(aws, ['--version']) ?? '').split(' ')[0]}.`)
  }
  return { tools, notes }
}

/** How long a stolen session stays usable after the tool was started: until PutRolePolicy has been accepted. */
export const containmentTable = async (settings: BenchSettings): Promise<BenchTable> => {
  const home = mkdtempSync(join(settings.scratch, 'home-'))
  const certificate = makeCertificate(home)
  const { tools, notes } = settings.peers ? peerTools() : { tools: [], notes: [] }
  if (certificate.tls === undefined) notes.push('openssl is not here: measured over HTTP, without TLS.')
  const { serving, stop } = await serveAccount(home)
  const variants: Variant<Contained>[] = [...OWN_TOOLS, ...tools].map((tool) => ({
    ...tool,
    run: () => contain(tool, serving, home, certificate),
  }))
  const { measured, notes: failures } = await interleave(variants, settings).finally(stop)
  const secondsOf = (name: string): readonly number[] => (measured.get(name) ?? []).map(({ seconds }) => seconds)
  const bar = (name: string, atMost: number) => ratioBar(`${OURS} ÷ ${name}`, atMost, secondsOf(OURS), secondsOf(name))
  return {
    header: ['tool and what it is given', 'median s', 'minimum s', `÷ ${RAW}`, 'CPU s', 'calls', 'slowest answer ms'],
    rows: [...measured].map(([name, seen]) => [
      name,
      shown(median(secondsOf(name))),
      shown(Math.min(...secondsOf(name))),
      shown(median(secondsOf(name)) / median(secondsOf(RAW))),
      shown(median(seen.map(({ cpu }) => cpu ?? Number.NaN))),
      `${median(seen.map(({ calls }) => calls))}`,
      shown(median(seen.map(({ slowestMs }) => slowestMs)), 0),
    ]),
    bars: [bar(RAW, 1.8), bar(BOTO3, 0.55), bar(BOTO3_KEY, 0.55), bar(CLI, 0.18), bar(CLI_KEY, 0.18)],
    notes: [`Medians of ${settings.runs} interleaved runs.`, ...notes, ...failures],
  }
}
