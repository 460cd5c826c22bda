import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { AwsClients } from '../aws/clients.ts'
import type { AwsClock } from '../aws/clock.ts'
import type { WaitKind } from '../aws/look-interval.ts'
import type { Sending } from '../aws/send-once.ts'
import type { Entry, Request, Setting } from '../incident/entry.ts'
import type { AddressLookup } from '../incident/facts/activity.ts'
import type { EvidenceRef } from '../incident/facts/evidence.ts'
import type { RemoteAddress } from '../incident/finding/finding.ts'
import type { RoleHistory } from '../incident/role-history.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Event } from './ports.ts'

/** Whether the responder's side is fit for a change. */
export interface Readiness {
  /** When the responder's own session ends; absent for credentials that do not expire. */
  readonly sessionExpiresAt?: Instant
  /** Free space where the journal is, in bytes; absent when it could not be read. */
  readonly freeBytes?: number
  readonly lockHeld: boolean
}

/** For what to wait, and how long. */
export interface Patience {
  readonly what: string
  /** Decides how often to look. */
  readonly kind: WaitKind
  /** Seconds of AWS's time. */
  readonly within: number
}

/** Everything outside that one run of the runbook uses: AWS, its time, the evidence store, what the responder asked for. */
export interface World {
  readonly request: Request
  readonly setting: Setting
  readonly readiness: Readiness
  /** The responder's own access key: CloudTrail is trusted as far as it shows calls of this key. */
  readonly responderAccessKeyId: string
  /** Reads the responder's credentials anew. Throws Failure identity when they are no good. Absent where nobody has to sign in. */
  readonly signInAgain?: () => Promise<void>
  /** The SDK clients for a Region; IAM and STS answer alike in each. */
  aws(region: string): AwsClients
  /** All Regions that are searched, the incident's first. Until AWS has listed them, those that were named. */
  readonly regions: readonly string[]
  /** Where a finding is looked for before AWS has listed the Regions: besides those, the Regions that every account has. */
  readonly likelyRegions: readonly string[]
  /** Why the account may use other Regions too, in a sentence. */
  readonly regionsNote?: string | undefined
  /** Gives these when AWS has listed them: a run that hurries begins before. */
  regionsKnown(): Promise<readonly string[]>
  /** AWS's time: what its answers agree on. */
  now(): Instant
  /** AWS's time and this machine's side by side, and the responder's decision where they cannot be reconciled. */
  readonly clock: Pick<AwsClock, 'reading' | 'trust'>
  /** Looks until `look` gives anything but undefined, or patience ends (undefined). Calls `between` between two looks. */
  settle<T>(patience: Patience, look: () => Promise<T | undefined>, between: () => Promise<void>): Promise<T | undefined>
  /** Sends a write once; the journal's head goes with it, in the user agent. */
  sendOnce(client: object, command: object, journalHead: string): Promise<Sending>
  /** Lets the clients sign with the time that a read of AWS answers now. Throws what the read throws. */
  setClock(): Promise<void>
  /** Keeps a raw answer as evidence (secrets redacted), with its SHA-256. */
  keep(name: string, content: unknown): Promise<EvidenceRef>
  /** What was kept, secrets redacted; undefined when it is missing or was altered. */
  recall(ref: EvidenceRef): Promise<string | undefined>
  /** Opens the client of AWS Organizations, whose code is loaded only then. */
  organizations(): Promise<OrganizationsClient>
  /** Athena or CloudTrail Lake, where the responder named a table or a store: counts what a role did before. */
  readonly history?: RoleHistory
  /** Locates IP addresses: what GuardDuty's findings say of them comes first. */
  places(known: readonly RemoteAddress[]): Promise<AddressLookup>
  nonce(): string
  /** How long to wait for CloudTrail's proof, in seconds of AWS's time; 0 on live AWS unless asked for. */
  readonly proofWait: number
  /** How long to wait for a finding to appear, in seconds; 0: ir-cred looks once. */
  readonly findingWait: number
  /** True while nothing will be changed: stages wait for nothing then. */
  readonly dryRun: boolean
  /** Stages that the responder left out from the start. */
  readonly skip: readonly string[]
  readonly signal: AbortSignal
}

/** Where entries are recorded before anything happens, and events are sent to the listener. */
export interface RunRecorder {
  /** Resolves when the entry is on disk, with the first 16 hex digits of the journal's head that it made. */
  record(entry: Entry): Promise<string>
  emit(event: Event): void
}
