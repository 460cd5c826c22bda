import type {
  CancelCommandRequest,
  CommandFilter,
  GetCommandInvocationRequest,
  GetCommandInvocationResult,
  ListCommandInvocationsRequest,
  ListCommandInvocationsResult,
  ListCommandsRequest,
  ListCommandsResult,
} from '@aws-sdk/client-ssm'
import type { Account } from '../../account/account.ts'
import type { SsmCommand } from '../../account/ssm-command.ts'
import { timeIn } from '../../agenda.ts'
import { operation } from '../../service.ts'
import { commandAnswer, invocationAnswer, invocationSummary, skippedAnswer } from './command-shape.ts'
import { refused, ssmPage } from './refused.ts'

/** GetCommandInvocation "is eventually consistent": right after SendCommand there is no invocation yet. */
const VISIBLE_AFTER_MS = 2000

const getCommandInvocation = operation<GetCommandInvocationRequest, GetCommandInvocationResult>({
  run: (account, { CommandId, InstanceId, PluginName }) => {
    const command = account.commands.get(`${CommandId}/${InstanceId}`)
    if (!command || timeIn(account) < command.requestedAt + VISIBLE_AFTER_MS) {
      throw refused('InvocationDoesNotExist', `Command ID ${CommandId} and instance ID ${InstanceId} do not match an invocation.`)
    }
    // "If the document contains more than one step, you must specify the name of the step."
    const isOnly = command.skippedSteps.length === 0
    if (PluginName === command.step || (PluginName === undefined && isOnly)) return invocationAnswer(command)
    if (PluginName !== undefined && command.skippedSteps.includes(PluginName)) return skippedAnswer(command, PluginName)
    throw refused('InvalidPluginName', `The plugin ${PluginName ?? ''} is not valid.`)
  },
  writes: false,
})

type Test = (command: SsmCommand) => boolean

const timeOf = (value: string): number => {
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) throw refused('InvalidFilterKey', `The filter value ${value} is not a time in ISO 8601.`)
  return ms
}

const tests: Readonly<Record<string, (value: string) => Test>> = {
  InvokedAfter: (value) => {
    const ms = timeOf(value)
    return ({ requestedAt }) => requestedAt >= ms
  },
  InvokedBefore: (value) => {
    const ms = timeOf(value)
    return ({ requestedAt }) => requestedAt < ms
  },
  Status:
    (value) =>
    ({ status }) =>
      status === value,
  DocumentName:
    (value) =>
    ({ documentName }) =>
      documentName === value,
}

const testOf = ({ key = '' as never, value = '' }: CommandFilter): Test => {
  const make = Object.hasOwn(tests, key) ? tests[key] : undefined
  if (!make) throw refused('InvalidFilterKey', `The specified filter key ${key} is not valid.`)
  return make(value)
}

interface Wanted {
  readonly CommandId?: string | undefined
  readonly InstanceId?: string | undefined
  readonly Filters?: readonly CommandFilter[] | undefined
}

/** Newest first, as Run Command's history is. */
const commandsWanted = (account: Account, { CommandId, InstanceId, Filters = [] }: Wanted): SsmCommand[] => {
  const conditions = Filters.map(testOf)
  return [...account.commands.values()]
    .reverse()
    .filter(
      (command) =>
        (CommandId ?? command.id) === command.id &&
        (InstanceId ?? command.instanceId) === command.instanceId &&
        conditions.every((holds) => holds(command)),
    )
}

const listCommands = operation<ListCommandsRequest, ListCommandsResult>({
  run: (account, input) => {
    const ids = [...new Set(commandsWanted(account, input).map(({ id }) => id))]
    const { items, end } = ssmPage(account, ids, (id) => id, input)
    const together = (wanted: string) => [...account.commands.values()].filter(({ id }) => id === wanted)
    return { Commands: items.map((id) => commandAnswer(together(id))), ...end }
  },
  writes: false,
})

const listCommandInvocations = operation<ListCommandInvocationsRequest, ListCommandInvocationsResult>({
  run: (account, input) => {
    const keyOf = ({ id, instanceId }: SsmCommand): string => `${id}/${instanceId}`
    const { items, end } = ssmPage(account, commandsWanted(account, input), keyOf, input)
    return { CommandInvocations: items.map((command) => invocationSummary(command, input.Details === true)), ...end }
  },
  writes: false,
})

const cancelCommand = operation<CancelCommandRequest, object>({
  run: (account, { CommandId, InstanceIds = [] }) => {
    const invocations = commandsWanted(account, { CommandId })
    if (invocations.length === 0) throw refused('InvalidCommandId', `The command ID ${CommandId} is not valid.`)
    const meant = invocations.filter(({ instanceId }) => InstanceIds.length === 0 || InstanceIds.includes(instanceId))
    for (const command of meant) {
      if (command.status !== 'Pending' && command.status !== 'InProgress') continue
      command.status = 'Cancelled'
      command.finishedAt = timeIn(account)
    }
    return {}
  },
  writes: true,
})

export const commandOperations = {
  GetCommandInvocation: getCommandInvocation,
  ListCommands: listCommands,
  ListCommandInvocations: listCommandInvocations,
  CancelCommand: cancelCommand,
}
