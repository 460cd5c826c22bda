import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import { openOrganizations } from '../../../src/aws/open-clients.ts'
import type { RecordedCall } from '../../../src/aws/recorder.ts'
import { openSimulated } from '../../../src/cli/connection/simulated.ts'
import type { Account } from '../../../src/simulator/account/account.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { build } from '../../support/scenario.ts'

export const ACCOUNT_ID = '111122223333'

export const policyOf = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

export const allow = (Action: string | readonly string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})

/** The standard scenario, changed by a test, behind the real wire. */
export const askedAccount = async ({
  change = () => {},
  fault,
}: {
  readonly change?: (account: Account, built: BuiltScenario) => void
  readonly fault?: Fault
} = {}) => {
  const built = await build('custom-threat-list')
  change(built.account, built)
  const received: RecordedCall[] = []
  const config = await openSimulated(built, {
    signal: new AbortController().signal,
    version: '0.0.0',
    observer: { onCall: (call) => void received.push(call) },
    ...(fault ? { fault } : {}),
  })
  received.length = 0
  return {
    built,
    iam: config.aws('us-east-1').iam,
    organizations: (): Promise<OrganizationsClient> => openOrganizations('eu-central-1', config.clientConfig),
    asked: () => received.map(({ service, operation }) => `${service}:${operation}`),
  }
}
