import type { Finding } from '../../src/incident/finding/finding.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { at } from './sample-incident.ts'

/** A narrowed finding about the session of an instance's role. */
export const findingLike = (parts: Partial<Finding> = {}): Finding => ({
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
  principalId: 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a',
  userName: 'web-app',
  instancePublicIps: [],
  threatLists: [untrusted('acme-bad-ips')],
  remarks: [],
  ...parts,
})

/** The same without some of its members. */
export const without = (finding: Finding, ...names: readonly (keyof Finding)[]): Finding =>
  Object.fromEntries(Object.entries(finding).filter(([name]) => !names.includes(name as keyof Finding))) as unknown as Finding
