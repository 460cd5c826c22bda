import type { Operation, Service } from '../service.ts'
import type { Account } from './account.ts'
import { noRegionalHoldings } from './holdings.ts'

/**
 * The account as a Region sees it: everything regional lives in `account.region`, the other Regions hold no more than `elsewhere` says.
 * What belongs to IAM is the same everywhere.
 */
export const inRegion = (account: Account, region: string): Account =>
  region === account.region
    ? account
    : {
        ...account,
        ...noRegionalHoldings(),
        region,
        instances: new Map(),
        volumes: new Map(),
        snapshots: new Map(),
        addresses: new Map(),
        natGateways: new Map(),
        autoScalingGroups: new Map(),
        commands: new Map(),
        documents: new Map(),
        defaultHostManagementRole: { value: '' },
        ...account.elsewhere?.get(region),
      }

const regionalOperation = ({ run, ...operation }: Operation): Operation => ({
  ...operation,
  run: (account, input, caller) => run(inRegion(account, caller.call.region), input, caller),
})

/** The service with each operation working in the Region of the call. */
export const regional = (service: Service): Service =>
  Object.fromEntries(Object.entries(service).map(([name, operation]) => [name, regionalOperation(operation)]))
