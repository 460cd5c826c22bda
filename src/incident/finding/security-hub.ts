import { type FindingArn, findingArnOf } from '../values/identifiers.ts'
import { at, isJsonObject, itemsOf, type Member, refusal, wordOf } from './member.ts'

/** A finding in the form in which GuardDuty writes it, as far as Security Hub or Security Lake kept it. */
type GuardDutyForm = Readonly<Record<string, unknown>>

/** Whether an object is a finding in the AWS Security Finding Format ("ASFF syntax"). `names` are its members' names in lower case. */
export const isAsff = (names: readonly string[]): boolean => names.includes('awsaccountid') && names.includes('productarn')

/** Whether an object is a finding of the Open Cybersecurity Schema Framework (OCSF). */
export const isOcsf = (names: readonly string[]): boolean => names.includes('class_uid') && names.includes('metadata')

const ORIGINAL = 'Respond to the GuardDuty finding itself: `ir-cred respond <id>`; `ir-cred findings` lists them.'

/** GuardDuty's own finding ARN out of the texts that may hold it; Security Hub puts its product's ARN in front. */
const originalOf = (form: string, texts: readonly string[]): FindingArn & { readonly arn: string } => {
  for (const text of texts) {
    const arn = text.slice(Math.max(0, text.lastIndexOf('arn:')))
    const parts = findingArnOf(arn)
    if (parts) return { ...parts, arn }
  }
  throw refusal(
    `This is ${form} that names no GuardDuty finding`,
    'ir-cred responds to findings of GuardDuty; the id of another product’s finding is not the ARN of one',
    'If it is about stolen credentials, name the access key: `ir-cred respond --access-key-id <key>`.',
  )
}

/**
 * GuardDuty's type out of ASFF's: `TTPs/UnauthorizedAccess:IAMUser-MaliciousIPCaller.Custom`, or
 * `TTPs/Unauthorized Access/IAMUser-MaliciousIPCaller.Custom`, is `UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom`.
 */
const typeOf = (form: string, types: Member): string => {
  const [written = ''] = itemsOf(types).map(wordOf)
  const parts = written.split('/').map((part) => part.replaceAll(' ', ''))
  const last = parts.at(-1) ?? ''
  const whole = last.includes(':') ? last : `${parts.at(-2) ?? ''}:${last}`
  const type = whole.replace(/-/, '/')
  if (/^[A-Za-z0-9]+:[A-Za-z0-9]+\/./.test(type)) return type
  throw refusal(
    `This is ${form} whose type is not one of GuardDuty’s`,
    `${types.path} holds ${JSON.stringify(written.slice(0, 80))}`,
    ORIGINAL,
  )
}

/** The last part of `AWS::IAM::AccessKey:ASIA…`, and of an instance's ARN. */
const lastPart = (text: string): string => text.slice(Math.max(text.lastIndexOf(':'), text.lastIndexOf('/')) + 1)

const resourceOfType = (resources: Member, type: RegExp): Member | undefined =>
  itemsOf(resources).find((resource) => type.test(wordOf(at(resource, 'type'))))

const ACCESS_KEY = /^(?:AwsIamAccessKey|AWS::IAM::AccessKey)$/
const INSTANCE = /^(?:AwsEc2Instance|AWS::EC2::Instance)$/

/** Key, principal, name and type, where the details of the access key give them; the ids of the resources otherwise. */
const resourceOf = (resources: Member, idName: string, detailsName: string): GuardDutyForm => {
  const key = resourceOfType(resources, ACCESS_KEY)
  const instance = resourceOfType(resources, INSTANCE)
  const details = key ? at(key, detailsName, 'AwsIamAccessKey') : undefined
  const named = (name: string) => (details ? wordOf(at(details, name)) : '')
  return {
    ...(key && {
      accessKeyDetails: {
        accessKeyId: named('AccessKeyId') || lastPart(wordOf(at(key, idName))),
        principalId: named('PrincipalId'),
        userName: named('PrincipalName') || named('UserName'),
        userType: named('PrincipalType'),
      },
    }),
    ...(instance && { instanceDetails: { instanceId: lastPart(wordOf(at(instance, idName))) } }),
  }
}

const SERVICE = 'aws/guardduty/service/'

/** GuardDuty's `service` out of the product fields, each of which is called by its way: `aws/guardduty/service/action/actionType`. */
const serviceOf = (fields: Member): Record<string, unknown> => {
  const service: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(isJsonObject(fields.value) ? fields.value : {})) {
    if (!name.startsWith(SERVICE)) continue
    const way = name.slice(SERVICE.length).split('/').slice(0, DEEPEST)
    const last = way.pop() ?? ''
    way.reduce(memberOf, service)[last] = value
  }
  const { count, action } = service
  if (typeof count === 'string' && /^\d{1,9}$/.test(count)) service.count = Number(count)
  if (isJsonObject(action) && !('actionType' in action) && 'awsApiCallAction' in action)
    service.action = { ...action, actionType: 'AWS_API_CALL' }
  return service
}

const DEEPEST = 12

/** The object in a member; made where there is none. */
const memberOf = (object: Record<string, unknown>, name: string): Record<string, unknown> => {
  const inner = object[name]
  if (isJsonObject(inner)) return inner as Record<string, unknown>
  const made: Record<string, unknown> = Object.create(null)
  object[name] = made
  return made
}

/** GuardDuty's number where Security Hub kept it; the middle of its label's range otherwise ("Severity levels for GuardDuty findings"). */
const asffSeverity = (severity: Member): number => {
  const product = at(severity, 'Product').value
  if (typeof product === 'number') return product
  return LABELS.get(wordOf(at(severity, 'Label'))) ?? 1
}

const LABELS: ReadonlyMap<string, number> = new Map([
  ['LOW', 2],
  ['MEDIUM', 5],
  ['HIGH', 8],
  ['CRITICAL', 9],
])

/**
 * GuardDuty's finding out of Security Hub's (ASFF): key, principal, instance, times and what the product fields kept of the call.
 * Throws a Failure of kind usage for a finding of another product.
 */
export const fromAsff = (value: unknown, path: string): GuardDutyForm => {
  const finding: Member = { path, value }
  const form = 'a Security Hub finding (ASFF)'
  const fields = at(finding, 'ProductFields')
  const hub = isJsonObject(fields.value) ? fields.value['aws/securityhub/FindingId'] : undefined
  const { arn, findingId, region, partition, detectorId } = originalOf(form, [wordOf(at(finding, 'Id')), String(hub ?? '')])
  const service = serviceOf(fields)
  return {
    ...{ id: findingId, arn, region: wordOf(at(finding, 'Region')) || region, partition, writtenAs: 'ASFF' },
    accountId: at(finding, 'AwsAccountId').value,
    type: typeOf(form, at(finding, 'Types')),
    severity: asffSeverity(at(finding, 'Severity')),
    ...{ title: at(finding, 'Title').value, description: at(finding, 'Description').value },
    ...{ createdAt: at(finding, 'CreatedAt').value, updatedAt: at(finding, 'UpdatedAt').value },
    resource: resourceOf(at(finding, 'Resources'), 'Id', 'Details'),
    service: {
      ...service,
      detectorId,
      archived: service.archived ?? wordOf(at(finding, 'RecordState')) === 'ARCHIVED',
      eventFirstSeen: at(finding, 'FirstObservedAt').value,
      eventLastSeen: at(finding, 'LastObservedAt').value,
    },
  }
}

/** OCSF's `severity_id`: 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal. */
const OCSF_SEVERITY: readonly number[] = [1, 1, 2, 5, 8, 9, 10]

/** OCSF writes times as milliseconds since the epoch, or with a `_dt` as text. */
const ocsfTime = (from: Member, ...names: readonly string[]): unknown => {
  for (const name of names) {
    const text = at(from, `${name}_dt`).value
    if (text !== undefined) return text
    const { value } = at(from, name)
    if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8.64e15) return new Date(value).toISOString()
    if (value !== undefined) return value
  }
  return undefined
}

/** The call that an OCSF finding gives as evidence: what, from where, with what. */
const ocsfAction = (evidence: Member | undefined): GuardDutyForm | undefined => {
  if (evidence === undefined) return undefined
  const call = {
    api: at(evidence, 'api', 'operation').value,
    serviceName: at(evidence, 'api', 'service', 'name').value,
    userAgent: at(evidence, 'http_request', 'user_agent').value,
    remoteIpDetails: { ipAddressV4: at(evidence, 'src_endpoint', 'ip').value },
  }
  const isKnown = call.api !== undefined || call.remoteIpDetails.ipAddressV4 !== undefined
  return isKnown ? { actionType: 'AWS_API_CALL', awsApiCallAction: call } : undefined
}

/**
 * GuardDuty's finding out of an OCSF detection finding, as Security Lake and Security Hub write them. Throws a Failure of kind usage for
 * a finding of another product.
 */
export const fromOcsf = (value: unknown, path: string): GuardDutyForm => {
  const finding: Member = { path, value }
  const form = 'an OCSF finding'
  const info = at(finding, 'finding_info')
  const { arn, findingId, region, partition, accountId, detectorId } = originalOf(form, [wordOf(at(info, 'uid'))])
  const user = at(itemsOf(at(finding, 'evidences'))[0] ?? { path: '', value: undefined }, 'actor', 'user')
  const resource = resourceOf(at(finding, 'resources'), 'uid', 'data')
  const action = ocsfAction(itemsOf(at(finding, 'evidences'))[0])
  return {
    ...{ id: findingId, arn, region: wordOf(at(finding, 'cloud', 'region')) || region, partition, writtenAs: 'OCSF' },
    accountId: wordOf(at(finding, 'cloud', 'account', 'uid')) || accountId,
    type: typeOf(form, at(info, 'types')),
    severity: OCSF_SEVERITY[Number(at(finding, 'severity_id').value)] ?? 1,
    ...{ title: at(info, 'title').value, description: at(info, 'desc').value },
    createdAt: ocsfTime(info, 'created_time') ?? ocsfTime(finding, 'time'),
    updatedAt: ocsfTime(info, 'modified_time') ?? ocsfTime(finding, 'time'),
    resource: {
      ...(user.value === undefined
        ? {}
        : {
            accessKeyDetails: {
              accessKeyId: at(user, 'credential_uid').value,
              principalId: at(user, 'uid').value,
              userName: at(user, 'name').value,
              userType: at(user, 'type').value,
            },
          }),
      ...resource,
    },
    service: {
      detectorId,
      archived: /^(?:archived|suppressed)$/i.test(wordOf(at(finding, 'status'))),
      eventFirstSeen: ocsfTime(info, 'first_seen_time'),
      eventLastSeen: ocsfTime(info, 'last_seen_time'),
      ...(action ? { action } : {}),
    },
  }
}
