import { type AwsCommand, awsCommandFor } from '../../../incident/aws-command.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import type { Context } from '../../stage.ts'
import type { RootLook } from './root-look.ts'

/** The root user as one look found it, and what is known of the theft. */
export interface RootSeen {
  readonly finding: Finding
  readonly look: RootLook
  /** CloudTrail's record of the sts:AssumeRoot that handed the stolen key out. */
  readonly issue?: CloudTrailRecord
  readonly setting: Context['setting']
  /** When password and keys were first known to be gone or changed; absent while one of them is not. */
  readonly closedAt?: Instant
}

/** When the theft began: what happened before is not about it. */
export const theftAt = ({ finding, look, issue }: Pick<RootSeen, 'finding' | 'look' | 'issue'>): Instant =>
  issue?.at ?? finding.firstSeen ?? look.at

/** Whether a call is the attacker's, as far as AWS shows it: of the stolen key, or from the finding's address. */
export const isOfAttacker = ({ finding }: Pick<RootSeen, 'finding'>, record: CloudTrailRecord): boolean => {
  const ip = finding.action?.remote?.ip
  const isSession = finding.accessKeyId?.startsWith('ASIA') === true && record.accessKeyId === finding.accessKeyId
  return isSession || (ip !== undefined && rawText(record.source) === ip)
}

/** `aws …` as the root user or in another account: the run's endpoint, not its profile. */
export const elsewhere = ({ endpoint }: Context['setting']): AwsCommand =>
  awsCommandFor(endpoint === undefined ? {} : { endpoint })
