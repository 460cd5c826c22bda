import type { Json } from '../record-parameters.ts'
import { artefact, type PersistenceRule } from './artefact.ts'

const isFalse = (value: unknown): boolean => String(value) === 'false'

/** GuardDuty's protection plans: `features` with a status, or the older `dataSources` with a flag. */
const switchesOff = ({ enable, features, dataSources }: Json): boolean =>
  isFalse(enable) || /"status":"?DISABLED|"enable":"?false/i.test(JSON.stringify([features, dataSources]))

/** Trails, detectors and alarms switched off or blinded. */
export const DEFENCES: readonly PersistenceRule[] = [
  artefact('cloudtrail:StopLogging', 'T1562.008', 'trail {trail}, not logging', 'aws cloudtrail start-logging --name {trail}', {
    undo: 'StartLogging',
  }),
  artefact(
    'cloudtrail:DeleteTrail',
    'T1562.008',
    'no trail {trail} any more',
    'Create the trail again as it was (aws cloudtrail create-trail, put-event-selectors, start-logging); its files are still in the bucket.',
    { undo: 'CreateTrail' },
  ),
  ...['UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors'].map((name) =>
    artefact(
      `cloudtrail:${name}`,
      'T1562.008',
      'trail {trail}, which may not log all that it did',
      'Put the trail back as it was (aws cloudtrail get-event-selectors, put-event-selectors, update-trail).',
    ),
  ),
  artefact(
    'cloudtrail:UpdateEventDataStore',
    'T1562.008',
    'event data store {dataStore}, which may not take in all that it did',
    'Put its selectors and its retention back (aws cloudtrail get-event-data-store, update-event-data-store).',
  ),
  artefact(
    'cloudtrail:DeleteEventDataStore',
    'T1562.008',
    'event data store {dataStore}, to be deleted in 7 days',
    'aws cloudtrail restore-event-data-store --event-data-store {dataStore}',
    { undo: 'RestoreEventDataStore' },
  ),
  artefact(
    'cloudtrail:StopEventDataStoreIngestion',
    'T1562.008',
    'event data store {dataStore}, taking in nothing',
    'aws cloudtrail start-event-data-store-ingestion --event-data-store {dataStore}',
    { undo: 'StartEventDataStoreIngestion' },
  ),
  artefact(
    'config:StopConfigurationRecorder',
    'T1562.008',
    'configuration recorder {recorder}, stopped',
    'aws configservice start-configuration-recorder --configuration-recorder-name {recorder}',
    { undo: 'StartConfigurationRecorder' },
  ),
  ...['PutConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'DeleteConfigRule'].map((name) =>
    artefact(`config:${name}`, 'T1562.008', 'less of AWS Config than before', 'Set AWS Config up again as it was.'),
  ),
  artefact(
    'ec2:DeleteFlowLogs',
    'T1562.008',
    'no flow logs of a VPC any more',
    'Create the flow logs again as they were (aws ec2 create-flow-logs).',
  ),
  ...['DeleteLogGroup', 'DeleteLogStream'].map((name) =>
    artefact(
      `logs:${name}`,
      'T1562.008',
      'no log of group {logGroup} any more, or less of it',
      'Create the log group again (aws logs create-log-group); what was in it is gone, unless it was exported.',
    ),
  ),
  ...['PutRetentionPolicy', 'DeleteSubscriptionFilter', 'DeleteMetricFilter'].map((name) =>
    artefact(
      `logs:${name}`,
      'T1562.008',
      'log group {logGroup}, kept for less long or read by fewer alarms',
      'Put the former setting back (aws logs put-retention-policy, put-subscription-filter, put-metric-filter).',
    ),
  ),
  artefact(
    'bedrock:DeleteModelInvocationLoggingConfiguration',
    'T1562.008',
    'no log of what models of Bedrock are asked any more',
    'Set the log up again (aws bedrock put-model-invocation-logging-configuration).',
  ),
  artefact(
    's3:PutBucketLogging',
    'T1562.008',
    'bucket {bucket} without access logs',
    'Set the access logs up again (aws s3api put-bucket-logging).',
    { when: (request) => !JSON.stringify(request).includes('"LoggingEnabled"') },
  ),
  ...['DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig'].map((name) =>
    artefact(
      `route53resolver:${name}`,
      'T1562.008',
      'no log of DNS queries any more',
      'Set the query log up again (aws route53resolver create-resolver-query-log-config, associate-resolver-query-log-config).',
    ),
  ),
  artefact(
    'guardduty:DeleteDetector',
    'T1562.001',
    'no GuardDuty in this Region any more',
    'aws guardduty create-detector --enable',
    {
      undo: 'CreateDetector',
    },
  ),
  artefact(
    'guardduty:UpdateDetector',
    'T1562.001',
    'detector {detector}, switched off, or protection plans of it',
    'aws guardduty update-detector --detector-id {detector} --enable',
    { when: switchesOff, note: 'Protection plans that are off are switched on again with --features.' },
  ),
  artefact(
    'guardduty:CreateFilter',
    'T1562.001',
    'filter {filter} of detector {detector}, which may hide findings',
    'aws guardduty delete-filter --detector-id {detector} --filter-name {filter}',
    { undo: 'DeleteFilter' },
  ),
  artefact(
    'guardduty:CreateIPSet',
    'T1562.001',
    'trusted list {ipSet} of detector {detector}: no findings for its addresses',
    'aws guardduty delete-ip-set --detector-id {detector} --ip-set-id {ipSet}',
    { undo: 'DeleteIPSet' },
  ),
  artefact(
    'guardduty:UpdateIPSet',
    'T1562.001',
    'another trusted list {ipSet} of detector {detector}',
    'Put the former list back (aws guardduty get-ip-set, update-ip-set).',
  ),
  artefact(
    'guardduty:StopMonitoringMembers',
    'T1562.001',
    'member accounts {members}, not watched by detector {detector}',
    'aws guardduty start-monitoring-members --detector-id {detector} --account-ids {members}',
    { undo: 'StartMonitoringMembers' },
  ),
  ...[
    'DeleteMembers',
    'DisassociateMembers',
    'DisassociateFromMasterAccount',
    'DisassociateFromAdministratorAccount',
    'DeletePublishingDestination',
  ].map((name) =>
    artefact(
      `guardduty:${name}`,
      'T1562.001',
      'detector {detector}, apart from its administrator, its members or where it publishes',
      'Set the membership or the destination up again as it was.',
    ),
  ),
  artefact(
    'guardduty:ArchiveFindings',
    'T1562.001',
    'findings {findings}, archived',
    'aws guardduty unarchive-findings --detector-id {detector} --finding-ids {findings}',
    { undo: 'UnarchiveFindings' },
  ),
  artefact(
    'securityhub:DisableSecurityHub',
    'T1562.001',
    'no Security Hub in this Region any more',
    'aws securityhub enable-security-hub',
    {
      undo: 'EnableSecurityHub',
    },
  ),
  ...['BatchDisableStandards', 'DisableImportFindingsForProduct', 'DisassociateFromAdministratorAccount'].map((name) =>
    artefact(`securityhub:${name}`, 'T1562.001', 'less of Security Hub than before', 'Set Security Hub up again as it was.'),
  ),
  artefact('detective:DeleteGraph', 'T1562.001', 'no Detective in this Region any more', 'aws detective create-graph', {
    undo: 'CreateGraph',
    note: 'What the graph knew is gone.',
  }),
  artefact('macie2:DisableMacie', 'T1562.001', 'no Macie in this Region any more', 'aws macie2 enable-macie', {
    undo: 'EnableMacie',
  }),
  ...[
    ...['access-analyzer:DeleteAnalyzer', 'inspector2:Disable', 'wafv2:DeleteWebACL', 'wafv2:DeleteRuleGroup'],
    ...['wafv2:DisassociateWebACL', 'wafv2:DeleteLoggingConfiguration'],
  ].map((event) => artefact(event, 'T1562.001', 'one defence less in this Region', 'Set it up again as it was.')),
  artefact(
    'monitoring:DisableAlarmActions',
    'T1562.001',
    'alarms {alarms} that tell nobody',
    'aws cloudwatch enable-alarm-actions --alarm-names {alarms}',
    { undo: 'EnableAlarmActions' },
  ),
  artefact('monitoring:DeleteAlarms', 'T1562.001', 'no alarms {alarms} any more', 'Create the alarms again as they were.'),
  artefact(
    'events:DisableRule',
    'T1562.001',
    'rule {eventRule} of EventBridge, disabled',
    ['aws events enable-rule --event-bus-name {eventBus} --name {eventRule}', 'aws events enable-rule --name {eventRule}'],
    { undo: 'EnableRule' },
  ),
  ...['DeleteRule', 'RemoveTargets'].map((name) =>
    artefact(
      `events:${name}`,
      'T1562.001',
      'rule {eventRule} of EventBridge, without targets or gone',
      'Set the rule up again as it was, if it raised alarms.',
    ),
  ),
]
