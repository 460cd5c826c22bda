import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, outcomeOf, type TestAccount, testAccount } from '../../support/account.ts'
import { run } from '../../support/run-command.ts'

const NAME = 'IrCred-ReadInstanceCredentials'

const step = (name: string, platform: string, runCommand: unknown, action = 'aws:runShellScript') => ({
  action,
  name,
  precondition: { StringEquals: ['platformType', platform] },
  inputs: { runCommand },
})

const CONTENT = JSON.stringify({
  schemaVersion: '2.2',
  mainSteps: [
    step('linux', 'Linux', ['echo on linux']),
    step('windows', 'Windows', ['Write-Output x'], 'aws:runPowerShellScript'),
  ],
})
const HASH = createHash('sha256').update(CONTENT).digest('hex')

const create = ({ send }: TestAccount, Content = CONTENT, Name = NAME): unknown =>
  send('ssm', 'CreateDocument', { Name, Content, DocumentType: 'Command', DocumentFormat: 'JSON' })

const withDocument = (): TestAccount => {
  const test = testAccount()
  create(test)
  return test
}

const sent = (test: TestAccount, input: object = {}) => run(test, [], { DocumentName: NAME, Parameters: {}, ...input })

const answerOf = ({ send }: TestAccount, CommandId: string, PluginName?: string) =>
  send<object>('ssm', 'GetCommandInvocation', { CommandId, InstanceId: INSTANCE_ID, PluginName })

describe('a document that the account owns', () => {
  it('is described with its owner, its version and the SHA-256 of its content, and read as it was written', () => {
    const { send, account } = withDocument()
    expect(send('ssm', 'DescribeDocument', { Name: NAME })).toMatchObject({
      Document: { Owner: account.id, DocumentVersion: '1', Hash: HASH, HashType: 'Sha256', DocumentType: 'Command' },
    })
    expect(send('ssm', 'GetDocument', { Name: NAME, DocumentVersion: '1' })).toMatchObject({ Content: CONTENT })
  })

  it('runs its step for the platform, whose answer is asked for by its name', () => {
    const test = withDocument()
    const id = sent(test, { DocumentVersion: '1', DocumentHash: HASH, DocumentHashType: 'Sha256' })
    test.wait(15)
    expect(answerOf(test, id, 'linux')).toMatchObject({ Status: 'Success', StandardOutputContent: 'on linux\n' })
    expect(answerOf(test, id, 'windows')).toMatchObject({
      StandardOutputContent: expect.stringMatching(/^Step execution skipped/),
    })
    expect(outcomeOf(() => answerOf(test, id))).toBe('InvalidPluginName 400')
    expect(outcomeOf(() => answerOf(test, id, 'aws:runShellScript'))).toBe('InvalidPluginName 400')
  })

  it.each([
    ['by a name that is not there', { DocumentName: 'IrCred-Other' }, 'InvalidDocument'],
    ['in a version that is not there', { DocumentVersion: '2' }, 'InvalidDocumentVersion'],
    ['with another hash', { DocumentHash: 'a'.repeat(64) }, 'InvalidDocument'],
    ['with parameters that it does not take', { Parameters: { commands: ['id'] } }, 'InvalidParameters'],
    [
      'by the ARN of another account',
      { DocumentName: `arn:aws:ssm:eu-central-1:444455556666:document/${NAME}` },
      'InvalidDocument',
    ],
  ])('is not run %s', (_, input, code) => {
    const test = withDocument()
    expect(outcomeOf(() => sent(test, input))).toBe(`${code} 400`)
  })

  it('is there once, and not in another Region', () => {
    const test = withDocument()
    expect(outcomeOf(() => create(test))).toBe('DocumentAlreadyExists 400')
    expect(outcomeOf(() => testAccount().send('ssm', 'DescribeDocument', { Name: NAME }))).toBe('InvalidDocument 400')
  })

  it.each([
    ['is not JSON', '{'],
    ['has another schema', JSON.stringify({ schemaVersion: '1.2', mainSteps: [] })],
    ['has no steps', JSON.stringify({ schemaVersion: '2.2', mainSteps: [] })],
    ['has parameters', JSON.stringify({ schemaVersion: '2.2', parameters: {}, mainSteps: [step('a', 'Linux', ['id'])] })],
    ['uses a parameter', JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('a', 'Linux', ['echo {{ x }}'])] })],
    [
      'has an unknown action',
      JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('a', 'Linux', ['id'], 'aws:softwareInventory')] }),
    ],
    ['has an unknown platform', JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('a', 'Amiga', ['id'])] })],
    ['runs nothing', JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('a', 'Linux', 'id')] })],
    [
      'names two steps alike',
      JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('a', 'Linux', ['id']), step('a', 'Linux', ['id'])] }),
    ],
  ])('is not made of content that %s', (_, content) => {
    expect(outcomeOf(() => create(testAccount(), content))).toBe('InvalidDocumentContent 400')
  })

  it('cannot have a name that AWS keeps for itself', () => {
    expect(outcomeOf(() => create(testAccount(), CONTENT, 'AWS-Mine'))).toBe('ValidationException 400')
  })
})
