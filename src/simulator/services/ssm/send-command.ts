import type { SendCommandRequest, SendCommandResult } from '@aws-sdk/client-ssm'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account, Instance } from '../../account/account.ts'
import { ec2Arn } from '../../account/arns.ts'
import type { SsmCommand } from '../../account/ssm-command.ts'
import { timeIn } from '../../agenda.ts'
import { send } from '../../instances/run-command.ts'
import { uuidFrom } from '../../records/record.ts'
import { type Authorization, operation } from '../../service.ts'
import { commandAnswer } from './command-shape.ts'
import { documentArn, documentNamed, type RunDocument, refuseOtherVersion, stepOn } from './documents.ts'
import { isRegistered } from './instance-information.ts'
import { refused } from './refused.ts'

/** SendCommand's TimeoutSeconds is the time until delivery. */
const DEFAULT_TIMEOUT_SECONDS = HOUR_SECONDS

const targeted = (account: Account, { Targets = [] }: SendCommandRequest): string[] => {
  const matches = ({ id, tags }: Instance): boolean =>
    Targets.every(({ Key = '', Values = [] }) => {
      const actual = /^InstanceIds$/i.test(Key) ? id : tags[Key.replace(/^tag:/, '')]
      return actual !== undefined && Values.includes(actual)
    })
  return Targets.length === 0
    ? []
    : [...account.instances.values()]
        .filter(isRegistered)
        .filter(matches)
        .map(({ id }) => id)
}

const idsMeant = (account: Account, input: SendCommandRequest): string[] => [
  ...(input.InstanceIds ?? []),
  ...targeted(account, input),
]

const nodesMeant = (account: Account, input: SendCommandRequest): Instance[] => {
  const ids = idsMeant(account, input)
  if (new Set(ids).size < ids.length)
    throw refused('DuplicateInstanceId', 'You cannot specify an instance ID in more than one association.')
  const nodes = ids.flatMap((id) => account.instances.get(id) ?? []).filter(isRegistered)
  const missing = ids.filter((id) => !nodes.some((node) => node.id === id))
  if (missing.length > 0) {
    throw refused('InvalidInstanceId', `Instances [[${missing.join(', ')}]] not in a valid state for account ${account.id}`)
  }
  return nodes
}

const KNOWN_PARAMETERS = new Set(['commands', 'workingDirectory', 'executionTimeout'])

const parametersOf = ({ Parameters = {} }: SendCommandRequest, { takesCommands }: RunDocument): Record<string, string[]> => {
  const unknown = Object.keys(Parameters).find((name) => !(takesCommands && KNOWN_PARAMETERS.has(name)))
  if (unknown !== undefined) throw refused('InvalidParameters', `Parameters not defined in the document: [${unknown}]`)
  if (takesCommands && (Parameters.commands ?? []).length === 0) {
    throw refused('InvalidParameters', 'Parameters that are required by the document are missing: [commands]')
  }
  return Parameters
}

const newCommand = (
  account: Account,
  input: SendCommandRequest,
  id: string,
  { id: instanceId, agent }: Instance,
  { document, parameters }: { readonly document: RunDocument; readonly parameters: Record<string, string[]> },
): SsmCommand => ({
  id,
  instanceId,
  ...stepOn(document, agent.platform, parameters.commands ?? []),
  comment: input.Comment ?? '',
  requestedAt: timeIn(account),
  timeoutSeconds: input.TimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
  parameters,
  status: 'Pending',
  responseCode: -1,
  stdout: '',
  stderr: '',
})

const authorizationsOf = (account: Account, input: SendCommandRequest): Authorization[] => [
  { action: 'ssm:SendCommand', resource: documentArn(account, input.DocumentName) },
  ...idsMeant(account, input).map((id) => ({
    action: 'ssm:SendCommand',
    resource: ec2Arn(account, 'instance', id),
    context: Object.fromEntries(
      Object.entries(account.instances.get(id)?.tags ?? {}).flatMap(([key, value]) => [
        [`ssm:resourceTag/${key}`, value],
        [`aws:ResourceTag/${key}`, value],
      ]),
    ),
  })),
]

/** SendCommand to nodes that have registered; whether they are still in touch shows only later. */
export const sendCommand = operation<SendCommandRequest, SendCommandResult>({
  authorize: authorizationsOf,
  run: (account, input) => {
    const document = documentNamed(account, input.DocumentName)
    refuseOtherVersion(document, input)
    const parameters = parametersOf(input, document)
    const nodes = nodesMeant(account, input)
    const id = uuidFrom(account.random)
    const commands = nodes.map((node) => newCommand(account, input, id, node, { document, parameters }))
    for (const command of commands) send(account, command)
    return { Command: commandAnswer(commands) }
  },
  writes: true,
})
