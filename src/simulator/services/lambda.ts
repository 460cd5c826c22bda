import type {
  FunctionConfiguration,
  GetFunctionConcurrencyRequest,
  GetFunctionConcurrencyResponse,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  ListAliasesRequest,
  ListAliasesResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
} from '@aws-sdk/client-lambda'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import { regional } from '../account/regional.ts'
import { ServiceError } from '../call.ts'
import { type Page, pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'
import { aliasAnswer, functionChanges } from './lambda/changes.ts'
import { configurationOf, functionNamed, listedConfiguration, onFunction } from './lambda/found.ts'
import { functionPermissions } from './lambda/permissions.ts'
import { provisionedConcurrency } from './lambda/provisioned.ts'
import { functionUrls } from './lambda/urls.ts'

const lambdaPage = <T>(
  account: Account,
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems = 50 }: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
): Page<T> =>
  pageOf({
    ...{ items, keyOf, token: Marker, size: Math.min(MaxItems, account.behaviour.pageSize), boundTo: null },
    refuse: () => new ServiceError('InvalidParameterValueException', 'Invalid Marker.'),
  })

const listFunctions = operation<ListFunctionsRequest, ListFunctionsResponse>({
  run: (account, input) => {
    const { items, nextToken } = lambdaPage(account, [...account.functions.values()], ({ name }) => name, input)
    return { Functions: items.map((one) => listedConfiguration(account, one)), ...given({ NextMarker: nextToken }) }
  },
  writes: false,
})

const getFunction = operation<GetFunctionRequest, GetFunctionResponse>({
  authorize: onFunction('GetFunction'),
  run: (account, { FunctionName, Qualifier }) => {
    const called = functionNamed(account, FunctionName)
    const { reservedConcurrency } = called
    return {
      Configuration: configurationOf(account, called, called.aliases.get(Qualifier ?? '') ?? Qualifier),
      Code: { RepositoryType: 'S3', Location: `https://code.invalid/${called.name}` },
      ...given({
        Concurrency: reservedConcurrency === undefined ? undefined : { ReservedConcurrentExecutions: reservedConcurrency },
      }),
    }
  },
  writes: false,
})

const getFunctionConfiguration = operation<GetFunctionConfigurationRequest, FunctionConfiguration>({
  authorize: onFunction('GetFunctionConfiguration'),
  run: (account, { FunctionName, Qualifier }) => {
    const called = functionNamed(account, FunctionName)
    return configurationOf(account, called, called.aliases.get(Qualifier ?? '') ?? Qualifier)
  },
  writes: false,
})

const listVersionsByFunction = operation<ListVersionsByFunctionRequest, ListVersionsByFunctionResponse>({
  authorize: onFunction('ListVersionsByFunction'),
  run: (account, input) => {
    const called = functionNamed(account, input.FunctionName)
    const versions = ['$LATEST', ...called.versions.map(({ version }) => version)]
    const { items, nextToken } = lambdaPage(account, versions, (version) => version, input)
    return {
      Versions: items.map((version) => listedConfiguration(account, called, version)),
      ...given({ NextMarker: nextToken }),
    }
  },
  writes: false,
})

const listAliases = operation<ListAliasesRequest, ListAliasesResponse>({
  authorize: onFunction('ListAliases'),
  run: (account, input) => {
    const called = functionNamed(account, input.FunctionName)
    const { items, nextToken } = lambdaPage(account, [...called.aliases.keys()], (name) => name, input)
    return { Aliases: items.map((name) => aliasAnswer(account, called, name)), ...given({ NextMarker: nextToken }) }
  },
  writes: false,
})

const getFunctionConcurrency = operation<GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse>({
  authorize: onFunction('GetFunctionConcurrency'),
  run: (account, { FunctionName }) =>
    given({ ReservedConcurrentExecutions: functionNamed(account, FunctionName).reservedConcurrency }),
  writes: false,
})

/** Lambda, as far as a responder looks at functions and renews their environments. Nothing is invoked by a call. */
export const lambda: Service = regional({
  ListFunctions: listFunctions,
  GetFunction: getFunction,
  GetFunctionConfiguration: getFunctionConfiguration,
  ListVersionsByFunction: listVersionsByFunction,
  ListAliases: listAliases,
  GetFunctionConcurrency: getFunctionConcurrency,
  ...provisionedConcurrency,
  ...functionUrls,
  ...functionPermissions,
  ...functionChanges,
})
