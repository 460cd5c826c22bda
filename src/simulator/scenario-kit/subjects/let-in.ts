import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { roleArn } from '../../account/arns.ts'
import { type IssuedCredential, principalArn, principalId } from '../../account/credentials.ts'
import { type TrustCaller, trustOf } from '../../authorization/trust.ts'
import { issueSession } from '../../issue-credentials.ts'
import type { TrailEvent } from '../../records/record-document.ts'

/** Whoever comes without AWS credentials, as the trust policy knows him, and what is written down when a session is taken. */
export interface Arrival {
  readonly caller: TrustCaller
  readonly sessionName: string
  readonly record: (session: IssuedCredential) => void
}

/** A session of the role as its trust policy, as far as it has spread, gives it at the moment; undefined where it refuses. */
export const letIn = (account: Account, roleName: string, arrival: Arrival): IssuedCredential | undefined => {
  const role = account.roles.get(roleName)
  if (!role || trustOf(account, role, arrival.caller) !== 'names-principal') return undefined
  const session = issueSession(account, role, arrival.sessionName, HOUR_SECONDS)
  arrival.record(session)
  return session
}

/** The workload's session of the moment: a new one every hour, as long as the role's trust policy lets it in. */
export const renewedHourly = (
  account: Account,
  first: IssuedCredential,
  take: () => IssuedCredential | undefined,
): (() => IssuedCredential | undefined) => {
  let held: IssuedCredential | undefined = first
  let takenAt = account.clock.now()
  return () => {
    const now = account.clock.now()
    if (held && now < takenAt + HOUR_SECONDS * 1000 && now < (held.expiresAt ?? Number.POSITIVE_INFINITY)) return held
    held = take()
    takenAt = now
    return held
  }
}

/** The members of a record of STS's that name the session of a role: by them LookupEvents finds it. */
export const sessionElements = (
  account: Account,
  { name }: Pick<AccountRole, 'name'>,
  session: IssuedCredential,
): Pick<TrailEvent, 'resources'> & { readonly user: object } => {
  const id = principalId(account, session.principal)
  const sessionName = session.principal.type === 'role-session' ? session.principal.sessionName : ''
  return {
    user: { AssumedRoleUser: { AssumedRoleId: id, Arn: principalArn(account, session.principal) } },
    resources: [
      { type: 'AWS::IAM::AccessKey', name: session.accessKeyId },
      { type: 'AWS::STS::AssumedRole', name: sessionName },
      { type: 'AWS::STS::AssumedRole', name: id },
      { type: 'AWS::IAM::Role', name: roleArn(account, name) },
    ],
  }
}
