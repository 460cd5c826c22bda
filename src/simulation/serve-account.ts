import type { Account } from './account.ts'
import { authorizeCall } from './authorize.ts'
import { type Call, ServiceError, type ServiceName } from './call.ts'
import { accountOf, type Credential } from './credentials.ts'
import { recordCall } from './record.ts'
import { unknownCredentials } from './refusals.ts'
import type { BuiltScenario } from './scenarios/scenario.ts'
import type { Caller, Operation, Service } from './service.ts'

/** One call that reached the account, and how it ended. */
interface ServedCall {
  /** ms since the epoch. */
  readonly at: number
  readonly service: ServiceName
  readonly operation: string
  readonly accessKeyId: string
  /** Whether the operation changes the account, however it ended. */
  readonly writes: boolean
  /** `ok` or the error's code. */
  readonly outcome: string
  readonly requestId: string
}

/** A built account that answers calls: what the wire's dispatcher asks. */
export interface OpenAccount {
  readonly account: Account
  /**
   * Lets the call's time pass and everything due happen, then authorizes, checks the input (`check` throws), runs and records the
   * call. Gives the output in the SDK's shape; refuses with ServiceError.
   */
  readonly answer: (call: Call, check?: () => void) => Promise<object>
  /** Lets everything happen that is due by now, without a call: for somebody who only waits. */
  readonly catchUp: () => void
  /** How many calls of the responder have changed the account. */
  readonly writes: () => number
  /** Every call with known credentials, oldest first. */
  readonly calls: () => readonly ServedCall[]
  /** For the wire's signature check. */
  readonly secretOf: (accessKeyId: string) => Credential | undefined
}

/** Each service's operations, read when somebody first calls it. */
const SERVICES: Readonly<Record<ServiceName, () => Promise<Service>>> = {
  guardduty: async () => (await import('./services/guardduty.ts')).guardduty,
  iam: async () => (await import('./services/iam.ts')).iam,
  sts: async () => (await import('./services/sts.ts')).sts,
  ec2: async () => (await import('./services/ec2.ts')).ec2,
  ssm: async () => (await import('./services/ssm.ts')).ssm,
  detective: async () => (await import('./services/detective.ts')).detective,
  cloudtrail: async () => (await import('./services/cloudtrail.ts')).cloudtrail,
  organizations: async () => (await import('./services/organizations.ts')).organizations,
  autoscaling: async () => (await import('./services/auto-scaling.ts')).autoScaling,
}

const operationOf = async (call: Call): Promise<Operation> => {
  const operation = (await SERVICES[call.service]())[call.operation]
  if (operation) return operation
  throw new ServiceError('UnknownOperationException', `The simulated account does not serve ${call.operation}.`)
}

const credentialOf = (account: Account, call: Call): Credential => {
  const credential = account.credentials.find(call.accessKeyId)
  if (!credential || credential.sessionToken !== call.sessionToken) throw unknownCredentials(call.service)
  return credential
}

const runAndRecord = (account: Account, operation: Operation, caller: Caller): object => {
  const { call, credential } = caller
  const output = operation.run(account, call.input as never, caller)
  // Another account's calls stand in its own trail.
  if (accountOf(account, credential) !== account.id) return output
  const resources = operation.resources?.(account, call.input as never, output as never)
  recordCall(account, { call, credential, writes: operation.writes, output, ...(resources ? { resources } : {}) })
  return output
}

/** Runs a call to its record, whether it is allowed, refused or fails. */
const serve = (account: Account, operation: Operation, caller: Caller, check: () => void): object => {
  const { call, credential } = caller
  try {
    authorizeCall(account, operation, call, credential)
    check()
    return runAndRecord(account, operation, caller)
  } catch (error) {
    const isOwn = accountOf(account, credential) === account.id
    if (error instanceof ServiceError && isOwn) recordCall(account, { call, credential, writes: operation.writes, error })
    throw error
  }
}

const isOfSamePrincipal = (a: Credential, b: Credential): boolean =>
  a.principal.type === 'role-session' && b.principal.type === 'role-session'
    ? a.principal.roleId === b.principal.roleId
    : a.accessKeyId === b.accessKeyId

/** Opens a built scenario for calls. */
export const openAccount = ({ account, cast }: Pick<BuiltScenario, 'account' | 'cast'>): OpenAccount => {
  const served: ServedCall[] = []
  let writes = 0
  const catchUp = (): void => account.agenda.runUntil(account.clock.now())
  const note = ({ call, credential }: Caller, operation: Operation, outcome: string): void => {
    const { service, accessKeyId, requestId } = call
    const at = account.clock.now()
    served.push({ at, service, operation: call.operation, accessKeyId, writes: operation.writes, outcome, requestId })
    if (operation.writes && outcome === 'ok' && isOfSamePrincipal(credential, cast.responder)) writes += 1
  }
  const answer: OpenAccount['answer'] = async (call, check = () => {}) => {
    const operation = await operationOf(call)
    account.clock.advance(account.behaviour.callTakes)
    catchUp()
    const caller = { call, credential: credentialOf(account, call) }
    try {
      const output = serve(account, operation, caller, check)
      note(caller, operation, 'ok')
      return output
    } catch (error) {
      note(caller, operation, error instanceof ServiceError ? error.code : 'bug')
      throw error
    }
  }
  return { account, answer, catchUp, writes: () => writes, calls: () => served, secretOf: (id) => account.credentials.find(id) }
}
