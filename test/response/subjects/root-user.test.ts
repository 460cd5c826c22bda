import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam'
import { AttachPolicyCommand, CreatePolicyCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { describe, expect, it } from 'vitest'
import type { ByHand } from '../../../src/incident/facts/by-hand.ts'
import { principalArn } from '../../../src/simulator/account/credentials.ts'
import { issueRootKey } from '../../../src/simulator/issue-credentials.ts'
import { recordEvent } from '../../../src/simulator/records/record.ts'
import { scenarioFromFinding } from '../../../src/simulator/scenario-kit/from-finding.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { deleteRootCredentials, HOURS, MINUTES, management, response, stepOf } from '../../support/by-hand.ts'
import type { outsideClient } from '../../support/outside-client.ts'
import { runInMemory } from '../../support/run-in-memory.ts'
import { passes } from '../../support/scenario.ts'

/** The content of the service control policy that the run prints. */
const printedPolicy = (byHand: ByHand): string => {
  const [command = ''] = stepOf(byHand, 'root-sessions')?.commands ?? []
  return /--content '([^']+)'/.exec(command)?.[1] ?? ''
}

const denyRoot = async (built: BuiltScenario, config: ReturnType<typeof outsideClient>, Content: string): Promise<void> => {
  const client = new OrganizationsClient(config(management(built)))
  const { Policy } = await client.send(
    new CreatePolicyCommand({ Name: 'deny-root', Description: 'x', Content, Type: 'SERVICE_CONTROL_POLICY' }),
  )
  await client.send(new AttachPolicyCommand({ PolicyId: Policy?.PolicySummary?.Id, TargetId: built.account.id }))
}

/** Something that the root user does at the console. */
const atTheConsole = ({ account }: BuiltScenario, eventName: string, sourceIp: string): void => {
  recordEvent(account, {
    identity: { type: 'Root', principalId: account.id, arn: principalArn(account, { type: 'root' }), accountId: account.id },
    credential: { ...issueRootKey(account), sessionToken: 'x' },
    ...{ eventSource: 'signin.amazonaws.com', eventName, readOnly: false, sourceIp, userAgent: 'Firefox' },
  })
}

describe('credentials of the root user', () => {
  it('are not contained by the first look: it changes nothing, says each step with its command, and ends with exit 6', async () => {
    const { built, run, journal } = await response('root-user')
    const { result, byHand, states } = await run()
    expect(changesIn(built)).toEqual({})
    expect(states).toEqual({
      'root-sessions': 'unknown',
      'root-keys': 'open',
      'root-password': 'unknown',
      'root-mfa': 'unknown',
      'root-email': 'unknown',
      'root-calls': 'open',
    })
    expect(result).toMatchObject({
      ending: 'completed',
      exitCode: 6,
      alarms: [expect.stringMatching(/^NOT CONTAINED BY IR-CRED.*6 of 6/)],
    })
    expect(byHand.steps[0]?.commands[0]).toMatch(/^aws organizations attach-policy .*deny-root-111122223333/)
    expect(stepOf(byHand, 'root-keys')?.commands).toEqual([
      expect.stringMatching(/^read -r .* <<< "\$\(aws sts assume-root --target-principal 111122223333/),
      'aws iam list-access-keys',
      'aws iam delete-access-key --access-key-id KEY_ID',
    ])
    expect(byHand.seen.join('\n')).toMatch(/member of the organization of management account 999988887777/)
    const kept = journal.flatMap((entry) => (entry.type === 'kept' ? [entry.name] : []))
    expect(kept).toEqual(expect.arrayContaining(['account-summary', 'credential-report', 'root-calls']))
  })

  it('are contained once each step is seen or declared, and no call is seen for a quarter of an hour after the last', async () => {
    const { built, run, config } = await response('root-user')
    const first = await run()
    await denyRoot(built, config, printedPolicy(first.byHand))
    expect((await run()).states).toMatchObject({ 'root-sessions': 'unknown', 'root-keys': 'open' })

    await deleteRootCredentials(built, config)
    const second = await run(['root-sessions', 'root-email'])
    expect(second.states).toEqual({
      'root-sessions': 'declared',
      'root-keys': 'done',
      'root-password': 'done',
      'root-mfa': 'done',
      'root-email': 'declared',
      'root-calls': 'open',
    })
    expect(second.result.exitCode).toBe(6)
    expect(stepOf(second.byHand, 'root-calls')?.says).toMatch(/^no call since .* is seen; look again after /)

    passes(built, 20 * MINUTES)
    const last = await run()
    expect(last.result).toMatchObject({ ending: 'completed', exitCode: 0, alarms: [] })
    expect(stepOf(last.byHand, 'root-calls')?.says).toMatch(/^no successful call of the root user after /)
    expect(stepOf(last.byHand, 'root-email')).toMatchObject({ declared: { by: expect.stringContaining('ir-responder') } })
  })

  it('the printed service control policy refuses the stolen session, and spares the session that cleans up', async () => {
    const { built, run, config } = await response('root-user')
    const { byHand } = await run()
    const stolen = new EC2Client(config(built.cast.attacker))
    await expect(stolen.send(new DescribeInstancesCommand({}))).resolves.toBeDefined()
    await denyRoot(built, config, printedPolicy(byHand))
    await expect(stolen.send(new DescribeInstancesCommand({}))).rejects.toThrow(/explicit deny in a service control policy/)
    await deleteRootCredentials(built, config)
    expect(built.account.rootUser).toMatchObject({ hasPassword: false, mfaDevices: [] })
  })

  it('a declaration does not outweigh what is seen: the attacker calls on under a policy that is not attached', async () => {
    const { built, run, config } = await response('root-user')
    await run()
    await deleteRootCredentials(built, config)
    await run(['root-sessions', 'root-email'])
    passes(built, 1 * HOURS)
    const { byHand, result } = await run(['root-calls'])
    expect(stepOf(byHand, 'root-calls')).toMatchObject({
      state: 'open',
      says: expect.stringMatching(/^THE ATTACKER STILL CALLS AS ROOT/),
    })
    expect(stepOf(byHand, 'root-calls')?.question).toBeUndefined()
    expect(result.exitCode).toBe(6)
  })

  it('a key that is made again reopens its step', async () => {
    const { built, run, config } = await response('root-user')
    await run()
    await deleteRootCredentials(built, config)
    expect((await run()).states).toMatchObject({ 'root-keys': 'done' })
    await new IAMClient(config(issueRootKey(built.account))).send(new CreateAccessKeyCommand({}))
    expect((await run()).states).toMatchObject({ 'root-keys': 'open' })
  })

  it.each([
    ['from another address, is seen as the owner’s', '203.0.113.77', 'done', /^PasswordUpdated at .* from 203\.0\.113\.77/],
    [
      'from the finding’s address, is the attacker’s',
      '198.51.100.23',
      'open',
      /^the last change of the password is the attacker’s/,
    ],
  ])('a change of the password %s', async (_, sourceIp, state, says) => {
    const { built, run } = await response('root-user')
    await run()
    atTheConsole(built, 'PasswordUpdated', sourceIp)
    passes(built, 10 * MINUTES)
    expect(stepOf((await run()).byHand, 'root-password')).toMatchObject({ state, says: expect.stringMatching(says) })
  })

  it.each([
    ['the owner’s', '203.0.113.77', 'done', /^EnableMFADevice at/],
    ['the attacker’s', '198.51.100.23', 'open', /^the last change of the MFA devices is the attacker’s/],
  ])('a new MFA device from an address of %s', async (_, sourceIp, state, says) => {
    const { built, run } = await response('root-user')
    await run()
    atTheConsole(built, 'EnableMFADevice', sourceIp)
    passes(built, 10 * MINUTES)
    expect(stepOf((await run(['root-mfa'])).byHand, 'root-mfa')).toMatchObject({ state, says: expect.stringMatching(says) })
  })

  it('calls that the owner declares to be theirs count no more, and the next look waits for a quarter of an hour again', async () => {
    const { built, run, config } = await response('root-user')
    const { byHand } = await run()
    await denyRoot(built, config, printedPolicy(byHand))
    await deleteRootCredentials(built, config)
    await run(['root-sessions', 'root-email'])
    passes(built, 10 * MINUTES)
    await deleteRootCredentials(built, config).catch(() => {})
    passes(built, 20 * MINUTES)
    expect((await run()).states).toMatchObject({ 'root-calls': 'unknown' })
    expect((await run(['root-calls'])).states).toMatchObject({ 'root-calls': 'open' })
    passes(built, 20 * MINUTES)
    expect((await run()).result.exitCode).toBe(0)
  })

  it('without a policy that denies them, and among very many calls, the sessions of before count as ended after twelve hours', async () => {
    const { built, run, config } = await response('root-user')
    Object.assign(built.cast.responder, { expiresAt: undefined })
    await run()
    await deleteRootCredentials(built, config)
    await run(['root-email'])
    passes(built, 13 * HOURS)
    expect((await run()).states).toMatchObject({ 'root-sessions': 'done' })
    passes(built, 20 * MINUTES)
    expect(await run()).toMatchObject({ result: { exitCode: 0, alarms: [] } })
  })

  it.each([
    ['the management account', '111122223333', /Open a case with AWS Support/],
    ['no organization', undefined, /Open a case with AWS Support/],
  ])('of %s are bound by no service control policy: the step is AWS Support', async (_, managementAccountId, sentence) => {
    const built = await buildQuick('root-user')
    const { organization } = built.account
    Object.assign(built.account, {
      organization: organization && managementAccountId ? { ...organization, managementAccountId } : undefined,
    })
    const { run } = await response(built)
    const { byHand } = await run()
    expect(stepOf(byHand, 'root-sessions')?.sentence).toMatch(sentence)
    expect(stepOf(byHand, 'root-keys')?.where).toBe('as the root user')
  })

  it('what the responder may not read is said and stays unknown: nobody declares it', async () => {
    const built = await buildQuick('root-user')
    const Action = ['iam:GetAccountSummary', 'iam:GenerateCredentialReport', 'organizations:DescribeOrganization']
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action, Resource: '*' }] })
    built.account.roles.get('ir-responder')?.inline.set('less', { document, writtenAt: 0 })
    const { run } = await response(built)
    await run()
    const { byHand, states, result } = await run(['root-email', 'root-sessions', 'root-password', 'root-mfa'])
    expect(byHand.unread).toEqual([
      'what ways in the root user has is not known: iam:GetAccountSummary is denied',
      'when the root user’s password and keys were used is not known: the credential report of IAM is denied',
      'whether the account is a member of an organization is not known: organizations:DescribeOrganization is denied',
    ])
    expect(states).toMatchObject({ 'root-keys': 'unknown', 'root-password': 'declared', 'root-mfa': 'declared' })
    expect(result.exitCode).toBe(6)
  })

  it('a dry run asks nothing and promises nothing', async () => {
    const { result } = await runInMemory({ built: await buildQuick('root-user'), dryRun: true })
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })
})

describe('a long-term key of the root user', () => {
  const scenario = () =>
    scenarioFromFinding({
      SchemaVersion: '2.0',
      AccountId: '111122223333',
      Region: 'us-east-1',
      Type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
      Id: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      Resource: {
        ResourceType: 'AccessKey',
        AccessKeyDetails: {
          AccessKeyId: 'AKIAXCSEC6TNROOTKEY7',
          PrincipalId: '111122223333',
          UserName: 'Root',
          UserType: 'Root',
        },
      },
    })

  it('is seen to be gone once it is deleted', async () => {
    const clock = (await buildQuick('root-user')).account.clock
    const built = scenario().build({ clock })
    const { run, config } = await response(built)
    const first = await run()
    expect(stepOf(first.byHand, 'root-keys')).toMatchObject({ state: 'open', says: expect.stringMatching(/last used 20\d\d-/) })
    await deleteRootCredentials(built, config)
    const stolen = new EC2Client(config(built.cast.attacker))
    await expect(stolen.send(new DescribeInstancesCommand({}))).rejects.toThrow(/not able to validate/)
    expect((await run()).states).toMatchObject({ 'root-keys': 'done' })
  })
})

describe('a key of the root user that is reported without a finding', () => {
  it('is known as root’s by CloudTrail, and its steps are looked at', async () => {
    const built = await buildQuick('root-user')
    built.account.findings.clear()
    const { accessKeyId } = built.cast.attacker
    const { result } = await runInMemory({ built, request: { by: 'access-key-id', accessKeyId }, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 6, incident: { facts: { byHand: { of: 'root-user' } } } })
    expect(changesIn(built)).toEqual({})
  })
})
