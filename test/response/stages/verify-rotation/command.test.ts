import { GetCommandInvocationCommand, ListCommandsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { Intent } from '../../../../src/incident/incident.ts'
import { type Instant, plus } from '../../../../src/incident/values/instant.ts'
import { answerOf, scriptFor, sendScript, sentCommand } from '../../../../src/response/stages/verify-rotation/command.ts'
import { NOON } from '../../../support/noon.ts'
import { blastRadiusLike, NEW_KEY, restartedIncident, STARTED } from '../../../support/rotation.ts'
import { awsError, contextsOf, JOURNAL_HEAD, subjectLike } from '../../../support/stage-context.ts'

const ssm = mockClient(SSMClient)
const { contextLike, lentContext } = contextsOf({ ssm: SSMClient })
const InstanceId = 'i-08faaaafb15777f5a'
const COMMENT = `ir-cred web-app-1125-7f3a nonce-1 journal/${JOURNAL_HEAD}`

beforeEach(() => void ssm.reset())

const intent = (at: Instant, nonce = 'nonce-1', stage = 'verify-rotation'): Intent => {
  const effect = { operation: 'ssm:SendCommand', resource: `instance/${InstanceId}`, sentence: 'run' }
  return { stage, nonce, effect, at, planned: {} }
}

describe('the script', () => {
  it('is sent as fixed text to the one instance, with its nonce and the journal’s head in the comment', async () => {
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'command-1' } })
    const { context, written } = lentContext()
    await sendScript(restartedIncident(), context)
    expect(ssm).toHaveReceivedCommandExactlyOnceWith(SendCommandCommand, {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [InstanceId],
      Comment: COMMENT,
      TimeoutSeconds: 120,
      Parameters: { commands: [...scriptFor('linux').commands], executionTimeout: ['60'] },
    })
    expect(written.map(({ effect }) => effect.operation)).toEqual(['ssm:SendCommand'])
  })

  it('is sent in PowerShell to a Windows instance', async () => {
    ssm.on(SendCommandCommand).resolves({})
    const incident = restartedIncident({}, { blastRadius: blastRadiusLike({ platform: 'windows' }) })
    await sendScript(incident, contextLike())
    expect(ssm).toHaveReceivedCommandExactlyOnceWith(SendCommandCommand, {
      DocumentName: 'AWS-RunPowerShellScript',
      Parameters: { commands: [...scriptFor('windows').commands], executionTimeout: ['60'] },
    })
  })

  it('is sent with a comment within Systems Manager’s 100 characters, whole for the longest id', async () => {
    ssm.on(SendCommandCommand).resolves({})
    const nonce = 'f'.repeat(16)
    const context = contextLike({ nonce: () => nonce })
    for (const length of [40, 200]) await sendScript(restartedIncident({ id: 'x'.repeat(length) }), context)
    const comments = ssm.commandCalls(SendCommandCommand).map(({ args }) => args[0].input.Comment)
    expect(comments[0]).toBe(`ir-cred ${'x'.repeat(40)} ${nonce} journal/${JOURNAL_HEAD}`)
    expect(comments[0]?.length).toBeLessThanOrEqual(100)
    expect(comments[1]).toHaveLength(100)
  })
})

describe('a command that was sent', () => {
  const found = (intents: readonly Intent[]) => sentCommand(restartedIncident({ intents }), contextLike())

  it('is found again by the nonce in its comment', async () => {
    ssm.on(ListCommandsCommand).resolves({
      Commands: [
        { CommandId: 'other', Comment: `ir-cred web-app-1125-7f3a nonce-2 journal/${JOURNAL_HEAD}` },
        { CommandId: 'longer', Comment: `ir-cred web-app-1125-7f3a nonce-10 journal/${JOURNAL_HEAD}` },
        { CommandId: 'command-1', Comment: COMMENT },
      ],
    })
    expect(await found([intent(NOON)])).toEqual({ commandId: 'command-1' })
    expect(ssm).toHaveReceivedCommandWith(ListCommandsCommand, {
      InstanceId,
      Filters: [{ key: 'InvokedAfter', value: STARTED }],
    })
  })

  it.each(['ir-cred web-app-1125-7f3a nonce-1 journal/ffffffffffffffff', 'ir-cred web-app-1125-7f3a nonce-1'])(
    'is recognised by its nonce with any head of the journal: %s',
    async (Comment) => {
      ssm.on(ListCommandsCommand).resolves({ Commands: [{ CommandId: 'command-1', Comment }] })
      expect(await found([intent(NOON)])).toEqual({ commandId: 'command-1' })
    },
  )

  it.each([
    ['before the start: it asked the instance as it was', [intent(plus(STARTED, -1))]],
    ['by another stage', [intent(NOON, 'nonce-1', 'restart-instance')]],
    ['by nobody', []],
  ])('is not looked for when it was intended %s', async (_, intents) => {
    expect(await found(intents)).toBeUndefined()
    expect(ssm).not.toHaveReceivedAnyCommand()
  })

  it('did not arrive when no comment matches', async () => {
    ssm.on(ListCommandsCommand).resolves({ Commands: [{ CommandId: 'x', Comment: 'by hand' }, { CommandId: 'y' }] })
    expect(await found([intent(NOON)])).toBeUndefined()
  })

  it('is an error when the list cannot be read to its end, so that no second one is sent on a guess', async () => {
    ssm.on(ListCommandsCommand).resolves({ Commands: [], NextToken: 'again' })
    await expect(found([intent(NOON)])).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

describe('the instance’s answer', () => {
  const stdout = [
    'Role=web-app',
    `AccessKeyId=${NEW_KEY}`,
    'LastUpdated=2026-11-25T11:59:40Z',
    'Expiration=2026-11-25T18:30:00Z',
  ].join('\n')
  const ask = (context = contextLike()) => answerOf({ commandId: 'command-1' }, subjectLike(), context)
  const invocation = (Status: string, parts: object = {}) =>
    ({
      Status,
      StatusDetails: Status,
      ResponseCode: 0,
      StandardOutputContent: stdout,
      StandardErrorContent: '',
      ...parts,
    }) as never

  it('is waited for while the command is not there yet, pending or in progress', async () => {
    ssm
      .on(GetCommandInvocationCommand)
      .rejectsOnce(awsError('InvocationDoesNotExist'))
      .resolvesOnce(invocation('Pending'))
      .resolvesOnce(invocation('InProgress'))
      .resolvesOnce(invocation('Delayed'))
      .resolves(invocation('Success'))
    const { context, kept } = lentContext()
    expect(await ask(context)).toMatchObject({ wellFormed: true, accessKeyId: NEW_KEY })
    expect(kept.map(({ name }) => name)).toEqual(['instance-answer'])
    expect(context.now()).toBe(plus(NOON, 12))
  })

  it('counts as none when it does not come within 4 minutes', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation('InProgress'))
    const { context, kept } = lentContext()
    expect(await ask(context)).toEqual({ wellFormed: false, why: 'the instance did not answer within 4 minutes' })
    expect(kept).toEqual([])
  })

  it.each([
    ['Failed', 'Failed'],
    ['TimedOut', 'DeliveryTimedOut'],
    ['Cancelled', 'Cancelled'],
  ])('counts as none when the command ended as %s, even when it is well-formed', async (Status, StatusDetails) => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation(Status, { StatusDetails }))
    expect(await ask()).toEqual({ wellFormed: false, why: `the command ended as ${StatusDetails}` })
  })

  it('the answer of a failed script says why, with the status', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation('Failed', { StandardOutputContent: 'FAILED=token\n' }))
    expect(await ask()).toMatchObject({ wellFormed: false, why: expect.stringMatching(/gave no token.*\(status Failed\)$/) })
  })

  it('can be empty', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation('Success', { StandardOutputContent: undefined }))
    expect(await ask()).toMatchObject({ wellFormed: false })
  })

  it('is an error when it may not be read', async () => {
    ssm.on(GetCommandInvocationCommand).rejects(awsError('AccessDeniedException'))
    await expect(ask()).rejects.toThrow('AccessDeniedException')
  })
})
