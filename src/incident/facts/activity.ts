import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'
import type { AccountProfile } from './account-profile.ts'
import type {
  ApiRow,
  AttributedCalls,
  Baseline,
  CallCounts,
  ChainedSession,
  FailedApi,
  FailuresByClass,
  FirstObserved,
  FoldedStores,
  IncreasedApi,
  NewlyObservedApi,
  ObjectTotals,
  OnBehalf,
  PersistenceArtefact,
  SiblingKey,
  TouchedStore,
  VolumeBucket,
} from './activity-rows.ts'
import type { Cause } from './cause.ts'
import type { SourceCoverage } from './coverage.ts'
import type { EvidenceRef } from './evidence.ts'
import type { PrincipalProfile } from './role-profile.ts'

/** A list that may have been cut, because a journal's line has an end; and how many rows there were. */
export interface Rows<T> {
  readonly rows: readonly T[]
  readonly all: number
}

/** How many artefacts stand as far as the records show, how many no longer do, and how many attempts failed; and the calls of all. */
export interface ArtefactCounts {
  readonly inPlace: number
  readonly undone: number
  readonly failed: number
  readonly calls: number
}

/** The kind of a principal, and its name. */
export interface ActivityPrincipal {
  readonly kind: string
  readonly value: string
}

/** What the scope shows and the baseline does not. */
export interface NewlyObservedRows {
  /** False when there is no baseline. Then all lists are empty because nothing was compared. */
  readonly compared: boolean
  /** Whether the whole account was read: only then is something known to be new for the account. */
  readonly accountRead: boolean
  readonly apis: Rows<NewlyObservedApi>
  readonly userAgents: Rows<FirstObserved & { readonly userAgent: Untrusted }>
  readonly ips: Rows<FirstObserved & { readonly ip: Untrusted }>
  readonly countries: Rows<FirstObserved & { readonly country: Untrusted }>
  readonly networks: Rows<FirstObserved & { readonly network: Untrusted }>
  readonly increased: Rows<IncreasedApi>
  /** The sources of countries and networks, in sentences. */
  readonly places: string
}

/** Who made the calls, as far as the records show: whoever made most of them. */
export interface PrincipalIdentity {
  readonly accountId?: string
  readonly roleArn?: string
  readonly roleName?: string
  /** `AROA…:session`, or a user's unique id. */
  readonly principalId?: string
  readonly userName?: string
  readonly isRoot?: true
  /** Of a session that EC2 handed out. */
  readonly instanceId?: string
  /** How many others made calls in scope: of an address, or of a role in several accounts. */
  readonly others?: number
}

/**
 * What a principal did, as CloudTrail shows it: everything that the sections show. Counts are exact; a list that was cut has
 * the number of all its rows.
 */
export interface Activity extends CallCounts {
  readonly principal: ActivityPrincipal
  /** The source's name: which records were read, as the report names it. */
  readonly source: string
  readonly eventsRead: number
  readonly scope: { readonly from?: Instant; readonly until?: Instant }
  readonly firstSeen?: Instant
  readonly lastSeen?: Instant
  readonly issuedAt: Rows<Instant>
  readonly dataEvents: number
  readonly identity: PrincipalIdentity
  readonly accountIds: readonly string[]
  readonly regions: readonly string[]
  readonly accessKeyIds: Rows<string>
  readonly ec2RoleDelivery: readonly string[]
  readonly siblingKeys: Rows<SiblingKey>
  /** The other keys of the same user, which are not the session's. A journal of an earlier version has none. */
  readonly userKeys?: Rows<SiblingKey>
  /** Whose earlier calls the baseline is made of. */
  readonly baselinePrincipal?: ActivityPrincipal
  readonly baseline: Baseline
  /** From when on calls are compared with the baseline, where no scope was asked for and not all are. */
  readonly comparedFrom?: Instant
  readonly origins: Rows<AttributedCalls>
  /** What led to the use of the credentials by somebody else. A journal of an earlier version has none. */
  readonly cause?: Cause
  /** Of addresses and user agents, the gravest API that was called; the lists are ordered by it. */
  readonly ips: Rows<{ readonly ip: Untrusted; readonly events: number; readonly failed: number; readonly gravest?: string }>
  readonly apis: Rows<ApiRow>
  readonly userAgents: Rows<{ readonly userAgent: Untrusted; readonly events: number; readonly gravest?: string }>
  readonly onBehalf: Rows<OnBehalf>
  /** The buckets with calls in them, and how many of all are spikes; a journal of an earlier version does not tell that. */
  readonly volume: { readonly bucketSeconds: number; readonly spikes?: number; readonly buckets: Rows<VolumeBucket> }
  readonly failures: Rows<FailedApi>
  readonly failuresByClass: FailuresByClass
  readonly newlyObserved: NewlyObservedRows
  readonly chainedSessions: Rows<ChainedSession>
  /** Calls whose names speak of credentials and of which ir-cred does not know what they hand out. */
  readonly credentialCalls?: readonly ApiRow[]
  /** What the principal and its chained sessions touched, the gravest first; a journal of an earlier version has none. */
  readonly objects?: Rows<TouchedStore> & { readonly totals: ObjectTotals; readonly folded?: readonly FoldedStores[] }
  /** Of the principal and its chained sessions, in the order of time. */
  readonly artefacts: Rows<PersistenceArtefact>
  /** Of all artefacts, whatever was cut. A journal of an earlier version has none. */
  readonly artefactCounts?: ArtefactCounts
  /** Where chained sessions, artefacts and sibling keys are kept whole, when one of these lists is cut. */
  readonly whole?: EvidenceRef
  /** The account and the permissions, where IAM was asked. */
  readonly account?: AccountProfile
  readonly permissions?: PrincipalProfile
  /** What the records cover; a journal of an earlier version does not tell that. */
  readonly coverage?: SourceCoverage
  /** What was asked for and could not be read, a sentence each. */
  readonly incomplete: readonly string[]
  /** What the source shows to nobody, a sentence each. */
  readonly limits: readonly string[]
}

/** Where an address is, by name. */
export interface AddressPlace {
  /** ISO 3166 code or a name, as the source writes it. */
  readonly country?: string
  /** The organisation that announces the network (ASO), with or without its number. */
  readonly network?: string
}

/**
 * Looks an address up. Undefined for what has no place (private and impossible addresses, AWS services) and for addresses
 * that no source knows.
 */
export type LocateAddress = (ip: string) => AddressPlace | undefined

/** The countries and networks of addresses, and where they are known from. */
export interface AddressLookup {
  readonly locate: LocateAddress
  /** The sources of countries and networks, in sentences. */
  readonly source: string
  /** What could not be looked up, in sentences. */
  readonly incomplete: () => readonly string[]
}
