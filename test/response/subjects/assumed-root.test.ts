import { AssumeRootCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { changesIn } from '../../laws/whole-run.ts'
import { MINUTES, management, response, stepOf } from '../../support/by-hand.ts'
import { passes } from '../../support/scenario.ts'

describe('a root session from sts:AssumeRoot', () => {
  it('is said to live fifteen minutes at most, and its source is named as a subject of its own', async () => {
    const { built, run } = await response('assumed-root')
    const { byHand, states, result } = await run()
    expect(changesIn(built)).toEqual({})
    expect(states).toEqual({ 'assumed-session': 'open', 'assumed-source': 'unknown', 'root-calls': 'open' })
    expect(stepOf(byHand, 'assumed-session')?.says).toMatch(/^it can be used until 20\d\d-.*Z$/)
    expect(stepOf(byHand, 'assumed-source')).toMatchObject({
      sentence: expect.stringMatching(/^Contain AROAMANAGEMENTADMIN77:central-admin of account 999988887777/),
      commands: [expect.stringMatching(/^aws cloudtrail lookup-events .*AttributeValue=AssumeRoot/)],
    })
    expect(byHand.seen.join('\n')).toMatch(/for the task IAMAuditRootUserCredentials/)
    expect(result.exitCode).toBe(6)
  })

  it('is contained once it has ended, its source is declared to be contained, and no call is seen afterwards', async () => {
    const { built, run } = await response('assumed-root')
    await run()
    passes(built, 30 * MINUTES)
    expect((await run(['assumed-source'])).states).toEqual({
      'assumed-session': 'done',
      'assumed-source': 'declared',
      'root-calls': 'open',
    })
    passes(built, 20 * MINUTES)
    expect((await run()).result.exitCode).toBe(0)
  })

  it('is open again where its source takes another one after it was declared to be contained', async () => {
    const { built, run, config } = await response('assumed-root')
    await run()
    passes(built, 30 * MINUTES)
    await run(['assumed-source'])
    const issue = built.account.trail.all().find(({ eventName }) => eventName === 'AssumeRoot')
    const { userIdentity } = (issue?.document() ?? {}) as { userIdentity: { principalId: string } }
    const [roleId = '', sessionName = ''] = userIdentity.principalId.split(':')
    const again = {
      ...management(built),
      accessKeyId: 'ASIASOURCEAGAIN77777',
      principal: { type: 'role-session', roleName: 'x', roleId, sessionName },
    }
    built.account.credentials.register(again as never)
    await new STSClient(config(again)).send(
      new AssumeRootCommand({
        TargetPrincipal: built.account.id,
        TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
      }),
    )
    passes(built, 20 * MINUTES)
    const { byHand, result } = await run()
    expect(stepOf(byHand, 'assumed-source')).toMatchObject({
      state: 'open',
      says: expect.stringMatching(/^it was declared to be contained/),
    })
    expect(result.exitCode).toBe(6)
  })
})
