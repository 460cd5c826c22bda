import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, outcomeOf, START, type TestAccount, testAccount } from '../../support/account.ts'
import { invocation, run } from '../../support/run-command.ts'

describe('the history of commands', () => {
  interface Listed {
    readonly Commands: readonly { readonly CommandId: string; readonly Comment: string }[]
    readonly NextToken?: string
  }

  const listed = ({ send }: TestAccount, input: object = {}): string[] =>
    send<Listed>('ssm', 'ListCommands', input).Commands.map(({ CommandId }) => CommandId)

  it('is found by its comment, newest first', () => {
    const test = testAccount()
    const first = run(test, ['id'], { Comment: 'ir-cred nonce-1' })
    const second = run(test, ['id'], { Comment: 'ir-cred nonce-2' })
    expect(listed(test)).toEqual([second, first])
    expect(test.send<Listed>('ssm', 'ListCommands').Commands[1]).toMatchObject({
      Comment: 'ir-cred nonce-1',
      Parameters: { commands: ['id'] },
      InstanceIds: [INSTANCE_ID],
      TargetCount: 1,
    })
  })

  it('can be narrowed by time, instance and status', () => {
    const test = testAccount()
    const first = run(test)
    test.wait(60)
    const second = run(test)
    expect(listed(test, { Filters: [{ key: 'InvokedAfter', value: new Date(START + 30_000).toISOString() }] })).toEqual([second])
    expect(listed(test, { Filters: [{ key: 'InvokedBefore', value: new Date(START + 30_000).toISOString() }] })).toEqual([first])
    expect(listed(test, { Filters: [{ key: 'Status', value: 'Success' }] })).toEqual([first])
    expect(listed(test, { InstanceId: 'i-0123456789abcdef0' })).toEqual([])
    expect(outcomeOf(() => listed(test, { Filters: [{ key: 'Colour', value: 'red' }] }))).toBe('InvalidFilterKey 400')
  })

  it('comes in pages, complete and without repeats', () => {
    const test = testAccount()
    const sent = Array.from({ length: 7 }, () => run(test))
    const found: string[] = []
    let NextToken: string | undefined
    do {
      const page: Listed = test.send('ssm', 'ListCommands', NextToken === undefined ? {} : { NextToken })
      found.push(...page.Commands.map(({ CommandId }) => CommandId))
      NextToken = page.NextToken
    } while (NextToken !== undefined)
    expect(found).toEqual([...sent].reverse())
    expect(outcomeOf(() => test.send('ssm', 'ListCommands', { NextToken: 'guessed' }))).toBe('InvalidNextToken 400')
  })

  it('shows the output of an invocation only with Details, cut at 2,500 characters', () => {
    const test = testAccount()
    const CommandId = run(test, [`printf '%s' ${'y'.repeat(3000)}`])
    test.wait(15)
    const plugins = (input: object) =>
      test.send<{ CommandInvocations: { CommandPlugins: { Output: string }[] }[] }>('ssm', 'ListCommandInvocations', {
        CommandId,
        ...input,
      }).CommandInvocations[0]?.CommandPlugins
    expect(plugins({})).toEqual([])
    expect(plugins({ Details: true })?.[0]?.Output).toBe('y'.repeat(2500))
  })

  it('a command can be cancelled before the agent has it', () => {
    const test = testAccount()
    const id = run(test)
    test.send('ssm', 'CancelCommand', { CommandId: id })
    test.wait(60)
    expect(invocation(test, id)).toMatchObject({ Status: 'Cancelled', StandardOutputContent: '' })
    const unknown = '11111111-2222-4333-a444-555555555555'
    expect(outcomeOf(() => test.send('ssm', 'CancelCommand', { CommandId: unknown }))).toBe('InvalidCommandId 400')
  })
})

describe('DescribeInstanceInformation', () => {
  const found = ({ send }: TestAccount, input: object): number =>
    send<{ InstanceInformationList: unknown[] }>('ssm', 'DescribeInstanceInformation', input).InstanceInformationList.length

  it('is filtered by instance in both spellings', () => {
    const test = testAccount()
    expect(found(test, { Filters: [{ Key: 'InstanceIds', Values: [INSTANCE_ID] }] })).toBe(1)
    expect(found(test, { InstanceInformationFilterList: [{ key: 'InstanceIds', valueSet: ['i-0123456789abcdef0'] }] })).toBe(0)
    expect(outcomeOf(() => found(test, { Filters: [{ Key: 'Colour', Values: ['red'] }] }))).toBe('InvalidFilterKey 400')
  })

  it('has no node without an agent, and none in another Region', () => {
    expect(found(testAccount({ agent: { installed: false, platform: 'Linux' } }), {})).toBe(0)
    const test = testAccount()
    expect(test.send('ssm', 'DescribeInstanceInformation', {}, test.responder, 'eu-west-1')).toEqual({
      InstanceInformationList: [],
    })
  })
})

describe('GetServiceSetting', () => {
  const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role'

  it('tells whether Default Host Management keeps agents alive', () => {
    const test = testAccount()
    const asked = () => test.send('ssm', 'GetServiceSetting', { SettingId })
    expect(asked()).toMatchObject({ ServiceSetting: { SettingValue: '$None', Status: 'Default' } })
    test.account.defaultHostManagementRole.value = 'service-role/Manage'
    expect(asked()).toMatchObject({ ServiceSetting: { SettingValue: 'service-role/Manage', Status: 'Customized' } })
  })

  it('knows no other setting', () => {
    const { send } = testAccount()
    expect(outcomeOf(() => send('ssm', 'GetServiceSetting', { SettingId: '/ssm/other' }))).toBe('ServiceSettingNotFound 400')
  })
})
