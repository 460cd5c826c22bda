import { REGION } from '../../incident/values/region.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import { serviceOf } from '../analysis/call-totals.ts'
import { placeholdersOf } from './placeholders.ts'
import { eventKeyOf } from './rules.ts'

/** A service that runs code under a role that was passed to it, by the first part of its event source. */
export interface JobService {
  /** The service principals that take the role's credentials, without `.amazonaws.com`, where they are others than the service's own name. */
  readonly principals?: readonly string[]
  /** The events that start a job: after one, credentials of the role are issued to it. */
  readonly starts: readonly string[]
  /** The events that stop a job or delete what starts it. */
  readonly ends: readonly string[]
  /** The events whose request or answer names the role. */
  readonly carries: readonly string[]
  /** Of those, the ones after which no role may be at work: what they start then runs with the rights of whoever called. */
  readonly withoutRole?: readonly string[]
  /** How to stop what runs, with the words of placeholders.ts. The first command whose every name is known is used. */
  readonly stop: readonly string[]
}

/** From the services' API references. What is not in here is followed by the service's own principal, and has the remedy of its rule. */
export const JOB_SERVICES: Readonly<Record<string, JobService>> = {
  codebuild: {
    starts: ['StartBuild', 'RetryBuild', 'StartBuildBatch'],
    ends: ['StopBuild', 'StopBuildBatch', 'BatchDeleteBuilds', 'DeleteBuildBatch', 'DeleteProject'],
    carries: ['CreateProject', 'UpdateProject'],
    stop: [
      'aws codebuild stop-build --id {build} --region {region}',
      'aws codebuild stop-build-batch --id {buildBatch} --region {region}',
      'aws codebuild list-builds-for-project --project-name {project} --query ids[:10] --output text --region {region} | xargs -n 1 aws codebuild stop-build --region {region} --id',
    ],
  },
  glue: {
    starts: ['StartJobRun', 'CreateDevEndpoint', 'CreateSession'],
    ends: ['BatchStopJobRun', 'DeleteJob', 'StopSession', 'DeleteSession', 'DeleteDevEndpoint'],
    carries: ['CreateJob', 'UpdateJob'],
    stop: [
      'aws glue batch-stop-job-run --job-name {glueJob} --job-run-ids {glueRun} --region {region}',
      "aws glue get-job-runs --job-name {glueJob} --query 'JobRuns[?JobRunState==`RUNNING`].Id' --output text --region {region} | xargs aws glue batch-stop-job-run --job-name {glueJob} --region {region} --job-run-ids",
      'aws glue stop-session --id {glueSession} --region {region}',
      'aws glue delete-dev-endpoint --endpoint-name {devEndpoint} --region {region}',
    ],
  },
  states: {
    starts: ['StartExecution', 'RedriveExecution'],
    ends: ['StopExecution', 'DeleteStateMachine'],
    carries: ['CreateStateMachine', 'UpdateStateMachine'],
    stop: [
      'aws stepfunctions stop-execution --execution-arn {execution} --region {region}',
      'aws stepfunctions list-executions --state-machine-arn {stateMachine} --status-filter RUNNING --query executions[].executionArn --output text --region {region} | xargs -n 1 aws stepfunctions stop-execution --region {region} --execution-arn',
    ],
  },
  sagemaker: {
    starts: [
      ...['CreateTrainingJob', 'CreateProcessingJob', 'CreateHyperParameterTuningJob', 'CreateTransformJob'],
      ...['CreateNotebookInstance', 'StartNotebookInstance', 'CreateEndpoint'],
    ],
    ends: [
      ...['StopTrainingJob', 'StopProcessingJob', 'StopHyperParameterTuningJob', 'StopTransformJob'],
      ...['StopNotebookInstance', 'DeleteNotebookInstance', 'DeleteEndpoint'],
    ],
    carries: ['CreateModel', 'CreateNotebookInstance', 'UpdateNotebookInstance'],
    stop: [
      'aws sagemaker stop-training-job --training-job-name {trainingJob} --region {region}',
      'aws sagemaker stop-processing-job --processing-job-name {processingJob} --region {region}',
      'aws sagemaker stop-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name {tuningJob} --region {region}',
      'aws sagemaker stop-transform-job --transform-job-name {transformJob} --region {region}',
      'aws sagemaker stop-notebook-instance --notebook-instance-name {notebook} --region {region}',
      'aws sagemaker delete-endpoint --endpoint-name {mlEndpoint} --region {region}',
    ],
  },
  cloudformation: {
    starts: ['CreateStack', 'UpdateStack', 'ExecuteChangeSet'],
    ends: ['DeleteStack', 'CancelUpdateStack', 'DeleteStackSet', 'StopStackSetOperation'],
    carries: ['CreateStack', 'UpdateStack', 'CreateChangeSet'],
    withoutRole: ['CreateStack', 'CreateChangeSet'],
    stop: [],
  },
  batch: {
    principals: ['ecs-tasks', 'batch'],
    starts: ['SubmitJob'],
    ends: ['TerminateJob', 'CancelJob', 'DeregisterJobDefinition'],
    carries: ['RegisterJobDefinition'],
    stop: ["aws batch terminate-job --job-id {batchJob} --reason 'incident response' --region {region}"],
  },
  elasticmapreduce: {
    principals: ['elasticmapreduce', 'ec2'],
    starts: ['RunJobFlow', 'AddJobFlowSteps'],
    ends: ['TerminateJobFlows', 'CancelSteps'],
    carries: ['RunJobFlow'],
    stop: ['aws emr terminate-clusters --cluster-ids {emrCluster} --region {region}'],
  },
  'emr-serverless': {
    starts: ['StartJobRun'],
    ends: ['CancelJobRun', 'StopApplication', 'DeleteApplication'],
    carries: [],
    stop: [
      'aws emr-serverless cancel-job-run --application-id {emrApplication} --job-run-id {emrRun} --region {region}',
      'aws emr-serverless stop-application --application-id {emrApplication} --region {region}',
    ],
  },
  datapipeline: {
    principals: ['datapipeline', 'elasticmapreduce', 'ec2'],
    starts: ['ActivatePipeline'],
    ends: ['DeactivatePipeline', 'DeletePipeline'],
    carries: ['PutPipelineDefinition'],
    stop: ['aws datapipeline deactivate-pipeline --pipeline-id {dataPipeline} --cancel-active --region {region}'],
  },
  codepipeline: {
    starts: ['StartPipelineExecution'],
    ends: ['StopPipelineExecution', 'DeletePipeline'],
    carries: ['CreatePipeline', 'UpdatePipeline'],
    stop: [
      'aws codepipeline stop-pipeline-execution --pipeline-name {pipeline} --pipeline-execution-id {pipelineRun} --abandon --region {region}',
      'aws codepipeline delete-pipeline --name {pipeline} --region {region}',
    ],
  },
  apprunner: {
    starts: ['CreateService', 'UpdateService', 'StartDeployment', 'ResumeService'],
    ends: ['PauseService', 'DeleteService'],
    carries: ['CreateService'],
    stop: ['aws apprunner pause-service --service-arn {appService} --region {region}'],
  },
  scheduler: { starts: [], ends: ['DeleteSchedule'], carries: [], stop: [] },
  events: {
    starts: [],
    ends: ['RemoveTargets', 'DisableRule', 'DeleteRule'],
    carries: [],
    stop: [
      'aws events disable-rule --event-bus-name {eventBus} --name {eventRule} --region {region}',
      'aws events disable-rule --name {eventRule} --region {region}',
    ],
  },
  ssm: {
    starts: ['StartAutomationExecution'],
    ends: [
      ...['StopAutomationExecution', 'DeleteActivation', 'DeregisterManagedInstance', 'DeleteAssociation'],
      'DeregisterTaskFromMaintenanceWindow',
    ],
    carries: [],
    withoutRole: ['StartAutomationExecution'],
    stop: [],
  },
  bedrock: { starts: [], ends: ['DeleteAgent'], carries: [], stop: [] },
  kinesisanalytics: {
    starts: ['StartApplication'],
    ends: ['StopApplication', 'DeleteApplication'],
    carries: ['CreateApplication'],
    stop: ['aws kinesisanalyticsv2 stop-application --application-name {analytics} --region {region}'],
  },
  airflow: {
    principals: ['airflow', 'airflow-env'],
    starts: ['CreateEnvironment', 'UpdateEnvironment'],
    ends: ['DeleteEnvironment'],
    carries: ['CreateEnvironment'],
    stop: [],
  },
  ecs: {
    principals: ['ecs-tasks', 'ecs'],
    starts: ['CreateService', 'UpdateService'],
    ends: ['StopTask', 'DeregisterTaskDefinition', 'DeleteService'],
    carries: ['RegisterTaskDefinition'],
    stop: [],
  },
  eks: {
    principals: ['eks', 'pods.eks', 'ec2', 'eks-fargate-pods'],
    starts: [],
    ends: ['DeletePodIdentityAssociation', 'DeleteCluster'],
    carries: [],
    stop: [],
  },
}

/** The entry of an event's service, if it has one. */
export const jobServiceOf = (eventSource: string): JobService | undefined => JOB_SERVICES[serviceOf(eventSource)]

/** Whether an event starts a job. */
export const startsJob = (eventSource: string, eventName: string): boolean =>
  jobServiceOf(eventSource)?.starts.includes(nameOf(eventSource, eventName)) === true

/** Whether an event concerns a job whose role its record may not name. */
export const isJobEvent = (eventSource: string, eventName: string): boolean => {
  const service = jobServiceOf(eventSource)
  const name = nameOf(eventSource, eventName)
  return service !== undefined && (service.starts.includes(name) || service.carries.includes(name))
}

/** Whether what an event starts runs under a role of its own in any case. */
export const needsRole = (eventSource: string, eventName: string): boolean =>
  jobServiceOf(eventSource)?.withoutRole?.includes(nameOf(eventSource, eventName)) !== true

const nameOf = (eventSource: string, eventName: string): string => eventKeyOf(eventSource, eventName).split(':')[1] ?? ''

/** Whether a principal (`tasks.apprunner.amazonaws.com`) takes credentials for the jobs of an event's service. */
export const takesRolesFor = (eventSource: string, principal: string): boolean => {
  const [, name = ''] = PRINCIPAL.exec(principal) ?? []
  const service = serviceOf(eventSource)
  const { principals = [service] } = JOB_SERVICES[service] ?? {}
  return principals.some((own) => name === own || name.endsWith(`.${own}`) || isRegional(name, own))
}

const PRINCIPAL = /^([\w.-]+)\.amazonaws\.(?:com|com\.cn|eu)$/

/** Some services call with the name of their Region, such as `states.eu-west-1.amazonaws.com`. */
const isRegional = (name: string, own: string): boolean => name.startsWith(`${own}.`) && REGION.test(name.slice(own.length + 1))

/** The command that stops a job of an event's service, where its names are known; they have the form of placeholders.ts. */
export const stopCommandOf = (
  eventSource: string,
  region: string,
  names: Readonly<Record<string, readonly string[]>>,
): string | undefined => {
  const known: Readonly<Record<string, readonly string[]>> = { ...names, region: [region] }
  if (!REGION.test(region)) return undefined
  const template = jobServiceOf(eventSource)?.stop.find((command) =>
    placeholdersOf(command).every((word) => (known[word] ?? []).length > 0),
  )
  return template?.replace(/\{(\w+)\}/g, (_, word: string) => (known[word] ?? []).map(shellWord).join(' '))
}
