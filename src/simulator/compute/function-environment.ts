import { HOUR_MS, HOUR_SECONDS } from '../../incident/values/duration.ts'
import type { Account } from '../account/account.ts'
import type { LambdaFunction } from '../account/compute.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'
import { issueSession } from '../issue-credentials.ts'
import { recordIssue } from '../records/record.ts'

/** How long an environment lives here before Lambda makes another. AWS documents no number. */
const ENVIRONMENT_MS = 6 * HOUR_MS
const SESSION_SECONDS = 12 * HOUR_SECONDS

/** A function's ARN, without a version. */
export const functionArn = ({ partition, region, id }: Pick<Account, 'partition' | 'region' | 'id'>, name: string): string =>
  `arn:${partition}:lambda:${region}:${id}:function:${name}`

/**
 * The credentials of the environment that the function's next invocation runs in: the old one's while it lives, a new environment's after a
 * change of the function or in place of one that is too old. Undefined while its concurrency is 0, or its role is gone.
 */
export const invokedWith = (account: Account, called: LambdaFunction): IssuedCredential | undefined => {
  if (called.reservedConcurrency === 0) return undefined
  const now = timeIn(account)
  const running = called.environmentKey
  if (running && running.issuedAt >= called.changedAt && now < running.issuedAt + ENVIRONMENT_MS) {
    return account.credentials.find(running.accessKeyId)
  }
  const role = account.roles.get(called.roleName)
  if (!role) return undefined
  const session = issueSession(account, role, called.name, SESSION_SECONDS, now)
  called.environmentKey = { accessKeyId: session.accessKeyId, issuedAt: now }
  recordIssue(account, session, 'lambda.amazonaws.com')
  return session
}
