import { Failure } from '../../../incident/values/failure.ts'
import { arnOf, isAccountId, UUID } from '../../../incident/values/identifiers.ts'
import { quoted } from '../../../incident/values/quoted.ts'
import { assumedRole, hidingTokens, matched, refusalPart, type SqlDialect, secondOf } from '../sql/dialect.ts'
import { all } from '../sql/query.ts'

/** An event data store of CloudTrail Lake. */
export interface EventDataStore {
  readonly id: string
  /** Where it is, and whose it is: known when it was given by its ARN. */
  readonly region?: string
  readonly accountId?: string
}

/** Reads the id or the ARN of an event data store. Throws a Failure of kind 'usage' for anything else. */
export const eventDataStoreIn = (text: string): EventDataStore => {
  if (UUID.test(text)) return { id: text }
  const arn = arnOf(text)
  const [, id = ''] = /^eventdatastore\/(.+)$/.exec(arn?.resource ?? '') ?? []
  if (arn?.service === 'cloudtrail' && arn.region !== '' && isAccountId(arn.accountId) && UUID.test(id))
    return { id, region: arn.region, accountId: arn.accountId }
  throw new Failure({
    kind: 'usage',
    what: `${quoted(text)} is not an event data store of CloudTrail Lake`,
    why: 'it has the form of a UUID, or of an ARN that ends in one',
    remedy: 'aws cloudtrail list-event-data-stores names them; who has none uses --athena or --logs',
  })
}

/** How sentences name a store, and the service that counts in it. */
export const lakeWords = ({ store }: { readonly store: EventDataStore }) => ({
  name: `CloudTrail Lake event data store ${store.id}`,
  service: 'CloudTrail Lake',
})

const SESSION = 'useridentity.sessioncontext'

const text = (timestamp: string): string => `date_format(${timestamp}, '%Y-%m-%dT%H:%i:%SZ')`
/** The whole record as JSON is read only for single records: it is most of the bytes. */
const whole = (member: string): string => `json_format(json_extract(eventjson, '$.${member}'))`

/**
 * The addendum is documented as a structure in one place and as a map in another, and their JSON differs: a structure may come as the
 * list of its members, of which the id is the last.
 */
const ADDENDUM = 'json_format(CAST(addendum AS JSON))'
const ORIGINAL_ID = `coalesce(${matched(ADDENDUM, 'vent[iI][dD]":"([^"]+)', 1)}, ${matched(ADDENDUM, '"([^"]+)"]$', 1)})`

/** An event data store as "Supported SQL schemas for event data stores" has it: times are timestamps, parameters maps. */
export const lakeStore = ({ id }: EventDataStore): SqlDialect => ({
  from: id,
  longest: 10_000,
  eventTime: text('eventtime'),
  eventId: 'eventid',
  calls: {
    kind: 'useridentity.type',
    principalid: 'useridentity.principalid',
    arn: 'useridentity.arn',
    accountid: 'useridentity.accountid',
    invokedby: 'useridentity.invokedby',
    accesskeyid: 'useridentity.accesskeyid',
    username: 'useridentity.username',
    issued: text(`${SESSION}.attributes.creationdate`),
    issuertype: `${SESSION}.sessionissuer.type`,
    issuerarn: `${SESSION}.sessionissuer.arn`,
    issuername: `${SESSION}.sessionissuer.username`,
    delivery: `${SESSION}.ec2roledelivery`,
    sourceidentity: `${SESSION}.sourceidentity`,
    eventsource: 'eventsource',
    eventname: 'eventname',
    awsregion: 'awsregion',
    sourceipaddress: 'sourceipaddress',
    useragent: 'useragent',
    errorcode: 'errorcode',
    recipientaccountid: 'recipientaccountid',
    vpcendpointid: 'vpcendpointid',
    vpcendpointaccountid: 'vpcendpointaccountid',
    eventcategory: 'eventcategory',
    refusal: refusalPart('errormessage'),
    signin: "CASE WHEN eventsource = 'signin.amazonaws.com' THEN element_at(responseelements, eventname) END",
    assumedrole: assumedRole("element_at(requestparameters, 'roleArn')", 'errormessage'),
  },
  records: {
    eventid: 'eventid',
    eventtype: 'eventtype',
    errormessage: 'errormessage',
    readonly: 'CAST(readonly AS VARCHAR)',
    requestid: 'requestid',
    originalid: ORIGINAL_ID,
    requestparameters: hidingTokens(whole('requestParameters')),
    responseelements: hidingTokens(whole('responseElements')),
    resources: whole('resources'),
    additionaleventdata: whole('additionalEventData'),
  },
  // As the samples in "CloudTrail Lake queries" compare it.
  within: ({ from, until }) =>
    all(
      ...(from ? [{ text: 'eventtime >= ?', values: [secondOf(from, ' ')] }] : []),
      ...(until ? [{ text: 'eventtime < ?', values: [secondOf(until, ' ')] }] : []),
    ),
})
