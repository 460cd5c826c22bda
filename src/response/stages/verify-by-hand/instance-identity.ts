import type { Instance } from '@aws-sdk/client-ec2'
import { awsCommandFor, restartCommand } from '../../../incident/aws-command.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { instanceNamedBy } from '../../../incident/values/identifiers.ts'
import { type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type LookedStep, type StepLook, shows } from './hand-steps.ts'
import type { KeySeen } from './key-calls.ts'
import { newestCalls } from './newest-calls.ts'

/** Credentials of the role that EC2 itself has for an instance, as one look found them ("Instance identity roles"). */
export interface IdentitySeen {
  readonly instanceId?: string
  readonly region: string
  readonly key: KeySeen
  /** Absent where EC2 does not show it, or could not be asked. */
  readonly instance?: Instance
  readonly unread: readonly string[]
}

/** Looks at the instance, and at the calls of the stolen key. */
export const lookAtIdentity = async (finding: Finding, context: Context): Promise<IdentitySeen> => {
  const { region, accessKeyId = 'the stolen key', principalId, firstSeen } = finding
  const instanceId = instanceNamedBy(principalId) ?? finding.instanceId
  const from = firstSeen ?? context.now()
  const unread: Unread = []
  const asked = { what: 'whether the instance was started again', operation: 'ec2:DescribeInstances', otherwise: undefined }
  const [calls, instance] = await Promise.all([
    newestCalls({ attribute: 'AccessKeyId', value: accessKeyId, from, until: context.now() }, region, context),
    instanceId === undefined ? undefined : readOr(unread, asked, () => describeInstance(context, region, instanceId)),
  ])
  if (calls.raw.length > 0) await context.keep('key-calls', calls.raw)
  const issuedAt = calls.calls.find((call) => call.issuedAt)?.issuedAt
  return {
    ...{ region, unread: [...unread, ...calls.incomplete] },
    // Stopped or not, nothing takes away what EC2 has handed out.
    key: { ...calls, accessKeyId, from: issuedAt ?? finding.lastSeen ?? from, at: context.now(), isUndenied: true },
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(instance ? { instance } : {}),
  }
}

/** Stop and start: then EC2 hands out other credentials, and the attacker gets those only from the instance. */
export const restartStep = (seen: IdentitySeen, theftAt: Instant, setting: Context['setting']): LookedStep => {
  const { instanceId = '<instance>', region } = seen
  return {
    id: 'instance-restart',
    sentence: `Stop and start ${instanceId}: EC2 then hands out other credentials of its identity role, and other ones of its own role`,
    where: `in account ${setting.accountId}; the instance’s own role is an incident of its own: \`ir-cred respond --instance-id ${instanceId}\` takes care of the start too`,
    commands: [restartCommand(awsCommandFor(setting), instanceId, region)],
    look: restartLook(seen, theftAt),
  }
}

const restartLook = ({ instance, instanceId = 'the instance' }: IdentitySeen, theftAt: Instant): StepLook => {
  const { State, LaunchTime } = instance ?? {}
  if (!State?.Name || !LaunchTime) return shows('nothing', `EC2 does not show ${instanceId}`)
  const at = instantOf(LaunchTime)
  if (State.Name === 'terminated' || State.Name === 'shutting-down') return shows('done', `${instanceId} is ${State.Name} (EC2)`)
  if (State.Name === 'running' && isBefore(theftAt, at)) return shows('done', `${instanceId} runs since ${at} (EC2)`)
  return shows('open', `${instanceId} is ${State.Name.replace(/\W/g, '?')}, launched at ${at} (EC2)`)
}
