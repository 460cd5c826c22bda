import type { AwsClients } from '../../aws/clients.ts'
import { createAwsClock, type Passing } from '../../aws/clock.ts'
import { type ClientConfig, openClients, openDetectiveClient } from '../../aws/open-clients.ts'
import { createWriteGate } from '../../aws/read-only.ts'
import type { RecordedCall } from '../../aws/recorder.ts'
import { given } from '../../incident/values/given.ts'
import type { BuiltScenario } from '../../simulator/scenario-kit/scenario.ts'
import { type OpenAccount, openAccount } from '../../simulator/serve-account.ts'
import { createDispatcher } from '../../simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../simulator/wire/in-process.ts'
import type { Fault } from '../../simulator/wire/message.ts'
import type { AwsConnection, CallObserver } from './aws-connection.ts'
import { identify } from './identity.ts'
import { searchedRegions } from './regions.ts'

export interface SimulatedConnection extends AwsConnection {
  readonly opened: OpenAccount
}

export interface SimulatedOptions {
  readonly signal: AbortSignal
  readonly version: string
  readonly observer: CallObserver
  readonly fault?: Fault
  /** Another way to the account, such as a socket, and how long its answers may take. */
  readonly client?: Pick<Partial<ClientConfig>, 'endpoint' | 'requestHandler' | 'answerLimits'>
  /** Detective is asked with the credentials of the account that administers the graph, where the scenario has one. */
  readonly detectiveProfile?: string
}

/** A built account behind the real wire, in this process: the real SDK in the loop, no socket, no configuration read. */
export const openSimulated = async (built: BuiltScenario, options: SimulatedOptions): Promise<SimulatedConnection> => {
  const opened = openAccount(built)
  const { account } = opened
  const { responder } = built.cast
  const dispatch = createDispatcher({ answer: opened.answer, now: () => account.clock.now(), pace: 1 })
  const clock = createAwsClock(passingOf(opened))
  const writeGate = createWriteGate()
  const { accessKeyId, secretAccessKey, sessionToken } = responder
  const clientConfig = {
    credentials: { accessKeyId, secretAccessKey, ...given({ sessionToken: sessionToken || undefined }) },
    requestHandler: inProcessHandler(dispatch, options.fault ? { fault: options.fault } : {}),
    clock,
    writeGate,
    onCall: (call: RecordedCall) => options.observer.onCall(call),
    requestCount: { sent: 0 },
    signal: options.signal,
    version: options.version,
    ...options.client,
  }
  const aws = withInvestigator(openClients(clientConfig), clientConfig, built, options)
  const identity = await identify(aws(account.region), options.signal)
  return {
    aws,
    clientConfig,
    clock,
    writeGate,
    opened,
    ...(await searchedRegions({ regions: [] }, account.region, aws)),
    setting: {
      accountId: identity.accountId,
      partition: identity.partition,
      region: account.region,
      responderArn: identity.arn,
      responderUserId: identity.userId,
      simulated: true,
      ...given({ detectiveProfile: options.detectiveProfile }),
    },
    responderAccessKeyId: accessKeyId,
    signInAgain: async () => {},
  }
}

/** A drill reads no profiles: any name stands for the one that the scenario has. */
const withInvestigator = (
  aws: (region: string) => AwsClients,
  clientConfig: ClientConfig,
  { cast: { investigator } }: BuiltScenario,
  { detectiveProfile }: SimulatedOptions,
): ((region: string) => AwsClients) => {
  if (detectiveProfile === undefined || !investigator) return aws
  const { accessKeyId, secretAccessKey, sessionToken } = investigator
  const credentials = { accessKeyId, secretAccessKey, ...given({ sessionToken: sessionToken || undefined }) }
  return (region) => ({
    ...aws(region),
    detective: openDetectiveClient(region, { ...clientConfig, credentials }),
  })
}

/** The machine of a drill has the account's time. Waiting moves it, and everything in the account that is due happens meanwhile. */
const passingOf = ({ account, catchUp }: OpenAccount): Passing => ({
  elapsed: () => account.clock.now(),
  machine: () => account.clock.now(),
  pass: async (seconds, signal) => {
    signal.throwIfAborted()
    account.clock.advance(seconds)
    catchUp()
    // Lets Ctrl-C and the screen have their turn between two waits that take no time.
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  },
})
