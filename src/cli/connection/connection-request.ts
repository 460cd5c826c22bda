/** How AWS is to be reached: what the responder typed, or the journal of an incident knows. */
export interface ConnectionRequest {
  /** The Regions that are searched, the first one first. Empty: the one of the environment or the profile. */
  readonly regions: readonly string[]
  /** All enabled Regions are searched. */
  readonly allRegions?: boolean | undefined
  readonly profile?: string | undefined
  /** The profile of the account that administers the Detective graph, where that is another one. */
  readonly detectiveProfile?: string | undefined
  /** The ARN of a role to assume first. */
  readonly assumeRole?: string | undefined
  readonly endpointUrl?: string | undefined
}
