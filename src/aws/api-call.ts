/** One API call that ir-cred can make. The read-only guard, the responder's IAM policy and the documentation come from the tables of calls. */
export interface ApiCall {
  /** The IAM service prefix, which is also the SigV4 signing name. */
  readonly service: string
  /**
   * The operation. `StopInstances?DryRun` is the same with `DryRun: true`, which EC2 only answers and never carries out;
   * `StartQueryExecution?Select` is the same with a SELECT, which changes nothing (docs/decisions/0007).
   */
  readonly operation: string
  /** The IAM actions that it needs. */
  readonly actions: readonly string[]
  readonly access: 'read' | 'write'
  /** Stage ids (`lift-revocation` is what `ir-cred lift` runs, `archive-finding` what `--archive` asks for), or `respond` (identity, at every start), `doctor`, `investigate` and `audit`. */
  readonly stages: readonly string[]
  readonly why: string
  /** The resource as the Service Authorization Reference writes it, with PARTITION, REGION and ACCOUNT to be filled in; `*` where IAM knows none. */
  readonly resource: string
}

const row =
  (access: ApiCall['access']) =>
  (
    service: string,
    operation: string,
    /** Separated by spaces. */
    stages: string,
    why: string,
    resource = '*',
    actions: readonly string[] = [`${service}:${operation.replace(/\?.*$/, '')}`],
  ): ApiCall => ({ service, operation, actions, access, stages: stages.split(' '), why, resource })

export const readCall = row('read')
export const writeCall = row('write')

/** Resources that several tables name. */
export const ANY_ROLE = 'arn:PARTITION:iam::ACCOUNT:role/*'
export const ANY_USER = 'arn:PARTITION:iam::ACCOUNT:user/*'
/** A managed policy of the deny's name. */
export const MANAGED_DENY = 'arn:PARTITION:iam::ACCOUNT:policy/AWSRevokeOlderSessions-*'
