import { describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { roleLike, testAccount } from '../../support/account.ts'

const PARTNER = '444455556666'
const ROLE_ARN = 'arn:aws:iam::111122223333:role/partner-access'

const trusting = (Condition: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${PARTNER}:root` }, Action: 'sts:AssumeRole', Condition }],
  })

const withPartner = (Condition: object = {}) => {
  const test = testAccount()
  test.account.roles.set('partner-access', roleLike({ name: 'partner-access', trustPolicy: trusting(Condition) }))
  const partner: IssuedCredential = test.account.credentials.register({
    accessKeyId: 'ASIAPARTNERPARTNER77',
    secretAccessKey: 'partner',
    sessionToken: 'partner',
    principal: { type: 'role-session', roleName: 'ci', roleId: 'AROAPARTNERPARTNER777', sessionName: 'build' },
    accountId: PARTNER,
    issuedAt: 0,
  })
  const { responder } = test
  const open = openAccount({ account: test.account, cast: { responder, attacker: partner, workload: partner } })
  const call = (operation: string, input: object) =>
    open.answer({
      ...{ service: 'sts', operation, accessKeyId: partner.accessKeyId, sessionToken: 'partner', region: 'eu-central-1' },
      ...{ input: { ...input }, sourceIp: '198.51.100.7', userAgent: 'test', requestId: 'r' },
    })
  const assume = (input: object = {}) => call('AssumeRole', { RoleArn: ROLE_ARN, RoleSessionName: 'x1', ...input })
  return { ...test, assume, call }
}

describe('a principal of another account', () => {
  it('assumes a role that trusts its account, and stands in the trail without ARN and key', async () => {
    const { assume, account } = withPartner()
    await assume()
    const record = account.trail.all().findLast(({ eventName }) => eventName === 'AssumeRole')
    const document = record?.document()
    expect(document).toMatchObject({
      userIdentity: { type: 'AWSAccount', accountId: PARTNER, principalId: 'AROAPARTNERPARTNER777:build' },
      sharedEventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(JSON.stringify(document)).not.toContain('ASIAPARTNER')
    expect(record).not.toHaveProperty('username')
  })

  it('needs the external id that the trust policy asks for', async () => {
    const { assume, account } = withPartner({ StringEquals: { 'sts:ExternalId': 'blue' } })
    await expect(assume()).rejects.toMatchObject({ code: 'AccessDenied' })
    await expect(assume({ ExternalId: 'green' })).rejects.toMatchObject({ code: 'AccessDenied' })
    const fromThere = account.trail.all().filter(({ document }) => JSON.stringify(document()).includes('AWSAccount'))
    expect(fromThere).toEqual([])
    await expect(assume({ ExternalId: 'blue' })).resolves.toMatchObject({
      AssumedRoleUser: { Arn: 'arn:aws:sts::111122223333:assumed-role/partner-access/x1' },
    })
  })

  it('is told its own account, and may do nothing else here', async () => {
    const { call } = withPartner()
    await expect(call('GetCallerIdentity', {})).resolves.toMatchObject({ Account: PARTNER })
    await expect(call('GetAccessKeyInfo', { AccessKeyId: 'ASIAPARTNERPARTNER77' })).rejects.toMatchObject({
      code: 'AccessDenied',
    })
  })
})
