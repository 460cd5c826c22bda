import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/incident/entry.ts'
import type { EcsService } from '../../../../src/simulator/account/compute.ts'
import { startTask } from '../../../../src/simulator/compute/tasks.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../../faults/kinds.ts'
import { buildQuick, changesIn, eachOnceIn } from '../../../laws/whole-run.ts'
import { type MemoryRun, runInMemory } from '../../../support/run-in-memory.ts'
import { answerTo } from '../../../support/subjects.ts'

const run = async (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => {
  const ran = await runInMemory({ built, proofWait: 0, ...parts })
  return { ...ran, renewal: ran.result.incident.facts.renewal, rotation: ran.result.incident.facts.rotation }
}

const serviceOf = ({ account }: BuiltScenario): EcsService => {
  const found = account.ecsServices.get('shop/orders')
  if (!found) throw new Error('no service')
  return found
}

/** A task that somebody started by RunTask, under the same role. */
const withTaskOfItsOwn = async () => {
  const built = await buildQuick('task-role')
  const { taskDefinition, cluster } = serviceOf(built)
  return { built, task: startTask(built.account, { cluster, taskDefinition }) }
}

describe('the credentials of a service’s tasks', () => {
  it('are renewed by a new deployment and proven by the new task’s record: the stolen ones are refused, the new ones work', async () => {
    const built = await buildQuick('task-role')
    const stolen = built.cast.attacker
    expect(answerTo(built, stolen)).toBe('allowed')
    const { result, renewal, rotation } = await run(built)
    expect(answerTo(built, stolen)).toBe('explicitDeny')
    expect(renewal?.workloads).toMatchObject([{ kind: 'service', name: 'shop/orders', state: 'renewed' }])
    const issued = built.account.credentials.find(rotation?.newAccessKeyId ?? '')
    expect(issued && answerTo(built, issued)).toBe('allowed')
    expect(issued?.principal).toMatchObject({ sessionName: renewal?.workloads[0]?.sessions[0] })
    expect(changesIn(built)).toEqual(eachOnceIn('task-role'))
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(result.unproven.join()).not.toContain('new credentials')
  })

  it('are renewed only after the evidence: the tasks that run now are in it', async () => {
    const { journal } = await run(await buildQuick('task-role'))
    const at = (type: Entry['type'], stage: string) =>
      journal.findIndex((entry) => entry.type === type && 'stage' in entry && entry.stage === stage)
    expect(at('kept', 'preserve-evidence')).toBeLessThan(at('intended', 'renew-workload'))
  })

  it('are not renewed once more by a run that goes on', async () => {
    const built = await buildQuick('task-role')
    const journal: Entry[] = []
    await run(built, { journal })
    const { result } = await run(built, { journal })
    expect(changesIn(built)).toEqual(eachOnceIn('task-role'))
    expect(result.exitCode).toBe(0)
  })

  it('are named with what to do where ECS does not deploy the service itself', async () => {
    const built = await buildQuick('task-role')
    built.account.ecsServices.set('shop/orders', { ...serviceOf(built), controller: 'CODE_DEPLOY' })
    const { result, renewal } = await run(built)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(renewal?.byHand).toMatchObject([{ state: 'to-do', sentence: expect.stringContaining('CodeDeploy') }])
    expect(result.exitCode).toBe(6)
  })

  it('need no renewal where the service has no tasks', async () => {
    const built = await buildQuick('task-role')
    serviceOf(built).desiredCount = 0
    built.account.ecsTasks.clear()
    const { result, renewal } = await run(built)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(renewal?.remarks).toContain('service shop/orders has no tasks: it needs no renewal')
    expect(result.exitCode).toBe(0)
  })

  it('are left alone where ECS does not show what runs under the role, and the response goes on', async () => {
    const built = await buildQuick('task-role')
    const { result } = await run(built, { fault: breaks('denied', { operation: 'ecs:ListServices', times: Infinity }) })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(result.incident.facts.closure).toBeDefined()
    expect(result.exitCode).toBe(4)
  })
})

describe('a task of no service', () => {
  it('is not stopped: its command is printed, and the end is not confirmed while it runs', async () => {
    const { built, task } = await withTaskOfItsOwn()
    const { result, renewal } = await run(built)
    expect(renewal?.byHand).toMatchObject([
      { state: 'to-do', command: expect.stringContaining(`aws ecs stop-task --cluster shop --task ${task.id}`) },
    ])
    expect(task.stoppedAt).toBeUndefined()
    expect(result.exitCode).toBe(6)
  })

  it('is over for the next run once it is stopped', async () => {
    const { built, task } = await withTaskOfItsOwn()
    const journal: Entry[] = []
    await run(built, { journal })
    task.stoppedAt = built.account.clock.now()
    const { result, renewal } = await run(built, { journal })
    expect(renewal?.byHand).toEqual([])
    expect(result.exitCode).toBe(0)
  })
})
