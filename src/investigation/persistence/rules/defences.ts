import type { Json } from '../../record-parameters.ts'
import type { PersistenceRule } from '../rule.ts'

const isFalse = (value: unknown): boolean => String(value) === 'false'

/** GuardDuty's protection plans: `features` with a status, or the older `dataSources` with a flag. */
const switchesOff = ({ enable, features, dataSources }: Json): boolean =>
  isFalse(enable) || /"status":"?DISABLED|"enable":"?false/i.test(JSON.stringify([features, dataSources]))

/** Trails, detectors and alarms switched off or blinded. */
export const DEFENCE_RULES: readonly PersistenceRule[] = [
  {
    events: ['cloudtrail:StopLogging'],
    technique: 'T1562.008',
    left: 'trail {trail}, stopped',
    remedy: 'aws cloudtrail start-logging --name {trail}',
    undo: ['StartLogging'],
  },
  {
    events: ['cloudtrail:DeleteTrail'],
    technique: 'T1562.008',
    left: 'trail {trail}, deleted',
    remedy:
      'Create the trail again as before (aws cloudtrail create-trail, put-event-selectors, start-logging). Its log files are still in the bucket.',
    undo: ['CreateTrail'],
  },
  {
    events: ['cloudtrail:UpdateTrail', 'cloudtrail:PutEventSelectors', 'cloudtrail:PutInsightSelectors'],
    technique: 'T1562.008',
    left: 'trail {trail}, changed',
    remedy: 'Restore the trail’s settings (aws cloudtrail get-event-selectors, put-event-selectors, update-trail).',
  },
  {
    events: ['cloudtrail:UpdateEventDataStore'],
    technique: 'T1562.008',
    left: 'event data store {dataStore}, changed: it may ingest less',
    remedy: 'Restore its selectors and its retention (aws cloudtrail get-event-data-store, update-event-data-store).',
  },
  {
    events: ['cloudtrail:DeleteEventDataStore'],
    technique: 'T1562.008',
    left: 'event data store {dataStore}, to be deleted in 7 days',
    remedy: 'aws cloudtrail restore-event-data-store --event-data-store {dataStore}',
    undo: ['RestoreEventDataStore'],
  },
  {
    events: ['cloudtrail:StopEventDataStoreIngestion'],
    technique: 'T1562.008',
    left: 'event data store {dataStore}, not ingesting',
    remedy: 'aws cloudtrail start-event-data-store-ingestion --event-data-store {dataStore}',
    undo: ['StartEventDataStoreIngestion'],
  },
  {
    events: ['config:StopConfigurationRecorder'],
    technique: 'T1562.008',
    left: 'configuration recorder {recorder}, stopped',
    remedy: 'aws configservice start-configuration-recorder --configuration-recorder-name {recorder}',
    undo: ['StartConfigurationRecorder'],
  },
  {
    events: [
      'config:PutConfigurationRecorder',
      'config:DeleteConfigurationRecorder',
      'config:DeleteDeliveryChannel',
      'config:DeleteConfigRule',
    ],
    technique: 'T1562.008',
    left: 'AWS Config, reduced',
    remedy: 'Set AWS Config up again as before.',
  },
  {
    events: ['ec2:DeleteFlowLogs'],
    technique: 'T1562.008',
    left: 'flow logs of a VPC, deleted',
    remedy: 'Create the flow logs again as before (aws ec2 create-flow-logs).',
  },
  {
    events: ['logs:DeleteLogGroup', 'logs:DeleteLogStream'],
    technique: 'T1562.008',
    left: 'log group {logGroup} or a stream of it, deleted',
    remedy: 'Create the log group again (aws logs create-log-group). Its events are lost unless they were exported.',
  },
  {
    events: ['logs:PutRetentionPolicy', 'logs:DeleteSubscriptionFilter', 'logs:DeleteMetricFilter'],
    technique: 'T1562.008',
    left: 'retention or filters of log group {logGroup}, changed',
    remedy: 'Restore the former setting (aws logs put-retention-policy, put-subscription-filter, put-metric-filter).',
  },
  {
    events: ['bedrock:DeleteModelInvocationLoggingConfiguration'],
    technique: 'T1562.008',
    left: 'model invocation logging of Bedrock, deleted',
    remedy: 'Set it up again (aws bedrock put-model-invocation-logging-configuration).',
  },
  {
    events: ['s3:PutBucketLogging'],
    technique: 'T1562.008',
    left: 'access logs of bucket {bucket}, disabled',
    remedy: 'Set the access logs up again (aws s3api put-bucket-logging).',
    when: (request) => !JSON.stringify(request).includes('"LoggingEnabled"'),
  },
  {
    events: ['route53resolver:DeleteResolverQueryLogConfig', 'route53resolver:DisassociateResolverQueryLogConfig'],
    technique: 'T1562.008',
    left: 'DNS query log, deleted',
    remedy:
      'Set the query log up again (aws route53resolver create-resolver-query-log-config, associate-resolver-query-log-config).',
  },
  {
    events: ['guardduty:DeleteDetector'],
    technique: 'T1562.001',
    left: 'GuardDuty in this Region, disabled',
    remedy: 'aws guardduty create-detector --enable',
    undo: ['CreateDetector'],
  },
  {
    events: ['guardduty:UpdateDetector'],
    technique: 'T1562.001',
    left: 'detector {detector} or its protection plans, disabled',
    remedy: 'aws guardduty update-detector --detector-id {detector} --enable',
    note: 'Enable disabled protection plans with --features.',
    when: switchesOff,
  },
  {
    events: ['guardduty:CreateFilter'],
    technique: 'T1562.001',
    left: 'filter {filter} of detector {detector}, which may hide findings',
    remedy: 'aws guardduty delete-filter --detector-id {detector} --filter-name {filter}',
    undo: ['DeleteFilter'],
  },
  {
    events: ['guardduty:CreateIPSet'],
    technique: 'T1562.001',
    left: 'trusted IP list {ipSet} of detector {detector}: GuardDuty reports no findings for its addresses',
    remedy: 'aws guardduty delete-ip-set --detector-id {detector} --ip-set-id {ipSet}',
    undo: ['DeleteIPSet'],
  },
  {
    events: ['guardduty:UpdateIPSet'],
    technique: 'T1562.001',
    left: 'trusted IP list {ipSet} of detector {detector}, changed',
    remedy: 'Restore the former list (aws guardduty get-ip-set, update-ip-set).',
  },
  {
    events: ['guardduty:StopMonitoringMembers'],
    technique: 'T1562.001',
    left: 'member accounts {members}, no longer monitored by detector {detector}',
    remedy: 'aws guardduty start-monitoring-members --detector-id {detector} --account-ids {members}',
    undo: ['StartMonitoringMembers'],
  },
  {
    events: [
      'guardduty:DeleteMembers',
      'guardduty:DisassociateMembers',
      'guardduty:DisassociateFromMasterAccount',
      'guardduty:DisassociateFromAdministratorAccount',
      'guardduty:DeletePublishingDestination',
    ],
    technique: 'T1562.001',
    left: 'members, administrator or publishing destination of detector {detector}, removed',
    remedy: 'Set the membership or the destination up again as before.',
  },
  {
    events: ['guardduty:ArchiveFindings'],
    technique: 'T1562.001',
    left: 'findings {findings}, archived',
    remedy: 'aws guardduty unarchive-findings --detector-id {detector} --finding-ids {findings}',
    undo: ['UnarchiveFindings'],
  },
  {
    events: ['securityhub:DisableSecurityHub'],
    technique: 'T1562.001',
    left: 'Security Hub in this Region, disabled',
    remedy: 'aws securityhub enable-security-hub',
    undo: ['EnableSecurityHub'],
  },
  {
    events: [
      'securityhub:BatchDisableStandards',
      'securityhub:DisableImportFindingsForProduct',
      'securityhub:DisassociateFromAdministratorAccount',
    ],
    technique: 'T1562.001',
    left: 'Security Hub, reduced',
    remedy: 'Set Security Hub up again as before.',
  },
  {
    events: ['detective:DeleteGraph'],
    technique: 'T1562.001',
    left: 'Detective in this Region, disabled',
    remedy: 'aws detective create-graph',
    note: 'The data of the former graph is lost.',
    undo: ['CreateGraph'],
  },
  {
    events: ['macie2:DisableMacie'],
    technique: 'T1562.001',
    left: 'Macie in this Region, disabled',
    remedy: 'aws macie2 enable-macie',
    undo: ['EnableMacie'],
  },
  {
    events: [
      'access-analyzer:DeleteAnalyzer',
      'inspector2:Disable',
      'wafv2:DeleteWebACL',
      'wafv2:DeleteRuleGroup',
      'wafv2:DisassociateWebACL',
      'wafv2:DeleteLoggingConfiguration',
    ],
    technique: 'T1562.001',
    left: 'security control of this Region, disabled',
    remedy: 'Set it up again as before.',
  },
  {
    events: ['monitoring:DisableAlarmActions'],
    technique: 'T1562.001',
    left: 'actions of alarms {alarms}, disabled',
    remedy: 'aws cloudwatch enable-alarm-actions --alarm-names {alarms}',
    undo: ['EnableAlarmActions'],
  },
  {
    events: ['monitoring:DeleteAlarms'],
    technique: 'T1562.001',
    left: 'alarms {alarms}, deleted',
    remedy: 'Create the alarms again as before.',
  },
  {
    events: ['events:DisableRule'],
    technique: 'T1562.001',
    left: 'EventBridge rule {eventRule}, disabled',
    remedy: [
      'aws events enable-rule --event-bus-name {eventBus} --name {eventRule}',
      'aws events enable-rule --name {eventRule}',
    ],
    undo: ['EnableRule'],
  },
  {
    events: ['events:DeleteRule', 'events:RemoveTargets'],
    technique: 'T1562.001',
    left: 'EventBridge rule {eventRule}, deleted or without targets',
    remedy: 'If the rule raised alarms, create it again as before.',
  },
]
