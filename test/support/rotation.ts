import type { Facts, InstanceDescription, InstanceRadius } from '../../src/incident/facts/facts.ts'
import type { Incident } from '../../src/incident/incident.ts'
import type { Instant } from '../../src/incident/values/instant.ts'
import type { OnInstance } from '../../src/response/stages/on-instance.ts'
import { incidentWith, subjectLike } from './stage-context.ts'

type VerifyFacts = Pick<Facts, 'subject' | 'blastRadius' | 'revocation' | 'restart'>

/** When the role's older sessions were cut off, and when the instance was started: a minute and half a minute before noon. */
export const CUTOFF = '2026-11-25T11:59:00Z' as Instant
export const STARTED = '2026-11-25T11:59:30Z' as Instant
export const NEW_KEY = 'ASIAXCSEC6TNNEWKEYQ7'

const blastRadius: InstanceRadius = {
  instance: {
    id: 'i-08faaaafb15777f5a',
    region: 'us-east-1',
    state: 'running',
    launchTime: '2026-11-01T09:00:00Z' as Instant,
    platform: 'linux',
    rootDeviceType: 'ebs',
    stopProtection: false,
    hasElasticIp: false,
    metadataEnabled: true,
    hibernation: false,
    volumes: [],
  },
  consumers: [],
  permitted: { stop: 'permitted', start: 'permitted', snapshots: 'permitted' },
  inlinePolicySize: 0,
  canEditIam: false,
  remarks: [],
}

/** An incident whose instance was restarted after the cut-off. */
export const restartedIncident = (
  parts: Partial<Incident> = {},
  facts: Partial<VerifyFacts> = {},
): OnInstance<'revocation' | 'restart'> =>
  incidentWith<keyof VerifyFacts>(
    {
      subject: subjectLike(),
      blastRadius,
      revocation: {
        policyName: 'AWSRevokeOlderSessions',
        cutoff: CUTOFF,
        readBackAt: CUTOFF,
        writtenBy: 'ours',
        simulation: { olderSession: 'explicitDeny', newerSession: 'implicitDeny' },
      },
      restart: { instanceId: 'i-08faaaafb15777f5a', previousLaunchTime: '2026-11-01T09:00:00Z' as Instant, launchTime: STARTED },
      ...facts,
    },
    parts,
  ) as OnInstance<'revocation' | 'restart'>

/** The same on a Windows instance, or under Default Host Management. */
export const blastRadiusLike = (instance: Partial<InstanceDescription>, parts: Partial<InstanceRadius> = {}): InstanceRadius => ({
  ...blastRadius,
  ...parts,
  instance: { ...blastRadius.instance, ...instance },
})
