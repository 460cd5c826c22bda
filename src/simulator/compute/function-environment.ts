import { HOUR_MS, HOUR_SECONDS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
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

/** What an invocation runs: `$LATEST` as it was last changed, or the version behind the alias that callers name, which never changes. */
const invokedVersion = ({ invokedAs, aliases, versions, changedAt, roleName }: LambdaFunction) => {
  const version = invokedAs === undefined ? undefined : aliases.get(invokedAs)
  const published = versions.find((one) => one.version === version)
  return published ? { version, since: published.publishedAt, roleName: published.roleName } : { since: changedAt, roleName }
}

/**
 * The credentials of the environment that the function's next invocation runs in: the old one's while it lives, a new environment's after a
 * change of the function or in place of one that is too old. Undefined while its concurrency is 0, or its role is gone.
 */
export const invokedWith = (account: Account, called: LambdaFunction): IssuedCredential | undefined => {
  if (called.reservedConcurrency === 0) return undefined
  const now = timeIn(account)
  const running = called.environmentKey
  const { version, since, roleName } = invokedVersion(called)
  if (running?.version === version && running && running.issuedAt >= since && now < running.issuedAt + ENVIRONMENT_MS) {
    return account.credentials.find(running.accessKeyId)
  }
  const role = account.roles.get(roleName)
  if (!role) return undefined
  const session = issueSession(account, role, called.name, SESSION_SECONDS, now)
  called.environmentKey = { accessKeyId: session.accessKeyId, issuedAt: now, ...given({ version }) }
  recordIssue(account, session, 'lambda.amazonaws.com')
  return session
}
