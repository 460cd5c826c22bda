import { given } from '../../incident/values/given.ts'
import { quoted } from '../../incident/values/quoted.ts'
import type { SubjectKind, SubjectNames } from './subjects/subject.ts'

/** Whose credentials a finding is about, as it names them. Placeholders are no names: what is one is absent. */
export interface NamedCredential {
  readonly accessKeyId?: string
  readonly principalId?: string
  readonly userName?: string
  readonly userType: string
  /** The finding's type. */
  readonly type: string
  /** The account that the caller came from, where it is not the finding's own. */
  readonly otherAccount?: string
}

const INSTANCE_SESSION = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/

/** What the SDKs call a session of a web identity that nobody named, and what GitHub's action calls its own. */
const WEB_IDENTITY_SESSION = /^(?:botocore-session-\d+|aws-(?:sdk|go|cli|java)[\w-]*-\d+|aws-sdk-js-session-\d+|GitHubActions)$/

/** A session's kind by its role's and its own name: good enough to build an account, and never for a verdict. */
const roleSessionKind = ({ userName = '', type, otherAccount }: NamedCredential, session: string): SubjectKind | undefined => {
  if (userName.startsWith('AWSReservedSSO_')) return 'identity-center'
  if (userName.startsWith('AWSServiceRoleFor')) return 'service-linked'
  if (session === '' || INSTANCE_SESSION.test(session)) return undefined
  if (/^[0-9a-f]{32}$/.test(session)) return 'ecs-task'
  if (/^eks-[\w-]+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(session)) return 'pod-identity'
  if (WEB_IDENTITY_SESSION.test(session)) return 'web-identity'
  // Credentials of a function that somebody uses in another account are the function's still.
  if (type.includes('ResourceCredentialExfiltration')) return 'lambda-function'
  return otherAccount === undefined ? 'obtained' : 'other-account'
}

const kindOf = (credential: NamedCredential, session: string): SubjectKind | undefined => {
  switch (credential.userType.replaceAll('_', '').toLowerCase()) {
    case 'root':
      return credential.type.includes('ShortTermRootCredentialUsage') ? 'assumed-root' : 'root'
    case 'iamuser':
      return credential.accessKeyId?.startsWith('ASIA') ? 'user-session' : 'user-key'
    case 'federateduser':
      return 'federated-user'
    default:
      return roleSessionKind(credential, session)
  }
}

const KNOWN = ['root', 'iamuser', 'federateduser', 'assumedrole']

/** Why no account is built around a credential; undefined when one can be. */
export const unfitCredential = ({ userType, accessKeyId }: NamedCredential): string | undefined => {
  const known = userType.replaceAll('_', '').toLowerCase()
  if (!KNOWN.includes(known)) return `its principal is of type ${quoted(userType)}, of which no credentials are simulated`
  const isLongTerm = accessKeyId?.startsWith('AKIA') ?? false
  if (isLongTerm && !['iamuser', 'root'].includes(known))
    return `${quoted(accessKeyId)} is not a temporary access key, and its principal is no user`
  return undefined
}

/** The subject that a finding is about; undefined for the session of an instance, or of a role whose session is not named. */
export const subjectIn = (credential: NamedCredential): SubjectNames | undefined => {
  const { principalId = '', userName, accessKeyId } = credential
  const [id = '', session = ''] = principalId.split(':')
  const kind = kindOf(credential, session)
  if (kind === undefined) return undefined
  const isFederated = kind === 'federated-user'
  return {
    kind,
    ...given({
      accessKeyId,
      name: kind === 'root' || kind === 'assumed-root' || isFederated ? undefined : userName,
      id: /^A(?:ROA|IDA)[A-Z0-9]{12,}$/.test(id) ? id : undefined,
      sessionName: isFederated ? userName : session === '' ? undefined : session,
      otherAccount: credential.otherAccount,
    }),
  }
}
