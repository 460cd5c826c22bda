/** What is known of an address by whoever looks it up: GuardDuty's own finding, or a database. */
export interface Location {
  /** ISO 3166 code or a name, as the source writes it. */
  readonly country?: string
  /** The organisation that announces the network (ASO), with or without its number. */
  readonly network?: string
}

/**
 * Looks an address up. Undefined for what has no place: private and impossible addresses, AWS services, and addresses that
 * nobody knows.
 */
export type LocateAddress = (ip: string) => Location | undefined
