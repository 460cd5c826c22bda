import type { Effect, Entry, Setting } from '../../src/incident/entry.ts'
import type { EvidenceRef } from '../../src/incident/facts/evidence.ts'
import type { Facts } from '../../src/incident/facts/facts.ts'
import type { Finding } from '../../src/incident/finding/finding.ts'
import type { Incident } from '../../src/incident/incident.ts'
import type { Block } from '../../src/incident/values/block.ts'
import { fields, list, text } from '../../src/incident/values/block.ts'
import type { Instant } from '../../src/incident/values/instant.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Descriptions } from '../../src/report/stage-sections.ts'

/** A moment of the night that all samples happen in. */
export const at = (clock: string): Instant => `2026-11-25T${clock}Z` as Instant

export const setting: Setting = {
  accountId: '111122223333',
  partition: 'aws',
  region: 'us-east-1',
  responderArn: 'arn:aws:sts::111122223333:assumed-role/ir-responder/alice',
  responderUserId: 'AROAEXAMPLERESPONDER1:alice',
  simulated: true,
}

export const revokeEffect: Effect = {
  operation: 'iam:PutRolePolicy',
  resource: 'role/web-app AWSRevokeOlderSessions',
  sentence: 'Every call that IAM authorizes is denied to sessions of role web-app issued before 02:03:41Z.',
  cost: 'i-0aa1 and function resize-images lose access until they are restarted or updated',
  undo: 'possible, safe from 14:04Z on',
}

const stopEffect: Effect = {
  operation: 'ec2:StopInstances',
  resource: 'instance/i-08faaaafb15777f5a',
  sentence: 'Instance i-08faaaafb15777f5a is stopped.',
}

const evidence = (name: string): EvidenceRef => ({ file: `evidence/${name}.json`, sha256: 'a1'.repeat(32), bytes: 2048 })

const finding: Finding = {
  id: '1ab92989eaf0e742df4a014d5c0a9d42',
  type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
  accountId: '111122223333',
  partition: 'aws',
  region: 'us-east-1',
  severity: 5,
  createdAt: at('01:20:00'),
  updatedAt: at('01:58:03'),
  firstSeen: at('01:12:40'),
  lastSeen: at('01:58:03'),
  count: 7,
  archived: false,
  sampleMarks: [],
  userType: 'AssumedRole',
  accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
  instancePublicIps: [],
  threatLists: [untrusted('acme-bad-ips')],
  remarks: [],
}

const rotation: Facts['rotation'] = {
  verdict: 'rotated',
  why: 'the agent answered under role web-app while the deny stood',
  oldAccessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
  newAccessKeyId: 'ASIAXCSEC6TNNEWKEYQ7',
  corroboration: [{ kind: 'cloudtrail', at: at('02:04:31'), says: 'ec2.amazonaws.com assumed the role for i-08faaaafb15777f5a' }],
}

const closure: Facts['closure'] = {
  refused: 14,
  deniedOtherwise: 0,
  firstRefusal: at('02:03:19'),
  lastRefusal: at('02:31:09'),
  lastSuccess: at('02:03:09'),
  successesAfterGrace: 0,
  seenUpTo: at('02:26:00'),
  unproven: ['nothing after 02:26Z is in CloudTrail yet'],
  alarms: [],
}

const revocation: Facts['revocation'] = {
  policyName: 'AWSRevokeOlderSessions',
  cutoff: at('02:03:41'),
  readBackAt: at('02:03:13'),
  writtenBy: 'ours',
  simulation: { olderSession: 'explicitDeny', newerSession: 'implicitDeny' },
}

const restart: Facts['restart'] = {
  instanceId: 'i-08faaaafb15777f5a',
  previousLaunchTime: '2026-11-01T09:00:00Z' as Instant,
  launchTime: at('02:04:30'),
}

const found: Facts['finding'] = {
  finding,
  source: 'guardduty',
  onSameKey: [],
  onSamePrincipal: [],
  document: evidence('finding'),
}

/** The journal of a whole response that went well. */
export const journal: readonly Entry[] = [
  {
    type: 'opened',
    at: at('02:02:08'),
    incident: 'web-app-1125-7f3a',
    version: '0.1.0',
    request: { by: 'finding-id', id: finding.id },
    setting,
  } as Entry,
  { type: 'kept', at: at('02:02:10'), stage: 'find-finding', name: 'finding', ref: evidence('finding') },
  { type: 'established', at: at('02:02:10'), stage: 'find-finding', fact: { finding: found } },
  { type: 'approved', at: at('02:03:11'), stage: 'revoke-sessions', effects: [revokeEffect], by: 'the person at the terminal' },
  { type: 'intended', at: at('02:03:12'), stage: 'revoke-sessions', nonce: 'n1', effect: revokeEffect },
  { type: 'sent', at: at('02:03:12'), stage: 'revoke-sessions', nonce: 'n1', outcome: 'accepted', requestId: '6f1c0000-aaaa' },
  { type: 'established', at: at('02:03:13'), stage: 'revoke-sessions', fact: { revocation } },
  { type: 'rechecked', at: at('02:03:23'), stage: 'revoke-sessions', stands: true, says: 'cut-off 02:03:41Z' },
  { type: 'skipped', at: at('02:03:30'), stage: 'preserve-evidence', by: 'the person at the terminal' },
  { type: 'approved', at: at('02:03:50'), stage: 'restart-instance', effects: [stopEffect], by: 'the person at the terminal' },
  { type: 'intended', at: at('02:03:51'), stage: 'restart-instance', nonce: 'n2', effect: stopEffect },
  { type: 'sent', at: at('02:03:52'), stage: 'restart-instance', nonce: 'n2', outcome: 'unknown', why: 'socket hang up' },
  { type: 'established', at: at('02:04:40'), stage: 'restart-instance', fact: { restart } },
  { type: 'established', at: at('02:06:00'), stage: 'verify-rotation', fact: { rotation } },
  { type: 'notApplicable', at: at('02:06:10'), stage: 'investigate-session', why: 'Detective has no graph in us-east-1' },
  { type: 'established', at: at('02:31:30'), stage: 'close-incident', fact: { closure } },
  {
    type: 'ended',
    at: at('02:31:40'),
    ending: 'completed',
    exitCode: 0,
    unproven: closure.unproven,
    alarms: [],
  },
]

const describing = (
  stage: string,
  describe: (facts: Incident['facts']) => readonly Block[] | undefined,
): readonly [string, (facts: Incident['facts']) => readonly Block[]] => [stage, (facts) => describe(facts) ?? []]

/** How the stages of the sample describe their facts. */
export const descriptions: Descriptions = new Map([
  describing(
    'find-finding',
    ({ finding }) =>
      finding && [
        text(`${finding.finding.type}, ${finding.finding.count} times`),
        fields(['key', finding.finding.accessKeyId ?? ''], ['threat list', finding.finding.threatLists]),
      ],
  ),
  describing(
    'revoke-sessions',
    ({ revocation }) => revocation && [text('Sessions issued before ', { at: revocation.cutoff }, ' are denied.')],
  ),
  describing('verify-rotation', ({ rotation }) => rotation && [list([`verdict ${rotation.verdict}`, rotation.why])]),
])
