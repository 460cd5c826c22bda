import { SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account, ActorEvent } from '../account/account.ts'
import { inPartition } from '../account/arns.ts'
import { type IssuedCredential, principalArn } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'
import { areAuthentic, decide } from '../authorization/authorize.ts'
import type { Decision } from '../authorization/evaluate.ts'
import { accessDenied } from '../authorization/refusals.ts'
import { type Call, ServiceError, type ServiceName } from '../call.ts'
import { recordEvent, uuidFrom } from '../records/record.ts'
import type { TrailEvent } from '../records/record-document.ts'
import { serveCall } from '../serve-call.ts'
import type { Operation } from '../service.ts'

/** A call that somebody in the account is about to make. Of services simulated or not: it is evaluated and recorded alike. */
export interface PlannedCall {
  /** Seconds after the call before it. */
  readonly afterSeconds: number
  /** What is called, such as `s3:ListBuckets`. */
  readonly call: string
  /** The IAM action where it is named differently (`s3:ListAllMyBuckets`); null for a call that needs no permission. */
  readonly asks?: string | null
  /** Default: `*`. */
  readonly resource?: string
  /** Default: true. */
  readonly readOnly?: boolean
  /** False for data events, such as reading an S3 object. */
  readonly management?: boolean
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly userAgent: string
  /** An operation of a simulated service, carried out as over the wire: what it makes is really there afterwards. */
  readonly carriesOut?: { readonly operation: Operation; readonly input: Readonly<Record<string, unknown>> }
}

export interface PlannedOutcome extends Pick<ActorEvent, 'outcome' | 'explicit'> {
  /** What a call that was carried out has answered, in the SDK's shape. */
  readonly answer?: object
}

/** What somebody does next, knowing how the last call ended; whoever returns gives up. */
export type Plan = Generator<PlannedCall, void, PlannedOutcome | undefined>

/** Somebody with credentials. Where there are none at the moment (an instance that is stopped), the call is not made. */
export interface Actor {
  readonly who: ActorEvent['who']
  readonly credential: () => IssuedCredential | undefined
  readonly sourceIp: () => string
}

const ALLOWED: PlannedOutcome = { outcome: 'ok', explicit: false }

const decisionOn = (account: Account, actor: Actor, credential: IssuedCredential, planned: PlannedCall): Decision['decision'] => {
  if (planned.asks === null) return 'allowed'
  const asked = { action: planned.asks ?? planned.call, resource: planned.resource ?? '*' }
  const origin = { sourceIp: actor.sourceIp(), userAgent: planned.userAgent, region: account.region }
  return decide(account, credential, asked, origin).decision
}

/** CloudTrail's words for a refusal: EC2 has its own code, everybody else's is AccessDenied. */
const refusalOf = (account: Account, { principal }: IssuedCredential, planned: PlannedCall, explicit: boolean) => {
  const service: ServiceName = planned.call.startsWith('ec2:') ? 'ec2' : 'iam'
  const request = {
    principalArn: principalArn(account, principal),
    action: planned.asks ?? planned.call,
    resource: planned.resource ?? '*',
  }
  const { code, message } = accessDenied(service, request, { explicit, by: 'identity-based policy' })
  return { code: service === 'ec2' ? `Client.${code}` : code, message }
}

/** The trail's view of a planned call: for the history that scenarios write, and for what happens later. */
export const trailEventOf = (planned: PlannedCall, sourceIp: string, credential: IssuedCredential): TrailEvent => {
  const [service = '', eventName = ''] = planned.call.split(':')
  return {
    eventSource: `${service}.amazonaws.com`,
    eventName,
    readOnly: planned.readOnly ?? true,
    management: planned.management ?? true,
    sourceIp,
    userAgent: planned.userAgent,
    credential,
    requestParameters: planned.parameters ?? null,
  }
}

/** Decides a call against the policies that have spread, and records it. */
const decided = (account: Account, actor: Actor, credential: IssuedCredential, planned: PlannedCall): PlannedOutcome => {
  const decision = decisionOn(account, actor, credential, planned)
  const explicit = decision === 'explicitDeny'
  const error = decision === 'allowed' ? {} : { error: refusalOf(account, credential, planned, explicit) }
  recordEvent(account, { ...trailEventOf(planned, actor.sourceIp(), credential), at: timeIn(account), ...error })
  return decision === 'allowed' ? ALLOWED : { outcome: 'refused', explicit }
}

/** Carries a call out as the wire would. */
const carriedOut = (
  account: Account,
  sourceIp: string,
  credential: IssuedCredential,
  { call: name, userAgent, carriesOut }: PlannedCall & Required<Pick<PlannedCall, 'carriesOut'>>,
): PlannedOutcome => {
  const [service, operation = ''] = name.split(':')
  const { accessKeyId, sessionToken } = credential
  const call: Call = {
    service: service as ServiceName,
    operation,
    input: carriesOut.input,
    accessKeyId,
    ...given({ sessionToken }),
    region: account.region,
    sourceIp,
    userAgent,
    requestId: uuidFrom(account.random),
  }
  try {
    return { ...ALLOWED, answer: serveCall(account, carriesOut.operation, { call, credential }) }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return { outcome: 'refused', explicit: error.message.includes('explicit deny') }
  }
}

const outcomeOfCall = (account: Account, actor: Actor, credential: IssuedCredential, planned: PlannedCall): PlannedOutcome => {
  const { carriesOut } = planned
  return carriesOut
    ? carriedOut(account, actor.sourceIp(), credential, { ...planned, carriesOut })
    : decided(account, actor, credential, planned)
}

/** The call with its ARNs in the account's partition. */
const placed = (account: Account, { resource, parameters, ...planned }: PlannedCall): PlannedCall => ({
  ...planned,
  ...given({
    resource: resource === undefined ? undefined : inPartition(account, resource),
    parameters: parameters && JSON.parse(inPartition(account, JSON.stringify(parameters))),
  }),
})

/**
 * Makes a call at the account's time and tells those who listen. Undefined without credentials. Those that are expired, inactive or
 * deleted are refused without a record, as CloudTrail has none of them.
 */
const perform = (account: Account, actor: Actor, planned: PlannedCall): PlannedOutcome | undefined => {
  const credential = actor.credential()
  if (!credential) return undefined
  const at = timeIn(account)
  const result = areAuthentic(account, credential)
    ? outcomeOfCall(account, actor, credential, planned)
    : { outcome: 'refused' as const, explicit: false }
  const { outcome, explicit } = result
  for (const listener of account.actorListeners) listener({ who: actor.who, at, action: planned.call, outcome, explicit })
  return result
}

/**
 * Lets somebody act from a time (ms) on, one call after the other, by way of the account's agenda: so the calls are made at
 * their times whenever anybody looks, also while a client only waits.
 */
export const acts = (account: Account, actor: Actor, plan: Plan, from: number = timeIn(account)): void => {
  const next = (at: number, outcome: PlannedOutcome | undefined): void => {
    const { value: planned, done } = plan.next(outcome)
    if (done || !planned) return
    const due = at + planned.afterSeconds * SECOND_MS
    account.agenda.add(due, () => next(due, perform(account, actor, placed(account, planned))))
  }
  next(from, undefined)
}
