import { apiCalls } from '../../src/aws/calls.ts'
import type { Account } from '../../src/simulator/account/account.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import type { Call } from '../../src/simulator/call.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { serveCall } from '../../src/simulator/serve-call.ts'
import { ec2 } from '../../src/simulator/services/ec2.ts'
import { iam } from '../../src/simulator/services/iam.ts'

const BACKUP = 'snap-0b1c2d3e4f5061728'
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess'
const P = 'arn:aws:iam::111122223333:policy/evil-policy'
const MFA = 'arn:aws:iam::111122223333:mfa/evil-device'
const OUTSIDE = '666677778888'
const anything = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })
const trusting = (...ids: readonly string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: ids.map((id) => `arn:aws:iam::${id}:root`) }, Action: 'sts:AssumeRole' }],
  })

/** Every event with a live look, in an order in which they work. */
export const EVERYTHING: readonly (readonly [service: 'iam' | 'ec2', operation: string, input: object])[] = [
  ['iam', 'CreateUser', { UserName: 'eve' }],
  ['iam', 'CreateAccessKey', { UserName: 'eve' }],
  ['iam', 'CreateLoginProfile', { UserName: 'eve', Password: 'x' }],
  ['iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'evil-device' }],
  [
    'iam',
    'EnableMFADevice',
    { UserName: 'eve', SerialNumber: MFA, AuthenticationCode1: '123456', AuthenticationCode2: '234567' },
  ],
  ['iam', 'CreateGroup', { GroupName: 'wheel' }],
  ['iam', 'AddUserToGroup', { GroupName: 'wheel', UserName: 'eve' }],
  ['iam', 'AttachUserPolicy', { UserName: 'eve', PolicyArn: ADMINISTRATOR }],
  ['iam', 'AttachGroupPolicy', { GroupName: 'wheel', PolicyArn: ADMINISTRATOR }],
  ['iam', 'PutUserPolicy', { UserName: 'eve', PolicyName: 'evil', PolicyDocument: anything }],
  ['iam', 'PutGroupPolicy', { GroupName: 'wheel', PolicyName: 'evil', PolicyDocument: anything }],
  ['iam', 'PutRolePolicy', { RoleName: 'platform-admin', PolicyName: 'evil', PolicyDocument: anything }],
  ['iam', 'CreatePolicy', { PolicyName: 'evil-policy', PolicyDocument: anything }],
  ['iam', 'CreatePolicyVersion', { PolicyArn: P, PolicyDocument: anything }],
  ['iam', 'CreateRole', { RoleName: 'evil-role', AssumeRolePolicyDocument: trusting('111122223333', OUTSIDE) }],
  ['iam', 'AttachRolePolicy', { RoleName: 'evil-role', PolicyArn: P }],
  ['iam', 'UpdateAssumeRolePolicy', { RoleName: 'platform-admin', PolicyDocument: trusting('111122223333', OUTSIDE) }],
  ['iam', 'CreateInstanceProfile', { InstanceProfileName: 'evil-profile' }],
  ['iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'evil-profile', RoleName: 'evil-role' }],
  ['iam', 'CreateSAMLProvider', { Name: 'evil-saml', SAMLMetadataDocument: '<EntityDescriptor/>' }],
  ['iam', 'CreateOpenIDConnectProvider', { Url: 'https://evil.example/oidc', ClientIDList: ['sts.amazonaws.com'] }],
  ['ec2', 'RunInstances', { ImageId: 'ami-0c1d2e3f405162738', InstanceType: 't3.micro', MinCount: 2, MaxCount: 2 }],
  ['ec2', 'CreateKeyPair', { KeyName: 'evil-key' }],
  [
    'ec2',
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: 'sg-0a1b2c3d4e5f60001',
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 3389, ToPort: 3389, IpRanges: [{ CidrIp: '0.0.0.0/0' }, { CidrIp: '198.51.100.0/24' }] },
      ],
    },
  ],
  ['ec2', 'CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-0cc3d4e5f60718293' } }],
  ['ec2', 'CreateImage', { InstanceId: 'i-0cc3d4e5f60718293', Name: 'evil-image' }],
  [
    'ec2',
    'ModifySnapshotAttribute',
    { SnapshotId: BACKUP, CreateVolumePermission: { Add: [{ UserId: OUTSIDE }, { UserId: '888877776666' }] } },
  ],
]

const carryOut = (account: Account, by: IssuedCredential, service: 'iam' | 'ec2', name: string, input: object): object => {
  const operation = { iam, ec2 }[service][name]
  if (!operation) throw new Error(`${service}:${name} is not served`)
  const { accessKeyId, sessionToken = '' } = by
  const origin = { region: account.region, sourceIp: '198.51.100.23', userAgent: 'Boto3/1.26.45', requestId: 'r' }
  const call: Call = { service, operation: name, input: { ...input }, accessKeyId, sessionToken, ...origin }
  return serveCall(account, operation, { call, credential: by })
}

/** Lets the attacker leave all of it with the stolen key, ten minutes before the present: CloudTrail shows it by now. */
export const leaveEverything = (built: BuiltScenario): BuiltScenario => {
  const { account, cast } = built
  const now = account.clock.now()
  account.roles.get('web-app')?.inline.set('everything', { document: anything, writtenAt: 0 })
  for (const [index, [service, operation, input]] of EVERYTHING.entries()) {
    account.agenda.add(now - 600_000 + index * 2000, () => carryOut(account, cast.attacker, service, operation, input))
  }
  account.agenda.add(now - 500_000, () => {
    const [image] = account.images.values()
    const LaunchPermission = { Add: [{ Group: 'all' }] }
    carryOut(account, cast.attacker, 'ec2', 'ModifyImageAttribute', { ImageId: image?.id, LaunchPermission })
  })
  account.agenda.runUntil(now)
  return built
}

const HUNT = 'hunt-persistence'
/** They make the same reads of the role or a user, for a user's key alone or as one that may fail. */
const CAN_DO_WITHOUT: readonly string[] = [
  'close-access',
  'preserve-evidence',
  'identify-subject',
  'restart-instance',
  'trace-activity',
  'close-incident',
  'investigate',
]

/** Reads that only the hunt needs, for its live looks. */
export const huntReads: readonly string[] = apiCalls
  .filter(({ stages }) => stages.includes(HUNT) && stages.every((stage) => stage === HUNT || CAN_DO_WITHOUT.includes(stage)))
  .map(({ service, operation }) => `${service}:${operation}`)
