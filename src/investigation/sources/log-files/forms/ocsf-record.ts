import { isRoleArn } from '../../../../incident/values/identifiers.ts'
import type { Json } from '../../../record-parameters.ts'
import { renamedRecord } from './renamed-record.ts'
import { objectInText } from './struct-text.ts'

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/**
 * The CloudTrail record of an event in the Open Cybersecurity Schema Framework, as Security Lake keeps it ("Open Cybersecurity
 * Schema Framework (OCSF) in Security Lake"). Undefined for any other event.
 */
export const ocsfRecord = (value: object): Json | undefined => {
  const event = value as Json
  const { operation, service, request, response } = objectOf(event.api)
  const { product, uid, event_code } = objectOf(event.metadata)
  if (typeof operation !== 'string' || !isCloudTrail(objectOf(product))) return undefined
  const unmapped = unmappedOf(event.unmapped)
  const { cloud, http_request, src_endpoint } = event
  const known = renamedRecord({
    ...unmapped,
    eventName: operation,
    eventSource: objectOf(service).name,
    eventID: uid,
    eventTime: event.time_dt ?? event.time,
    eventType: event_code ?? unmapped.eventType,
    eventCategory: objectOf(objectOf(product).feature).name,
    awsRegion: objectOf(cloud).region,
    sourceIPAddress: objectOf(src_endpoint).ip ?? objectOf(src_endpoint).domain ?? objectOf(src_endpoint).svc_name,
    vpcEndpointId: objectOf(src_endpoint).uid,
    userAgent: objectOf(http_request).user_agent,
    requestID: objectOf(request).uid,
    requestParameters: objectOf(request).data ?? unmapped.requestParameters,
    responseElements: objectOf(response).data ?? unmapped.responseElements,
    errorCode: objectOf(response).error,
    errorMessage: objectOf(response).message,
    resources: resourcesOf(event.resources),
  })
  if (!known) return undefined
  const userIdentity = identityOf(objectOf(known.userIdentity), objectOf(event.actor ?? event.identity))
  return { ...known, userIdentity, ...outcomeOf(known, event.status) }
}

const isCloudTrail = ({ name, vendor_name }: Json): boolean => name === 'CloudTrail' || vendor_name === 'AWS'

/** Parquet gives a map as a list of pairs. */
const unmappedOf = (value: unknown): Json => {
  if (typeof value === 'string') return objectOf(objectInText(value))
  if (!Array.isArray(value)) return objectOf(value)
  return Object.fromEntries(
    value.map((pair) => [String(objectOf(pair).key ?? objectOf(pair)[0]), objectOf(pair).value ?? objectOf(pair)[1]]),
  )
}

const resourcesOf = (resources: unknown): unknown =>
  Array.isArray(resources)
    ? resources.map((resource) => ({ ARN: objectOf(resource).uid, type: objectOf(resource).type }))
    : undefined

const identityOf = (known: Json, actor: Json): Json => {
  const user = objectOf(actor.user)
  const session = objectOf(actor.session)
  const named = [user.uid, user.uid_alt, user.uuid].map(textOf).filter((id) => id !== undefined)
  const arn = named.find((id) => id.startsWith('arn:'))
  const principalId = named.find((id) => !id.startsWith('arn:'))
  const type = textOf(user.type)
  const issuer = textOf(session.issuer)
  return withoutNothing({
    ...known,
    type,
    arn: arn ?? known.arn,
    principalId: principalId ?? known.principalId,
    accountId: objectOf(user.account).uid ?? user.account_uid ?? known.accountId,
    accessKeyId: textOf(user.credential_uid) ?? known.accessKeyId,
    userName: type === 'AssumedRole' ? undefined : textOf(user.name),
    invokedBy: textOf(actor.invoked_by) ?? known.invokedBy,
    sessionContext: sessionOf(objectOf(known.sessionContext), session, issuer),
  })
}

const sessionOf = (known: Json, session: Json, issuer: string | undefined): Json =>
  withoutNothing({
    ...known,
    sessionIssuer: issuer
      ? {
          type: isRoleArn(issuer) ? 'Role' : 'IAMUser',
          userName: issuer.slice(issuer.lastIndexOf('/') + 1),
          arn: issuer,
          ...objectOf(known.sessionIssuer),
        }
      : known.sessionIssuer,
    attributes: withoutNothing({
      ...objectOf(known.attributes),
      creationDate: session.created_time_dt ?? session.created_time ?? objectOf(known.attributes).creationDate,
      mfaAuthenticated: session.is_mfa ?? session.mfa ?? objectOf(known.attributes).mfaAuthenticated,
    }),
  })

const withoutNothing = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== null))

/** A failure without an error code: CloudTrail writes it into the response, under the event's name. */
const outcomeOf = ({ errorCode, responseElements, eventName }: Json, status: unknown): Json =>
  status === 'Failure' && errorCode === undefined
    ? { responseElements: { ...objectOf(responseElements), [String(eventName)]: 'Failure' } }
    : {}
