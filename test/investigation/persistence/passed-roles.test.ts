import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JOB_SERVICES, stopCommandOf, takesRolesFor } from '../../../src/investigation/persistence/job-services.ts'
import { rolesOfEvent } from '../../../src/investigation/persistence/passed-roles.ts'
import { PLACEHOLDERS, placeholdersOf } from '../../../src/investigation/persistence/placeholders.ts'
import { PERSISTENCE_RULES } from '../../../src/investigation/persistence/rules.ts'
import { leftBy, recordOf } from '../analysis/records.ts'

/** Requests that pass a role, in the spelling of each service's API reference with CloudTrail's small first letter. */
const PASSING: Readonly<Record<string, (role: string) => object>> = {
  'codebuild:CreateProject': (role) => ({ name: 'p', serviceRole: role }),
  'codebuild:UpdateProject': (role) => ({ name: 'p', serviceRole: role }),
  'codebuild:StartBuild': (role) => ({ projectName: 'p', serviceRoleOverride: role }),
  'codebuild:StartBuildBatch': (role) => ({ projectName: 'p', serviceRoleOverride: role }),
  'glue:CreateJob': (role) => ({ name: 'j', role }),
  'glue:UpdateJob': (role) => ({ jobName: 'j', jobUpdate: { role } }),
  'glue:CreateSession': (role) => ({ id: 's', role }),
  'glue:CreateDevEndpoint': (role) => ({ endpointName: 'e', roleArn: role }),
  'states:CreateStateMachine': (role) => ({ name: 'm', roleArn: role }),
  'states:UpdateStateMachine': (role) => ({ stateMachineArn: 'm', roleArn: role }),
  'sagemaker:CreateTrainingJob': (role) => ({ trainingJobName: 't', roleArn: role }),
  'sagemaker:CreateProcessingJob': (role) => ({ processingJobName: 't', roleArn: role }),
  'sagemaker:CreateHyperParameterTuningJob': (role) => ({ trainingJobDefinition: { roleArn: role } }),
  'sagemaker:CreateModel': (role) => ({ modelName: 'm', executionRoleArn: role }),
  'sagemaker:CreateNotebookInstance': (role) => ({ notebookInstanceName: 'n', roleArn: role }),
  'sagemaker:UpdateNotebookInstance': (role) => ({ notebookInstanceName: 'n', roleArn: role }),
  'cloudformation:CreateStack': (role) => ({ stackName: 's', roleARN: role }),
  'cloudformation:UpdateStack': (role) => ({ stackName: 's', roleARN: role }),
  'cloudformation:CreateChangeSet': (role) => ({ stackName: 's', roleARN: role }),
  'cloudformation:CreateStackSet': (role) => ({ stackSetName: 's', administrationRoleARN: role }),
  'batch:RegisterJobDefinition': (role) => ({ containerProperties: { jobRoleArn: role } }),
  'elasticmapreduce:RunJobFlow': (role) => ({ serviceRole: role }),
  'elasticmapreduce:AddJobFlowSteps': (role) => ({ executionRoleArn: role }),
  'emr-serverless:StartJobRun': (role) => ({ applicationId: 'a', executionRoleArn: role }),
  'datapipeline:PutPipelineDefinition': (role) => ({
    pipelineObjects: [{ id: 'Default', fields: [{ key: 'resourceRole', stringValue: role }] }],
  }),
  'codepipeline:CreatePipeline': (role) => ({ pipeline: { name: 'p', roleArn: role } }),
  'codepipeline:UpdatePipeline': (role) => ({ pipeline: { name: 'p', roleArn: role } }),
  'apprunner:CreateService': (role) => ({ instanceConfiguration: { instanceRoleArn: role } }),
  'apprunner:UpdateService': (role) => ({ instanceConfiguration: { instanceRoleArn: role } }),
  'bedrock:CreateAgent': (role) => ({ agentName: 'a', agentResourceRoleArn: role }),
  'bedrock:UpdateAgent': (role) => ({ agentId: 'a', agentResourceRoleArn: role }),
  'kinesisanalytics:CreateApplication': (role) => ({ applicationName: 'a', serviceExecutionRole: role }),
  'airflow:CreateEnvironment': (role) => ({ name: 'e', executionRoleArn: role }),
  'scheduler:CreateSchedule': (role) => ({ name: 's', target: { roleArn: role } }),
  'scheduler:UpdateSchedule': (role) => ({ name: 's', target: { roleArn: role } }),
  'events:PutTargets': (role) => ({ rule: 'r', targets: [{ id: '1', roleArn: role }] }),
  'events:PutRule': (role) => ({ name: 'r', roleArn: role }),
  'ssm:StartAutomationExecution': (role) => ({ parameters: { AutomationAssumeRole: [role] } }),
  'ssm:CreateActivation': (role) => ({ iamRole: role }),
  'ssm:RegisterTaskWithMaintenanceWindow': (role) => ({ serviceRoleArn: role }),
  'lambda:CreateFunction': (role) => ({ functionName: 'f', role }),
  'lambda:UpdateFunctionConfiguration': (role) => ({ functionName: 'f', role }),
  'ecs:RegisterTaskDefinition': (role) => ({ family: 'f', taskRoleArn: role }),
  'ecs:RunTask': (role) => ({ overrides: { taskRoleArn: role } }),
  'eks:CreateCluster': (role) => ({ name: 'c', roleArn: role }),
  'eks:CreatePodIdentityAssociation': (role) => ({ clusterName: 'c', roleArn: role }),
}

const name = fc.stringMatching(/^[\w+=,.@-]{1,64}$/).filter((text) => !text.startsWith('AWSServiceRoleFor'))
const path = fc.constantFrom('', 'service-role/', 'teams/build/')
const partition = fc.constantFrom('aws', 'aws-cn', 'aws-us-gov')
const roleArn = fc.tuple(partition, path, name).map(([of, below, role]) => `arn:${of}:iam::111122223333:role/${below}${role}`)

describe('the role that an event passes', () => {
  it.each(Object.entries(PASSING))('is found for %s, whatever its name, path and partition', (event, requestWith) => {
    expect(PERSISTENCE_RULES.has(event)).toBe(true)
    fc.assert(
      fc.property(roleArn, (role) => {
        expect(leftBy({ event, request: requestWith(role) })[0]?.names.passedRoles).toEqual([role])
      }),
      { numRuns: 25 },
    )
  })

  it.each(['glue:CreateJob', 'elasticmapreduce:RunJobFlow', 'ssm:CreateActivation'])('is found by its name for %s', (event) => {
    fc.assert(
      fc.property(name, (role) => {
        expect(rolesOfEvent(recordOf({ event, request: PASSING[event]?.(role) ?? {} })).passed).toEqual([role])
      }),
      { numRuns: 25 },
    )
  })

  it('differs from one that only the answer shows', () => {
    const role = 'arn:aws:iam::111122223333:role/site'
    const [changed] = leftBy({
      event: 'codebuild:UpdateProject',
      request: { name: 'p' },
      response: { project: { serviceRole: role } },
    })
    expect(changed?.names).toMatchObject({ project: ['p'], shownRoles: [role] })
    expect(changed?.names).not.toHaveProperty('passedRoles')
  })

  it.each([
    ['of IAM’s own calls', 'iam:CreateRole', { roleName: 'evil' }],
    [
      'that only its service takes',
      'autoscaling:CreateAutoScalingGroup',
      {
        serviceLinkedRoleARN:
          'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
      },
    ],
    ['in a text that is no role', 'glue:CreateJob', { role: 'arn:aws:s3:::bucket' }],
    ['of nothing', 'glue:CreateJob', { role: '' }],
  ])('is none %s', (_, event, request) => {
    expect(rolesOfEvent(recordOf({ event, request }))).toEqual({ passed: [], shown: [] })
  })

  it('is found in no bottomless request', () => {
    let request: object = { roleArn: 'arn:aws:iam::111122223333:role/x' }
    for (let depth = 0; depth < 5000; depth += 1) request = { a: request }
    expect(rolesOfEvent({ ...recordOf({ event: 'glue:CreateJob' }), request: request as never }).passed).toEqual([])
  })
})

describe('a service that runs jobs', () => {
  it.each(Object.entries(JOB_SERVICES))(
    '%s: every event that starts a job or carries a role is well-named, and the words of its commands are known',
    (service, { starts, ends, carries, stop }) => {
      for (const event of [...starts, ...ends, ...carries]) expect(event).toMatch(/^[A-Z][A-Za-z]+$/)
      const words = stop.flatMap(placeholdersOf)
      expect(words.filter((word) => word !== 'region' && !(word in PLACEHOLDERS))).toEqual([])
      const left = [...PERSISTENCE_RULES]
        .filter(([event]) => event.startsWith(`${service}:`))
        .flatMap(([, rule]) => placeholdersOf([rule.left, rule.remedy].flat().join()))
      expect(words.filter((word) => word !== 'region' && !left.includes(word))).toEqual([])
      for (const command of stop) expect(command).toMatch(/^aws [a-z0-9-]+ [a-z-]+ .*--region \{region\}/)
    },
  )

  it('has no command for a Region that is none', () => {
    expect(stopCommandOf('codebuild.amazonaws.com', 'eu-west-1;id', { project: ['p'] })).toBeUndefined()
  })

  it.each([
    ['codebuild', 'codebuild.amazonaws.com', true],
    ['batch', 'ecs-tasks.amazonaws.com', true],
    ['apprunner', 'tasks.apprunner.amazonaws.com', true],
    ['emr-serverless', 'ops.emr-serverless.amazonaws.com', true],
    ['states', 'states.eu-west-1.amazonaws.com', true],
    ['glue', 'codebuild.amazonaws.com', false],
    ['glue', 'notglue.amazonaws.com', false],
    ['glue', 'glue.amazonaws.com.evil.example', false],
  ])('%s: %s takes its roles: %s', (service, principal, takes) => {
    expect(takesRolesFor(`${service}.amazonaws.com`, principal)).toBe(takes)
  })
})
