import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import {
  mergeEqualTokens,
  obtainedCredentials,
  principalOfChainedSession,
} from '../../../src/investigation/analysis/obtained-credentials.ts'
import { isWriteEvent } from '../../../src/investigation/analysis/write-events.ts'
import {
  OUTBOUND_TOKEN_NAMES,
  OUTBOUND_TOKEN_PATTERN,
  soundsLikeCredentials,
} from '../../../src/investigation/outbound-tokens.ts'
import { isCallOf } from '../../../src/investigation/question.ts'
import { ACCOUNT, type Call, recordOf, STOLEN } from './records.ts'

const obtainedBy = (...calls: readonly Call[]) => obtainedCredentials(calls.map((call) => recordOf(call)))

describe('what calls hand out', () => {
  it('an access key that was made is obtained, and followed by its id', () => {
    const [key] = obtainedBy({
      event: 'iam:CreateAccessKey',
      request: { userName: 'svc' },
      response: { accessKey: { accessKeyId: 'AKIABACKDOORKEY00001', userName: 'svc', status: 'Active' } },
    })
    expect(key).toMatchObject({ credential: 'long-term-key', accessKeyId: 'AKIABACKDOORKEY00001', parentAccessKeyId: STOLEN })
    expect(key && principalOfChainedSession(key)).toEqual({ kind: 'access-key-id', value: 'AKIABACKDOORKEY00001' })
  })

  it('an access key that is switched on again is obtained; one that is switched off is not', () => {
    const change = (status: string): Call => ({
      event: 'iam:UpdateAccessKey',
      request: { userName: 'svc', accessKeyId: 'AKIAOLDKEY0000000001', status },
    })
    expect(obtainedBy(change('Active')).map(({ accessKeyId }) => accessKeyId)).toEqual(['AKIAOLDKEY0000000001'])
    expect(obtainedBy(change('Inactive'))).toEqual([])
  })

  it.each(['CreateLoginProfile', 'UpdateLoginProfile'])(
    'a password set by iam:%s is followed by the console sessions of its user',
    (name) => {
      const [password] = obtainedBy({ event: `iam:${name}`, request: { userName: 'ann' } })
      const principal = password && principalOfChainedSession(password)
      expect(principal).toEqual({ kind: 'console', value: 'ann' })
      const call = (accessKeyId: string | undefined) => ({
        ...recordOf(),
        ...{ principalKind: 'IAMUser', userName: 'ann', accessKeyId: accessKeyId as string },
      })
      expect(principal && isCallOf(principal, call('ASIACONSOLE000000001'))).toBe(true)
      expect(principal && isCallOf(principal, call('AKIAANNSOWN000000001'))).toBe(false)
    },
  )

  it.each(['CreateRole', 'UpdateAssumeRolePolicy'])(
    'a trust policy written by iam:%s is followed by those who obtain sessions through it',
    (name) => {
      const [trust] = obtainedBy({ event: `iam:${name}`, request: { roleName: 'deploy' } })
      const principal = trust && principalOfChainedSession(trust)
      expect(principal).toEqual({ kind: 'trust', value: `${ACCOUNT}/deploy` })
      const assume = (more: Call) =>
        recordOf({ event: 'sts:AssumeRole', request: { roleArn: `arn:aws:iam::${ACCOUNT}:role/x/deploy` }, ...more })
      expect(principal && isCallOf(principal, assume({ ip: '203.0.113.9' }))).toBe(true)
      expect(principal && isCallOf(principal, assume({ ip: 'ec2.amazonaws.com' }))).toBe(false)
      expect(principal && isCallOf(principal, recordOf({ event: 's3:ListBuckets' }))).toBe(false)
      const elsewhere = assume({ request: { roleArn: 'arn:aws:iam::999999999999:role/deploy' } })
      expect(principal && isCallOf(principal, elsewhere)).toBe(false)
    },
  )

  it.each([
    'sts:GetWebIdentityToken',
    'signin:CreateOAuth2TokenWithIAM',
    'sts:GetServiceBearerToken',
    'ecr:GetAuthorizationToken',
    'codeartifact:GetAuthorizationToken',
    'sagemaker:CreatePresignedDomainUrl',
  ])('%s hands out a token that CloudTrail does not show in use', (event) => {
    const [token] = obtainedBy({ event })
    expect(token).toMatchObject({ credential: 'token', succeeded: true })
    expect(token && principalOfChainedSession(token)).toBeUndefined()
    expect(isWriteEvent(recordOf({ event }))).toBe(true)
  })

  it('the same name of another service hands out nothing', () => {
    expect(obtainedBy({ event: 'glue:CreateSession' })).toEqual([])
  })

  it('the pattern of a query finds every name of a call that hands out a token', () => {
    const pattern = new RegExp(`^(?:${OUTBOUND_TOKEN_PATTERN})$`)
    expect([...OUTBOUND_TOKEN_NAMES].filter((name) => !pattern.test(name))).toEqual([])
  })

  it('AssumeRoot names the account whose root it becomes', () => {
    const [root] = obtainedBy({ event: 'sts:AssumeRoot', request: { targetPrincipal: '444455556666' } })
    expect(root?.accountId).toBe('444455556666')
  })

  it('equal tokens are one, with their number and the time of the last', () => {
    const tokens = obtainedBy(
      ...Array.from({ length: 40 }, (_, minute) => ({
        event: 'ecr:GetAuthorizationToken',
        at: `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`,
      })),
    )
    expect(mergeEqualTokens(tokens).map(({ at, times }) => [at, times])).toEqual([
      ['2026-03-01T12:00:00Z', { count: 40, last: '2026-03-01T12:39:00Z' }],
    ])
  })

  it('a refused request hands out nothing to follow', () => {
    const [refused] = obtainedBy({ event: 'iam:CreateLoginProfile', request: { userName: 'ann' }, errorCode: 'AccessDenied' })
    expect(refused?.succeeded).toBe(false)
    expect(refused && rawText(refused.userName as never)).toBe('ann')
  })

  it('a call that no list has is recognised by its name, and a plain read is not', () => {
    for (const name of ['GetFooToken', 'CreatePresignedBarUrl', 'GenerateDbAuthToken', 'GetTemporaryFooCredentials'])
      expect([name, soundsLikeCredentials(name)]).toEqual([name, true])
    for (const name of ['ListBuckets', 'GetObject', 'DescribeInstances'])
      expect([name, soundsLikeCredentials(name)]).toEqual([name, false])
  })
})
