import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { issueWebIdentityToken } from '../../../src/simulator/issue-credentials.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { allowing, outcomeOf, REGION, revocation, roleLike, testAccount } from '../../support/account.ts'

const PROVIDER = 'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE'
const PROVIDER_ARN = `arn:aws:iam::111122223333:oidc-provider/${PROVIDER}`
const SUBJECT = 'system:serviceaccount:shop:payments'
const ROLE_ARN = 'arn:aws:iam::111122223333:role/payments'

const trusting = (subject: string): string => {
  const Condition = { StringEquals: { [`${PROVIDER}:sub`]: subject, [`${PROVIDER}:aud`]: 'sts.amazonaws.com' } }
  const Principal = { Federated: PROVIDER_ARN }
  const Statement = [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRoleWithWebIdentity', Condition }]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

const withPod = () => {
  const test = testAccount()
  const { account } = test
  const inline = new Map([['all', { document: allowing('ec2:Describe*'), writtenAt: 0 }]])
  account.roles.set('payments', roleLike({ name: 'payments', trustPolicy: trusting(SUBJECT), inline }))
  account.identityProviders.set(PROVIDER_ARN, {
    ...{ arn: PROVIDER_ARN, createdAt: 0, source: `https://${PROVIDER}` },
    clientIds: ['sts.amazonaws.com'],
  })
  const held = issueWebIdentityToken(account, { provider: PROVIDER, subject: SUBJECT, audience: 'sts.amazonaws.com' })
  const open = openAccount({ account, cast: { responder: test.responder, attacker: test.responder, workload: test.responder } })
  const dispatch = createDispatcher({
    answer: open.answer,
    now: account.clock.now,
    authenticate: verifySignature(open.secretOf),
  })
  const requestHandler = inProcessHandler(dispatch)
  const assume = async (WebIdentityToken = held.token): Promise<IssuedCredential> => {
    // No credentials at all: the token is the credential.
    const client = new STSClient({ region: REGION, requestHandler, maxAttempts: 1 })
    const { Credentials } = await client.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'pod', WebIdentityToken }),
    )
    const credential = account.credentials.find(Credentials?.AccessKeyId ?? '')
    if (!credential) throw new Error('the session is not registered')
    return credential
  }
  return { ...test, assume, requestHandler, held }
}

describe('AssumeRoleWithWebIdentity', () => {
  it('gives whoever holds the token a session of the role, without a signature', async () => {
    const { assume, requestHandler, account } = withPod()
    const { accessKeyId, secretAccessKey, sessionToken = '' } = await assume()
    const credentials = { accessKeyId, secretAccessKey, sessionToken }
    const client = new STSClient({ region: REGION, requestHandler, credentials })
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::111122223333:assumed-role/payments/pod',
    })
    const issue = account.trail.all().find(({ resources }) => resources.some(({ name }) => name === accessKeyId))
    expect(issue?.document()).toMatchObject({
      eventName: 'AssumeRoleWithWebIdentity',
      userIdentity: { type: 'WebIdentityUser', userName: SUBJECT, identityProvider: PROVIDER_ARN },
      requestParameters: expect.not.objectContaining({ webIdentityToken: expect.anything() }),
    })
  })

  it('a dated deny on the role does not hinder it: the token mints anew until the trust policy refuses its subject', async () => {
    const test = withPod()
    const first = await test.assume()
    const PolicyDocument = revocation('2026-11-25T02:00:30Z')
    test.send('iam', 'PutRolePolicy', { RoleName: 'payments', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument })
    test.wait(60)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, first))).toBe('UnauthorizedOperation 403')
    const second = await test.assume()
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, second))).toBe('ok')
    test.send('iam', 'UpdateAssumeRolePolicy', { RoleName: 'payments', PolicyDocument: trusting(`${SUBJECT}-2`) })
    test.wait(60)
    await expect(test.assume()).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, second))).toBe('ok')
  })

  it('refuses a token that the provider never signed, one of an unknown provider, and one after its end', async () => {
    const test = withPod()
    await expect(test.assume('eyJ.eyJ.x')).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' })
    const elsewhere = { provider: 'token.example.com', subject: SUBJECT, audience: 'sts.amazonaws.com' }
    const { token } = issueWebIdentityToken(test.account, elsewhere)
    await expect(test.assume(token)).rejects.toThrow('No OpenIDConnect provider found')
    test.wait(86_400)
    await expect(test.assume()).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  })
})
