import {
  DescribeDocumentCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { Incident, Intent } from '../../../../src/incident/incident.ts'
import { Failure } from '../../../../src/incident/values/failure.ts'
import { type Instant, plus } from '../../../../src/incident/values/instant.ts'
import { untrusted } from '../../../../src/incident/values/untrusted.ts'
import { askedSoFar, sendScript } from '../../../../src/response/stages/verify-rotation/command.ts'
import { scriptFor } from '../../../../src/response/stages/verify-rotation/script.ts'
import { NOON } from '../../../support/noon.ts'
import { blastRadiusLike, NEW_KEY, restartedIncident, STARTED } from '../../../support/rotation.ts'
import { awsError, contextsOf, JOURNAL_HEAD } from '../../../support/stage-context.ts'

const ssm = mockClient(SSMClient)
const { contextLike, lentContext } = contextsOf({ ssm: SSMClient })
const InstanceId = 'i-08faaaafb15777f5a'
const COMMENT = `ir-cred web-app-1125-7f3a nonce-1 journal/${JOURNAL_HEAD}`

beforeEach(() => {
  ssm.reset()
  ssm.on(DescribeDocumentCommand).rejects(awsError('InvalidDocument'))
})

const intent = (at: Instant, nonce = 'nonce-1', stage = 'verify-rotation', parts: Partial<Intent> = {}): Intent => {
  const effect = { operation: 'ssm:SendCommand', resource: `instance/${InstanceId}`, sentence: 'run' }
  return { stage, nonce, effect, at, planned: {}, ...parts }
}

/** Intents of the stage from before noon, each with what became of it. */
const sent = (...outcomes: readonly Intent['outcome'][]): readonly Intent[] =>
  outcomes.map((outcome, index) =>
    intent(plus(NOON, -20 + index), `nonce-${index + 1}`, 'verify-rotation', outcome ? { outcome } : {}),
  )

const asked = (intents: readonly Intent[], context = contextLike(), parts: Partial<Incident> = {}) =>
  askedSoFar(restartedIncident({ intents, ...parts }), context)

const listing = (...commands: readonly (readonly [id: string, comment: string])[]) =>
  ssm.on(ListCommandsCommand).resolves({ Commands: commands.map(([CommandId, Comment]) => ({ CommandId, Comment })) })

const stdout = [
  'Role=web-app',
  `AccessKeyId=${NEW_KEY}`,
  'LastUpdated=2026-11-25T11:59:40Z',
  'Expiration=2026-11-25T18:30:00Z',
].join('\n')

const invocation = (Status: string, parts: object = {}) =>
  ({
    Status,
    StatusDetails: Status,
    ResponseCode: 0,
    StandardOutputContent: stdout,
    StandardErrorContent: '',
    ...parts,
  }) as never

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

describe('a refused command', () => {
  const refusedBy = (meaning: 'denied' | 'wrong-state' | 'expired') =>
    sendScript(
      restartedIncident(),
      contextLike({
        write: () => Promise.reject(new Failure({ kind: 'identity', what: 'AWS refused ssm:SendCommand', meaning })),
      }),
    )

  it.each(['denied', 'wrong-state'] as const)(
    'does not end the run: the journal says that it was refused (%s)',
    async (meaning) => {
      await expect(refusedBy(meaning)).resolves.toBeUndefined()
    },
  )

  it('ends the run when it is the responder’s own credentials that have ended', async () => {
    await expect(refusedBy('expired')).rejects.toMatchObject({ meaning: 'expired' })
  })

  it('makes asking impossible in this run, with AWS’s code', async () => {
    const [refused] = sent('refused')
    const one = { ...refused, why: 'AccessDeniedException' } as Intent
    expect(await asked([one])).toEqual({
      as: 'impossible',
      why: 'Systems Manager does not take the command: ssm:SendCommand answers AccessDeniedException',
    })
  })

  it('does not count in a later run, which tries again', async () => {
    expect(await asked(sent('refused'), contextLike(), { earlierIntents: 1 })).toEqual({ as: 'not-asked' })
  })
})

describe('a command that was sent', () => {
  beforeEach(() => void ssm.on(GetCommandInvocationCommand).resolves(invocation('Success')))

  it('is found again by the nonce in its comment', async () => {
    listing(
      ['other', `ir-cred web-app-1125-7f3a nonce-2 journal/${JOURNAL_HEAD}`],
      ['longer', `ir-cred web-app-1125-7f3a nonce-10 journal/${JOURNAL_HEAD}`],
      ['command-1', COMMENT],
    )
    expect(await asked(sent('accepted'))).toMatchObject({ as: 'answered', commandId: 'command-1' })
    expect(ssm).toHaveReceivedCommandWith(ListCommandsCommand, {
      InstanceId,
      Filters: [{ key: 'InvokedAfter', value: STARTED }],
    })
  })

  it.each(['ir-cred web-app-1125-7f3a nonce-1 journal/ffffffffffffffff', 'ir-cred web-app-1125-7f3a nonce-1'])(
    'is recognised by its nonce with any head of the journal: %s',
    async (Comment) => {
      listing(['command-1', Comment])
      expect(await asked(sent('accepted'))).toMatchObject({ as: 'answered', commandId: 'command-1' })
    },
  )

  it.each([
    ['before the start: it asked the instance as it was', [intent(plus(STARTED, -1))]],
    ['by another stage', [intent(NOON, 'nonce-1', 'restart-instance')]],
    ['by nobody', []],
  ])('is not looked for when it was intended %s', async (_, intents) => {
    expect(await asked(intents)).toEqual({ as: 'not-asked' })
    expect(ssm).not.toHaveReceivedAnyCommand()
  })

  it('is unseen when no comment matches', async () => {
    ssm.on(ListCommandsCommand).resolves({ Commands: [{ CommandId: 'x', Comment: 'by hand' }, { CommandId: 'y' }] })
    expect(await asked(sent('accepted'))).toMatchObject({ as: 'unseen' })
  })

  it.each([
    ['does not end', () => ssm.on(ListCommandsCommand).resolves({ Commands: [], NextToken: 'again' }), 'answers without it'],
    ['may not be read', () => ssm.on(ListCommandsCommand).rejects(awsError('AccessDeniedException')), 'is denied'],
    ['fails', () => ssm.on(ListCommandsCommand).rejects(awsError('InternalServerError', 500)), 'gets no answer'],
  ])('makes asking impossible when the list of commands %s, so that no second one is sent on a guess', async (_, answer, why) => {
    answer()
    const expected = { as: 'impossible', why: `what became of the command is not known: ssm:ListCommands ${why}` }
    expect(await asked(sent('accepted'))).toEqual(expected)
  })

  it('counts by the answer of any sending, whatever became of the others', async () => {
    listing(['command-1', 'ir-cred web-app-1125-7f3a nonce-1'], ['command-2', 'ir-cred web-app-1125-7f3a nonce-2'])
    ssm.on(GetCommandInvocationCommand, { CommandId: 'command-1' }).resolves(invocation('Success'))
    ssm.on(GetCommandInvocationCommand, { CommandId: 'command-2' }).resolves(invocation('Failed'))
    expect(await asked(sent('accepted', 'accepted'))).toMatchObject({ as: 'answered', commandId: 'command-1' })
  })

  it('is unseen, and not failed, while one failed and the next was accepted and is not listed', async () => {
    listing(['command-1', 'ir-cred web-app-1125-7f3a nonce-1'])
    ssm.on(GetCommandInvocationCommand).resolves(invocation('Failed'))
    expect(await asked(sent('accepted', 'accepted'))).toMatchObject({ as: 'unseen' })
    expect(await asked(sent('accepted', 'unknown'))).toMatchObject({ as: 'unseen' })
    expect(await asked(sent('accepted', 'refused'), contextLike(), { earlierIntents: 2 })).toMatchObject({ as: 'failed' })
  })
})

describe('the instance’s answer', () => {
  beforeEach(() => void listing(['command-1', COMMENT]))
  const ask = (context = contextLike()) => asked(sent('accepted'), context)

  it('is waited for while the command is not there yet, pending or in progress', async () => {
    ssm
      .on(GetCommandInvocationCommand)
      .rejectsOnce(awsError('InvocationDoesNotExist'))
      .resolvesOnce(invocation('Pending'))
      .resolvesOnce(invocation('InProgress'))
      .resolvesOnce(invocation('Delayed'))
      .resolves(invocation('Success'))
    const { context, kept } = lentContext()
    expect(await ask(context)).toMatchObject({ as: 'answered', answer: { wellFormed: true, accessKeyId: NEW_KEY } })
    expect(kept.map(({ name }) => name)).toEqual(['instance-answer'])
    expect(context.now()).toBe(plus(NOON, 4))
  })

  it('counts as none when it does not come within 4 minutes', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation('InProgress'))
    const { context, kept } = lentContext()
    expect(await ask(context)).toEqual({
      as: 'failed',
      why: 'the instance did not answer within 4 minutes',
      failed: { status: 'InProgress' },
    })
    expect(kept).toEqual([])
  })

  it.each([
    ['Failed', 'Failed', 126, 126],
    ['Failed', 'Failed', 0, 0],
    ['TimedOut', 'DeliveryTimedOut', -1, undefined],
    ['Cancelled', 'Cancelled', -1, undefined],
    ['Failed', 'Undeliverable', -1, undefined],
  ])(
    'counts as none when the command ended as %s (%s, %i), even when it is well-formed',
    async (Status, StatusDetails, ResponseCode, exitCode) => {
      ssm.on(GetCommandInvocationCommand).resolves(invocation(Status, { StatusDetails, ResponseCode }))
      expect(await ask()).toMatchObject({
        as: 'failed',
        why: expect.stringContaining(`(status ${StatusDetails}`),
        failed: { status: StatusDetails, ...(exitCode === undefined ? {} : { exitCode }) },
      })
    },
  )

  it('of a failed command names its exit code and the first line of its error output, which is not trusted', async () => {
    const StandardErrorContent = `\n  sh: _script.sh: Permission denied\u001b[2J\nfailed to run commands: exit status 126`
    const failing = { ResponseCode: 126, StandardOutputContent: '', StandardErrorContent }
    ssm.on(GetCommandInvocationCommand).resolves(invocation('Failed', failing))
    expect(await ask()).toEqual({
      as: 'failed',
      why: 'the command ended without an answer (status Failed, exit code 126)',
      failed: { status: 'Failed', exitCode: 126, errorLine: untrusted('sh: _script.sh: Permission denied\u001b[2J') },
    })
  })

  it('the answer of a failed script says why, with the status', async () => {
    const failing = { StandardOutputContent: 'FAILED=token\n', ResponseCode: 10 }
    ssm.on(GetCommandInvocationCommand).resolves(invocation('Failed', failing))
    expect(await ask()).toMatchObject({
      as: 'failed',
      why: expect.stringMatching(/gave no token.*\(status Failed, exit code 10\)$/),
    })
  })

  it('can be empty', async () => {
    ssm.on(GetCommandInvocationCommand).resolves(invocation('Success', { StandardOutputContent: undefined }))
    expect(await ask()).toMatchObject({ as: 'answered', answer: { wellFormed: false } })
  })

  it('is not known when it may not be read', async () => {
    ssm.on(GetCommandInvocationCommand).rejects(awsError('AccessDeniedException'))
    expect(await ask()).toEqual({
      as: 'impossible',
      why: 'what the instance answered is not known: ssm:GetCommandInvocation is denied',
    })
  })

  it('ends the run when the responder’s own credentials have ended', async () => {
    ssm.on(GetCommandInvocationCommand).rejects(awsError('ExpiredTokenException'))
    await expect(ask()).rejects.toThrow('ExpiredTokenException')
  })
})
