import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, messageOf, outcomeOf, ROLE, revocation, type TestAccount, testAccount } from '../../support/account.ts'
import { invocation, run } from '../../support/run-command.ts'

const READ_KEY = [
  'T=$(curl -sS -f -m 5 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)',
  `curl -sS -f -m 5 -H "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/iam/security-credentials/${ROLE} | tr ',{}' '\\n\\n\\n' | sed -n 's/^.*"AccessKeyId"[[:space:]]*:[[:space:]]*"\\([A-Z0-9]*\\)".*$/AccessKeyId=\\1/p'`,
]

const revoke = ({ send }: TestAccount): void => {
  const PolicyDocument = revocation('2026-11-25T02:00:30Z')
  send('iam', 'PutRolePolicy', { RoleName: ROLE, PolicyName: 'AWSRevokeOlderSessions', PolicyDocument })
}

describe('SendCommand', () => {
  it('has no invocation for two seconds, and then runs the script against the instance’s own metadata service', () => {
    const test = testAccount()
    const id = run(test, READ_KEY)
    test.wait(1.9)
    expect(outcomeOf(() => invocation(test, id))).toBe('InvocationDoesNotExist 400')
    test.wait(0.1)
    expect(invocation(test, id)).toMatchObject({ Status: 'Pending', ResponseCode: -1 })
    test.wait(10)
    expect(invocation(test, id)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      StandardOutputContent: `AccessKeyId=${test.onInstance('2.0').accessKeyId}\n`,
      StandardErrorContent: '',
    })
  })

  it('shows the tokenless set to a script without a token, and nothing where tokens are required', () => {
    const read = ['curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/web-app']
    const optional = testAccount()
    const shown = run(optional, read)
    const required = testAccount({ httpTokens: 'required' })
    const hidden = run(required, read)
    for (const test of [optional, required]) test.wait(15)
    expect(invocation(optional, shown).StandardOutputContent).toContain(optional.onInstance('1.0').accessKeyId)
    expect(invocation(required, hidden).StandardOutputContent).not.toContain('ASIA')
  })

  it('fails with the script’s exit code', () => {
    const test = testAccount()
    const id = run(test, ['echo no >&2', 'exit 3'])
    test.wait(15)
    expect(invocation(test, id)).toMatchObject({ Status: 'Failed', ResponseCode: 3, StandardErrorContent: 'no\n' })
  })

  it('keeps at most 24,000 characters of output', () => {
    const test = testAccount()
    const id = run(test, [`printf '%s' ${'x'.repeat(25_000)}`])
    test.wait(15)
    expect(invocation(test, id).StandardOutputContent).toHaveLength(24_000)
  })

  it('a command to an agent that the revocation has cut off stays in progress, and times out undelivered', () => {
    const test = testAccount()
    revoke(test)
    test.wait(10)
    const id = run(test, ['echo hello'], { TimeoutSeconds: 60 })
    test.wait(30)
    expect(invocation(test, id)).toMatchObject({ Status: 'InProgress', ResponseCode: -1 })
    test.wait(30)
    expect(invocation(test, id)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
      StandardOutputContent: '',
    })
  })

  it('waits for an agent that comes back in time', () => {
    const test = testAccount({}, { agentTakes: 60 })
    revoke(test)
    test.wait(10)
    const id = run(test)
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(35)
    test.send('ec2', 'StartInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(100)
    expect(invocation(test, id)).toMatchObject({ Status: 'Success', StandardOutputContent: 'hello\n' })
  })

  it('is refused for a node that is stopped, unknown, or has not registered yet', () => {
    const test = testAccount()
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(35)
    expect(messageOf(() => run(test))).toBe(`Instances [[${INSTANCE_ID}]] not in a valid state for account 111122223333`)
    test.send('ec2', 'StartInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(30)
    expect(outcomeOf(() => run(test))).toBe('InvalidInstanceId 400')
    expect(outcomeOf(() => run(test, ['id'], { InstanceIds: ['i-0123456789abcdef0'] }))).toBe('InvalidInstanceId 400')
  })

  it.each([
    ['a document that is not there', { DocumentName: 'AWS-RunMagic' }, 'InvalidDocument 400'],
    ['PowerShell for a Linux node', { DocumentName: 'AWS-RunPowerShellScript' }, 'UnsupportedPlatformType 400'],
    ['no commands', { Parameters: {} }, 'InvalidParameters 400'],
    ['a parameter the document does not have', { Parameters: { commands: ['id'], colour: ['red'] } }, 'InvalidParameters 400'],
    ['the same node twice', { InstanceIds: [INSTANCE_ID, INSTANCE_ID] }, 'DuplicateInstanceId 400'],
  ])('refuses %s', (_, input, code) => {
    expect(outcomeOf(() => run(testAccount(), ['id'], input))).toBe(code)
  })

  it('cannot run PowerShell on a Windows node, and says so', () => {
    const test = testAccount({ platform: 'windows', agent: { installed: true, platform: 'Windows' } })
    expect(outcomeOf(() => run(test))).toBe('UnsupportedPlatformType 400')
    const id = run(test, ['Get-Date'], { DocumentName: 'AWS-RunPowerShellScript' })
    test.wait(15)
    expect(invocation(test, id)).toMatchObject({
      Status: 'Failed',
      StandardErrorContent: expect.stringContaining('cannot run PowerShell'),
    })
  })

  it('needs the document and the instance to be allowed', () => {
    const test = testAccount()
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Action: 'ssm:SendCommand',
        Resource: 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript',
      },
    })
    test.account.roles.get('ir')?.inline.set('all', { document, writtenAt: 0 })
    expect(messageOf(() => run(test))).toContain(`on resource: arn:aws:ec2:eu-central-1:111122223333:instance/${INSTANCE_ID}`)
  })
})
