import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/incident/entry.ts'
import { epochOf } from '../../../../src/incident/values/instant.ts'
import type { LambdaFunction } from '../../../../src/simulator/account/compute.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../../faults/kinds.ts'
import { buildQuick, changesIn, eachOnceIn } from '../../../laws/whole-run.ts'
import { type MemoryRun, runInMemory } from '../../../support/run-in-memory.ts'
import { answerTo } from '../../../support/subjects.ts'

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

const functionOf = ({ account }: BuiltScenario): LambdaFunction => {
  const found = account.functions.get('make-thumbnails')
  if (!found) throw new Error('no function')
  return found
}

const renewalIn = async (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => {
  const ran = await run(built, parts)
  return { ...ran, renewal: ran.result.incident.facts.renewal, rotation: ran.result.incident.facts.rotation }
}

/** What a response changes besides the renewal. */
const NOT_RENEWED = { PutRolePolicy: 2, UpdateFunctionUrlConfig: 1, StartInvestigation: 1 }

describe('the credentials of a function', () => {
  it('are renewed after the cut-off and proven by the record of their issue: the stolen ones are refused, the new ones work', async () => {
    const built = await buildQuick('function-role')
    const stolen = built.cast.attacker
    expect(answerTo(built, stolen)).toBe('allowed')
    const { result, renewal, rotation } = await renewalIn(built)
    expect(answerTo(built, stolen)).toBe('explicitDeny')
    expect(renewal?.workloads).toMatchObject([{ kind: 'function', name: 'make-thumbnails', state: 'renewed', own: true }])
    expect(rotation).toMatchObject({ verdict: 'rotated', of: 'workloads', corroboration: [{ kind: 'cloudtrail' }] })
    const issued = built.account.credentials.find(rotation?.newAccessKeyId ?? '')
    expect(issued && answerTo(built, issued)).toBe('allowed')
    expect(issued?.issuedAt).toBeGreaterThanOrEqual(epochOf(result.incident.facts.revocation?.cutoff ?? ('' as never)))
    expect(changesIn(built)).toEqual(eachOnceIn('function-role'))
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(result.unproven.join()).not.toContain('new credentials')
  })

  it('are renewed by a mark behind the description, which keeps what was there', async () => {
    const built = await buildQuick('function-role')
    functionOf(built).description = 'makes thumbnails'
    const { journal } = await run(built)
    expect(functionOf(built).description).toMatch(
      /^makes thumbnails \(ir-cred test-1125-0000: credentials from after [\d:.TZ-]+\)$/,
    )
    const intent = journal.find((entry) => entry.type === 'intended' && entry.stage === 'renew-workload')
    expect(intent).toMatchObject({ effect: { undoCommand: expect.stringContaining("--description 'makes thumbnails'") } })
  })

  it('are renewed although the description is as long as it may be', async () => {
    const built = await buildQuick('function-role')
    functionOf(built).description = 'x'.repeat(256)
    await run(built)
    expect(functionOf(built).description).toMatch(/^x+ \(ir-cred /)
    expect(functionOf(built).description).toHaveLength(256)
  })

  it('are not renewed once more by a run that goes on', async () => {
    const built = await buildQuick('function-role')
    const journal: Entry[] = []
    await run(built, { journal })
    const { result } = await run(built, { journal })
    expect(changesIn(built)).toEqual(eachOnceIn('function-role'))
    expect(result.exitCode).toBe(0)
  })

  it('count as renewed whoever changed the function after the cut-off', async () => {
    const built = await buildQuick('function-role')
    const journal: Entry[] = []
    await run(built, { journal, skip: ['renew-workload'] })
    functionOf(built).changedAt = built.account.clock.now()
    built.account.clock.advance(400)
    const { result } = await run(built, { journal })
    expect(changesIn(built)).toEqual(NOT_RENEWED)
    expect(result.incident.facts.renewal?.workloads).toMatchObject([{ state: 'renewed' }])
  })

  it('stay unproven, with exit 6, while nothing invokes the function', async () => {
    const built = await buildQuick('function-role')
    functionOf(built).reservedConcurrency = 0
    const { result, rotation } = await renewalIn(built)
    expect(rotation).toMatchObject({ verdict: 'rotated-unproven', unproven: ['function make-thumbnails'] })
    expect(rotation?.newAccessKeyId).toBeUndefined()
    expect(result.exitCode).toBe(6)
  })

  it('are left denied, with exit 6, where the renewal is skipped', async () => {
    const { result } = await run(await buildQuick('function-role'), { skip: ['renew-workload'] })
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join()).toContain('what runs under role thumbnails is not renewed')
  })

  it('are left alone where Lambda does not show the functions, and the response goes on', async () => {
    const built = await buildQuick('function-role')
    const fault = breaks('denied', { operation: 'lambda:ListFunctions', times: Infinity })
    const { result } = await run(built, { fault })
    expect(changesIn(built)).toEqual(NOT_RENEWED)
    expect(result.incident.facts.closure).toBeDefined()
    expect(result.exitCode).toBe(4)
  })

  it('are renewed one by one: a refusal for one function does not hold the others up', async () => {
    const built = await buildQuick('function-role')
    const other: LambdaFunction = { ...functionOf(built), name: 'make-videos', aliases: new Map(), permissions: new Map() }
    delete other.environmentKey
    built.account.functions.set('make-videos', other)
    const fault = breaks('denied', { operation: 'lambda:UpdateFunctionConfiguration' })
    const { result } = await run(built, { fault })
    expect(changesIn(built)).toMatchObject({ UpdateFunctionConfiguration20150331v2: 1 })
    expect(result.incident.decided['renew-workload']?.why).toContain('what it renews stays cut off')
    expect(result.exitCode).toBe(6)
  })

  it('of another function of the role need no proof for the end, and are listed as unproven', async () => {
    const built = await buildQuick('function-role')
    const other: LambdaFunction = { ...functionOf(built), name: 'make-videos', aliases: new Map(), permissions: new Map() }
    delete other.environmentKey
    built.account.functions.set('make-videos', other)
    const { result, rotation } = await renewalIn(built)
    expect(rotation).toMatchObject({ verdict: 'rotated', unproven: ['function make-videos'] })
    expect(result.unproven).toContainEqual(expect.stringContaining('whether function make-videos has new credentials'))
    expect(result.exitCode).toBe(0)
  })

  it('name the command that lets nothing invoke the function, and what it reserves now', async () => {
    const built = await buildQuick('function-role')
    functionOf(built).reservedConcurrency = 5
    const { renewal } = await renewalIn(built)
    expect(renewal?.remarks.join('\n')).toMatch(
      /put-function-concurrency --reserved-concurrent-executions 0 --function-name make-thumbnails .*It reserves 5 now/,
    )
  })

  it('are said to be taken by nothing where somebody set the concurrency to 0 by hand, with the value before', async () => {
    const built = await buildQuick('function-role')
    functionOf(built).reservedConcurrency = 5
    const journal: Entry[] = []
    await run(built, { journal })
    functionOf(built).reservedConcurrency = 0
    const { renewal } = await renewalIn(built, { journal })
    expect(renewal?.workloads[0]?.concurrency).toEqual({ now: 0, before: 5 })
    expect(renewal?.remarks.join('\n')).toMatch(
      /its reserved concurrency is 0, and it was 5 before.*put-function-concurrency --reserved-concurrent-executions 5/,
    )
  })
})
