import { createInterface } from 'node:readline'
import { runCommandLine } from '../../src/cli/program.ts'
import { memoryHost } from './host.ts'

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

/** A simulated account, served by `ir-cred simulate --json` in this process: a process of its own would take a second to start. */
export const serveAccount = async (home: string, args: readonly string[] = []): Promise<ServedAccount> => {
  const interrupt = new AbortController()
  const { host } = memoryHost({ env: { HOME: home }, signal: interrupt.signal })
  const lines = createInterface(host.stdout as unknown as NodeJS.ReadableStream)[Symbol.asyncIterator]()
  const nextLine = async () => JSON.parse((await lines.next()).value ?? '')
  const running = runCommandLine(host, ['simulate', '--json', ...args])
  const serving: Serving = await nextLine()
  const stop = async (): Promise<Stopped> => {
    interrupt.abort()
    return { code: await running, ended: await nextLine() }
  }
  let stopped: Promise<Stopped> | undefined
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
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
