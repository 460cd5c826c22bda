import type { FactName, InstanceRadius } from '../../incident/facts/facts.ts'
import { whyNotTheInstance } from '../../incident/facts/issue.ts'
import { type InstanceRoleSession, namesInstance } from '../../incident/facts/subject.ts'
import type { IncidentWith } from '../../incident/incident.ts'

/** An incident about an instance's own session, with the instance as it was found. */
export type OnInstance<N extends FactName> = IncidentWith<N | 'subject' | 'blastRadius'> & {
  readonly facts: { readonly subject: InstanceRoleSession; readonly blastRadius: InstanceRadius }
}

/** Why there is no instance for a stage to look after; undefined where there is one. */
export const whyNoInstance = ({ facts: { subject, blastRadius } }: IncidentWith<'subject' | 'blastRadius'>): string | undefined =>
  whyNotTheInstance(subject) ?? (blastRadius.instance ? undefined : 'EC2 does not describe the instance')

/** Whether an incident has an instance to look after. */
export const isOnInstance = <N extends FactName>(
  incident: IncidentWith<N | 'subject' | 'blastRadius'>,
): incident is OnInstance<N> => namesInstance(incident.facts.subject) && whyNoInstance(incident) === undefined
