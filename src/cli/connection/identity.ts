import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { AwsClients } from '../../aws/clients.ts'
import { failureOf, unknownHost } from '../../aws/failure.ts'
import { SECOND_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'

export interface CallerIdentity {
  readonly accountId: string
  readonly partition: string
  readonly arn: string
  readonly userId: string
}

/** Milliseconds that one try may take, and all of them together: STS answers in a fraction of that, or not at all. */
const ONE_TRY = 5_000
const ALL_TRIES = 12_000

const DOING = 'find out who responds (sts:GetCallerIdentity)'

/**
 * Who we are for AWS; the first call of every run, which also sets the clock. A silent other end is given up after 12 seconds:
 * nothing has begun by then. Throws Failure identity or unavailable, and the signal's reason.
 */
export const identify = async (clients: AwsClients, signal: AbortSignal, allTries = ALL_TRIES): Promise<CallerIdentity> => {
  const given = AbortSignal.timeout(allTries)
  try {
    const { Account, Arn, UserId } = await clients.sts.send(new GetCallerIdentityCommand({}), {
      abortSignal: AbortSignal.any([signal, given]),
      requestTimeout: ONE_TRY,
    })
    if (!Account || !Arn || !UserId) {
      throw new Failure({
        kind: 'unavailable',
        what: 'the answer to sts:GetCallerIdentity is not AWS’s',
        why: 'it names no account; a proxy or a captive portal may have answered',
        remedy: 'check the network, HTTPS_PROXY and --endpoint-url',
      })
    }
    return { accountId: Account, partition: Arn.split(':')[1] ?? 'aws', arn: Arn, userId: UserId }
  } catch (error) {
    if (given.aborted && !signal.aborted) throw silent(allTries)
    const host = unknownHost(error)
    if (host !== undefined) throw noSuchHost(host)
    throw failureOf(error, DOING)
  }
}

const noSuchHost = (host: string): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `could not ${DOING}`,
    why: `there is no host ${host}: the Region in it may be misspelled, or this machine cannot resolve names`,
    remedy: 'check the network, proxy and endpoint, and the Region (--region, AWS_REGION), then continue',
  })

const silent = (milliseconds: number): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `could not ${DOING}`,
    why: `STS has not answered for ${Math.round(milliseconds / SECOND_MS)} s`,
    remedy: 'check the network, HTTPS_PROXY and --endpoint-url, then continue',
  })

/** The role or user of an identity: the sessions of one role have one id before the colon. */
const principalOf = ({ userId }: CallerIdentity): string => userId.split(':', 1)[0] ?? ''

/** Refuses to go on as somebody else than the one who began the run. Throws Failure identity. */
export const refuseSomebodyElse = (began: CallerIdentity, now: CallerIdentity): void => {
  if (now.accountId === began.accountId && principalOf(now) === principalOf(began)) return
  throw new Failure({
    kind: 'identity',
    what: `you signed in as ${now.arn}, and this run was begun by ${began.arn}`,
    remedy: 'sign in with the role or user that began it, then continue',
  })
}
