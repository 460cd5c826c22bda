/* What the account's GuardDuty, Detective and CloudTrail keep. */

export interface DetectiveInvestigation {
  readonly id: string
  readonly graphArn: string
  readonly entityArn: string
  readonly scopeStart: number
  readonly scopeEnd: number
  readonly createdAt: number
  /** Absent while it is active. */
  readonly state?: 'ACTIVE' | 'ARCHIVED'
}

/** The account that administers a Detective graph, and the state of the simulated account's membership in it. */
export interface GraphAdministrator {
  readonly accountId: string
  /** `NONE`: it was never invited. */
  readonly membership: 'NONE' | 'INVITED' | 'VERIFICATION_IN_PROGRESS' | 'ENABLED' | 'ACCEPTED_BUT_DISABLED'
}

/** What Detective keeps of an account. */
export interface DetectiveData {
  readonly graphArn?: string
  /** When the graph was made (ms). Default: 400 days ago. */
  readonly graphCreatedAt?: number
  /** Where the graph is another account's: who administers it, and what this account is in it. Absent: it is this account's own. */
  readonly graphAdministrator?: GraphAdministrator
  readonly investigations: Map<string, DetectiveInvestigation>
  /** The indicators Detective finds for an entity, in the API's shape. */
  readonly indicators: readonly Readonly<Record<string, unknown>>[]
}

/** A list of bad addresses that the account's owner uploaded to GuardDuty. */
export interface ThreatIntelSet {
  readonly id: string
  readonly name: string
  readonly location: string
}

/** A trail that delivers the account's records to a bucket. */
export interface TrailSetting {
  readonly name: string
  readonly bucketName: string
}

/** A GuardDuty finding in the API's shape (UpperCamelCase), as GetFindings answers it. */
export type FindingDocument = Readonly<Record<string, unknown>> & {
  readonly Id: string
  readonly Type: string
  readonly UpdatedAt: string
}
