import { CreateSnapshotsCommand, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { codeOf, errorMeaningOf, isDenied, isRefusal } from '../../../aws/failure.ts'
import type { BlastRadius, Permission } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import type { Context } from '../../stage.ts'

/** What EC2 would let us do: its DryRun calls are asked before anything is changed, and change nothing themselves. */
export const permissions = async ({ instanceId, region }: Subject, context: Context): Promise<BlastRadius['permitted']> => {
  const { ec2 } = context.aws(region)
  const one = { InstanceIds: [instanceId], DryRun: true }
  return {
    stop: await permission(() => ec2.send(new StopInstancesCommand(one))),
    start: await permission(() => ec2.send(new StartInstancesCommand(one))),
    snapshots: await permission(() =>
      ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: instanceId }, DryRun: true })),
    ),
  }
}

const WOULD_HAVE_SUCCEEDED = 'DryRunOperation'

/** EC2's error says whether the call would have succeeded or is denied; any other refusal leaves that unknown. */
const permission = async (ask: () => Promise<unknown>): Promise<Permission> => {
  try {
    await ask()
    return 'unknown'
  } catch (error) {
    if (codeOf(error) === WOULD_HAVE_SUCCEEDED) return 'permitted'
    if (isDenied(error)) return 'denied'
    if (isRefusal(error) || errorMeaningOf(error) === 'clock') return 'unknown'
    throw error
  }
}
