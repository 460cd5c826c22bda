import { ServiceError, type ServiceName } from '../call.ts'
import constraints from './constraints.json' with { type: 'json' }
import { WIRE_SERVICES } from './services.ts'
import { unknownMembers, unknownMembersSentence } from './unknown-members.ts'
import { type Shapes, type Violation, violations } from './violations.ts'

interface ServiceConstraints {
  /** The shape of each served operation's input; null when it constrains nothing. */
  readonly operations: Readonly<Record<string, string | null | undefined>>
  readonly shapes: Shapes
}

const CONSTRAINTS: Readonly<Record<ServiceName, ServiceConstraints>> = constraints.services

const shown = (value: unknown): string => {
  if (value === undefined) return 'null'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `'${text.length > 100 ? `${text.slice(0, 100)}…` : text}'`
}

/** "2 validation errors detected: Value … at '…' failed to satisfy constraint: Member must …; …" */
const commonMessage = (found: readonly Violation[]): string => {
  const one = ({ path, value, rule }: Violation): string =>
    `Value ${shown(value)} at '${path}' failed to satisfy constraint: Member must ${rule}`
  return `${found.length} validation error${found.length === 1 ? '' : 's'} detected: ${found.map(one).join('; ')}`
}

const ec2Error = ({ path, value, rule }: Violation): ServiceError =>
  value === undefined
    ? new ServiceError('MissingParameter', `The request must contain the parameter ${path}`)
    : new ServiceError('InvalidParameterValue', `Value (${shown(value)}) for parameter ${path} is invalid. It must ${rule}.`)

const guardDutyError = ({ path, rule }: Violation): ServiceError =>
  new ServiceError(
    'BadRequestException',
    `The request is rejected because the parameter ${path} has an invalid value: it must ${rule}.`,
  )

const errorOf = (service: ServiceName, found: readonly [Violation, ...Violation[]]): ServiceError => {
  if (service === 'ec2') return ec2Error(found[0])
  if (service === 'guardduty') return guardDutyError(found[0])
  if (service === 'organizations') {
    return new ServiceError('InvalidInputException', 'You provided a value that does not match the required pattern.')
  }
  const code = WIRE_SERVICES[service].protocol === 'awsQuery' ? 'ValidationError' : 'ValidationException'
  return new ServiceError(code, commonMessage(found))
}

/** As the service refuses a value; `organizations` has its own code for it. */
const unknownError = (service: ServiceName, sentence: string): ServiceError => {
  if (service === 'ec2') return new ServiceError('UnknownParameter', sentence)
  if (service === 'guardduty') return new ServiceError('BadRequestException', sentence)
  if (service === 'organizations') return new ServiceError('InvalidInputException', sentence)
  return new ServiceError(WIRE_SERVICES[service].protocol === 'awsQuery' ? 'ValidationError' : 'ValidationException', sentence)
}

/**
 * Checks an input as the service itself does: required members, lengths, sizes, values, patterns and enumerations, at any depth.
 * Refuses members that the operation does not look at, too. Throws ServiceError with the service's own code and a message that
 * names the member.
 */
export const validate = (service: ServiceName, operation: string, input: Readonly<Record<string, unknown>>): void => {
  const { operations, shapes } = CONSTRAINTS[service]
  const [first, ...others] = violations(input, operations[operation] ?? undefined, shapes)
  if (first) throw errorOf(service, [first, ...others])
  const unknown = unknownMembers({ service, operation, input })
  if (unknown.length > 0) throw unknownError(service, unknownMembersSentence(operation, unknown))
}
