import type { Json } from '../../../record-parameters.ts'
import { renamedRecord } from './renamed-record.ts'

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/**
 * The CloudTrail record of a document in the Elastic Common Schema ("AWS CloudTrail integration": `aws.cloudtrail.*`,
 * `event.action`). Undefined for any other document.
 */
export const ecsRecord = (value: object): Json | undefined => {
  const document = Object.keys(value).some((key) => key.startsWith('aws.cloudtrail.')) ? nested(value) : (value as Json)
  const cloudtrail = objectOf(objectOf(document.aws).cloudtrail)
  const { action, provider, id, outcome } = objectOf(document.event)
  if (typeof action !== 'string' || Object.keys(cloudtrail).length === 0) return undefined
  const flat = objectOf(cloudtrail.flattened)
  const known = renamedRecord({
    ...cloudtrail,
    request_parameters: flat.request_parameters ?? cloudtrail.request_parameters,
    response_elements: flat.response_elements ?? cloudtrail.response_elements,
    eventName: action,
    eventSource: provider,
    eventID: id ?? cloudtrail.event_id,
    eventTime: document['@timestamp'],
    awsRegion: objectOf(document.cloud).region,
    sourceIPAddress: sourceOf(objectOf(document.source)),
    userAgent: objectOf(document.user_agent).original,
  })
  if (!known) return undefined
  return { ...known, userIdentity: identityOf(known, document), ...outcomeOf(known, outcome) }
}

const sourceOf = ({ address, ip, domain }: Json): unknown => address ?? ip ?? domain

const identityOf = ({ userIdentity }: Json, document: Json): Json => {
  const identity = objectOf(userIdentity)
  const { id, name } = objectOf(document.user)
  const account = objectOf(objectOf(document.cloud).account).id
  const userName = identity.type === 'IAMUser' && typeof name === 'string' ? { userName: name } : {}
  return {
    ...(id === undefined ? {} : { principalId: id }),
    ...(account === undefined ? {} : { accountId: account }),
    ...userName,
    ...identity,
  }
}

/** A refused sign-in has no error code: CloudTrail writes it into the response, under the event's name. */
const outcomeOf = ({ errorCode, responseElements, eventName }: Json, outcome: unknown): Json =>
  outcome === 'failure' && errorCode === undefined
    ? { responseElements: { ...objectOf(responseElements), [String(eventName)]: 'Failure' } }
    : {}

/** `{ 'event.action': 'x' }` as `{ event: { action: 'x' } }`. */
const nested = (value: object): Json => {
  const root: Record<string, unknown> = {}
  for (const [path, member] of Object.entries(value)) {
    const names = path.split('.')
    if (names.includes('__proto__')) continue
    let at = root
    for (const name of names.slice(0, -1)) {
      if (typeof at[name] !== 'object' || at[name] === null) at[name] = {}
      at = at[name] as Record<string, unknown>
    }
    at[names.at(-1) ?? ''] = Array.isArray(member) && member.length === 1 ? member[0] : member
  }
  return root
}
