import { createHash } from 'node:crypto'
import type {
  AliasConfiguration,
  Concurrency,
  DeleteFunctionConcurrencyRequest,
  FunctionConfiguration,
  PublishVersionRequest,
  PutFunctionConcurrencyRequest,
  UpdateAliasRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda'
import type { Account } from '../../account/account.ts'
import type { LambdaFunction } from '../../account/compute.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { functionArn } from '../../compute/function-environment.ts'
import { uuidFrom } from '../../records/record.ts'
import { operation } from '../../service.ts'
import { configurationOf, functionNamed, functionNotFound, onFunction } from './found.ts'

const refuseOtherRevision = (called: Pick<LambdaFunction, 'revisionId'>, RevisionId: string | undefined): void => {
  if (RevisionId === undefined || RevisionId === called.revisionId) return
  throw new ServiceError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction API to retrieve the latest Revision Id',
    412,
  )
}

/** "Any change": environments that are older than it are not used any more, and a new one gets new credentials. */
const changed = (account: Account, called: LambdaFunction): void => {
  called.changedAt = timeIn(account)
  called.revisionId = uuidFrom(account.random)
}

const updateFunctionConfiguration = operation<UpdateFunctionConfigurationRequest, FunctionConfiguration>({
  authorize: onFunction('UpdateFunctionConfiguration'),
  run: (account, input) => {
    const called = functionNamed(account, input.FunctionName)
    refuseOtherRevision(called, input.RevisionId)
    if (input.Role !== undefined)
      throw new ServiceError('InvalidParameterValueException', 'The simulated account does not change the role of a function.')
    called.description = input.Description ?? called.description
    called.memorySize = input.MemorySize ?? called.memorySize
    called.timeout = input.Timeout ?? called.timeout
    called.environment = input.Environment?.Variables ?? called.environment
    called.runtime = input.Runtime ?? called.runtime
    called.handler = input.Handler ?? called.handler
    called.layers = input.Layers ?? called.layers
    changed(account, called)
    return configurationOf(account, called)
  },
  writes: true,
})

const publishVersion = operation<PublishVersionRequest, FunctionConfiguration>({
  authorize: onFunction('PublishVersion'),
  run: (account, { FunctionName, RevisionId, CodeSha256, Description }) => {
    const called = functionNamed(account, FunctionName)
    refuseOtherRevision(called, RevisionId)
    if (CodeSha256 !== undefined && CodeSha256 !== called.codeSha256)
      throw new ServiceError('InvalidParameterValueException', `CodeSHA256 (${CodeSha256}) is different from current CodeSHA256`)
    const last = called.versions.at(-1)
    // Without a change since the last version, that one is given again.
    if (last && last.publishedAt >= called.changedAt) return configurationOf(account, called, last.version)
    const { roleName, codeSha256, runtime, handler, memorySize, timeout, environment, layers } = called
    const settings = { runtime, handler, memorySize, timeout, environment, layers }
    const version = String(called.versions.length + 1)
    called.versions.push({
      ...{ version, roleName, codeSha256, publishedAt: timeIn(account) },
      settings: { ...settings, description: Description ?? called.description },
    })
    return configurationOf(account, called, version)
  },
  writes: true,
})

/** An alias as Lambda gives it. */
export const aliasAnswer = (account: Account, called: LambdaFunction, name: string): AliasConfiguration => {
  const version = called.aliases.get(name)
  if (version === undefined) throw functionNotFound(`Cannot find alias arn: ${functionArn(account, called.name)}:${name}`)
  const AliasArn = `${functionArn(account, called.name)}:${name}`
  return { AliasArn, Name: name, FunctionVersion: version, Description: '', RevisionId: revisionOfAlias(called, name) }
}

/** Another one whenever the alias points elsewhere. */
const revisionOfAlias = ({ name, aliases }: LambdaFunction, alias: string): string =>
  createHash('sha256')
    .update(`${name}:${alias}:${aliases.get(alias)}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

const updateAlias = operation<UpdateAliasRequest, AliasConfiguration>({
  authorize: onFunction('UpdateAlias'),
  run: (account, { FunctionName, Name = '', FunctionVersion, RevisionId }) => {
    const called = functionNamed(account, FunctionName)
    aliasAnswer(account, called, Name)
    refuseOtherRevision({ revisionId: revisionOfAlias(called, Name) }, RevisionId)
    if (FunctionVersion !== undefined) {
      configurationOf(account, called, FunctionVersion)
      called.aliases.set(Name, FunctionVersion)
      const provisioned = called.provisioned?.get(Name)
      if (provisioned) called.provisioned?.set(Name, { ...provisioned, since: timeIn(account) })
    }
    return aliasAnswer(account, called, Name)
  },
  writes: true,
})

const putFunctionConcurrency = operation<PutFunctionConcurrencyRequest, Concurrency>({
  authorize: onFunction('PutFunctionConcurrency'),
  run: (account, { FunctionName, ReservedConcurrentExecutions = 0 }) => {
    functionNamed(account, FunctionName).reservedConcurrency = ReservedConcurrentExecutions
    return { ReservedConcurrentExecutions }
  },
  writes: true,
})

const deleteFunctionConcurrency = operation<DeleteFunctionConcurrencyRequest, object>({
  authorize: onFunction('DeleteFunctionConcurrency'),
  run: (account, { FunctionName }) => {
    delete functionNamed(account, FunctionName).reservedConcurrency
    return {}
  },
  writes: true,
})

export const functionChanges = {
  UpdateFunctionConfiguration: updateFunctionConfiguration,
  PublishVersion: publishVersion,
  UpdateAlias: updateAlias,
  PutFunctionConcurrency: putFunctionConcurrency,
  DeleteFunctionConcurrency: deleteFunctionConcurrency,
}
