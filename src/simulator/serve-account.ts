import type { Account } from './account/account.ts'
import type { IssuedCredential } from './account/credentials.ts'
import { timeIn } from './agenda.ts'
import { unknownCredentials } from './authorization/refusals.ts'
import { type Call, ServiceError, type ServiceName } from './call.ts'
import type { BuiltScenario } from './scenario-kit/scenario.ts'
import { serveCall } from './serve-call.ts'
import type { AuthenticatedCall, Operation, Service } from './service.ts'

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
  readonly secretOf: (accessKeyId: string) => IssuedCredential | undefined
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
  lambda: async () => (await import('./services/lambda.ts')).lambda,
  ecs: async () => (await import('./services/ecs.ts')).ecs,
  s3: async () => (await import('./services/s3.ts')).s3,
  kms: async () => (await import('./services/kms.ts')).kms,
  logs: async () => (await import('./services/logs.ts')).logs,
  eks: async () => (await import('./services/eks.ts')).eks,
  'cognito-identity': async () => (await import('./services/cognito-identity.ts')).cognitoIdentity,
  rolesanywhere: async () => (await import('./services/rolesanywhere.ts')).rolesAnywhere,
  elasticloadbalancing: async () => (await import('./services/elastic-load-balancing.ts')).elasticLoadBalancing,
  autoscaling: async () => (await import('./services/auto-scaling.ts')).autoScaling,
}

const operationOf = async (call: Call): Promise<Operation> => {
  const operation = (await SERVICES[call.service]())[call.operation]
  if (operation) return operation
  throw new ServiceError(
    'UnknownOperationException',
    `The simulated account does not serve ${call.operation} of ${call.service}: nothing was read or changed.`,
  )
}

/** Somebody without credentials, by the token that he brings; what the token is worth, the operation says. */
const anonymous = (account: Account, { input }: Call): IssuedCredential => {
  const token = typeof input.WebIdentityToken === 'string' ? account.webIdentityTokens.get(input.WebIdentityToken) : undefined
  const { provider, subject, audience } = token ?? { provider: 'unknown', subject: 'unknown', audience: 'unknown' }
  const principal = { type: 'web-identity', provider, subject, audience } as const
  return { accessKeyId: '', secretAccessKey: '', principal, issuedAt: timeIn(account) }
}

const credentialOf = (account: Account, call: Call): IssuedCredential => {
  if (call.accessKeyId === '') return anonymous(account, call)
  const credential = account.credentials.find(call.accessKeyId)
  if (!credential || credential.sessionToken !== call.sessionToken) throw unknownCredentials(call.service)
  return credential
}

const isOfSamePrincipal = (a: IssuedCredential, b: IssuedCredential): boolean =>
  a.principal.type === 'role-session' && b.principal.type === 'role-session'
    ? a.principal.roleId === b.principal.roleId
    : a.accessKeyId === b.accessKeyId

/** Opens a built scenario for calls. */
export const openAccount = ({ account, cast }: Pick<BuiltScenario, 'account' | 'cast'>): OpenAccount => {
  const served: ServedCall[] = []
  let writes = 0
  const catchUp = (): void => account.agenda.runUntil(account.clock.now())
  const note = ({ call, credential }: AuthenticatedCall, operation: Operation, outcome: string): void => {
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
      const output = serveCall(account, operation, caller, check)
      note(caller, operation, 'ok')
      return output
    } catch (error) {
      note(caller, operation, error instanceof ServiceError ? error.code : 'bug')
      throw error
    }
  }
  return { account, answer, catchUp, writes: () => writes, calls: () => served, secretOf: (id) => account.credentials.find(id) }
}
