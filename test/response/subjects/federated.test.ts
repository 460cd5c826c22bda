import { describe, expect, it } from 'vitest'
import { HOUR_SECONDS, SECOND_MS } from '../../../src/incident/values/duration.ts'
import { type IssuedCredential, principalArn, principalId } from '../../../src/simulator/account/credentials.ts'
import { issueFederatedSession } from '../../../src/simulator/issue-credentials.ts'
import { recordEvent } from '../../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { answers, breaks } from '../../faults/kinds.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { allowing } from '../../support/account.ts'
import { userWithKey } from '../../support/obtained-session.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'
import { answerTo, stolen } from '../../support/subjects.ts'
import { saidBy } from '../../traps/said.ts'

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

/** A user that takes sessions for people of its own, with one key. */
const broker = (built: BuiltScenario): IssuedCredential => {
  const key = userWithKey(built, 'token-broker')
  built.account.users.get('token-broker')?.inline.set('rights', { document: allowing('*'), writtenAt: 0 })
  return key
}

/** A session of GetFederationToken, 40 minutes old, with CloudTrail's record of it. */
const federated = (built: BuiltScenario, key: IssuedCredential, name: string, isRecorded = true): IssuedCredential => {
  const { account } = built
  const user = account.users.get('token-broker')
  if (!user) throw new Error('no broker')
  const at = account.clock.now() - 2_400 * SECOND_MS
  const session = issueFederatedSession(account, user, name, 12 * HOUR_SECONDS, { sessionPolicies: [allowing('*')] }, at)
  if (!isRecorded) return session
  recordEvent(account, {
    ...{ credential: key, eventSource: 'sts.amazonaws.com', eventName: 'GetFederationToken', readOnly: true, at },
    ...{ sourceIp: '192.0.2.90', userAgent: 'broker/1.0' },
    requestParameters: { Name: name },
    responseElements: {
      Credentials: { AccessKeyId: session.accessKeyId, SessionToken: session.sessionToken },
      FederatedUser: {
        FederatedUserId: principalId(account, session.principal),
        Arn: principalArn(account, session.principal),
      },
    },
    resources: [{ type: 'AWS::IAM::AccessKey', name: session.accessKeyId }],
  })
  return session
}

const theft = async ({ isRecorded = true } = {}) => {
  const built = await buildQuick()
  const key = broker(built)
  const [bob, carol] = [federated(built, key, 'bob', isRecorded), federated(built, key, 'carol')]
  stolen(built, bob)
  return { built, key, bob, carol }
}

describe('a stolen session of a federated user', () => {
  it('is denied on the user that called GetFederationToken, and the key that did is made inactive', async () => {
    const { built, key, bob } = await theft()
    const ran = await run(built)
    expect(answerTo(built, bob)).toBe('explicitDeny')
    expect(built.account.users.get('token-broker')?.accessKeys.get(key.accessKeyId)?.status).toBe('Inactive')
    expect(changesIn(built)).toEqual({ PutUserPolicy: 2, UpdateAccessKey: 1, StartInvestigation: 1 })
    expect({ exitCode: ran.result.exitCode, alarms: ran.result.alarms }).toEqual({ exitCode: 0, alarms: [] })
    expect(ran.result.incident.facts.subject).toMatchObject({
      ...{ kind: 'user-session', user: { name: 'token-broker' }, federatedName: { untrusted: 'bob' } },
      principalId: '111122223333:bob',
    })
    expect(saidBy(ran, 'identify-subject')).toContain('of federated user bob, which the user obtained by GetFederationToken')
  })

  it('takes the broker’s other users with it, which is said before the approval', async () => {
    const { built, carol } = await theft()
    const ran = await run(built)
    expect(answerTo(built, carol)).toBe('explicitDeny')
    expect(saidBy(ran, 'revoke-sessions')).toContain(
      'every federated user of the same broker (GetFederationToken), until the broker obtains new sessions for them',
    )
  })

  it('is denied alone by --revoke session: the broker’s other users go on', async () => {
    const { built, bob, carol } = await theft()
    const { result } = await run(built, { revoke: 'session', responder: plainYes })
    expect([answerTo(built, bob), answerTo(built, carol)]).toEqual(['explicitDeny', 'allowed'])
    expect(result.incident.facts.revocation?.session).toMatchObject({ userId: '111122223333:bob' })
  })

  it('leaves an alarm while the broker’s key can obtain the next session', async () => {
    const { built } = await theft()
    const { result } = await run(built, { responder: plainYes })
    expect(result.exitCode).toBe(6)
    expect(result.alarms).toContainEqual(expect.stringContaining('the session was obtained by user token-broker with key AKIA'))
  })

  it('is denied by what the records of its own calls say of the issuer, where nothing shows the issue', async () => {
    const { built, bob } = await theft({ isRecorded: false })
    const { result } = await run(built)
    expect(answerTo(built, bob)).toBe('explicitDeny')
    expect(result.incident.facts.subject).toMatchObject({ user: { name: 'token-broker' }, federatedName: { untrusted: 'bob' } })
  })

  it('is root’s where the root user obtained it: no policy reaches it, and what is done by hand is looked at', async () => {
    const { built } = await theft()
    const fault = answers('cloudtrail:LookupEvents', async (_asked, next) => {
      const answer = await next()
      return { ...answer, body: String(answer.body).replaceAll('\\"type\\":\\"IAMUser\\"', '\\"type\\":\\"Root\\"') }
    })
    const { result } = await run(built, { fault })
    expect(result).toMatchObject({ exitCode: 6, alarms: [expect.stringContaining('credentials of the root user')] })
    expect(result.incident.facts.byHand).toMatchObject({ of: 'root-user' })
    expect(changesIn(built)).toEqual({})
  })

  it('is refused with what to do while CloudTrail shows no user behind it, and nothing is changed', async () => {
    const { built } = await theft()
    const fault = breaks('denied', { operation: 'cloudtrail:LookupEvents', times: Number.POSITIVE_INFINITY })
    const { result } = await run(built, { fault })
    expect(result).toMatchObject({ exitCode: 5, failure: { remedy: expect.stringContaining('aws iam put-user-policy') } })
    expect(changesIn(built)).toEqual({})
  })
})
