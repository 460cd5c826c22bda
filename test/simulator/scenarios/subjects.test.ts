import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  CreateAccessKeyCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { loadScenario, subjectScenarioIds } from '../../../src/simulator/scenarios/catalogue.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { allowing, revocation } from '../../support/account.ts'
import { build, mainOf, passes } from '../../support/scenario.ts'
import { NOW } from '../../support/trail.ts'

const POLICY = 'AWSRevokeOlderSessions'

/** The account over the wire, for whoever holds credentials in it; the responder may do anything. */
const outside = async (id: string) => {
  const built = await build(id)
  built.account.roles.get('ir-responder')?.inline.set('all', { document: allowing('*'), writtenAt: 0 })
  const open = openAccount(built)
  const dispatch = createDispatcher({
    answer: open.answer,
    now: built.account.clock.now,
    authenticate: verifySignature(open.secretOf),
  })
  const requestHandler = inProcessHandler(dispatch)
  const config = ({ accessKeyId, secretAccessKey, sessionToken }: IssuedCredential) => ({
    ...{ region: built.account.region, requestHandler, maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  })
  const describes = async (by: IssuedCredential | undefined): Promise<string> => {
    if (!by) return 'no credentials'
    const client = new EC2Client(config(by))
    return client.send(new DescribeInstancesCommand({})).then(
      () => 'ok',
      (error: Error) => error.name,
    )
  }
  const iam = new IAMClient(config(built.cast.responder))
  const cutoff = (): string => new Date(built.account.clock.now() + 30_000).toISOString()
  const denyRole = async (RoleName: string): Promise<void> => {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: POLICY, PolicyDocument: revocation(cutoff()) }))
    passes(built, 60)
  }
  return { built, describes, iam, denyRole, cutoff, config, requestHandler }
}

const roleOf = ({ cast }: BuiltScenario): string =>
  cast.attacker.principal.type === 'role-session' ? cast.attacker.principal.roleName : ''

describe.each(subjectScenarioIds)('scenario %s', (id) => {
  test('says in two to four plain sentences what a trainee is told, and has at least two model answers', async () => {
    const { story, title } = await loadScenario(id)
    const sentences = story.split(/[.?!](?:\s|$)/).filter((sentence) => sentence !== '')
    expect(sentences.length).toBeGreaterThanOrEqual(2)
    expect(sentences.length).toBeLessThanOrEqual(4)
    expect(title).not.toBe('')
    expect((await build(id)).modelAnswers.length).toBeGreaterThanOrEqual(2)
  })

  test('has its finding on the stolen key, which works from outside, and is the same account every time', async () => {
    const { built, describes } = await outside(id)
    expect(mainOf(built)).toMatchObject({ Resource: { AccessKeyDetails: { AccessKeyId: built.cast.attacker.accessKeyId } } })
    // The task of AssumeRoot is an audit of the root user's own credentials, for fifteen minutes.
    const isAudit = id === 'assumed-root'
    expect(await describes(built.cast.attacker)).toBe(isAudit ? 'UnauthorizedOperation' : 'ok')
    const again = await build(id)
    expect([again.findingId, again.cast]).toEqual([built.findingId, built.cast])
    const calls = built.account.trail.all().filter(({ accessKeyId }) => accessKeyId === built.cast.attacker.accessKeyId)
    expect(NOW - (calls.find(({ document }) => document().sourceIPAddress === '198.51.100.23')?.at ?? NOW)).toBeGreaterThan(
      isAudit ? 240_000 : 2_400_000,
    )
  })
})

test('user-key: inactive, it is refused; its user’s sessions are refused by the dated deny; a new key works', async () => {
  const { built, describes, iam, cutoff } = await outside('user-key')
  const { attacker } = built.cast
  const UserName = 'deploy-bot'
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: attacker.accessKeyId, Status: 'Inactive' }))
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: POLICY, PolicyDocument: revocation(cutoff()) }))
  passes(built, 60)
  expect(await describes(attacker)).toBe('AuthFailure')
  expect(built.newCredentials()?.accessKeyId).toBe(AccessKey?.AccessKeyId)
  expect(await describes(built.newCredentials())).toBe('ok')
})

test.each([
  [
    'function-role',
    ({ config, built }: Awaited<ReturnType<typeof outside>>) =>
      new LambdaClient(config(built.cast.responder)).send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'make-thumbnails', Description: 'renewed' }),
      ),
  ],
  [
    'task-role',
    ({ config, built }: Awaited<ReturnType<typeof outside>>) =>
      new ECSClient(config(built.cast.responder)).send(
        new UpdateServiceCommand({ cluster: 'shop', service: 'orders', forceNewDeployment: true }),
      ),
  ],
])('%s: the dated deny refuses the stolen set and the workload’s, until that is renewed', async (id, renew) => {
  const account = await outside(id)
  const { built, describes, denyRole } = account
  await denyRole(roleOf(built))
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  expect(await describes(built.newCredentials())).toBe('UnauthorizedOperation')
  await renew(account)
  passes(built, 120)
  expect(await describes(built.newCredentials())).toBe('ok')
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
})

test('web-identity: the attacker is back after the first deny; the trust policy and a second deny end it, and the pods go on', async () => {
  const { built, describes, iam, denyRole, requestHandler } = await outside('web-identity')
  const { stolenToken, account } = built
  const RoleName = roleOf(built)
  const assume = () =>
    new STSClient({ region: 'us-east-1', requestHandler, maxAttempts: 1 }).send(
      new AssumeRoleWithWebIdentityCommand({
        ...{ RoleArn: stolenToken?.roleArn, RoleSessionName: 'again', WebIdentityToken: stolenToken?.token },
      }),
    )
  await denyRole(RoleName)
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  const letIn = passes(built, 600).filter(
    ({ who, outcome, action }) => who === 'attacker' && outcome === 'ok' && action.startsWith('s3:'),
  )
  expect(letIn.length).toBeGreaterThan(0)
  await expect(assume()).resolves.toHaveProperty('Credentials')
  const PolicyDocument = account.roles.get(RoleName)?.trustPolicy.replace('shop:payments', 'shop:payments-2')
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
  passes(built, 60)
  await denyRole(RoleName)
  await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied' })
  passes(built, 3600)
  expect(await describes(built.newCredentials())).toBe('ok')
  const later = passes(built, 900).filter(({ who, action }) => who === 'attacker' && action !== 'sts:GetCallerIdentity')
  expect(later.filter(({ outcome }) => outcome === 'ok')).toEqual([])
})

test('other-account: the partner’s key takes new sessions under a deny, until the trust policy refuses it', async () => {
  const { built, describes, iam, denyRole } = await outside('other-account')
  const RoleName = roleOf(built)
  await denyRole(RoleName)
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  expect(await describes(built.newCredentials())).toBe('ok')
  const Condition = { StringEquals: { 'sts:ExternalId': 'agreed-by-telephone' } }
  const statement = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:AssumeRole', Condition }
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
  passes(built, 60)
  await denyRole(RoleName)
  expect(built.newCredentials()).toBeUndefined()
})

test('terminated-instance: nothing is left of it but its data volume, and the stolen set is good until it is denied', async () => {
  const { built, describes, denyRole } = await outside('terminated-instance')
  const instance = built.account.instances.get('i-08faaaafb15777f5a')
  expect(instance).toMatchObject({ state: 'terminated' })
  expect([...built.account.volumes.values()].filter(({ instanceId }) => instanceId === instance?.id)).toMatchObject([
    { device: '/dev/sdf' },
  ])
  expect(built.newCredentials()).toBeUndefined()
  await denyRole('web-app')
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
})

test('auto-scaling-member: whoever stops it loses it, and its group launches another', async () => {
  const { built, config } = await outside('auto-scaling-member')
  const instance = built.account.instances.get('i-08faaaafb15777f5a')
  expect(instance?.autoScalingGroup).toBe('web-asg')
  const ids = new Set(built.account.instances.keys())
  await new EC2Client(config(built.cast.responder)).send(new StopInstancesCommand({ InstanceIds: [instance?.id ?? ''] }))
  passes(built, 300)
  expect(instance?.state).toBe('terminated')
  expect([...built.account.instances.values()].filter(({ id }) => !ids.has(id))).toMatchObject([{ autoScalingGroup: 'web-asg' }])
})

/** What the attacker gets while a time passes, besides GetCallerIdentity, which nothing denies. */
const getsIn = (built: BuiltScenario, seconds: number): number =>
  passes(built, seconds).filter(({ who, outcome, action }) => who === 'attacker' && outcome === 'ok' && action.startsWith('s3:'))
    .length

test('user-session: a deny on the user alone is passed by the key that took it; inactive, it takes no more', async () => {
  const { built, describes, iam, cutoff } = await outside('user-session')
  const UserName = 'deploy-bot'
  const deny = async () => {
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: POLICY, PolicyDocument: revocation(cutoff()) }))
    passes(built, 60)
  }
  await deny()
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  expect(getsIn(built, 600)).toBeGreaterThan(0)
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const [key] = [...(built.account.users.get(UserName)?.accessKeys.keys() ?? [])]
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key, Status: 'Inactive' }))
  await deny()
  expect(getsIn(built, 3600)).toBe(0)
  expect(built.newCredentials()?.accessKeyId).toBe(AccessKey?.AccessKeyId)
  expect(await describes(built.newCredentials())).toBe('ok')
})

test('federated-user: a dated deny on the broker’s user ends all sessions that it took, and the next ones work', async () => {
  const { built, describes, iam, cutoff } = await outside('federated-user')
  const document = revocation(cutoff())
  await iam.send(new PutUserPolicyCommand({ UserName: 'token-broker', PolicyName: POLICY, PolicyDocument: document }))
  passes(built, 60)
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  expect(await describes(built.newCredentials())).toBe('UnauthorizedOperation')
  passes(built, 3600)
  expect(await describes(built.newCredentials())).toBe('ok')
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
})

test('pod-identity: the dated deny refuses the stolen set and the pod’s, until the pod takes the next one', async () => {
  const { built, describes, denyRole } = await outside('pod-identity')
  await denyRole(roleOf(built))
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  expect(await describes(built.newCredentials())).toBe('UnauthorizedOperation')
  passes(built, 3600)
  expect(await describes(built.newCredentials())).toBe('ok')
})

/** The role's trust policy with another statement. */
const withStatement = ({ account }: BuiltScenario, RoleName: string, statement: object): string => {
  const { Statement, ...rest } = JSON.parse(account.roles.get(RoleName)?.trustPolicy ?? '{}')
  return JSON.stringify({ ...rest, Statement: [...Statement, statement] })
}

test.each([
  [
    'saml-person',
    {
      ...{ Effect: 'Deny', Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/acme-idp' } },
      ...{ Action: 'sts:AssumeRoleWithSAML', Condition: { StringEquals: { 'saml:sub': 'alice@acme.example' } } },
    },
  ],
  [
    'roles-anywhere',
    {
      ...{ Effect: 'Deny', Principal: { Service: 'rolesanywhere.amazonaws.com' }, Action: 'sts:AssumeRole' },
      Condition: { StringEquals: { 'sts:RoleSessionName': '5f1d0c7a9b3e4826' } },
    },
  ],
])(
  '%s: the attacker is back after the first deny; the trust policy and a second deny end it, and the others go on',
  async (id, refusal) => {
    const { built, describes, iam, denyRole } = await outside(id)
    const RoleName = roleOf(built)
    await denyRole(RoleName)
    expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
    expect(getsIn(built, 600)).toBeGreaterThan(0)
    const PolicyDocument = withStatement(built, RoleName, refusal)
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
    passes(built, 60)
    await denyRole(RoleName)
    expect(getsIn(built, 3600)).toBe(0)
    expect(await describes(built.newCredentials())).toBe('ok')
  },
)

test('identity-pool: no identity that is refused ends it, since the next guest is another one; a role without guests does', async () => {
  const { built, describes, iam, denyRole } = await outside('identity-pool')
  const RoleName = roleOf(built)
  const provider = 'cognito-identity.amazonaws.com'
  const issue = built.account.trail.all().find(({ eventName }) => eventName === 'AssumeRoleWithWebIdentity')
  const { userName } = (issue?.document().userIdentity ?? {}) as { userName?: string }
  const refusal = {
    ...{ Effect: 'Deny', Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithWebIdentity' },
    Condition: { StringEquals: { [`${provider}:sub`]: userName } },
  }
  const PolicyDocument = withStatement(built, RoleName, refusal)
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
  passes(built, 60)
  await denyRole(RoleName)
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
  expect(getsIn(built, 600)).toBeGreaterThan(0)
  const signedIn = PolicyDocument.replace('"unauthenticated"', '"authenticated"')
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: signedIn }))
  passes(built, 60)
  await denyRole(RoleName)
  expect(getsIn(built, 3600)).toBe(0)
})

test('obtained-session: the user’s key took it, and the dated deny on the role refuses it', async () => {
  const { built, describes, denyRole } = await outside('obtained-session')
  const { accessKeyId } = built.cast.attacker
  const issue = built.account.trail
    .all()
    .find(({ document }) => JSON.stringify(document().responseElements).includes(accessKeyId))
  expect(issue?.document()).toMatchObject({ eventName: 'AssumeRole', userIdentity: { userName: 'deploy-pipeline' } })
  await denyRole(roleOf(built))
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
})

test.each(['identity-center', 'service-linked-role'])('%s: nobody in the account puts a policy on the role', async (id) => {
  const { built, describes, denyRole } = await outside(id)
  await expect(denyRole(roleOf(built))).rejects.toMatchObject({ name: expect.stringMatching(/^UnmodifiableEntity/) })
  expect(await describes(built.cast.attacker)).toBe('ok')
})

test('china-region: the dated deny refuses the stolen set in the partition’s own Region', async () => {
  const { built, describes, denyRole } = await outside('china-region')
  expect(mainOf(built)).toMatchObject({ Partition: 'aws-cn', Region: 'cn-north-1' })
  await denyRole(roleOf(built))
  expect(await describes(built.cast.attacker)).toBe('UnauthorizedOperation')
})
