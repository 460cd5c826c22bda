import { given } from '../incident/values/given.ts'
import type { Account } from './account/account.ts'
import { accountOf } from './account/credentials.ts'
import { authorizeCall } from './authorization/authorize.ts'
import { ServiceError } from './call.ts'
import { recordCall } from './records/record.ts'
import type { AuthenticatedCall, Operation } from './service.ts'

type Outcome = { readonly output: object } | { readonly error: ServiceError }

/** Another account's calls stand in its own trail; one that takes a role of this account, or its root user, stands in both, when it succeeds. */
const isInTrail = (account: Account, { call, credential }: AuthenticatedCall, outcome: Outcome): boolean =>
  accountOf(account, credential) === account.id || (['AssumeRole', 'AssumeRoot'].includes(call.operation) && 'output' in outcome)

const record = (
  account: Account,
  { writes, isDataEvent, resources, written }: Operation,
  { call, credential }: AuthenticatedCall,
  outcome: Outcome,
): void => {
  if (!isInTrail(account, { call, credential }, outcome)) return
  const output = 'output' in outcome ? outcome.output : undefined
  const about = output && resources?.(account, call.input as never, output as never)
  const inTrail = written?.(call.input as never, output as never)
  recordCall(account, {
    ...{ call, credential, writes },
    ...outcome,
    ...given({ resources: about, written: inTrail, isDataEvent }),
  })
}

/**
 * Runs a call to its record, whether it is allowed, refused or fails; whoever makes it, a client or somebody in the account.
 * `check` throws for an input that the service would not take. Gives the output in the SDK's shape; refuses with ServiceError.
 */
export const serveCall = (
  account: Account,
  operation: Operation,
  caller: AuthenticatedCall,
  check: () => void = () => {},
): object => {
  const { call, credential } = caller
  try {
    authorizeCall(account, operation, call, credential)
    check()
    const output = operation.run(account, call.input as never, caller)
    record(account, operation, caller, { output })
    return output
  } catch (error) {
    if (error instanceof ServiceError) record(account, operation, caller, { error })
    throw error
  }
}
