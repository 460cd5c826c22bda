import {
  type AliasConfiguration,
  ListProvisionedConcurrencyConfigsCommand,
  type ProvisionedConcurrencyConfigListItem,
} from '@aws-sdk/client-lambda'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { RenewalByHand, RenewedWorkload } from '../../../incident/facts/renewal-fact.ts'
import { readOr } from '../optional-read.ts'
import type { AliasLook, NamedFunction, VersionsSeen } from './function-version.ts'

/** Environments that are kept ready behind a version or an alias. */
export type Provisioned = ProvisionedConcurrencyConfigListItem

/** Seconds that environments which are kept ready are waited for. */
const ALLOCATION_TAKES = 300

/** The environments that are kept ready, once those behind versions from after the cut-off are allocated. */
export const provisionedOf = async (
  { FunctionName }: NamedFunction,
  aliases: readonly AliasConfiguration[],
  { fresh }: VersionsSeen,
  { region, context, unread }: AliasLook,
): Promise<readonly Provisioned[]> => {
  const versions = fresh.map(({ Version = '' }) => Version)
  const names = aliases.filter(({ FunctionVersion = '' }) => versions.includes(FunctionVersion)).map(({ Name = '' }) => Name)
  const isUnderWay = (one: Provisioned) => one.Status === 'IN_PROGRESS' && [...versions, ...names].includes(qualifierOf(one))
  const look = () =>
    wholeList(`provisioned concurrency of ${FunctionName}`, async (Marker) => {
      const asked = new ListProvisionedConcurrencyConfigsCommand({ FunctionName, Marker })
      const { ProvisionedConcurrencyConfigs, NextMarker } = await context.aws(region).lambda.send(asked)
      return { items: ProvisionedConcurrencyConfigs, next: NextMarker }
    })
  const asked = {
    what: `which provisioned concurrency function ${FunctionName} has`,
    operation: 'lambda:ListProvisionedConcurrencyConfigs',
    otherwise: [],
  }
  return readOr(unread, asked, async () => {
    let seen = await look()
    if (context.dryRun || !seen.some(isUnderWay)) return seen
    const what = 'the provisioned concurrency to be allocated'
    await context.settle({ what, kind: 'change-visible', within: ALLOCATION_TAKES }, async () => {
      seen = await look()
      return seen.some(isUnderWay) ? undefined : true
    })
    return seen
  })
}

/** The version or alias behind which they are. */
export const qualifierOf = ({ FunctionArn = '' }: Provisioned): string => FunctionArn.split(':').at(-1) ?? ''

const STATES: Readonly<Record<string, RenewedWorkload['state']>> = {
  READY: 'renewed',
  IN_PROGRESS: 'under-way',
  FAILED: 'failed',
}

/** How far the environments behind an alias are renewed. */
export const provisionedState = (one: Provisioned | undefined): RenewedWorkload['state'] =>
  one === undefined ? 'renewed' : (STATES[one.Status ?? ''] ?? 'under-way')

/** Environments that are kept ready behind a version's own number: nothing but its callers can be pointed elsewhere. */
export const provisionedByHand = (
  { FunctionName }: NamedFunction,
  configs: readonly Provisioned[],
  { old }: VersionsSeen,
  { region, context }: AliasLook,
): readonly RenewalByHand[] =>
  old
    .filter(({ Version }) => configs.some((one) => qualifierOf(one) === Version))
    .map(({ Version = '' }) => ({
      sentence: `version ${Version} of function ${FunctionName} has provisioned concurrency of its own, whose environments keep credentials that are denied. Publish a version, give it the same, and let whoever calls version ${Version} call the new one. Then take it from the old:`,
      command: awsCommandFor(context.setting)(
        `lambda delete-provisioned-concurrency-config --function-name ${FunctionName} --qualifier ${Version}`,
        region,
      ),
      state: 'to-do',
    }))
