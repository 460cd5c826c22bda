/** Members of a CloudTrail record that an investigation reads, as paths ("CloudTrail record contents", "userIdentity element"). */
const FIELDS: readonly string[] = [
  ...['eventVersion', 'eventTime', 'eventSource', 'eventName', 'eventID', 'eventType', 'eventCategory', 'awsRegion'],
  ...['sourceIPAddress', 'userAgent', 'errorCode', 'errorMessage', 'requestID', 'readOnly', 'managementEvent', 'apiVersion'],
  ...['recipientAccountId', 'sharedEventID', 'vpcEndpointId', 'vpcEndpointAccountId', 'sessionCredentialFromConsole'],
  ...['addendum.reason', 'addendum.updatedFields', 'addendum.originalRequestID', 'addendum.originalEventID'],
  ...['type', 'principalId', 'arn', 'accountId', 'accessKeyId', 'userName', 'invokedBy', 'identityProvider'].map(
    (name) => `userIdentity.${name}`,
  ),
  ...['type', 'principalId', 'arn', 'accountId', 'userName'].map((name) => `userIdentity.sessionContext.sessionIssuer.${name}`),
  ...['creationDate', 'mfaAuthenticated'].map((name) => `userIdentity.sessionContext.attributes.${name}`),
  ...['userIdentity.sessionContext.ec2RoleDelivery', 'userIdentity.sessionContext.sourceIdentity'],
  ...['sourceArn', 'sourceAccount', 'issuerType', 'credentialsIssuedTo'].map((name) => `userIdentity.inScopeOf.${name}`),
]

/** Members with contents of their own, which differ from call to call. */
export const OPEN_FIELDS: ReadonlyMap<string, string> = new Map(
  ['requestParameters', 'responseElements', 'additionalEventData', 'serviceEventDetails', 'resources', 'tlsDetails'].map(
    (name) => [name.toLowerCase(), name],
  ),
)

/** Members that hold other members. */
export const NESTED_FIELDS: ReadonlySet<string> = new Set([
  ...['useridentity', 'useridentitysessioncontext', 'useridentitysessioncontextsessionissuer'],
  ...['useridentitysessioncontextattributes', 'useridentityinscopeof', 'addendum'],
])

/** A name without what forms write differently: `user_identity.access_key_id` and `UserIdentityAccessKeyId` are one name. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** The path of a record's member, by its plain name. */
export const PATHS: ReadonlyMap<string, string> = new Map(FIELDS.map((path) => [plainName(path), path]))

const session = 'userIdentity.sessionContext'

/** Names that other tools give to members: the console's CSV, Microsoft Sentinel's table AWSCloudTrail, query results. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ...(['type', 'principalId', 'arn', 'accountId', 'userName'] as const).flatMap((name): [string, string][] => [
    [plainName(`sessionIssuer${name}`), `${session}.sessionIssuer.${name}`],
    [plainName(`userIdentitySessionIssuer${name}`), `${session}.sessionIssuer.${name}`],
  ]),
  ['sessioncreationdate', `${session}.attributes.creationDate`],
  ['sessionmfaauthenticated', `${session}.attributes.mfaAuthenticated`],
  ['useridentitysessioncontextcreationdate', `${session}.attributes.creationDate`],
  ['useridentitysessioncontextmfaauthenticated', `${session}.attributes.mfaAuthenticated`],
  ['ec2roledelivery', `${session}.ec2RoleDelivery`],
  ['awseventid', 'eventID'],
  ['awsrequestid', 'requestID'],
  ['eventtypename', 'eventType'],
  ['awsaccesskey', 'userIdentity.accessKeyId'],
  ['accesskeyid', 'userIdentity.accessKeyId'],
  ['username', 'userIdentity.userName'],
  ['region', 'awsRegion'],
  ['sourceip', 'sourceIPAddress'],
  ['timegenerated', 'eventTime'],
  ['timegeneratedutc', 'eventTime'],
  ['timestamp', 'eventTime'],
  ['time', 'eventTime'],
])

/** Members in which tools keep the record as CloudTrail wrote it, as a text or as an object. */
export const ORIGINALS: readonly string[] = [
  ...['cloudTrailEvent', 'CloudTrailEvent', 'cloudtrailevent', '_raw', 'raw', '@message', 'message', 'Message', 'event.original'],
  ...['event_original', 'detail', 'rawLog', 'raw_log', 'raw_event', 'RawData'],
]
