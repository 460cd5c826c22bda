import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { AwsClients } from '../aws/clients.ts'
import type { Sending } from '../aws/send-once.ts'
import type { Entry, Request, Setting } from '../incident/entry.ts'
import type { AddressLookup } from '../incident/facts/activity.ts'
import type { EvidenceRef } from '../incident/facts/evidence.ts'
import type { RemoteAddress } from '../incident/finding/finding.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Event } from './ports.ts'
import type { Patience } from './stage.ts'

/** Whether the responder's side is fit for a change (guard G9). */
export interface Readiness {
  /** When the responder's own session ends; absent for credentials that do not. */
  readonly sessionExpiresAt?: Instant
  /** Free space where the journal lies, in bytes; absent when it could not be read. */
  readonly freeBytes?: number
  readonly lockHeld: boolean
}

/** Everything outside that the runbook is lent by main: AWS, its time, a place for evidence. */
export interface World {
  readonly request: Request
  readonly setting: Setting
  readonly readiness: Readiness
  readonly responderAccessKeyId: string
  aws(region: string): AwsClients
  readonly regions: readonly string[]
  now(): Instant
  settle<T>(patience: Patience, look: () => Promise<T | undefined>, between: () => Promise<void>): Promise<T | undefined>
  /** Sends a write once; the journal's head goes with it, in the user agent. */
  sendOnce(client: object, command: object, journalHead: string): Promise<Sending>
  keep(name: string, content: unknown): Promise<EvidenceRef>
  recall(ref: EvidenceRef): Promise<string | undefined>
  organizations(): Promise<OrganizationsClient>
  places(known: readonly RemoteAddress[]): Promise<AddressLookup>
  nonce(): string
  readonly proofWait: number
  readonly findingWait: number
  readonly dryRun: boolean
  /** Stages that the responder left out from the start. */
  readonly skip: readonly string[]
  readonly signal: AbortSignal
}

/** Where entries are written down before anything happens, and events are heard. */
export interface RunRecorder {
  /** Resolves when the entry is on disk, with the first 16 hex digits of the journal's head that it made. */
  record(entry: Entry): Promise<string>
  tell(event: Event): void
}
