import { instanceNamedBy } from '../values/identifiers.ts'
import type { Finding } from './finding.ts'

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
    `the temporary credentials of role ${named(finding)} in a session that is named after instance ${instanceNamedBy(finding.principalId) ?? 'unknown'}`,
  'role-session': (finding) => `the temporary credentials of a session of role ${named(finding)}`,
  'user-session': (finding) => `temporary credentials of user ${named(finding)}`,
  'long-term-key': (finding) => `the long-term access key of user ${named(finding)}`,
  federated: (finding) => `the temporary credentials of the federated user ${named(finding)}`,
  root: (finding) => `credentials of the root user of account ${finding.accountId}`,
  'other-account': () => 'credentials of another account, or with none at all',
  service: () => 'the credentials of an AWS service',
  unknown: ({ userName }) => (userName ? `credentials of ${userName}` : 'credentials that the finding does not name'),
}

/** A full sentence about what happened; `who` stands for whose credentials were used. */
type Meaning = (who: string, finding: Finding) => string

const TACTICS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    CredentialAccess: 'get hold of more credentials',
    DefenseEvasion: 'cover tracks or switch off defences',
    Discovery: 'look around in the account',
    Exfiltration: 'take data out of the account',
    Impact: 'destroy, encrypt or disturb data and operations',
    InitialAccess: 'get a first foothold',
    Persistence: 'keep access, for example by new users, keys or policies',
    PrivilegeEscalation: 'gain more permissions',
    Recon: 'look around in the account',
    Exploitation: 'exploit a weakness',
  }),
)

const tacticOf = (type: string): string | undefined => TACTICS.get(type.split(':', 1)[0] ?? '')

const aim = (type: string): string => {
  const tactic = tacticOf(type)
  return tactic === undefined ? '' : `, with calls that are used to ${tactic}`
}

const fromAddress =
  (where: string): Meaning =>
  (who, { type }) =>
    `Somebody called AWS with ${who} from ${where}${aim(type)}.`

/** `remoteAccountDetails` may name the finding's own account: then no other one was seen. */
const namesOwnAccount = ({ action, accountId }: Finding): boolean => action?.remoteAccount?.accountId === accountId

/** By pattern, the narrower ones first: AWS adds types every year ("GuardDuty IAM finding types"). */
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^AttackSequence:IAM\//,
    (who) => `GuardDuty put several suspicious actions together into one attack, carried out with ${who}.`,
  ],
  [
    /^AttackSequence:/,
    (who) =>
      `GuardDuty put several suspicious actions together into one attack on data, instances or a cluster. It was carried out with ${who}.`,
  ],
  [
    /MetadataDNSRebind/,
    () => "Something on the instance is being led to its metadata service, from where the role's credentials can be stolen.",
  ],
  [
    /:(?:EC2|Runtime|Lambda|RDS|ECS|EKS|Kubernetes)\//,
    (who, { type, accessKeyId }) =>
      `GuardDuty reports ${type}: it is about a resource and its behaviour, ${accessKeyId === undefined ? 'and by itself no sign of stolen credentials' : `and it names ${who}`}.`,
  ],
  [/MaliciousIPCaller\.Custom$/, fromAddress("an address on your organisation's own threat list")],
  [/MaliciousIPCaller/, fromAddress('an address that AWS knows to be malicious')],
  [/TorIPCaller/, fromAddress('an exit of the Tor network, which hides where the caller is')],
  [
    /:IAMUser\/InstanceCredentialExfiltration\.InsideAWS/,
    (who, finding) =>
      namesOwnAccount(finding)
        ? `Somebody called AWS with ${who}, from an address inside AWS that GuardDuty takes for one of this account’s own, and not the instance’s.`
        : `Somebody called AWS with ${who}, from an address that belongs to another AWS account: the credentials left the instance.`,
  ],
  [
    /:IAMUser\/InstanceCredentialExfiltration/,
    (who) => `Somebody called AWS with ${who}, from an address outside AWS: the credentials left the instance.`,
  ],
  [
    /CredentialExfiltration\.InsideAWS/,
    (who, finding) =>
      namesOwnAccount(finding)
        ? `Somebody called AWS with ${who}, from a resource inside AWS that GuardDuty takes for one of this account’s own: the credentials of a Lambda function or a task left it.`
        : `Somebody called AWS with ${who}, from another AWS account: the credentials of a Lambda function or a task left it.`,
  ],
  [
    /CredentialExfiltration/,
    (who) => `Somebody called AWS with ${who}, from outside AWS: the credentials of a Lambda function or a task left it.`,
  ],
  [/CompromisedCredentials/, (who) => `AWS's threat intelligence has seen ${who} in the hands of attackers.`],
  [
    /^PenTest:/,
    (who) => `Somebody called AWS with ${who} from a machine that runs a system made for attacks, such as Kali Linux.`,
  ],
  [/ShortTermRootCredentialUsage/, (who) => `Somebody used short-term ${who}; hardly any daily work needs them.`],
  [/RootCredentialUsage/, (who) => `Somebody used ${who}; hardly any daily work needs them.`],
  [
    /ConsoleLogin/,
    (_who, finding) =>
      `Somebody signed in to the console as ${finding.userName ?? 'an unknown name'} in a way that is unusual, such as from far apart places at once.`,
  ],
  [
    /LoggingDisabled|LoggingConfigurationModified/,
    (who) => `Somebody switched logging off or changed it, with ${who}: calls made since may leave no trace.`,
  ],
  [/PasswordPolicyChange/, (who) => `Somebody weakened the account's password policy, with ${who}.`],
  [
    /Anomalous|IAMUser\/(?:\w*Permissions|ComputeResources)/,
    (who, { type }) => `Somebody called AWS with ${who} in an unusual way${aim(type)}.`,
  ],
  [/(?:CostHarvesting|PromptInjection)/, (who) => `Somebody used AI models with ${who} in a way that points to abuse.`],
  [/:S3\//, (who, { type }) => `Something suspicious was done to an S3 bucket or the objects in it, with ${who}${aim(type)}.`],
]

const general: Meaning = (who, { type }) =>
  `GuardDuty reports ${type}, a type that ir-cred has no words of its own for. The finding concerns ${who}; read its description in the console.`

/** What a finding of this type says has happened: a full sentence, with `who` for whose credentials were used. */
const meaningOf = (finding: Finding, who: string): string => {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(finding.type))?.[1] ?? general
  return meaning(who, finding)
}

/** What a finding says has happened, in plain words and full sentences: who called, with whose credentials, and what makes it suspicious. */
export const whatItMeans = (finding: Finding): string => meaningOf(finding, HOLDERS[credentialKind(finding)](finding))
