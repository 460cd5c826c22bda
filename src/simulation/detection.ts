/* What the account's GuardDuty, Detective and CloudTrail keep. */

export interface Investigation {
  readonly id: string
  readonly graphArn: string
  readonly entityArn: string
  readonly scopeStart: number
  readonly scopeEnd: number
  readonly createdAt: number
  /** Absent while it is active. */
  readonly state?: 'ACTIVE' | 'ARCHIVED'
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
