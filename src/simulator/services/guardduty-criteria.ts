import type { Condition, FindingCriteria, SortCriteria } from '@aws-sdk/client-guardduty'
import type { FindingDocument } from '../account/detection.ts'
import { ServiceError } from '../call.ts'

/** The fields of "FindingCriteria" in ListFindings' API reference. Any other field is refused. */
const FIELDS = new Set(
  `accountId arn confidence createdAt id partition region severity type updatedAt
  resource.accessKeyDetails.accessKeyId resource.accessKeyDetails.principalId
  resource.accessKeyDetails.userName resource.accessKeyDetails.userType
  resource.instanceDetails.iamInstanceProfile.id resource.instanceDetails.imageId resource.instanceDetails.instanceId
  resource.instanceDetails.networkInterfaces.ipv6Addresses
  resource.instanceDetails.networkInterfaces.privateIpAddresses.privateIpAddress
  resource.instanceDetails.networkInterfaces.publicDnsName resource.instanceDetails.networkInterfaces.publicIp
  resource.instanceDetails.networkInterfaces.securityGroups.groupId
  resource.instanceDetails.networkInterfaces.securityGroups.groupName
  resource.instanceDetails.networkInterfaces.subnetId resource.instanceDetails.networkInterfaces.vpcId
  resource.instanceDetails.tags.key resource.instanceDetails.tags.value resource.resourceType
  service.action.actionType service.action.awsApiCallAction.api service.action.awsApiCallAction.callerType
  service.action.awsApiCallAction.remoteIpDetails.city.cityName
  service.action.awsApiCallAction.remoteIpDetails.country.countryName
  service.action.awsApiCallAction.remoteIpDetails.ipAddressV4
  service.action.awsApiCallAction.remoteIpDetails.organization.asn
  service.action.awsApiCallAction.remoteIpDetails.organization.asnOrg
  service.action.awsApiCallAction.serviceName
  service.action.dnsRequestAction.domain service.action.dnsRequestAction.domainWithSuffix
  service.action.networkConnectionAction.blocked service.action.networkConnectionAction.connectionDirection
  service.action.networkConnectionAction.localPortDetails.port service.action.networkConnectionAction.protocol
  service.action.networkConnectionAction.remoteIpDetails.country.countryName
  service.action.networkConnectionAction.remoteIpDetails.ipAddressV4
  service.action.networkConnectionAction.remoteIpDetails.organization.asn
  service.action.networkConnectionAction.remoteIpDetails.organization.asnOrg
  service.action.networkConnectionAction.remotePortDetails.port
  service.additionalInfo.threatListName service.archived service.ebsVolumeScanDetails.scanId service.resourceRole`.split(/\s+/),
)

const TIMES = new Set(['createdAt', 'updatedAt'])

type Scalar = string | number | boolean

/** "The request is rejected because …": how GuardDuty words every refusal of a parameter. */
export const rejected = (why: string): ServiceError =>
  new ServiceError('BadRequestException', `The request is rejected because ${why}.`)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** The API's AdditionalInfo holds its fields as JSON text in `Value`. */
const opened = (value: unknown): unknown => {
  if (!isRecord(value) || typeof value.Value !== 'string') return value
  const inner: unknown = JSON.parse(value.Value)
  return isRecord(inner) ? inner : value
}

const stepInto = (value: unknown, segment: string): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((item) => stepInto(item, segment))
  if (!isRecord(value)) return []
  const name = [upperFirst(segment), segment].find((spelt) => Object.hasOwn(value, spelt))
  const member = name === undefined ? undefined : value[name]
  return member === undefined ? [] : [segment === 'additionalInfo' ? opened(member) : member]
}

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value)

/** The values that a dotted lowerCamelCase field has in a finding: several where lists lie on the way, times in epoch milliseconds. */
const valuesAt = (finding: FindingDocument, field: string): readonly Scalar[] => {
  let values: unknown[] = [finding]
  for (const segment of field.split('.')) values = values.flatMap((value) => stepInto(value, segment))
  const scalars = values.flat().filter(isScalar)
  return TIMES.has(field) ? scalars.map((value) => Date.parse(String(value))) : scalars
}

type Test = (values: readonly Scalar[], operands: readonly string[], bound: number) => boolean

const isAny = (values: readonly Scalar[], operands: readonly string[]): boolean =>
  values.some((value) => operands.includes(String(value)))

const compares =
  (holds: (value: number, bound: number) => boolean): Test =>
  (values, _operands, bound) =>
    values.some((value) => typeof value === 'number' && holds(value, bound))

const above = compares((value, bound) => value > bound)
const atLeast = compares((value, bound) => value >= bound)
const below = compares((value, bound) => value < bound)
const atMost = compares((value, bound) => value <= bound)
const unlike: Test = (values, operands) => !isAny(values, operands)

/** Each condition member; the short ones are the deprecated twins. */
const TESTS: Readonly<Record<string, Test>> = {
  Equals: isAny,
  Eq: isAny,
  NotEquals: unlike,
  Neq: unlike,
  GreaterThan: above,
  Gt: above,
  GreaterThanOrEqual: atLeast,
  Gte: atLeast,
  LessThan: below,
  Lt: below,
  LessThanOrEqual: atMost,
  Lte: atMost,
}

/** All members of a condition as one test. */
const testOf = (condition: Condition): ((values: readonly Scalar[]) => boolean) => {
  const tests = Object.entries(condition)
    .filter(([, operand]) => operand !== undefined)
    .map(([name, operand]) => {
      const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined
      if (!test) throw rejected(`the condition ${name} is valid in filters only`)
      return (values: readonly Scalar[]) => test(values, Array.isArray(operand) ? operand : [], Number(operand))
    })
  return (values) => tests.every((test) => test(values))
}

const known = (field: string): string => {
  if (!FIELDS.has(field)) throw rejected(`the parameter findingCriteria has an invalid field: ${field}`)
  return field
}

/** Whether a finding fits all fields of the criteria. Throws BadRequestException for a field or condition that ListFindings does not know. */
export const fitsCriteria = (criteria: FindingCriteria | undefined): ((finding: FindingDocument) => boolean) => {
  const criterion = Object.entries(criteria?.Criterion ?? {}).map(([field, condition]) => ({
    field: known(field),
    test: testOf(condition),
  }))
  return (finding) => criterion.every(({ field, test }) => test(valuesAt(finding, field)))
}

const compareScalars = (a: Scalar = '', b: Scalar = ''): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : Number(String(a) !== String(b))
}

/** Findings in the asked-for order; without one, by id, which is no order to rely on. */
export const sorted = (findings: readonly FindingDocument[], sort: SortCriteria | undefined): FindingDocument[] => {
  const byId = [...findings].sort((a, b) => compareScalars(a.Id, b.Id))
  const field = sort?.AttributeName
  if (field === undefined) return byId
  const sign = sort?.OrderBy === 'DESC' ? -1 : 1
  return byId.sort((a, b) => sign * compareScalars(valuesAt(a, known(field))[0], valuesAt(b, field)[0]))
}
