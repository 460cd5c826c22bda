/** How AWS is to be reached: what the responder typed, or the journal of an incident knows. */
export interface ConnectionRequest {
  /** The Regions that are searched, the first one first. Empty: all that are enabled in the account. */
  readonly regions: readonly string[]
  /** Where AWS is asked who responds, and what begins there; of an incident that goes on. Default: the first, or the environment's. */
  readonly home?: string | undefined
  /** All enabled Regions are searched, whatever was named. */
  readonly allRegions?: boolean | undefined
  readonly profile?: string | undefined
  /** The profile of the account that administers the Detective graph, where that is another one. */
  readonly detectiveProfile?: string | undefined
  /** The ARN of a role to assume first. */
  readonly assumeRole?: string | undefined
  readonly endpointUrl?: string | undefined
}
