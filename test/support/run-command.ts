import { INSTANCE_ID, type TestAccount } from './account.ts'

interface Sent {
  readonly Command: { readonly CommandId: string }
}

export interface Invocation {
  readonly Status: string
  readonly StatusDetails: string
  readonly ResponseCode: number
  readonly StandardOutputContent: string
  readonly StandardErrorContent: string
}

/** Sends a shell script to the test account's instance; gives the command's id. */
export const run = ({ send }: TestAccount, commands: string[] = ['echo hello'], input: object = {}): string =>
  send<Sent>('ssm', 'SendCommand', {
    DocumentName: 'AWS-RunShellScript',
    InstanceIds: [INSTANCE_ID],
    Parameters: { commands },
    ...input,
  }).Command.CommandId

/** What GetCommandInvocation says of it now. */
export const invocation = ({ send }: TestAccount, CommandId: string): Invocation =>
  send<Invocation>('ssm', 'GetCommandInvocation', { CommandId, InstanceId: INSTANCE_ID })
