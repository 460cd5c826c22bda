/** The services the simulated account answers for, by their SigV4 signing names. */
export type ServiceName =
  | 'guardduty'
  | 'iam'
  | 'sts'
  | 'ec2'
  | 'ssm'
  | 'detective'
  | 'cloudtrail'
  | 'autoscaling'
  | 'elasticloadbalancing'
  | 'organizations'
  | 'lambda'
  | 'ecs'
  | 'eks'
  | 'rolesanywhere'
  | 'cognito-identity'
  | 's3'
  | 'kms'
  | 'logs'

/** One API call as it reached the simulated account: decoded, before anybody has decided whether it is allowed. */
export interface Call {
  readonly service: ServiceName
  /** The operation's name without suffix, such as `PutRolePolicy`. */
  readonly operation: string
  /** The input in the SDK's shape (UpperCamelCase members, Dates for timestamps). */
  readonly input: Readonly<Record<string, unknown>>
  readonly accessKeyId: string
  readonly sessionToken?: string
  readonly region: string
  readonly sourceIp: string
  readonly userAgent: string
  readonly requestId: string
}

/** An error as a service answers it: the wire layer writes it in the protocol of that service. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}
