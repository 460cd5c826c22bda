import { EC2Client, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { HOURS, MINUTES, response, stepOf } from '../../support/by-hand.ts'
import { asIdentityRole } from '../../support/identity-role.ts'
import { passes, SUBJECT_INSTANCE } from '../../support/scenario.ts'

const identityRole = async () => {
  const built = asIdentityRole(await buildQuick())
  Object.assign(built.cast.responder, { expiresAt: undefined })
  return response(built)
}

describe('credentials of the identity role of an instance', () => {
  it('are denied by nothing: the restart is looked at, and the key can be used until its session ends', async () => {
    const { built, run, config } = await identityRole()
    const first = await run()
    expect(changesIn(built)).toEqual({})
    expect(first.byHand.of).toBe('instance-identity')
    expect(first.states).toEqual({ 'instance-restart': 'open', 'key-calls': 'open' })
    expect(stepOf(first.byHand, 'instance-restart')?.commands.join()).toContain(
      `start-instances --instance-ids ${SUBJECT_INSTANCE}`,
    )
    expect(first.result.exitCode).toBe(6)

    const ec2 = new EC2Client(config(built.cast.responder))
    await ec2.send(new StopInstancesCommand({ InstanceIds: [SUBJECT_INSTANCE] }))
    passes(built, 2 * MINUTES)
    expect((await run()).states).toMatchObject({ 'instance-restart': 'open' })
    await ec2.send(new StartInstancesCommand({ InstanceIds: [SUBJECT_INSTANCE] }))
    passes(built, 30 * MINUTES)
    const second = await run()
    expect(second.states).toMatchObject({ 'instance-restart': 'done', 'key-calls': 'open' })
    expect(second.result.exitCode).toBe(6)

    passes(built, 13 * HOURS)
    const last = await run()
    expect(stepOf(last.byHand, 'key-calls')?.says).toMatch(/^the session ended at/)
    expect(last.result.exitCode).toBe(0)
  })
})
