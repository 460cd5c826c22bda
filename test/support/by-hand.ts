import {
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
} from '@aws-sdk/client-iam'
import { AssumeRootCommand, STSClient } from '@aws-sdk/client-sts'
import type { Entry } from '../../src/incident/entry.ts'
import { type ByHand, DECLARATIONS } from '../../src/incident/facts/by-hand.ts'
import type { Responder } from '../../src/response/ports.ts'
import { verifyByHand } from '../../src/response/stages/verify-by-hand.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { ScenarioId } from '../../src/simulator/scenarios/catalogue.ts'
import { flagResponder } from '../../src/terminal/flag-responder.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { outsideClient } from './outside-client.ts'
import { runInMemory } from './run-in-memory.ts'

export const MINUTES = 60
export const HOURS = 3600

/** A response that goes on: each run adds to the same journal. */
export const response = async (id: ScenarioId | BuiltScenario) => {
  const built = typeof id === 'string' ? await buildQuick(id) : id
  const journal: Entry[] = []
  const run = async (declared: readonly (keyof typeof DECLARATIONS)[] = []) => {
    const answers = Object.fromEntries(declared.map((step) => [DECLARATIONS[step], 'done']))
    const responder: Responder = flagResponder({ yes: true, approve: [], skip: [], answers })
    const { result, calls } = await runInMemory({ built, journal, responder, proofWait: 0 })
    const { byHand } = result.incident.facts
    if (!byHand) throw new Error('nothing is done by hand')
    return { result, calls, byHand, states: statesOf(byHand), changed: verifyByHand.changes(result.incident) }
  }
  return { built, journal, run, config: outsideClient(built) }
}

const statesOf = ({ steps }: ByHand) =>
  Object.fromEntries(steps.map(({ id, state, knownBy }) => [id, knownBy === 'declared' ? 'declared' : state]))

export const stepOf = ({ steps }: ByHand, id: string) => steps.find((step) => step.id === id)

export const management = ({ cast }: BuiltScenario) => {
  if (!cast.management) throw new Error('nobody is of the management account')
  return cast.management
}

/** What the run prints for the management account, done with the SDK. */
export const deleteRootCredentials = async (built: BuiltScenario, config: ReturnType<typeof outsideClient>): Promise<void> => {
  const { Credentials } = await new STSClient(config(management(built))).send(
    new AssumeRootCommand({
      TargetPrincipal: built.account.id,
      TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials' },
      DurationSeconds: 900,
    }),
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  const iam = new IAMClient(config({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }))
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({}))
  for (const { AccessKeyId } of AccessKeyMetadata) await iam.send(new DeleteAccessKeyCommand({ AccessKeyId }))
  await iam.send(new DeleteLoginProfileCommand({}))
  const { MFADevices = [] } = await iam.send(new ListMFADevicesCommand({}))
  for (const { SerialNumber } of MFADevices) await iam.send(new DeactivateMFADeviceCommand({ SerialNumber }))
}
