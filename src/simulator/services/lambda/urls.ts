import type {
  DeleteFunctionUrlConfigRequest,
  FunctionUrlConfig,
  GetFunctionUrlConfigRequest,
  GetFunctionUrlConfigResponse,
  ListFunctionUrlConfigsRequest,
  ListFunctionUrlConfigsResponse,
  UpdateFunctionUrlConfigRequest,
  UpdateFunctionUrlConfigResponse,
} from '@aws-sdk/client-lambda'
import type { Account } from '../../account/account.ts'
import type { FunctionUrl, LambdaFunction } from '../../account/compute.ts'
import { timeIn } from '../../agenda.ts'
import { functionArn } from '../../compute/function-environment.ts'
import { operation } from '../../service.ts'
import { functionNamed, functionNotFound, onFunction } from './found.ts'

interface Named {
  readonly FunctionName?: string | undefined
  readonly Qualifier?: string | undefined
}

/** The URL of a function, or of an alias of it. Throws ResourceNotFoundException. */
const urlOf = (account: Account, { FunctionName, Qualifier }: Named): { called: LambdaFunction; url: FunctionUrl } => {
  const called = functionNamed(account, FunctionName)
  const url = Qualifier === undefined ? called.url : called.aliasUrls?.get(Qualifier)
  if (!url) throw functionNotFound('The resource you requested does not exist.')
  return { called, url }
}

const setUrl = (called: LambdaFunction, Qualifier: string | undefined, url: FunctionUrl | undefined): void => {
  if (Qualifier === undefined && url) called.url = url
  else if (Qualifier === undefined) delete called.url
  else if (url) called.aliasUrls?.set(Qualifier, url)
  else called.aliasUrls?.delete(Qualifier)
}

const answerOf = (account: Account, { name }: LambdaFunction, url: FunctionUrl, Qualifier?: string) => {
  const { authType, createdAt, changedAt = createdAt } = url
  return {
    FunctionUrl: `https://${name}${Qualifier ?? ''}.lambda-url.${account.region}.on.aws/`,
    FunctionArn: `${functionArn(account, name)}${Qualifier === undefined ? '' : `:${Qualifier}`}`,
    ...{ AuthType: authType, CreationTime: new Date(createdAt).toISOString() },
    LastModifiedTime: new Date(changedAt).toISOString(),
  }
}

const getUrl = operation<GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse>({
  authorize: onFunction('GetFunctionUrlConfig'),
  run: (account, { FunctionName, Qualifier }) => {
    const { called, url } = urlOf(account, { FunctionName, Qualifier })
    return answerOf(account, called, url, Qualifier)
  },
  writes: false,
})

const listUrls = operation<ListFunctionUrlConfigsRequest, ListFunctionUrlConfigsResponse>({
  authorize: onFunction('ListFunctionUrlConfigs'),
  run: (account, { FunctionName }) => {
    const called = functionNamed(account, FunctionName)
    const all: FunctionUrlConfig[] = [...(called.aliasUrls ?? [])].map(([alias, url]) => answerOf(account, called, url, alias))
    return { FunctionUrlConfigs: called.url ? [answerOf(account, called, called.url), ...all] : all }
  },
  writes: false,
})

const updateUrl = operation<UpdateFunctionUrlConfigRequest, UpdateFunctionUrlConfigResponse>({
  authorize: onFunction('UpdateFunctionUrlConfig'),
  run: (account, { FunctionName, Qualifier, AuthType }) => {
    const { called, url } = urlOf(account, { FunctionName, Qualifier })
    const changed = AuthType ? { ...url, authType: AuthType, changedAt: timeIn(account) } : url
    setUrl(called, Qualifier, changed)
    return answerOf(account, called, changed, Qualifier)
  },
  writes: true,
})

const deleteUrl = operation<DeleteFunctionUrlConfigRequest, object>({
  authorize: onFunction('DeleteFunctionUrlConfig'),
  run: (account, { FunctionName, Qualifier }) => {
    setUrl(urlOf(account, { FunctionName, Qualifier }).called, Qualifier, undefined)
    return {}
  },
  writes: true,
})

/** The URLs by which functions and their aliases are called. */
export const functionUrls = {
  GetFunctionUrlConfig: getUrl,
  ListFunctionUrlConfigs: listUrls,
  UpdateFunctionUrlConfig: updateUrl,
  DeleteFunctionUrlConfig: deleteUrl,
}
