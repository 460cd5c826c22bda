import { type StartedBin, startBin } from './start-bin.ts'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

/** The first line of `ir-cred simulate --json`. */
export interface Serving {
  readonly type: string
  readonly endpoint: string
  readonly region: string
  readonly scenario: string
  readonly findingId: string
  readonly credentials: Readonly<Record<'responder' | 'attacker' | 'workload', Keys>>
}

/** The last line of `ir-cred simulate --json`. */
interface Stopped {
  readonly code: number | null
  readonly ended: { readonly type: string; readonly ending: string; readonly exitCode: number; readonly writes: number }
}

export interface ServedAccount extends Serving {
  /** The environment of somebody who responds from `home`, and has nothing else. */
  responderAt(home: string): Record<string, string>
  /** For an SDK client. */
  configFor(who: keyof Serving['credentials']): { endpoint: string; region: string; credentials: Keys; maxAttempts: number }
  /** Interrupts it and gives its last line. May be called twice. */
  stop(): Promise<Stopped>
}

const PATH = process.env.PATH ?? ''

/** A simulated account, served by a process of its own as a trainee would start it. */
export const serveAccount = async (home: string, args: readonly string[] = []): Promise<ServedAccount> => {
  const server = startBin(['simulate', '--json', ...args], { env: { HOME: home, PATH }, patience: 600_000 })
  const serving: Serving = JSON.parse(await server.line(() => true))
  const { endpoint, region, credentials } = serving
  const { accessKeyId, secretAccessKey, sessionToken } = credentials.responder
  return {
    ...serving,
    responderAt: (home) => ({
      HOME: home,
      PATH,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    }),
    configFor: (who) => ({ endpoint, region, credentials: credentials[who], maxAttempts: 1 }),
    stop: () => stop(server),
  }
}

const stop = async (server: StartedBin): Promise<Stopped> => {
  server.kill('SIGINT')
  const { code } = await server.ended
  return { code, ended: JSON.parse(server.lines.at(-1) ?? '') }
}
