import type { PersistenceArtefact } from '../../../src/incident/facts/activity-rows.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { type ActivityState, activityFold, type Counted } from '../../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../../src/investigation/analysis/fold.ts'
import { artefactsIn } from '../../../src/investigation/persistence/artefacts.ts'
import { type PrincipalRef, type Question, questionOf } from '../../../src/investigation/question.ts'
import { readRecord } from '../../../src/investigation/read-record.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'

export const ACCOUNT = '111122223333'
export const STOLEN = 'ASIASTOLENKEY0000001'
export const INSTANCE = 'i-0abc1234def567890'
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/app/web-app`

export const theKey: PrincipalRef = { kind: 'access-key-id', value: STOLEN }

export const instant = (text: string): Instant => text as Instant

/** What a test says of a call; all else is as usual: the stolen key lists buckets, with success. */
export interface Call {
  readonly id?: string
  readonly at?: string
  /** `service:EventName`. */
  readonly event?: string
  readonly key?: string
  readonly session?: string
  readonly role?: string
  readonly issuedAt?: string
  readonly delivery?: string
  readonly ip?: string
  readonly agent?: string
  readonly errorCode?: string
  readonly invokedBy?: string
  readonly vpcEndpointId?: string
  readonly region?: string
  readonly request?: object
  readonly response?: object
  readonly more?: object
}

let made = 0

/** The JSON of a record, as a log file has it. */
export const documentOf = (call: Call = {}): Record<string, unknown> => {
  const { at = '2026-03-01T12:00:00Z', event = 's3:ListBuckets', role = 'web-app', session = INSTANCE } = call
  const [service = '', eventName = ''] = event.split(':')
  made += 1
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLE${role.toUpperCase().replaceAll('-', '')}:${session}`,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
      accountId: ACCOUNT,
      accessKeyId: call.key ?? STOLEN,
      ...(call.invokedBy ? { invokedBy: call.invokedBy } : {}),
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: `AROAEXAMPLE${role.toUpperCase().replaceAll('-', '')}`,
          arn: `arn:aws:iam::${ACCOUNT}:role/app/${role}`,
          accountId: ACCOUNT,
          userName: role,
        },
        attributes: { creationDate: call.issuedAt ?? '2026-03-01T06:00:00Z', mfaAuthenticated: 'false' },
        ec2RoleDelivery: call.delivery ?? '2.0',
      },
    },
    eventTime: at,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: call.region ?? 'eu-west-1',
    sourceIPAddress: call.ip ?? '198.51.100.7',
    userAgent: call.agent ?? 'aws-cli/2.15.0',
    ...(call.errorCode ? { errorCode: call.errorCode } : {}),
    ...(call.vpcEndpointId ? { vpcEndpointId: call.vpcEndpointId } : {}),
    requestParameters: call.request ?? null,
    responseElements: call.response ?? null,
    eventID: call.id ?? `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    eventType: 'AwsApiCall',
    managementEvent: true,
    eventCategory: 'Management',
    recipientAccountId: ACCOUNT,
    ...call.more,
  }
}

export const recordOf = (call: Call = {}): CloudTrailRecord => {
  const record = readRecord(documentOf(call))
  if (!record) throw new RangeError('this call makes no record')
  return record
}

export const many = (times: number, call: (index: number) => Call): readonly CloudTrailRecord[] =>
  Array.from({ length: times }, (_, index) => recordOf(call(index)))

/** The workload's own calls: one an hour for so many days up to midnight of 1 March, with other keys of the same role. */
export const workload = (days: number, call: Call = {}): readonly CloudTrailRecord[] =>
  many(days * 24, (hour) => ({
    at: new Date(Date.UTC(2026, 2, 1) - (hour + 1) * 3_600_000 + 60_000).toISOString().replace('.000Z', 'Z'),
    key: `ASIAWORKLOAD${String(Math.floor(hour / 6)).padStart(8, '0')}`,
    issuedAt: '2026-01-01T00:00:00Z',
    ip: '203.0.113.10',
    agent: 'workload/1.0',
    ...call,
  }))

/** The answer to a question about the stolen key, or about somebody else. */
export const counted = (
  records: readonly CloudTrailRecord[],
  told: Partial<Question> = {},
  principal: PrincipalRef = theKey,
): Counted => {
  const question = questionOf(told.principal ?? principal, told)
  const fold = activityFold(question)
  return fold.finish(stateOf(question, records), question)
}

export const stateOf = (question: Question, records: readonly CloudTrailRecord[]): ActivityState =>
  foldAll(activityFold(question), records)

/** What these calls of the stolen key left. */
export const leftBy = (...calls: readonly Call[]): readonly PersistenceArtefact[] =>
  artefactsIn(counted(calls.map((call) => recordOf(call))).writeEvents)
