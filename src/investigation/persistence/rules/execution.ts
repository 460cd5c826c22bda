import type { PersistenceRule } from '../rule.ts'

/** For something of the account's own that was changed: the record does not have its former state. */
const putBack = (command: string): string => `Restore the former state (${command}). Its template or AWS Config has it.`

/** Functions, schedules and commands: code of the attacker that goes on running, or has run. */
export const EXECUTION_RULES: readonly PersistenceRule[] = [
  {
    events: ['lambda:CreateFunction'],
    technique: 'T1648',
    left: 'function {function}',
    remedy: 'aws lambda delete-function --function-name {function}',
    undo: ['DeleteFunction'],
  },
  {
    events: ['lambda:UpdateFunctionCode'],
    technique: 'T1648',
    left: 'code of function {function}, changed',
    remedy:
      'Keep the attacker’s code as evidence (aws lambda get-function), then deploy the former code (aws lambda update-function-code).',
  },
  {
    events: ['lambda:UpdateFunctionConfiguration'],
    technique: 'T1648',
    left: 'configuration of function {function}, changed',
    remedy:
      'Restore the former configuration (aws lambda update-function-configuration): layers, environment and role may be the attacker’s.',
  },
  {
    events: ['lambda:AddPermission'],
    technique: 'T1648',
    left: 'permission {statement} on function {function}',
    remedy: [
      'aws lambda remove-permission --function-name {function} --qualifier {qualifier} --statement-id {statement}',
      'aws lambda remove-permission --function-name {function} --statement-id {statement}',
    ],
    undo: ['RemovePermission', 'DeleteFunction'],
  },
  {
    events: ['lambda:CreateFunctionUrlConfig'],
    technique: 'T1648',
    left: 'URL of function {function}',
    remedy: [
      'aws lambda delete-function-url-config --function-name {function} --qualifier {qualifier}',
      'aws lambda delete-function-url-config --function-name {function}',
    ],
    undo: ['DeleteFunctionUrlConfig', 'DeleteFunction'],
  },
  {
    events: ['lambda:UpdateFunctionUrlConfig'],
    technique: 'T1648',
    left: 'URL settings of function {function}, changed',
    remedy: putBack('aws lambda update-function-url-config'),
  },
  {
    events: ['lambda:UpdateEventSourceMapping'],
    technique: 'T1546',
    left: 'event source of function {function}, changed',
    remedy: putBack('aws lambda update-event-source-mapping'),
  },
  {
    events: ['scheduler:UpdateSchedule'],
    technique: 'T1053',
    left: 'target or time of schedule {schedule}, changed',
    remedy: putBack('aws scheduler update-schedule'),
  },
  {
    events: ['states:UpdateStateMachine'],
    technique: 'T1648',
    left: 'definition of state machine {stateMachine}, changed',
    remedy: putBack('aws stepfunctions update-state-machine'),
  },
  {
    events: ['cloudformation:UpdateStack', 'cloudformation:ExecuteChangeSet'],
    technique: 'T1648',
    left: 'stack {stack}, changed',
    remedy: putBack('aws cloudformation update-stack'),
  },
  {
    events: ['codebuild:UpdateProject'],
    technique: 'T1648',
    left: 'build project {project}, changed',
    remedy: putBack('aws codebuild update-project'),
  },
  {
    events: ['ssm:UpdateAssociation'],
    technique: 'T1651',
    left: 'recurring command of an association, changed',
    remedy: putBack('aws ssm update-association'),
  },
  {
    events: ['ssm:UpdateDocument'],
    technique: 'T1651',
    left: 'content of document {document}, changed',
    remedy: putBack('aws ssm update-document-default-version'),
  },
  {
    events: ['lambda:CreateEventSourceMapping'],
    technique: 'T1546',
    left: 'event source {mapping} of function {function}',
    remedy: 'aws lambda delete-event-source-mapping --uuid {mapping}',
    undo: ['DeleteEventSourceMapping'],
  },
  {
    events: ['lambda:PublishLayerVersion'],
    technique: 'T1648',
    left: 'version {layerVersion} of layer {layer}',
    remedy: 'aws lambda delete-layer-version --layer-name {layer} --version-number {layerVersion}',
    undo: ['DeleteLayerVersion'],
  },
  {
    events: ['lambda:AddLayerVersionPermission'],
    technique: 'T1537',
    left: 'permission {statement} on version {layerVersion} of layer {layer}',
    remedy:
      'aws lambda remove-layer-version-permission --layer-name {layer} --version-number {layerVersion} --statement-id {statement}',
    undo: ['RemoveLayerVersionPermission'],
  },
  {
    events: ['events:PutRule'],
    technique: 'T1546',
    left: 'EventBridge rule {eventRule}',
    remedy: [
      'aws events delete-rule --event-bus-name {eventBus} --name {eventRule}',
      'aws events delete-rule --name {eventRule}',
    ],
    note: 'Remove its targets first.',
    undo: ['DeleteRule'],
  },
  {
    events: ['events:PutTargets'],
    technique: 'T1546',
    left: 'targets {eventTargets} of rule {eventRule}',
    remedy: [
      'aws events remove-targets --event-bus-name {eventBus} --rule {eventRule} --ids {eventTargets}',
      'aws events remove-targets --rule {eventRule} --ids {eventTargets}',
    ],
    undo: ['RemoveTargets'],
  },
  {
    events: ['scheduler:CreateSchedule'],
    technique: 'T1053',
    left: 'schedule {schedule}',
    remedy: [
      'aws scheduler delete-schedule --group-name {scheduleGroup} --name {schedule}',
      'aws scheduler delete-schedule --name {schedule}',
    ],
    undo: ['DeleteSchedule'],
  },
  {
    events: ['states:CreateStateMachine'],
    technique: 'T1648',
    left: 'state machine {stateMachine}',
    remedy: 'aws stepfunctions delete-state-machine --state-machine-arn {stateMachine}',
    undo: ['DeleteStateMachine'],
  },
  {
    events: ['codebuild:CreateProject'],
    technique: 'T1648',
    left: 'build project {project}',
    remedy: 'aws codebuild delete-project --name {project}',
    undo: ['DeleteProject'],
  },
  {
    events: ['codebuild:CreateWebhook'],
    technique: 'T1546',
    left: 'webhook that starts builds of project {webhookProject}',
    remedy: 'aws codebuild delete-webhook --project-name {webhookProject}',
    undo: ['DeleteWebhook'],
  },
  {
    events: ['cloudformation:CreateStackSet', 'cloudformation:CreateStackInstances'],
    technique: 'T1648',
    left: 'stack set {stackSet}, which may reach other accounts',
    remedy: 'Delete its instances and then the set (aws cloudformation delete-stack-instances, delete-stack-set).',
  },
  {
    events: ['glue:CreateJob'],
    technique: 'T1648',
    left: 'Glue job {glueJob}',
    remedy: 'aws glue delete-job --job-name {glueJob}',
    undo: ['DeleteJob'],
  },
  {
    events: ['cloudformation:CreateStack'],
    technique: 'T1648',
    left: 'stack {stack} and everything that it created',
    remedy: 'aws cloudformation delete-stack --stack-name {stack}',
    undo: ['DeleteStack'],
  },
  {
    events: ['ssm:SendCommand'],
    technique: 'T1651',
    left: 'command {command} on {entered}',
    remedy: 'Read what ran (aws ssm list-command-invocations --details), and examine each instance for what it left.',
  },
  {
    events: ['ssm:StartSession'],
    technique: 'T1651',
    left: 'session {ssmSession} on {entered}',
    remedy: 'aws ssm terminate-session --session-id {ssmSession}',
    note: 'The session log, if one is kept, shows what was done.',
    undo: ['TerminateSession'],
  },
  {
    events: ['ssm:CreateAssociation'],
    technique: 'T1651',
    left: 'association {association}: a recurring command',
    remedy: 'aws ssm delete-association --association-id {association}',
    undo: ['DeleteAssociation'],
  },
  {
    events: ['ssm:StartAutomationExecution'],
    technique: 'T1651',
    left: 'automation {automation}',
    remedy: 'aws ssm stop-automation-execution --automation-execution-id {automation}',
    undo: ['StopAutomationExecution'],
  },
  {
    events: ['ssm:CreateActivation'],
    technique: 'T1098.001',
    danger: 'credential',
    left: 'activation {activation}, with which a machine outside AWS gets a role',
    remedy: 'aws ssm delete-activation --activation-id {activation}',
    note: 'Deregister the machines that used it too (aws ssm deregister-managed-instance).',
    undo: ['DeleteActivation'],
  },
  {
    events: ['ssm:RegisterTaskWithMaintenanceWindow'],
    technique: 'T1053',
    left: 'task of a maintenance window',
    remedy: 'Remove it (aws ssm describe-maintenance-window-tasks, deregister-task-from-maintenance-window).',
  },
  {
    events: ['ecs:ExecuteCommand'],
    technique: 'T1651',
    left: 'command in an ECS container',
    remedy: 'Keep its log group and the session log, then replace the task (aws ecs stop-task).',
  },
  {
    events: ['ssm:CreateDocument'],
    technique: 'T1651',
    left: 'document {document}',
    remedy: 'aws ssm delete-document --name {document}',
    undo: ['DeleteDocument'],
  },
  {
    events: ['ssm:ModifyDocumentPermission'],
    technique: 'T1537',
    left: 'document {document} shared with {documentAccounts}',
    remedy:
      'aws ssm modify-document-permission --name {document} --permission-type Share --account-ids-to-remove {documentAccounts}',
    when: ({ accountIdsToAdd }) => Array.isArray(accountIdsToAdd) && accountIdsToAdd.length > 0,
  },
  {
    events: ['ses:VerifyEmailIdentity', 'ses:VerifyDomainIdentity', 'ses:CreateEmailIdentity'],
    technique: 'T1496.004',
    left: 'e-mail identity {identity}',
    remedy: 'aws sesv2 delete-email-identity --email-identity {identity}',
    undo: ['DeleteIdentity', 'DeleteEmailIdentity'],
  },
  {
    events: [
      'bedrock:CreateFoundationModelAgreement',
      'bedrock:PutFoundationModelEntitlement',
      'bedrock:PutUseCaseForModelAccess',
    ],
    technique: 'T1496.004',
    left: 'access of the account to Bedrock models',
    remedy:
      'Remove the access (aws bedrock list-foundation-model-agreement-offers, delete-foundation-model-agreement), and check the bill.',
  },
  {
    events: ['ses:PutAccountDetails', 'ses:UpdateAccountSendingEnabled', 'ses:PutAccountSendingAttributes'],
    technique: 'T1496.004',
    left: 'sending settings of the account in SES, changed',
    remedy: 'Restore the former settings (aws sesv2 get-account). If mail was sent, inform AWS Support.',
  },
]
