import type { AwsClients } from '../../../aws/clients.ts'
import type { WaitKind } from '../../../aws/look-interval.ts'
import type { Instant } from '../../../incident/values/instant.ts'

/** What it takes to ask Detective; a stage's context and a command of its own can both give it. */
export interface DetectiveConnection {
  /** The client of the Region, with the credentials of the account that administers the graph. */
  readonly detective: AwsClients['detective']
  readonly region: string
  readonly partition: string
  /** The profile behind the client, where Detective is asked with another than everything else. */
  readonly profile?: string
  /** AWS's time. */
  now(): Instant
  /** Looks until it sees something, or `within` seconds of AWS's time are over (undefined). */
  settle<T>(patience: Patience, look: () => Promise<T | undefined>): Promise<T | undefined>
  progress(text: string): void
  /** How long to wait for an investigation that is running, in seconds; 0 = look once. */
  readonly waits: number
}

interface Patience {
  readonly what: string
  readonly kind: WaitKind
  readonly within: number
}

/** Why Detective says nothing, and what to do about it; both complete sentences without a full stop. */
export interface Unavailable {
  readonly why: string
  readonly remedy: string
}

/** The role or user to be investigated, and what the links lead to. Detective investigates no sessions. */
export interface InvestigatedEntity {
  /** The account in which it happened: a member of the graph, or its administrator. */
  readonly accountId: string
  /** The IAM ARN, with its path. */
  readonly entityArn: string
  /** `AROA…` or `AIDA…`. */
  readonly entityId?: string
  /** `AROA…:session`, as the finding has it. */
  readonly principalId?: string
  readonly instanceId?: string
  readonly findingIds?: readonly string[]
  readonly addresses?: readonly string[]
}
