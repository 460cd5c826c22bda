import fc from 'fast-check'
import type { CallerKind, PrincipalRef } from '../../../../src/investigation/question.ts'

/** CloudTrail records of a small account in which everybody is somebody: few names, so that they meet. */
const ACCOUNT = '111122223333'
const ROLES = ['web-app', 'web', 'ci+runner'] as const
const SESSIONS = ['i-0abc1234def567890', 'nightly', 'web-app'] as const
const KEYS = ['ASIAEXAMPLE000000001', 'ASIAEXAMPLE000000002', 'AKIAEXAMPLE000000003'] as const
const USERS = ['alice', 'web-app'] as const
const SOURCES = ['198.51.100.7', '203.0.113.10', '2001:db8::1', 'ec2.amazonaws.com', 'AWS Internal'] as const
const AGENTS = ['aws-cli/2.15.0', 'Boto3/1.34 "quoted" \'too\'', 'agent–ünïcode ? 🙂', ''] as const
const APIS = [
  ['s3', 'ListBuckets'],
  ['iam', 'CreateUser'],
  ['iam', 'DeleteUser'],
  ['lambda', 'CreateFunction20150331v2'],
  ['sts', 'AssumeRole'],
  ['signin', 'ConsoleLogin'],
  ['signin', 'SwitchRole'],
  ['ec2', 'DescribeInstances'],
] as const
const ERRORS = ['AccessDenied', 'Client.UnauthorizedOperation', 'ThrottlingException', 'NoSuchEntity', ''] as const
const TIMES = ['2026-02-14T23:59:59Z', '2026-02-28T06:30:00Z', '2026-02-28T23:59:59Z', '2026-03-01T00:00:00Z'].concat([
  '2026-03-01T11:59:59Z',
  '2026-03-01T12:00:00Z',
  '2026-03-01T12:00:40Z',
  '2026-03-01T13:10:00Z',
  '2026-03-02T00:00:00Z',
])

const some = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 4 })

const issuerOf = (role: string) => ({
  type: 'Role',
  principalId: `AROA${role.length}EXAMPLE`,
  arn: `arn:aws:iam::${ACCOUNT}:role/app/${role}`,
  accountId: ACCOUNT,
  userName: role,
})

const roleSession = fc
  .record({
    role: some(ROLES),
    session: some(SESSIONS),
    key: maybe(some(KEYS)),
    issuer: maybe(fc.constant(true)),
    arn: maybe(fc.constant(true)),
    delivery: maybe(some(['1.0', '2.0'])),
    identity: maybe(fc.constant('somebody')),
    creationDate: maybe(some(['2026-03-01T06:00:00Z', '2026-02-28T00:00:00Z'])),
    invokedBy: maybe(some(['lambda.amazonaws.com'])),
  })
  .map(({ role, session, key, issuer, arn, delivery, identity, creationDate, invokedBy }) => ({
    type: 'AssumedRole',
    principalId: `AROA${role.length}EXAMPLE:${session}`,
    ...(arn ? { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}` } : {}),
    accountId: ACCOUNT,
    ...(key ? { accessKeyId: key } : {}),
    ...(invokedBy ? { invokedBy } : {}),
    sessionContext: {
      ...(issuer ? { sessionIssuer: issuerOf(role) } : {}),
      ...(creationDate ? { attributes: { creationDate, mfaAuthenticated: 'false' } } : {}),
      ...(delivery ? { ec2RoleDelivery: delivery } : {}),
      ...(identity ? { sourceIdentity: identity } : {}),
    },
  }))

const user = fc.record({ name: some(USERS), key: maybe(some(KEYS)), viaToken: fc.boolean() }).map(({ name, key, viaToken }) => {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`
  const named = viaToken ? {} : { userName: name }
  const sessionIssuer = { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn, accountId: ACCOUNT, userName: name }
  return {
    type: 'IAMUser',
    principalId: `AIDA${name.toUpperCase()}`,
    arn,
    accountId: ACCOUNT,
    ...named,
    ...(key ? { accessKeyId: key } : {}),
    ...(viaToken ? { sessionContext: { sessionIssuer, attributes: { creationDate: '2026-03-01T05:00:00Z' } } } : {}),
  }
})

/** AWS writes its account; a record without one must not be answered in two ways. */
const federated = {
  type: 'FederatedUser',
  principalId: `${ACCOUNT}:bob`,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
  accountId: ACCOUNT,
  accessKeyId: KEYS[0],
}
const { accountId: _, ...withoutAccount } = federated
const root = { type: 'Root', principalId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT }
const service = { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }

const identity = fc.oneof(
  { weight: 6, arbitrary: roleSession },
  { weight: 2, arbitrary: user },
  some([federated, withoutAccount, root, service, {}]),
)

const responseOf = (eventName: string, number: number): object | null => {
  if (eventName === 'ConsoleLogin' || eventName === 'SwitchRole') return { [eventName]: number % 2 === 0 ? 'Failure' : 'Success' }
  if (eventName !== 'AssumeRole') return null
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/other/chained session-${number % 3}`
  const accessKeyId = `ASIACHILD00000000${String(number % 4).padStart(3, '0')}`
  return {
    credentials: { accessKeyId, sessionToken: `CANARY\\"${number}`, expiration: 'Mar 1, 2026, 1:00:00 PM' },
    assumedRoleUser: { assumedRoleId: 'AROAOTHER:chained session', arn },
  }
}

export type Document = Readonly<Record<string, unknown>>

/** A record as a log file has it. */
export const aDocument: fc.Arbitrary<Document> = fc
  .record({
    userIdentity: identity,
    eventTime: some(TIMES),
    api: some(APIS),
    awsRegion: some(['eu-west-1', 'us-east-1']),
    sourceIPAddress: some(SOURCES),
    userAgent: maybe(some(AGENTS)),
    errorCode: maybe(some(ERRORS)),
    vpcEndpointId: maybe(some(['vpce-1'])),
    vpcEndpointAccountId: maybe(some([ACCOUNT, '999988887777'])),
    hasRequestId: fc.boolean(),
    eventCategory: maybe(some(['Management', 'Data', 'NetworkActivity'])),
    readOnly: maybe(fc.boolean()),
    number: fc.nat(9999),
  })
  .map(({ api: [source, eventName], number, hasRequestId, ...told }) => ({
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
    eventVersion: '1.11',
    ...(hasRequestId ? { requestID: `request-${number}` } : {}),
    eventSource: `${source}.amazonaws.com`,
    eventName,
    requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/other`, userName: `made-${number % 5}`, note: 'say "it"' },
    responseElements: responseOf(eventName, number),
    resources: [{ ARN: `arn:aws:iam::${ACCOUNT}:role/other`, accountId: ACCOUNT, type: 'AWS::IAM::Role' }],
    eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    recipientAccountId: ACCOUNT,
  }))

/** The record of the same call's network activity at the endpoint that it went through. */
const twinOf = (document: Document): Document => ({
  ...document,
  eventID: String(document.eventID).replace(/^0/, '1'),
  eventCategory: 'NetworkActivity',
  requestParameters: null,
  responseElements: null,
})

/** The same record as CloudTrail delivers it again, with more in it. */
const addendumOf = (document: Document): Document => ({
  ...document,
  eventID: String(document.eventID).replace(/^0/, '2'),
  addendum: { reason: 'UPDATED_DATA', originalEventID: document.eventID },
})

const delivered = (document: Document, index: number): readonly Document[] => [
  document,
  ...(index % 3 === 0 && document.eventCategory !== 'NetworkActivity' ? [twinOf(document)] : []),
  ...(index % 7 === 0 ? [addendumOf(document)] : []),
]

/**
 * Some twice, as CloudTrail delivers them: one id is one record, at one time, by one caller. Some calls have a record of their network
 * activity, and some an addendum.
 */
export const documents: fc.Arbitrary<readonly Document[]> = fc
  .tuple(fc.uniqueArray(aDocument, { minLength: 20, maxLength: 150, selector: ({ eventID }) => eventID }), fc.nat(5))
  .map(([all, again]) => [...all.flatMap(delivered), ...all.slice(0, again)])

/** By which names somebody may be asked about who may be in those records. */
export const NAMES: Readonly<Record<CallerKind, readonly string[]>> = {
  'access-key-id': KEYS,
  role: [...ROLES, `arn:aws:iam::${ACCOUNT}:role/app/web-app`, `arn:aws:iam::${ACCOUNT}:role/elsewhere/web`, 'AROA7EXAMPLE'],
  session: [
    ...SESSIONS,
    `web-app/${SESSIONS[0]}`,
    `AROA7EXAMPLE:${SESSIONS[0]}`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/web/nightly`,
    'bob',
    federated.arn,
  ],
  'instance-id': [SESSIONS[0], 'i-00000000000000000'],
  ip: [...SOURCES, 'unknown'],
  user: [...USERS, 'root', root.arn, `arn:aws:iam::${ACCOUNT}:user/alice`, 'AIDAALICE', federated.arn],
  console: USERS,
  trust: [`${ACCOUNT}/other`, '999988887777/other'],
}

export const KINDS = Object.keys(NAMES) as readonly CallerKind[]

export const somebody: fc.Arbitrary<PrincipalRef> = some(KINDS).chain((kind) =>
  some(NAMES[kind]).map((value): PrincipalRef => ({ kind, value })),
)
