import { documentOf, INSTANCE, STOLEN } from '../analysis/records.ts'
import { logKey } from './s3/bucket-server.ts'

type Document = Readonly<Record<string, unknown>>

const HOME = '111122223333'
export const OTHER = '999988887777'
export const ATTACKER = '203.0.113.66'
export const EVE = 'AKIAEVE0000000000001'
/** A session that was obtained by one that the long-term key obtained. */
export const LAST_LINK = 'ASIALASTLINK00000001'

const MIDDLE_LINK = 'ASIAMIDDLELINK000001'
const BACKDOOR = 'AKIABACKDOOR00000001'
const DEPLOY = 'ASIADEPLOY0000000001'
const READER = 'ASIAREADER0000000001'
const user = (userName: string, accessKeyId?: string) => ({
  userIdentity: {
    ...{ type: 'IAMUser', principalId: `AIDA${userName.toUpperCase()}`, arn: `arn:aws:iam::${HOME}:user/${userName}` },
    ...{ accountId: HOME, userName, ...(accessKeyId ? { accessKeyId } : {}) },
  },
})
const alice = user('alice', 'AKIAALICE00000000001')
const eve = user('eve', EVE)
const endpoint = { vpcEndpointId: 'vpce-0a1', vpcEndpointAccountId: OTHER }

const at = (clock: string): string => `2026-03-01T${clock}Z`
const attacker = (clock: string, event: string, call: Parameters<typeof documentOf>[0] = {}): Document =>
  documentOf({ at: at(clock), event, ip: ATTACKER, ...call })
const assumed = (clock: string, by: object, role: string, accessKeyId: string, more: object = {}): Document =>
  documentOf({
    at: at(clock),
    event: 'sts:AssumeRole',
    request: { roleArn: role, roleSessionName: 's' },
    response: {
      credentials: { accessKeyId, sessionToken: 'CANARY', expiration: at('20:00:00') },
      assumedRoleUser: { arn: `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/s` },
    },
    more: { ...by, ...more },
  })

/** How the instance got its key and another one, and what was done to it before. */
const before = (): readonly Document[] => [
  ...['ASIAWORKLOAD00000001', 'ASIAWORKLOAD00000002'].flatMap((key, day) =>
    ['08:00:00', '09:10:00', '10:20:00'].map((clock) =>
      documentOf({
        at: `2026-02-2${6 + day}T${clock}Z`,
        key,
        ip: '203.0.113.10',
        agent: 'workload/1.0',
        issuedAt: '2026-02-26T00:00:00Z',
      }),
    ),
  ),
  ...[STOLEN, 'ASIAUNUSED0000000001'].map((key) =>
    assumed(
      '06:00:00',
      { userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } },
      `arn:aws:iam::${HOME}:role/web-app`,
      key,
      {
        requestParameters: { roleArn: `arn:aws:iam::${HOME}:role/web-app`, roleSessionName: INSTANCE },
        sourceIPAddress: 'ec2.amazonaws.com',
      },
    ),
  ),
  documentOf({ at: at('11:59:50'), event: 'ssm:SendCommand', ip: ATTACKER, request: { instanceIds: [INSTANCE] }, more: eve }),
  documentOf({
    at: at('11:30:00'),
    event: 'iam:AttachRolePolicy',
    request: { roleName: 'web-app', policyArn: 'x' },
    more: alice,
  }),
  documentOf({ at: at('13:30:00'), event: 'ec2:DescribeInstances', ip: ATTACKER, more: eve }),
]

/** Calls with a record of their network activity beside their own, with only that, and with a record that was delivered again. */
const recordedTwice = (): readonly Document[] => {
  const read = { ...endpoint, requestID: 'read-1', eventCategory: 'Data', managementEvent: false, readOnly: true }
  const request = { bucketName: 'payroll', key: 'salaries.csv' }
  const made = attacker('12:01:00', 'iam:CreateUser', { id: 'create-user', request: { userName: 'backdoor' } })
  return [
    attacker('12:00:30', 's3:GetObject', { request, more: { ...read, additionalEventData: { bytesTransferredOut: 4096 } } }),
    attacker('12:00:30', 's3:GetObject', { more: { ...read, eventCategory: 'NetworkActivity' } }),
    attacker('12:00:40', 's3:PutObject', {
      errorCode: 'VpceAccessDenied',
      more: { ...endpoint, requestID: 'put-1', eventCategory: 'NetworkActivity' },
    }),
    made,
    {
      ...made,
      eventID: 'create-user-again',
      responseElements: { user: { userName: 'backdoor', arn: `arn:aws:iam::${HOME}:user/backdoor` } },
      addendum: { reason: 'UPDATED_DATA', originalEventID: 'create-user', updatedFields: 'responseElements' },
    },
  ]
}

/** A key, a password and a trust policy that the session left and that were used; what of it others undid. */
const left = (): readonly Document[] => [
  attacker('12:02:00', 'iam:CreateAccessKey', {
    request: { userName: 'backdoor' },
    response: { accessKey: { userName: 'backdoor', accessKeyId: BACKDOOR, status: 'Active' } },
  }),
  documentOf({ at: at('14:00:00'), event: 's3:ListBuckets', ip: '203.0.113.99', more: user('backdoor', BACKDOOR) }),
  attacker('12:02:30', 'iam:CreateLoginProfile', { request: { userName: 'backdoor' } }),
  documentOf({
    at: at('14:10:00'),
    event: 'signin:ConsoleLogin',
    ip: '203.0.113.99',
    response: { ConsoleLogin: 'Success' },
    more: user('backdoor'),
  }),
  attacker('12:03:00', 'iam:UpdateAssumeRolePolicy', {
    request: { roleName: 'deploy', policyDocument: JSON.stringify(opened) },
  }),
  assumed(
    '15:00:00',
    { userIdentity: { type: 'AWSAccount', principalId: 'AIDAMALLORY', accountId: OTHER } },
    `arn:aws:iam::${HOME}:role/ci/deploy`,
    DEPLOY,
    { sourceIPAddress: '203.0.113.98' },
  ),
  documentOf({
    at: at('15:10:00'),
    event: 'secretsmanager:ListSecrets',
    key: DEPLOY,
    role: 'deploy',
    session: 's',
    ip: '203.0.113.98',
  }),
  attacker('12:04:00', 'ec2:AuthorizeSecurityGroupIngress', {
    request: {
      groupId: 'sg-0a1b2c3d',
      ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] },
    },
  }),
  attacker('12:05:00', 'cloudtrail:StopLogging', { request: { name: 'main-trail' } }),
  documentOf({ at: at('12:45:00'), event: 'cloudtrail:StartLogging', request: { name: 'main-trail' }, more: alice }),
  documentOf({ at: at('16:00:00'), event: 'iam:DeleteUser', request: { userName: 'backdoor' }, more: alice }),
]

const opened = {
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OTHER}:root` }, Action: 'sts:AssumeRole' }],
}

/** A session in another account, in whose trail it stands as well; and who obtained what, link by link. */
const chained = (): readonly Document[] => {
  const across = { ...assumed('12:06:00', {}, `arn:aws:iam::${OTHER}:role/reader`, READER), sourceIPAddress: ATTACKER }
  return [
    { ...across, sharedEventID: 'shared-1' },
    { ...across, eventID: 'across-there', sharedEventID: 'shared-1', recipientAccountId: OTHER },
    documentOf({
      at: at('12:20:00'),
      event: 's3:ListBuckets',
      key: READER,
      role: 'reader',
      session: 's',
      ip: ATTACKER,
      more: { recipientAccountId: OTHER },
    }),
    documentOf({
      at: '2026-02-28T09:00:00Z',
      event: 'iam:CreateAccessKey',
      request: { userName: 'eve' },
      response: { accessKey: { userName: 'eve', accessKeyId: EVE, status: 'Active' } },
      more: alice,
    }),
    assumed('10:00:00', eve, `arn:aws:iam::${HOME}:role/admin`, MIDDLE_LINK),
    {
      ...assumed('10:30:00', {}, `arn:aws:iam::${HOME}:role/auditor`, LAST_LINK),
      ...session(MIDDLE_LINK, 'admin', at('10:00:00')),
    },
    documentOf({
      at: at('10:40:00'),
      event: 'iam:ListUsers',
      key: LAST_LINK,
      role: 'auditor',
      session: 's',
      issuedAt: at('10:30:00'),
      ip: '203.0.113.77',
    }),
  ]
}

const session = (key: string, role: string, issuedAt: string): Document => {
  const { userIdentity } = documentOf({ key, role, session: 's', issuedAt })
  return { userIdentity }
}

/** The records of an organisation's trail around one incident, each once as CloudTrail delivered it. */
export const organizationTree = (): readonly Document[] => [...before(), ...recordedTwice(), ...left(), ...chained()]

/** The object key of the log file in which the organisation's trail delivers a record. */
export const treeKeyOf = ({ recipientAccountId, awsRegion, eventTime, eventCategory }: Document): string => {
  const [account, region] = [String(recipientAccountId), String(awsRegion)]
  const key = logKey(`${String(eventTime).slice(0, 13)}:59:00`, { account, region, organization: 'o-abcde12345/' })
  return eventCategory === 'NetworkActivity'
    ? key.replace('/CloudTrail/', '/CloudTrail-NetworkActivity/').replace('_CloudTrail_', '_CloudTrail-NetworkActivity_')
    : key
}
