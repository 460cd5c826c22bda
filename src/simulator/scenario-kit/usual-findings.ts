import { DAY_MS, MINUTE_MS } from '../../incident/values/duration.ts'
import { sampleFinding } from '../findings/sample-finding.ts'
import { issueUserKey, newAccessKeyId } from '../issue-credentials.ts'
import { instanceFinding, type KeyFinding, keyFinding } from './finding-document.ts'
import { buildersPolicy } from './policies.ts'
import { OTHER_HOSTING } from './remotes.ts'
import type { StandardAccount } from './standard-account.ts'
import { THREAT_LIST } from './standard-account.ts'

const seenOnce = (at: number): KeyFinding['sightings'] => ({
  first: at,
  last: at + 2 * MINUTE_MS,
  created: at + 8 * MINUTE_MS,
  updated: at + 8 * MINUTE_MS,
  count: 2,
})

/** What may push images, and nothing else. */
const addBuilders = ({ account, now }: StandardAccount): string => {
  account.groups.set('builders', {
    name: 'builders',
    id: 'AGPAXCSEC6TN5K7QW2M4R',
    path: '/',
    createdAt: now - 320 * DAY_MS,
    attachedPolicies: [],
    inline: new Map([['push-images', { document: buildersPolicy, writtenAt: now - 320 * DAY_MS }]]),
    deleted: new Map(),
  })
  return 'builders'
}

const addUser = (standard: StandardAccount): { name: string; id: string; accessKeyId: string } => {
  const { account, now } = standard
  const user = {
    // A finding file may be about a user of this name.
    name: account.users.has('build-bot') ? 'image-bot' : 'build-bot',
    id: 'AIDAXCSEC6TN6C5UJ3ERH',
    path: '/',
    createdAt: now - 300 * DAY_MS,
    tags: {},
    attachedPolicies: [],
    inline: new Map(),
    deleted: new Map(),
    accessKeys: new Map(),
    groups: [addBuilders(standard)],
  }
  account.users.set(user.name, user)
  return { ...user, accessKeyId: issueUserKey(account, user, now - 200 * DAY_MS).accessKeyId }
}

/** A long-term key called from Tor: another incident, for another day. */
const onAnotherKey = (standard: StandardAccount): KeyFinding => {
  const user = addUser(standard)
  return {
    type: 'UnauthorizedAccess:IAMUser/TorIPCaller',
    severity: 5,
    title: 'An API was called from a Tor exit node.',
    description: `The caller is user ${user.name}.`,
    accessKeyId: user.accessKeyId,
    principal: { type: 'user', userName: user.name, userId: user.id },
    call: { action: 'sts:GetCallerIdentity', outcome: 'ok' },
    remote: OTHER_HOSTING,
    sightings: seenOnce(standard.now - 2 * DAY_MS),
  }
}

/** The same type, dealt with weeks ago and archived: whoever forgets to leave archived findings out meets it again. */
const dealtWith = ({ account, now }: StandardAccount): KeyFinding => ({
  type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
  severity: 5,
  title: `APIs were called from an IP address on the custom threat list ${THREAT_LIST}.`,
  description: 'The caller was ci-runner. Dealt with.',
  accessKeyId: newAccessKeyId(account, 'ASIA'),
  principal: { type: 'role-session', roleName: 'ci-runner', roleId: 'AROAXCSEC6TN7T3PV5QGB', sessionName: 'nightly' },
  call: { action: 'ec2:DescribeRegions', outcome: 'ok' },
  remote: OTHER_HOSTING,
  sightings: seenOnce(now - 38 * DAY_MS),
  threatList: THREAT_LIST,
  archived: true,
})

const PROBES: readonly (readonly [type: string, severity: number, title: string, daysAgo: number])[] = [
  ['Recon:EC2/PortProbeUnprotectedPort', 2, 'An unprotected port is being probed by a known malicious host.', 1],
  ['UnauthorizedAccess:EC2/SSHBruteForce', 2, 'The instance is the target of SSH brute force attacks.', 3],
  ['Recon:EC2/PortProbeUnprotectedPort', 2, 'An unprotected port is being probed by a known malicious host.', 9],
  ['Recon:EC2/PortProbeUnprotectedPort', 2, 'An unprotected port is being probed by a known malicious host.', 17],
  ['UnauthorizedAccess:EC2/SSHBruteForce', 2, 'The instance is the target of SSH brute force attacks.', 31],
]

/** What else lies about in the account's GuardDuty, so that picking the right finding matters and lists have pages. */
export const placeUsualFindings = (standard: StandardAccount): void => {
  const { account, bastion, now } = standard
  const findings = [
    keyFinding(account, onAnotherKey(standard)),
    keyFinding(account, dealtWith(standard)),
    ...PROBES.map(([type, severity, title, daysAgo]) =>
      instanceFinding(account, bastion, { type, severity, title, seen: now - daysAgo * DAY_MS, remote: OTHER_HOSTING }),
    ),
    sampleFinding(account, 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom'),
  ]
  for (const finding of findings) account.findings.set(finding.Id, finding)
}
