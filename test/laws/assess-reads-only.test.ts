import { UpdateIdentityPoolCommand } from '@aws-sdk/client-cognito-identity'
import { StartInvestigationCommand } from '@aws-sdk/client-detective'
import {
  CreateSnapshotsCommand,
  ModifyInstanceMetadataOptionsCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { DeletePodIdentityAssociationCommand } from '@aws-sdk/client-eks'
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteLoginProfileCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda'
import { SendCommandCommand } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import type { AwsClients } from '../../src/aws/clients.ts'
import { DisableProfileCommand } from '../../src/aws/roles-anywhere-client.ts'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Stage } from '../../src/response/stage.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE } from '../support/scenario.ts'
import { buildQuick, changesIn, EACH_ONCE, RESPONSE_CALLS, WRITES_OF_RUN, wholeRuns } from './whole-run.ts'

const WRITES = new Set(
  RESPONSE_CALLS.filter(({ access }) => access === 'write').map((call) => `${call.service}:${call.operation}`),
)

/** Those that close what issues credentials outside of IAM, and that change what serves calls. */
const issuers = (aws: Pick<AwsClients, 'rolesanywhere' | 'eks' | 'cognitoIdentity' | 'lambda'>) => ({
  'rolesanywhere:DisableProfile': () => aws.rolesanywhere.send(new DisableProfileCommand({ profileId: 'p' })),
  'eks:DeletePodIdentityAssociation': () =>
    aws.eks.send(new DeletePodIdentityAssociationCommand({ clusterName: 'shop', associationId: 'a' })),
  'cognito-identity:UpdateIdentityPool': () =>
    aws.cognitoIdentity.send(
      new UpdateIdentityPoolCommand({ IdentityPoolId: 'p', IdentityPoolName: 'app', AllowUnauthenticatedIdentities: false }),
    ),
  'lambda:UpdateFunctionUrlConfig': () =>
    aws.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'resize', AuthType: 'AWS_IAM' })),
  'lambda:RemovePermission': () =>
    aws.lambda.send(new RemovePermissionCommand({ FunctionName: 'resize', StatementId: 'anybody' })),
  'lambda:PublishVersion': () => aws.lambda.send(new PublishVersionCommand({ FunctionName: 'resize' })),
  'lambda:UpdateAlias': () =>
    aws.lambda.send(new UpdateAliasCommand({ FunctionName: 'resize', Name: 'live', FunctionVersion: '2' })),
})

/** Every write of the runbook, as somebody would send it who forgot that only `act` may. */
const unasked = ({
  iam,
  ec2,
  ssm,
  detective,
  lambda,
  ecs,
  ...more
}: AwsClients): Readonly<Record<string, () => Promise<unknown>>> => ({
  ...issuers({ lambda, ...more }),
  'iam:PutRolePolicy': () =>
    iam.send(new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: '{}' })),
  'iam:PutUserPolicy': () =>
    iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: '{}' })),
  'iam:UpdateAccessKey': () =>
    iam.send(new UpdateAccessKeyCommand({ UserName: 'alice', AccessKeyId: 'AKIAXCSEC6TNB2WZPQ7L', Status: 'Inactive' })),
  'iam:CreatePolicy': () => iam.send(new CreatePolicyCommand({ PolicyName: 'AWSRevokeOlderSessions-1', PolicyDocument: '{}' })),
  'iam:AttachRolePolicy': () =>
    iam.send(new AttachRolePolicyCommand({ RoleName: 'web-app', PolicyArn: 'arn:aws:iam::111122223333:policy/deny' })),
  'iam:UpdateAssumeRolePolicy': () => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'web-app', PolicyDocument: '{}' })),
  'iam:DeleteLoginProfile': () => iam.send(new DeleteLoginProfileCommand({ UserName: 'alice' })),
  'ec2:ModifyInstanceMetadataOptions': () =>
    ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: SUBJECT_INSTANCE, HttpTokens: 'required' })),
  'ec2:CreateSnapshots': () => ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: SUBJECT_INSTANCE } })),
  'ec2:StopInstances': () => ec2.send(new StopInstancesCommand({ InstanceIds: [SUBJECT_INSTANCE], DryRun: false })),
  'ec2:StartInstances': () => ec2.send(new StartInstancesCommand({ InstanceIds: [SUBJECT_INSTANCE] })),
  'ssm:SendCommand': () =>
    ssm.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [SUBJECT_INSTANCE] })),
  'lambda:UpdateFunctionConfiguration': () => lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'resize' })),
  'ecs:UpdateService': () => ecs.send(new UpdateServiceCommand({ service: 'orders', forceNewDeployment: true })),
  'detective:StartInvestigation': () =>
    detective.send(
      new StartInvestigationCommand({
        GraphArn: 'arn',
        EntityArn: 'arn',
        ScopeStartTime: new Date(0),
        ScopeEndTime: new Date(0),
      }),
    ),
})

/** A stage that tries to change things while it should only look; what it was told is kept. */
const meddling = (stage: Stage, told: Map<string, string>): Stage => ({
  ...stage,
  assess: async (incident, context) => {
    for (const [operation, send] of Object.entries(unasked(context.aws(context.setting.region)))) {
      told.set(operation, await send().then(() => 'it was let through', String))
    }
    return stage.assess(incident, context)
  },
})

describe('a stage that changes something while it assesses', () => {
  const toldOf = new Map(stages.map(({ id }) => [id, new Map<string, string>()]))
  const built = buildQuick()
  const run = built.then((account) =>
    runInMemory({
      built: account,
      stages: stages.map((stage) => meddling(stage, toldOf.get(stage.id) ?? new Map())),
      proofWait: 0,
    }),
  )

  it.each(stages)('is stopped by the read-only guard: $id', async ({ id }) => {
    await run
    const told = toldOf.get(id) ?? new Map<string, string>()
    expect([...told.keys()].sort()).toEqual([...WRITES].sort())
    for (const says of told.values()) expect(says).toMatch(/would change something, and no intent was written for it/)
  })

  it('leaves the changes of its run as they are without it', async () => {
    const { result } = await run
    expect(changesIn(await built)).toEqual(EACH_ONCE)
    expect(result.exitCode).toBe(0)
  })
})

describe('a dry run', () => {
  it.each(['custom-threat-list', 'no-instance-details', 'looks-rotated', 'called-from-the-host'])(
    'comes to the end of all stages of %s and changes nothing',
    async (scenario) => {
      const built = await buildQuick(scenario)
      const { result, events, account } = await runInMemory({ built, dryRun: true })
      const entered = events.flatMap((event) => (event.type === 'entered' ? [event.stage] : []))
      expect(entered).toEqual(stages.map(({ id }) => id))
      expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
      expect(changesIn(built)).toEqual({})
      expect(account.writes()).toBe(0)
    },
  )

  it.each(wholeRuns)('shows each effect of the real run of %s', async (scenario) => {
    const { events } = await runInMemory({ built: await buildQuick(scenario), dryRun: true })
    const effects = events.flatMap((event) => (event.type === 'assessed' ? event.effects.map(({ operation }) => operation) : []))
    expect(effects.sort()).toEqual([...WRITES_OF_RUN[scenario]].sort())
  })
})
