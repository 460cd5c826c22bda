import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { iamArn, inPartition, roleArn } from '../../account/arns.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import type { Plan, PlannedCall, PlannedOutcome } from '../../actors/actor.ts'
import { BOTO_AGENT, KALI_AGENT, reconnaissance, reconnaissanceSteps, taking } from '../../actors/attacker.ts'
import { between } from '../../random.ts'
import { allow, policy } from '../../scenario-kit/policies.ts'
import type { StandardAccount } from '../../scenario-kit/standard-account.ts'
import type { Service } from '../../service.ts'
import { ec2 } from '../../services/ec2.ts'
import { iam } from '../../services/iam.ts'
import { sts } from '../../services/sts.ts'
import { ADMINISTRATOR, NAMES } from './account.ts'

const SERVICES: Readonly<Record<'iam' | 'ec2' | 'sts', Service>> = { iam, ec2, sts }

/** What the attacker does by hand, about twice a minute. */
const PAUSE = [20, 40] as const

/** Steps of the looking around before the attacker begins to stay, and how long they take. */
const LOOKS = 10
const LOOKS_SECONDS = 12 * MINUTE_SECONDS

interface Hand {
  credential: IssuedCredential
}

type Input = Readonly<Record<string, unknown>>

const carryOut = (standard: StandardAccount, service: keyof typeof SERVICES, name: string, input: Input): PlannedCall => {
  const operation = SERVICES[service][name]
  if (!operation) throw new RangeError(`${service}:${name} is not served`)
  return {
    call: `${service}:${name}`,
    userAgent: KALI_AGENT,
    afterSeconds: between(standard.account.random, ...PAUSE),
    carriesOut: { operation, input },
  }
}

/** The credentials that a call handed out, by their key id in its answer. */
const handedOut = ({ account }: StandardAccount, outcome: PlannedOutcome | undefined): IssuedCredential | undefined => {
  const { AccessKey, Credentials } = (outcome?.answer ?? {}) as {
    readonly AccessKey?: { readonly AccessKeyId?: string }
    readonly Credentials?: { readonly AccessKeyId?: string }
  }
  return account.credentials.find(AccessKey?.AccessKeyId ?? Credentials?.AccessKeyId ?? '')
}

/** A user with everything, a key of somebody else's, a policy that looks like AWS's own, and a role open to the outside. */
function* stays(standard: StandardAccount): Generator<PlannedCall, IssuedCredential | undefined, PlannedOutcome | undefined> {
  const { account } = standard
  const iamCall = (name: string, input: Input) => carryOut(standard, 'iam', name, input)
  const UserName = NAMES.strange
  yield iamCall('CreateUser', { UserName })
  const key = handedOut(standard, yield iamCall('CreateAccessKey', { UserName }))
  yield iamCall('CreateLoginProfile', { UserName, Password: 'not-recorded-anywhere-1!', PasswordResetRequired: false })
  yield iamCall('AttachUserPolicy', { UserName, PolicyArn: inPartition(account, ADMINISTRATOR) })
  yield iamCall('PutUserPolicy', { UserName, PolicyName: 'support', PolicyDocument: policy(allow(['*'])) })
  yield iamCall('CreateAccessKey', { UserName: NAMES.reporting })
  yield iamCall('CreatePolicy', { PolicyName: NAMES.policy, PolicyDocument: policy(allow(['iam:*', 'sts:*'])) })
  const PolicyArn = iamArn(account, 'policy', NAMES.policy)
  yield iamCall('AttachRolePolicy', { RoleName: NAMES.deploy, PolicyArn })
  const Principal = { AWS: [account.id, NAMES.outside].map((id) => `arn:${account.partition}:iam::${id}:root`) }
  const PolicyDocument = policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })
  yield iamCall('UpdateAssumeRolePolicy', { RoleName: NAMES.deploy, PolicyDocument })
  yield iamCall('CreateSAMLProvider', { Name: 'corp-sso', SAMLMetadataDocument: '<EntityDescriptor/>'.padEnd(1000) })
  return key
}

/** With a session of the role that deploys: a backup is shared, and a port and a key pair are made ready. */
function* movesOn(standard: StandardAccount): Plan {
  const ec2Call = (name: string, input: Input) => carryOut(standard, 'ec2', name, input)
  const CreateVolumePermission = { Add: [{ UserId: NAMES.outside }] }
  yield ec2Call('ModifySnapshotAttribute', { SnapshotId: NAMES.backup, CreateVolumePermission })
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
  yield ec2Call('AuthorizeSecurityGroupIngress', {
    GroupId: standard.subjectInstance.vpcId.replace('vpc-', 'sg-'),
    IpPermissions,
  })
  yield ec2Call('CreateKeyPair', { KeyName: NAMES.keyPair })
}

/**
 * Looks around, makes ways back, moves on to another role, tries the new user's key (and makes a second one with it), and
 * then takes what can be taken with the stolen key until nothing works any more. `hand` holds what is used at the moment.
 */
export function* leavingPlan(standard: StandardAccount, hand: Hand): Plan {
  const { account, role } = standard
  const stolen = hand.credential
  const steps = reconnaissanceSteps(account.id, role.name).slice(0, LOOKS)
  yield* reconnaissance(account.random, steps, LOOKS_SECONDS)
  const userKey = yield* stays(standard)
  const RoleArn = roleArn(account, NAMES.deploy)
  const session = yield carryOut(standard, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'deploy' })
  hand.credential = handedOut(standard, session) ?? stolen
  yield* movesOn(standard)
  hand.credential = userKey ?? stolen
  yield carryOut(standard, 'sts', 'GetCallerIdentity', {})
  yield carryOut(standard, 'iam', 'CreateAccessKey', { UserName: NAMES.strange })
  hand.credential = stolen
  yield* taking(account.random, BOTO_AGENT)
}
