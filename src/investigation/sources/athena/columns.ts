/** Stands in a place for the event's name. */
export const OWN_NAME = '(the name of the event)'

/**
 * The columns that every query here reads, each with its place in a CloudTrail record: a row is made into a record again,
 * and read by the same code as the records of every other source. So no rule about records is written down twice.
 */
export const CALL_PLACES = {
  kind: ['userIdentity', 'type'],
  principalid: ['userIdentity', 'principalId'],
  arn: ['userIdentity', 'arn'],
  accountid: ['userIdentity', 'accountId'],
  invokedby: ['userIdentity', 'invokedBy'],
  accesskeyid: ['userIdentity', 'accessKeyId'],
  username: ['userIdentity', 'userName'],
  issued: ['userIdentity', 'sessionContext', 'attributes', 'creationDate'],
  issuertype: ['userIdentity', 'sessionContext', 'sessionIssuer', 'type'],
  issuerarn: ['userIdentity', 'sessionContext', 'sessionIssuer', 'arn'],
  issuername: ['userIdentity', 'sessionContext', 'sessionIssuer', 'userName'],
  delivery: ['userIdentity', 'sessionContext', 'ec2RoleDelivery'],
  sourceidentity: ['userIdentity', 'sessionContext', 'sourceIdentity'],
  eventsource: ['eventSource'],
  eventname: ['eventName'],
  awsregion: ['awsRegion'],
  sourceipaddress: ['sourceIPAddress'],
  useragent: ['userAgent'],
  errorcode: ['errorCode'],
  recipientaccountid: ['recipientAccountId'],
  vpcendpointid: ['vpcEndpointId'],
  eventcategory: ['eventCategory'],
  /** Whether a sign-in, a switch of roles … succeeded: its record has no error code. */
  signin: ['responseElements', OWN_NAME],
} as const

/** Further columns of records that are read one by one. */
export const RECORD_PLACES = {
  eventid: ['eventID'],
  eventtype: ['eventType'],
  errormessage: ['errorMessage'],
  readonly: ['readOnly'],
} as const

/** Columns that hold JSON. */
export const JSON_PLACES = {
  requestparameters: ['requestParameters'],
  responseelements: ['responseElements'],
  resources: ['resources'],
} as const

export type CallColumn = keyof typeof CALL_PLACES
export type RecordColumn = keyof typeof RECORD_PLACES | keyof typeof JSON_PLACES

export const CALL_COLUMNS = Object.keys(CALL_PLACES) as readonly CallColumn[]
export const RECORD_COLUMNS = [...Object.keys(RECORD_PLACES), ...Object.keys(JSON_PLACES)] as readonly RecordColumn[]
