import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/** CloudTrail's and GuardDuty's kinds of principal. An unknown one is kept as it was written, and refused later. */
export type UserType = 'Root' | 'IAMUser' | 'AssumedRole' | 'FederatedUser' | 'AWSAccount' | 'AWSService' | 'Role' | 'Unknown'

/** Where a call came from, as GuardDuty saw it. */
export interface RemoteAddress {
  readonly ip?: string
  readonly country?: Untrusted
  readonly city?: Untrusted
  readonly asn?: string
  readonly network?: Untrusted
  /** The provider of the access, where GuardDuty names another organisation than the network's. */
  readonly isp?: Untrusted
}

/** The AWS account that a call came from. */
export interface RemoteAccount {
  readonly accountId: string
  /** Whether GuardDuty knows the account as one of yours: of the same organization or administrator. */
  readonly affiliated?: boolean
}

/** The API call (or other action) that the finding is about. Only the latest occurrence: earlier addresses are overwritten. */
export interface FindingAction {
  readonly type: string
  readonly api?: Untrusted
  readonly service?: Untrusted
  readonly callerType?: Untrusted
  readonly errorCode?: Untrusted
  readonly userAgent?: Untrusted
  readonly remote?: RemoteAddress
  readonly remoteAccount?: RemoteAccount
  readonly vpcEndpointId?: string
  /** The account that owns the VPC endpoint through which the call came. */
  readonly vpcEndpointAccountId?: string
}

/** Another actor of an attack sequence, with credentials of its own. */
export interface SequenceActor {
  readonly accessKeyId?: string
  readonly principalId?: string
  readonly userName?: string
}

/** One GuardDuty finding, narrowed to what a response to stolen credentials needs. Identifiers are validated; free text is Untrusted. */
export interface Finding {
  readonly id: string
  readonly arn?: string
  readonly type: string
  /** The form in which Security Hub or Security Lake wrote the finding down. Absent in GuardDuty's own form. */
  readonly writtenAs?: 'ASFF' | 'OCSF'
  readonly title?: Untrusted
  readonly description?: Untrusted
  readonly accountId: string
  readonly partition: string
  readonly region: string
  /** 1.0 to 10.0; absent where no GuardDuty finding is known. */
  readonly severity?: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly firstSeen?: Instant
  readonly lastSeen?: Instant
  readonly count: number
  readonly archived: boolean
  readonly detectorId?: string
  /** Marks by which this is a sample finding; empty for a real one. */
  readonly sampleMarks: readonly string[]
  readonly userType: UserType
  readonly userTypeAsWritten?: Untrusted
  readonly accessKeyId?: string
  readonly principalId?: string
  /** For a role this is the role's name, without its path. */
  readonly userName?: string
  /** Of resource.instanceDetails; often absent in findings about credentials. */
  readonly instanceId?: string
  readonly instancePublicIps: readonly string[]
  readonly action?: FindingAction
  /** The addresses of an attack sequence's endpoints. */
  readonly endpoints?: readonly string[]
  /** The other actors of an attack sequence: each is an incident of its own. */
  readonly otherActors?: readonly SequenceActor[]
  readonly threatLists: readonly Untrusted[]
  /** What the file or the service wrote that is odd but not fatal, in sentences. */
  readonly remarks: readonly string[]
}

/** GuardDuty's severity bands ("Severity levels of GuardDuty findings"). */
export type SeverityBand = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW'

/** The severity in words, as AWS's console writes it, such as `HIGH 8.0`. */
export const severityWords = ({ severity }: Pick<Finding, 'severity'>): string =>
  severity === undefined ? 'no severity' : `${severityBand(severity)} ${severity.toFixed(1)}`

export const severityBand = (severity: number): SeverityBand => {
  if (severity >= 9) return 'CRITICAL'
  if (severity >= 7) return 'HIGH'
  return severity >= 4 ? 'MEDIUM' : 'LOW'
}

/** Whether a finding type is about credentials. By pattern, because AWS adds types every year. */
export const isCredentialType = (type: string): boolean =>
  /:IAMUser\/|CredentialExfiltration|CompromisedCredentials|^AttackSequence:IAM\//.test(type)
