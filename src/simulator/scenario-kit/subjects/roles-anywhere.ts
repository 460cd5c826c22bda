import { DAY_MS, HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account } from '../../account/account.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import { issueSession, newAccessKeyId } from '../../issue-credentials.ts'
import { recordIssue, uuidFrom } from '../../records/record.ts'
import { type CallingWorkload, consumerActs, issuedAt, roleFor, underKey, writeUsualCalls } from './issued.ts'
import { letIn, renewedHourly } from './let-in.ts'
import type { SubjectBuilder } from './subject.ts'
import { rolesAnywhereTrust } from './trusts.ts'

const SERVICE = 'rolesanywhere.amazonaws.com'

/** Serial numbers of certificates: the service names a session after the certificate's. */
const [STOLEN_SERIAL, NEW_SERIAL] = ['5f1d0c7a9b3e4826', '5f1d0c7a9b3e4827']

/** The server in the owner's data centre. */
const SERVER: CallingWorkload = {
  sourceIp: '192.0.2.90',
  userAgent: 'CredHelper/1.4.0 (go1.22.5; linux; amd64) aws-sdk-go-v2/1.30.4',
}

/** The owner's profile, which serves another role too. */
const setUp = (account: Account, roleName: string, now: number): void => {
  const id = uuidFrom(account.random)
  const times = { createdAt: now - 300 * DAY_MS, updatedAt: now - 300 * DAY_MS }
  const anchorId = uuidFrom(account.random)
  account.trustAnchors.set(anchorId, { id: anchorId, name: 'acme-ca', enabled: true })
  account.certificateProfiles.set(id, { id, name: 'data-centre', roleNames: [roleName, 'deploy'], enabled: true, ...times })
}

/** Whether a certificate takes sessions of the role: through an enabled profile, by an enabled trust anchor that has not revoked it. */
const isTaken = ({ certificateProfiles, trustAnchors }: Account, roleName: string, serial: string): boolean =>
  [...trustAnchors.values()].some(({ enabled, revocations }) => enabled && !revocations?.serials.includes(serial)) &&
  [...certificateProfiles.values()].some(({ enabled, roleNames }) => enabled && roleNames.includes(roleName))

const take = (account: Account, roleName: string, serial: string): IssuedCredential | undefined =>
  isTaken(account, roleName, serial)
    ? letIn(account, roleName, {
        caller: {
          ...{ under: 'Service', action: 'sts:AssumeRole', names: [SERVICE] },
          context: { 'sts:RoleSessionName': [serial], 'sts:SourceIdentity': ['CN=backup-01'] },
        },
        sessionName: serial,
        record: (session) => recordIssue(account, session, SERVICE),
      })
    : undefined

/**
 * A server's certificate was stolen with its private key: with it the attacker takes session after session. The owner's server gets
 * another certificate, once somebody has revoked the first.
 */
export const rolesAnywhereSession: SubjectBuilder = (standard, names) => {
  const { account, now } = standard
  const trustPolicy = rolesAnywhereTrust
  const role = roleFor(standard, names, { name: 'backup', id: 'AROAXCSEC6TN5BACKUP77', trustPolicy })
  setUp(account, role.name, now)
  const serial = names.sessionName ?? STOLEN_SERIAL
  const issued = issueSession(account, role, serial, HOUR_SECONDS, issuedAt(standard))
  const stolen = underKey(
    standard,
    { ...issued, expiresAt: now + 4 * HOUR_SECONDS * 1000 },
    names.accessKeyId ?? issued.accessKeyId,
  )
  recordIssue(account, stolen, SERVICE)
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, SERVER, 20)
  const newCredentials = renewedHourly(account, stolen, () => take(account, role.name, NEW_SERIAL))
  return {
    ...{ stolen, roleName: role.name, newCredentials, mint: () => take(account, role.name, serial) },
    begin: () => consumerActs(standard, newCredentials, SERVER),
  }
}
