import { ServiceError, type ServiceName } from '../call.ts'

/** A service's own spelling of an error that any service can answer. */
type Spelling = readonly [code: string, status: number]

interface Spellings {
  readonly denied: Spelling
  readonly expired: Spelling
  readonly unknownKey: Spelling
}

/** IAM, STS and Auto Scaling speak awsQuery and share their errors. */
const query: Spellings = {
  denied: ['AccessDenied', 403],
  expired: ['ExpiredToken', 403],
  unknownKey: ['InvalidClientTokenId', 403],
}
const json: Spellings = {
  denied: ['AccessDeniedException', 400],
  expired: ['ExpiredTokenException', 400],
  unknownKey: ['UnrecognizedClientException', 400],
}
const rest: Spellings = {
  denied: ['AccessDeniedException', 403],
  expired: ['ExpiredTokenException', 403],
  unknownKey: ['UnrecognizedClientException', 403],
}
const ec2: Spellings = {
  denied: ['UnauthorizedOperation', 403],
  expired: ['RequestExpired', 400],
  unknownKey: ['AuthFailure', 401],
}

const s3: Spellings = {
  denied: ['AccessDenied', 403],
  expired: ['ExpiredToken', 400],
  unknownKey: ['InvalidAccessKeyId', 403],
}

const spellings: Readonly<Record<ServiceName, Spellings>> = {
  iam: query,
  sts: query,
  autoscaling: query,
  elasticloadbalancing: query,
  ssm: json,
  cloudtrail: json,
  organizations: json,
  guardduty: rest,
  detective: rest,
  lambda: rest,
  eks: rest,
  rolesanywhere: rest,
  ecs: json,
  'cognito-identity': json,
  kms: json,
  logs: json,
  s3,
  ec2,
}

const spelled = (service: ServiceName, which: keyof Spellings, message: string): ServiceError => {
  const [code, status] = spellings[service][which]
  return new ServiceError(code, message, status)
}

/** Why a request is not allowed, in the words that AWS's messages end with. */
export interface DenialReason {
  readonly explicit: boolean
  readonly by:
    | 'identity-based policy'
    | 'permissions boundary'
    | 'session policy'
    | 'resource-based policy'
    | 'service control policy'
}

const article = (noun: string): string => (noun.startsWith('i') ? `an ${noun}` : `a ${noun}`)

const reasonText = (action: string, { explicit, by }: DenialReason): string =>
  explicit ? `with an explicit deny in ${article(by)}` : `because no ${by} allows the ${action} action`

/** The service's refusal of an action ("Troubleshoot access denied error messages"). */
export const accessDenied = (
  service: ServiceName,
  request: { readonly principalArn: string; readonly action: string; readonly resource: string },
  reason: DenialReason,
): ServiceError => {
  const { principalArn, action, resource } = request
  const where = resource === '*' ? '' : ` on resource: ${resource}`
  const sentence = `User: ${principalArn} is not authorized to perform: ${action}${where} ${reasonText(action, reason)}`
  return spelled(
    service,
    'denied',
    service === 'ec2' ? `You are not authorized to perform this operation. ${sentence}` : sentence,
  )
}

/** The credentials have run out. */
export const expiredCredentials = (service: ServiceName): ServiceError =>
  spelled(
    service,
    'expired',
    service === 'ec2' ? 'Request has expired.' : 'The security token included in the request is expired',
  )

/** The key is not known to AWS, or not active any more. */
export const unknownCredentials = (service: ServiceName): ServiceError =>
  spelled(
    service,
    'unknownKey',
    service === 'ec2'
      ? 'AWS was not able to validate the provided access credentials'
      : 'The security token included in the request is invalid.',
  )
