import type { Command as CommandAnswer, CommandInvocation, CommandPlugin, GetCommandInvocationResult } from '@aws-sdk/client-ssm'
import { HOUR_SECONDS, SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import type { SsmCommand } from '../../account/ssm-command.ts'
import { statusDetails } from '../../instances/run-command.ts'

/** What GetCommandInvocation shows of the output, and what ListCommandInvocations does. Characters. */
const STDOUT_SHOWN = 24_000
const STDERR_SHOWN = 8_000
const LISTED_OUTPUT = 2_500

const isFinished = ({ status }: SsmCommand): boolean => status !== 'Pending' && status !== 'InProgress'

const isFailure = ({ status }: SsmCommand): boolean => status === 'Failed' || status === 'TimedOut'

const overallStatus = (commands: readonly SsmCommand[]): SsmCommand['status'] => {
  const order: SsmCommand['status'][] = ['InProgress', 'Pending', 'Failed', 'TimedOut', 'Cancelled', 'Success']
  return order.find((status) => commands.some((command) => command.status === status)) ?? 'Success'
}

const parameters = ({ parameters: sent }: SsmCommand): Record<string, string[]> =>
  Object.fromEntries(Object.entries(sent).map(([name, values]) => [name, [...values]]))

/** A command with its invocations together, as SendCommand and ListCommands answer it. */
export const commandAnswer = (commands: readonly SsmCommand[]): CommandAnswer => {
  const [first] = commands
  if (!first) return {}
  const status = overallStatus(commands)
  const decisive = commands.find((command) => command.status === status) ?? first
  return {
    CommandId: first.id,
    DocumentName: first.documentName,
    DocumentVersion: '$DEFAULT',
    Comment: first.comment,
    Parameters: parameters(first),
    InstanceIds: commands.map(({ instanceId }) => instanceId),
    Targets: [],
    RequestedDateTime: new Date(first.requestedAt),
    ExpiresAfter: new Date(first.requestedAt + (first.timeoutSeconds + HOUR_SECONDS) * SECOND_MS),
    Status: status,
    StatusDetails: statusDetails(decisive),
    TargetCount: commands.length,
    CompletedCount: commands.filter(isFinished).length,
    ErrorCount: commands.filter(isFailure).length,
    DeliveryTimedOutCount: commands.filter((command) => statusDetails(command) === 'DeliveryTimedOut').length,
    MaxConcurrency: '50',
    MaxErrors: '0',
    TimeoutSeconds: first.timeoutSeconds,
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
  }
}

const iso = (ms: number | undefined): string => (ms === undefined ? '' : instantOf(new Date(ms)))

const elapsed = ({ takenUpAt, finishedAt }: SsmCommand): string =>
  takenUpAt === undefined || finishedAt === undefined ? '' : `PT${((finishedAt - takenUpAt) / SECOND_MS).toFixed(3)}S`

/** One invocation with its output cut as the service cuts it. */
export const invocationAnswer = (command: SsmCommand): GetCommandInvocationResult => ({
  CommandId: command.id,
  InstanceId: command.instanceId,
  Comment: command.comment,
  DocumentName: command.documentName,
  DocumentVersion: '$DEFAULT',
  PluginName: command.step,
  ResponseCode: command.responseCode,
  ExecutionStartDateTime: iso(command.takenUpAt),
  ExecutionElapsedTime: elapsed(command),
  ExecutionEndDateTime: command.takenUpAt === undefined ? '' : iso(command.finishedAt),
  Status: command.status,
  StatusDetails: statusDetails(command),
  StandardOutputContent: command.stdout.slice(0, STDOUT_SHOWN),
  StandardOutputUrl: '',
  StandardErrorContent: command.stderr.slice(0, STDERR_SHOWN),
  StandardErrorUrl: '',
  CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
})

/** A step whose precondition does not fit the platform counts as a success that printed nothing of its own. */
export const skippedAnswer = (command: SsmCommand, step: string): GetCommandInvocationResult => {
  const answer = { ...invocationAnswer(command), PluginName: step, StandardErrorContent: '' }
  if (!isFinished(command)) return answer
  const StandardOutputContent = 'Step execution skipped due to unsatisfied preconditions: the platform type is another.\n'
  return { ...answer, Status: 'Success', StatusDetails: 'Success', ResponseCode: 0, StandardOutputContent }
}

const outputOf = ({ stdout, stderr }: SsmCommand): string =>
  (stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`).slice(0, LISTED_OUTPUT)

const pluginAnswer = (command: SsmCommand): CommandPlugin => ({
  Name: command.step,
  Status: command.status,
  StatusDetails: statusDetails(command),
  ResponseCode: command.responseCode,
  ...given({
    ResponseStartDateTime: command.takenUpAt !== undefined ? new Date(command.takenUpAt) : undefined,
    ResponseFinishDateTime: command.finishedAt !== undefined ? new Date(command.finishedAt) : undefined,
  }),
  Output: outputOf(command),
})

/** One invocation in a list; its output only with Details. */
export const invocationSummary = (command: SsmCommand, details: boolean): CommandInvocation => ({
  CommandId: command.id,
  InstanceId: command.instanceId,
  Comment: command.comment,
  DocumentName: command.documentName,
  DocumentVersion: '$DEFAULT',
  RequestedDateTime: new Date(command.requestedAt),
  Status: command.status,
  StatusDetails: statusDetails(command),
  CommandPlugins: details && command.takenUpAt !== undefined ? [pluginAnswer(command)] : [],
})
