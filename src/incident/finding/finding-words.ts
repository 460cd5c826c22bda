import { instanceNamedBy } from '../values/identifiers.ts'
import type { Finding } from './finding.ts'
import { meaningOf } from './finding-meaning.ts'

/** What kind of credential was used, which decides how it can be revoked. */
export type CredentialKind =
  | 'instance-role-session'
  | 'role-session'
  | 'user-session'
  | 'long-term-key'
  | 'federated'
  | 'root'
  | 'other-account'
  | 'service'
  | 'unknown'

const KINDS: Partial<Record<Finding['userType'], CredentialKind>> = {
  Root: 'root',
  FederatedUser: 'federated',
  AWSAccount: 'other-account',
  AWSService: 'service',
}

/** A user with an ASIA key called GetSessionToken or used the console: a temporary key does not mean a role. */
const kindOfUser = ({ accessKeyId = '', type }: Finding): CredentialKind => {
  if (accessKeyId.startsWith('AKIA')) return 'long-term-key'
  const throughConsole = accessKeyId === '' && /ConsoleLogin/.test(type)
  return accessKeyId.startsWith('ASIA') || throughConsole ? 'user-session' : 'unknown'
}

const kindOfRole = ({ accessKeyId = '', principalId }: Finding): CredentialKind => {
  if (accessKeyId.startsWith('AKIA')) return 'unknown'
  return instanceNamedBy(principalId) === undefined ? 'role-session' : 'instance-role-session'
}

/** Who owns the credential by its user type, and by the principal id where the finding gives no type. */
const ownerOf = ({ userType, userTypeAsWritten, principalId = '' }: Finding): 'role' | 'user' | 'unknown' => {
  const byId = { AROA: 'role', AIDA: 'user' } as const
  const id = /^(?:AROA|AIDA)/.exec(principalId)?.[0] as keyof typeof byId | undefined
  const byType = { AssumedRole: 'role', Role: 'role', IAMUser: 'user', Unknown: undefined } as const
  const type = userType in byType ? byType[userType as keyof typeof byType] : undefined
  if (userTypeAsWritten !== undefined || (id && type && byId[id] !== type)) return 'unknown'
  return type ?? (id ? byId[id] : 'unknown')
}

/** The kind of credential, 'unknown' wherever the finding's user type, principal id and key contradict each other. */
export const credentialKind = (finding: Finding): CredentialKind => {
  const kind = KINDS[finding.userType]
  if (kind !== undefined) return kind
  const owner = ownerOf(finding)
  if (owner === 'role') return kindOfRole(finding)
  const keyAlone = finding.userTypeAsWritten === undefined && finding.principalId === undefined
  return owner === 'user' || (keyAlone && finding.accessKeyId?.startsWith('AKIA')) ? kindOfUser(finding) : 'unknown'
}

const named = (finding: Finding): string => finding.userName ?? 'an unknown name'

/** Whose credentials they are, to stand after "with". */
const HOLDERS: Readonly<Record<CredentialKind, (finding: Finding) => string>> = {
  'instance-role-session': (finding) =>
    `the temporary credentials of role ${named(finding)} that EC2 issued to instance ${instanceNamedBy(finding.principalId) ?? 'unknown'}`,
  'role-session': (finding) => `the temporary credentials of a session of role ${named(finding)}`,
  'user-session': (finding) => `temporary credentials of user ${named(finding)}`,
  'long-term-key': (finding) => `the long-term access key of user ${named(finding)}`,
  federated: (finding) => `the temporary credentials of the federated user ${named(finding)}`,
  root: (finding) => `credentials of the root user of account ${finding.accountId}`,
  'other-account': () => 'credentials of another account, or with none at all',
  service: () => 'the credentials of an AWS service',
  unknown: ({ userName }) => (userName ? `credentials of ${userName}` : 'credentials that the finding does not name'),
}

/** What a finding says has happened, in plain words and full sentences: who called, with whose credentials, and what makes it suspicious. */
export const whatItMeans = (finding: Finding): string => meaningOf(finding, HOLDERS[credentialKind(finding)](finding))
