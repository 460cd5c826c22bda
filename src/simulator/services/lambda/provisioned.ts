import type {
  ListProvisionedConcurrencyConfigsRequest,
  ListProvisionedConcurrencyConfigsResponse,
  PutProvisionedConcurrencyConfigRequest,
  PutProvisionedConcurrencyConfigResponse,
} from '@aws-sdk/client-lambda'
import { MINUTE_MS } from '../../../incident/values/duration.ts'
import type { Account } from '../../account/account.ts'
import type { ProvisionedConcurrency } from '../../account/compute.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { functionArn } from '../../compute/function-environment.ts'
import { operation } from '../../service.ts'
import { configurationOf, functionNamed, onFunction } from './found.ts'

/** How long the environments are made (ms). */
const ALLOCATION_MS = 2 * MINUTE_MS

const answerOf = (account: Account, { requested, since }: ProvisionedConcurrency) => {
  const isReady = timeIn(account) >= since + ALLOCATION_MS
  const made = isReady ? requested : 0
  return {
    RequestedProvisionedConcurrentExecutions: requested,
    AvailableProvisionedConcurrentExecutions: made,
    AllocatedProvisionedConcurrentExecutions: made,
    Status: isReady ? ('READY' as const) : ('IN_PROGRESS' as const),
    LastModified: new Date(since).toISOString().replace('Z', '+0000'),
  }
}

const listConfigs = operation<ListProvisionedConcurrencyConfigsRequest, ListProvisionedConcurrencyConfigsResponse>({
  authorize: onFunction('ListProvisionedConcurrencyConfigs'),
  run: (account, { FunctionName }) => {
    const { name, provisioned = new Map<string, ProvisionedConcurrency>() } = functionNamed(account, FunctionName)
    const configs = [...provisioned].map(([qualifier, one]) => ({
      FunctionArn: `${functionArn(account, name)}:${qualifier}`,
      ...answerOf(account, one),
    }))
    return { ProvisionedConcurrencyConfigs: configs }
  },
  writes: false,
})

const putConfig = operation<PutProvisionedConcurrencyConfigRequest, PutProvisionedConcurrencyConfigResponse>({
  authorize: onFunction('PutProvisionedConcurrencyConfig'),
  run: (account, { FunctionName, Qualifier = '', ProvisionedConcurrentExecutions: requested = 0 }) => {
    const called = functionNamed(account, FunctionName)
    const version = called.aliases.get(Qualifier) ?? Qualifier
    if (version === '$LATEST')
      throw new ServiceError('InvalidParameterValueException', 'Provisioned Concurrency Configs cannot be applied to $LATEST.')
    configurationOf(account, called, version)
    const made = { requested, since: timeIn(account) }
    const provisioned = called.provisioned ?? new Map<string, ProvisionedConcurrency>()
    Object.assign(called, { provisioned: provisioned.set(Qualifier, made) })
    return answerOf(account, made)
  },
  writes: true,
})

/** Environments that are kept ready behind a version or an alias. An alias that points to another version gets them anew. */
export const provisionedConcurrency = {
  ListProvisionedConcurrencyConfigs: listConfigs,
  PutProvisionedConcurrencyConfig: putConfig,
}
