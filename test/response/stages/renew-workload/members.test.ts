import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../../src/incident/facts/facts.ts'
import { stillToDo } from '../../../../src/incident/still-to-do.ts'
import { given } from '../../../../src/incident/values/given.ts'
import { plus } from '../../../../src/incident/values/instant.ts'
import { renewWorkload } from '../../../../src/response/stages/renew-workload.ts'
import { verifyRotation } from '../../../../src/response/stages/verify-rotation.ts'
import { openAccount } from '../../../../src/simulator/serve-account.ts'
import { buildQuick, changesIn } from '../../../laws/whole-run.ts'
import { runAwsCommand } from '../../../support/run-aws-command.ts'
import { runInMemory } from '../../../support/run-in-memory.ts'
import { SUBJECT_INSTANCE, subjectInstanceOf } from '../../../support/scenario.ts'
import { assessed, factOf } from '../../../support/stage-context.ts'
import { ready } from '../../../support/stage-on-account.ts'

/** A group whose role was denied just now. Each look is one of another run, which remembers what the one before it saw. */
const deniedGroup = async () => {
  const { built, context, subject, blastRadius, connection } = await ready('auto-scaling-member', 'renew-workload')
  const revocation = { cutoff: plus(context.now(), 1) } as Facts['revocation']
  const facts = { subject, blastRadius, revocation }
  let before: Facts['renewal'] | undefined
  return {
    ...{ built, facts, context },
    group: () => {
      const found = built.account.autoScalingGroups.get('web-asg')
      if (!found) throw new Error('no group')
      return found
    },
    look: async () => {
      before = factOf(await assessed(renewWorkload, facts, context, { earlier: { ...given({ renewal: before }) } }))
      return before
    },
    paste: async (command: string | undefined) => {
      if (command === undefined) throw new Error('there is no command')
      await runAwsCommand(command, { opened: openAccount(built), by: built.cast.responder })
      built.account.clock.advance(200)
      connection.opened.catchUp()
    },
  }
}

const statesOf = ({ byHand }: Facts['renewal']): string => byHand.map(({ state }) => state).join(' ')

describe('a member of an Auto Scaling group', () => {
  it('is not stopped: the role is denied, snapshots are taken, and the steps are printed in their order', async () => {
    const built = await buildQuick('auto-scaling-member')
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(changesIn(built)).toEqual({
      PutRolePolicy: 1,
      ModifyInstanceMetadataOptions: 1,
      CreateSnapshots: 1,
      StartInvestigation: 1,
    })
    expect(subjectInstanceOf(built).state).toBe('running')
    const { renewal } = result.incident.facts
    expect(renewal?.byHand.map(({ command }) => command?.split(' ').slice(1, 3).join(' '))).toEqual([
      'autoscaling suspend-processes',
      'autoscaling update-auto-scaling-group',
      'autoscaling enter-standby',
      'ec2 modify-instance-attribute',
      'autoscaling resume-processes',
      'autoscaling start-instance-refresh',
    ])
    expect(renewal && statesOf(renewal)).toBe('to-do later later later later later')
    expect(result.exitCode).toBe(5)
    expect(JSON.stringify(stillToDo(result.incident, { alarms: [], unproven: [] }))).not.toMatch(
      /stop-instances|terminate-instance/,
    )
  })

  it('is looked at after each step: what is pasted is done at the next look, and the next step is named', async () => {
    const { look, paste, built, group } = await deniedGroup()
    let renewal = await look()
    for (let step = 0; step < 6; step += 1) {
      expect(renewal.byHand[step]?.state).toBe('to-do')
      await paste(renewal.byHand[step]?.command)
      renewal = await look()
      expect(renewal.byHand[step]?.state).toBe('done')
    }
    expect(subjectInstanceOf(built)).toMatchObject({ id: SUBJECT_INSTANCE, state: 'running', inStandby: true })
    expect(group().suspended?.size).toBe(0)
  })

  it('is renewed with its group once the steps are done: each new member’s credentials are proven by their issue', async () => {
    const { look, paste, built, facts, context } = await deniedGroup()
    for (const { command } of (await look()).byHand) await paste(command)
    built.account.clock.advance(1_200)
    const renewal = await look()
    expect(renewal.workloads.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['member renewed', 'member renewed'])
    const rotation = factOf(await assessed(verifyRotation, { ...facts, renewal }, context))
    expect(rotation).toMatchObject({ verdict: 'rotated', corroboration: [{ kind: 'cloudtrail' }, { kind: 'cloudtrail' }] })
  })

  it('is resumed in what was suspended for it only: what was suspended before stays so', async () => {
    const { look, built, group } = await deniedGroup()
    built.account.autoScalingGroups.set('web-asg', { ...group(), suspended: new Set(['AZRebalance', 'Launch']) })
    const { byHand } = await look()
    expect(byHand.find(({ command }) => command?.includes('resume-processes'))?.command).toContain(
      '--scaling-processes Terminate ReplaceUnhealthy HealthCheck --region',
    )
  })
})
