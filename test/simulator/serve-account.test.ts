import { describe, expect, test } from 'vitest'
import type { Call } from '../../src/simulator/call.ts'
import { ServiceError } from '../../src/simulator/call.ts'
import { addRole, NOW, quietAccount, sessionOf } from '../support/trail.ts'

const nothing = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }],
})

const callWith = (credential: { accessKeyId: string; sessionToken?: string }, change: Partial<Call> = {}): Call => ({
  service: 'iam',
  operation: 'GetRole',
  input: { RoleName: 'auditor' },
  accessKeyId: credential.accessKeyId,
  ...(credential.sessionToken === undefined ? {} : { sessionToken: credential.sessionToken }),
  region: 'us-east-1',
  sourceIp: '192.0.2.1',
  userAgent: 'test',
  requestId: 'r',
  ...change,
})

describe('an open account', () => {
  test('lets a call take its time, and lets everything due happen before it', async () => {
    const { account, ask } = quietAccount({ callTakes: 2 })
    const happened: number[] = []
    account.agenda.add(NOW + 1500, () => happened.push(account.agenda.currentTime() ?? 0))
    await ask('sts', 'GetCallerIdentity')
    expect(account.clock.now()).toBe(NOW + 2000)
    expect(happened).toEqual([NOW + 1500])
  })

  test('lets things happen without a call when somebody only waits', () => {
    const { account, open } = quietAccount()
    let happened = false
    account.agenda.add(NOW + 60_000, () => {
      happened = true
    })
    account.clock.advance(60)
    open.catchUp()
    expect(happened).toBe(true)
  })

  test('records a success, a refusal and a failure, each as what it was', async () => {
    const { account, ask, open } = quietAccount()
    addRole(account, 'nobody', nothing)
    const nobody = sessionOf(account, 'nobody', 'x')
    await ask('iam', 'GetRole', { RoleName: 'auditor' })
    await expect(open.answer(callWith(nobody))).rejects.toMatchObject({ code: 'AccessDenied', status: 403 })
    await expect(ask('iam', 'GetRole', { RoleName: 'missing' })).rejects.toMatchObject({ code: 'NoSuchEntity' })
    expect(account.trail.all().map((record) => record.document().errorCode)).toEqual([undefined, 'AccessDenied', 'NoSuchEntity'])
    expect(open.calls().map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ['GetRole', 'ok'],
      ['GetRole', 'AccessDenied'],
      ['GetRole', 'NoSuchEntity'],
    ])
  })

  test('tells a denied caller nothing about the input', async () => {
    const { account, open, auditor } = quietAccount()
    addRole(account, 'nobody', nothing)
    const check = (): void => {
      throw new ServiceError('ValidationError', 'bad input')
    }
    await expect(open.answer(callWith(sessionOf(account, 'nobody', 'x')), check)).rejects.toMatchObject({ code: 'AccessDenied' })
    await expect(open.answer(callWith(auditor), check)).rejects.toMatchObject({ code: 'ValidationError' })
  })

  test.each([
    ['an unknown key', { accessKeyId: 'ASIAUNKNOWN' }],
    ['a key without its session token', { sessionToken: 'other' }],
  ])('refuses %s without a record', async (_, change) => {
    const { account, open, auditor } = quietAccount()
    await expect(open.answer(callWith(auditor, change))).rejects.toMatchObject({ code: 'InvalidClientTokenId' })
    expect(account.trail.all()).toEqual([])
  })

  test('counts the changes that the responder made, and nobody else’s', async () => {
    const { account, open, ask } = quietAccount()
    addRole(account, 'other')
    const put = { RoleName: 'other', PolicyName: 'p', PolicyDocument: nothing }
    await ask('iam', 'PutRolePolicy', put)
    await ask('iam', 'GetRolePolicy', { RoleName: 'other', PolicyName: 'p' })
    await expect(ask('iam', 'PutRolePolicy', { ...put, RoleName: 'missing' })).rejects.toThrow()
    await open.answer(callWith(sessionOf(account, 'other', 'x'), { operation: 'PutRolePolicy', input: put }))
    expect(open.writes()).toBe(1)
  })

  test('does not know operations that it does not serve', async () => {
    await expect(quietAccount().ask('iam', 'UploadServerCertificate')).rejects.toMatchObject({
      code: 'UnknownOperationException',
      message: expect.stringContaining('UploadServerCertificate of iam'),
    })
  })
})
