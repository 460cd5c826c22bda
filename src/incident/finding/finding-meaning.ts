import type { Finding } from './finding.ts'

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
    (_who, { type }) =>
      `GuardDuty reports ${type}: it is about a resource and its behaviour, and by itself no sign of stolen credentials.`,
  ],
  [/MaliciousIPCaller\.Custom$/, fromAddress("an address on your organisation's own threat list")],
  [/MaliciousIPCaller/, fromAddress('an address that AWS knows to be malicious')],
  [/TorIPCaller/, fromAddress('an exit of the Tor network, which hides where the caller is')],
  [
    /:IAMUser\/InstanceCredentialExfiltration\.InsideAWS/,
    (who) =>
      `Somebody called AWS with ${who}, from an address that belongs to another AWS account: the credentials left the instance.`,
  ],
  [
    /:IAMUser\/InstanceCredentialExfiltration/,
    (who) => `Somebody called AWS with ${who}, from an address outside AWS: the credentials left the instance.`,
  ],
  [
    /CredentialExfiltration\.InsideAWS/,
    (who) => `Somebody called AWS with ${who}, from another AWS account: the credentials of a Lambda function or a task left it.`,
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
export const meaningOf = (finding: Finding, who: string): string => {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(finding.type))?.[1] ?? general
  return meaning(who, finding)
}
