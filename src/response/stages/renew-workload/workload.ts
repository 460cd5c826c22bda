import type { Effect } from '../../../incident/entry.ts'
import type { Renewal } from '../../../incident/facts/renewal-fact.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import type { Incident, IncidentWith } from '../../../incident/incident.ts'
import type { Context, Sendable, SendingClient } from '../../stage.ts'
import { refusedInRun } from '../refused-change.ts'

/** An incident about a session of a role that a service took for what it runs. */
export type WorkloadIncident = IncidentWith<'revocation'> & { readonly facts: { readonly subject: RoleSession } }

/** One change that gives a function or a service new credentials. */
export interface DueRenewal {
  readonly effect: Effect
  readonly client: SendingClient
  readonly command: () => Sendable
}

/** Changes that belong together and have to be approved by name. */
export interface DueByName {
  readonly effects: readonly Effect[]
  make(context: Context): Promise<void>
}

/** What AWS shows of what runs under the role, and the changes that are still to be made. */
export interface WorkloadsSeen {
  readonly renewal: Renewal
  readonly due: readonly DueRenewal[]
  /** Those that come after these, and change what serves traffic. */
  readonly dueByName?: readonly DueByName[]
}

/** The id of the stage: its own intents say what it renewed. */
export const RENEW_WORKLOAD = 'renew-workload'

/** The error code with which AWS refused the same change of this stage in this run. */
export const refusedRenewal = (
  incident: Pick<Incident, 'intents' | 'earlierIntents'>,
  operation: string,
  resource: string,
): string | undefined => refusedInRun(incident, { stage: RENEW_WORKLOAD, operation, resource })

/** Looks at everything of one kind that runs under the role. */
export type SeeWorkloads = (incident: WorkloadIncident, context: Context) => Promise<WorkloadsSeen>

/**
 * The Regions in which to look: GuardDuty's Region is that of the call, which the attacker chose; the record of the issue stands where the
 * service took the credentials.
 */
export const workloadRegions = ({ region, issue }: RoleSession): readonly string[] => [
  ...new Set([issue?.record?.region ?? region, region]),
]
