import { artefact, type PersistenceRule } from './artefact.ts'

/** Something of the account's own that was changed: there is nothing to delete, and its former form is not in the record. */
const changed = (event: string, technique: PersistenceRule['technique'], left: string, command: string): PersistenceRule =>
  artefact(event, technique, left, `Put back what it was before (${command}); its template or AWS Config has it.`)

/** Functions, schedules and commands: code of the attacker that goes on running, or has run. */
export const EXECUTION: readonly PersistenceRule[] = [
  artefact('lambda:CreateFunction', 'T1648', 'function {function}', 'aws lambda delete-function --function-name {function}', {
    undo: 'DeleteFunction',
  }),
  artefact(
    'lambda:UpdateFunctionCode',
    'T1648',
    'other code in function {function}',
    'Deploy the true code again (aws lambda update-function-code), after keeping the attacker’s as evidence (aws lambda get-function).',
  ),
  artefact(
    'lambda:UpdateFunctionConfiguration',
    'T1648',
    'another configuration of function {function}',
    'Write the former configuration back (aws lambda update-function-configuration): layers, environment and role may be the attacker’s.',
  ),
  artefact(
    'lambda:AddPermission',
    'T1648',
    'permission {statement} on function {function}',
    [
      'aws lambda remove-permission --function-name {function} --qualifier {qualifier} --statement-id {statement}',
      'aws lambda remove-permission --function-name {function} --statement-id {statement}',
    ],
    { undo: ['RemovePermission', 'DeleteFunction'] },
  ),
  artefact(
    'lambda:CreateFunctionUrlConfig',
    'T1648',
    'a URL for function {function}',
    [
      'aws lambda delete-function-url-config --function-name {function} --qualifier {qualifier}',
      'aws lambda delete-function-url-config --function-name {function}',
    ],
    { undo: ['DeleteFunctionUrlConfig', 'DeleteFunction'] },
  ),
  changed(
    'lambda:UpdateFunctionUrlConfig',
    'T1648',
    'another URL setting of function {function}',
    'aws lambda update-function-url-config',
  ),
  changed(
    'lambda:UpdateEventSourceMapping',
    'T1546',
    'another event source of function {function}',
    'aws lambda update-event-source-mapping',
  ),
  changed('scheduler:UpdateSchedule', 'T1053', 'another target or time of schedule {schedule}', 'aws scheduler update-schedule'),
  changed(
    'states:UpdateStateMachine',
    'T1648',
    'other steps of state machine {stateMachine}',
    'aws stepfunctions update-state-machine',
  ),
  ...['UpdateStack', 'ExecuteChangeSet'].map((name) =>
    changed(`cloudformation:${name}`, 'T1648', 'stack {stack}, changed', 'aws cloudformation update-stack'),
  ),
  changed('codebuild:UpdateProject', 'T1648', 'build project {project}, changed', 'aws codebuild update-project'),
  changed('ssm:UpdateAssociation', 'T1651', 'another command that comes again', 'aws ssm update-association'),
  changed('ssm:UpdateDocument', 'T1651', 'other content of document {document}', 'aws ssm update-document-default-version'),
  artefact(
    'lambda:CreateEventSourceMapping',
    'T1546',
    'event source {mapping} of function {function}',
    'aws lambda delete-event-source-mapping --uuid {mapping}',
    { undo: 'DeleteEventSourceMapping' },
  ),
  artefact(
    'lambda:PublishLayerVersion',
    'T1648',
    'version {layerVersion} of layer {layer}',
    'aws lambda delete-layer-version --layer-name {layer} --version-number {layerVersion}',
    { undo: 'DeleteLayerVersion' },
  ),
  artefact(
    'lambda:AddLayerVersionPermission',
    'T1537',
    'permission {statement} on version {layerVersion} of layer {layer}',
    'aws lambda remove-layer-version-permission --layer-name {layer} --version-number {layerVersion} --statement-id {statement}',
    { undo: 'RemoveLayerVersionPermission' },
  ),
  artefact(
    'events:PutRule',
    'T1546',
    'rule {eventRule} of EventBridge',
    ['aws events delete-rule --event-bus-name {eventBus} --name {eventRule}', 'aws events delete-rule --name {eventRule}'],
    { undo: 'DeleteRule', note: 'Its targets go first.' },
  ),
  artefact(
    'events:PutTargets',
    'T1546',
    'targets {eventTargets} of rule {eventRule}',
    [
      'aws events remove-targets --event-bus-name {eventBus} --rule {eventRule} --ids {eventTargets}',
      'aws events remove-targets --rule {eventRule} --ids {eventTargets}',
    ],
    { undo: 'RemoveTargets' },
  ),
  artefact(
    'scheduler:CreateSchedule',
    'T1053',
    'schedule {schedule}',
    [
      'aws scheduler delete-schedule --group-name {scheduleGroup} --name {schedule}',
      'aws scheduler delete-schedule --name {schedule}',
    ],
    { undo: 'DeleteSchedule' },
  ),
  artefact(
    'states:CreateStateMachine',
    'T1648',
    'state machine {stateMachine}',
    'aws stepfunctions delete-state-machine --state-machine-arn {stateMachine}',
    { undo: 'DeleteStateMachine' },
  ),
  artefact('codebuild:CreateProject', 'T1648', 'build project {project}', 'aws codebuild delete-project --name {project}', {
    undo: 'DeleteProject',
  }),
  artefact(
    'codebuild:CreateWebhook',
    'T1546',
    'a webhook that starts builds of project {webhookProject}',
    'aws codebuild delete-webhook --project-name {webhookProject}',
    { undo: 'DeleteWebhook' },
  ),
  ...['CreateStackSet', 'CreateStackInstances'].map((name) =>
    artefact(
      `cloudformation:${name}`,
      'T1648',
      'stack set {stackSet}, which may reach other accounts',
      'Delete its instances and then the set (aws cloudformation delete-stack-instances, delete-stack-set).',
    ),
  ),
  artefact('glue:CreateJob', 'T1648', 'job {glueJob} of Glue', 'aws glue delete-job --job-name {glueJob}', {
    undo: 'DeleteJob',
  }),
  artefact(
    'cloudformation:CreateStack',
    'T1648',
    'stack {stack} and all that it made',
    'aws cloudformation delete-stack --stack-name {stack}',
    { undo: 'DeleteStack' },
  ),
  artefact(
    'ssm:SendCommand',
    'T1651',
    'what command {command} did on its instances',
    'Read what ran, and look on each instance for what it left (aws ssm list-command-invocations --details).',
  ),
  artefact(
    'ssm:StartSession',
    'T1651',
    'session {ssmSession} on an instance',
    'aws ssm terminate-session --session-id {ssmSession}',
    { undo: 'TerminateSession', note: 'What was done in it is in the session’s log, if logs were kept.' },
  ),
  artefact(
    'ssm:CreateAssociation',
    'T1651',
    'association {association}: a command that comes again',
    'aws ssm delete-association --association-id {association}',
    { undo: 'DeleteAssociation' },
  ),
  artefact(
    'ssm:StartAutomationExecution',
    'T1651',
    'automation {automation}',
    'aws ssm stop-automation-execution --automation-execution-id {automation}',
    { undo: 'StopAutomationExecution' },
  ),
  artefact(
    'ssm:CreateActivation',
    'T1098.001',
    'activation {activation}, by which a machine from elsewhere takes a role',
    'aws ssm delete-activation --activation-id {activation}',
    { undo: 'DeleteActivation', note: 'Machines that it registered are deregistered too (aws ssm deregister-managed-instance).' },
  ),
  artefact(
    'ssm:RegisterTaskWithMaintenanceWindow',
    'T1053',
    'a task of a maintenance window',
    'Take it out again (aws ssm describe-maintenance-window-tasks, deregister-task-from-maintenance-window).',
  ),
  artefact(
    'ecs:ExecuteCommand',
    'T1651',
    'what was done in a container of ECS',
    'Replace the task (aws ecs stop-task), after keeping what its log group or the session’s log has.',
  ),
  artefact('ssm:CreateDocument', 'T1651', 'document {document}', 'aws ssm delete-document --name {document}', {
    undo: 'DeleteDocument',
  }),
  artefact(
    'ssm:ModifyDocumentPermission',
    'T1537',
    'document {document} shared with {documentAccounts}',
    'aws ssm modify-document-permission --name {document} --permission-type Share --account-ids-to-remove {documentAccounts}',
    { when: ({ accountIdsToAdd }) => Array.isArray(accountIdsToAdd) && accountIdsToAdd.length > 0 },
  ),
  ...['VerifyEmailIdentity', 'VerifyDomainIdentity', 'CreateEmailIdentity'].map((name) =>
    artefact(
      `ses:${name}`,
      'T1496.004',
      'e-mail identity {identity}',
      'aws sesv2 delete-email-identity --email-identity {identity}',
      { undo: ['DeleteIdentity', 'DeleteEmailIdentity'] },
    ),
  ),
  ...['CreateFoundationModelAgreement', 'PutFoundationModelEntitlement', 'PutUseCaseForModelAccess'].map((name) =>
    artefact(
      `bedrock:${name}`,
      'T1496.004',
      'access of the account to models of Bedrock that it did not use',
      'Take the access away again (aws bedrock list-foundation-model-agreement-offers, delete-foundation-model-agreement), and look at the bill.',
    ),
  ),
  ...['PutAccountDetails', 'UpdateAccountSendingEnabled', 'PutAccountSendingAttributes'].map((name) =>
    artefact(
      `ses:${name}`,
      'T1496.004',
      'other sending rights of the account in SES',
      'Put the former settings back (aws sesv2 get-account), and tell AWS Support if mail was sent.',
    ),
  ),
]
