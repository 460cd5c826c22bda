import { type SqlDialect, secondOf } from '../athena/dialect.ts'
import { all } from '../athena/query.ts'
import { hidingTokens } from '../athena/secrets.ts'
import type { EventDataStore } from './store.ts'

const SESSION = 'useridentity.sessioncontext'

const text = (timestamp: string): string => `date_format(${timestamp}, '%Y-%m-%dT%H:%i:%SZ')`
/** The whole record as JSON is read only for single records: it is most of the bytes. */
const whole = (member: string): string => `json_format(json_extract(eventjson, '$.${member}'))`

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
    eventcategory: 'eventcategory',
    signin: "CASE WHEN eventsource = 'signin.amazonaws.com' THEN element_at(responseelements, eventname) END",
  },
  records: {
    eventid: 'eventid',
    eventtype: 'eventtype',
    errormessage: 'errormessage',
    readonly: 'CAST(readonly AS VARCHAR)',
    requestparameters: hidingTokens(whole('requestParameters')),
    responseelements: hidingTokens(whole('responseElements')),
    resources: whole('resources'),
  },
  // As the samples in "CloudTrail Lake queries" compare it.
  within: ({ from, until }) =>
    all(
      ...(from ? [{ text: 'eventtime >= ?', values: [secondOf(from, ' ')] }] : []),
      ...(until ? [{ text: 'eventtime < ?', values: [secondOf(until, ' ')] }] : []),
    ),
})
