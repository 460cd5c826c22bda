import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/incident/entry.ts'
import { epochOf } from '../../../../src/incident/values/instant.ts'
import type { LambdaFunction } from '../../../../src/simulator/account/compute.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { flagResponder } from '../../../../src/terminal/flag-responder.ts'
import { breaks } from '../../../faults/kinds.ts'
import { buildQuick, changesIn, eachOnceIn } from '../../../laws/whole-run.ts'
import { intendedBy } from '../../../support/intended.ts'
import { type MemoryRun, runInMemory } from '../../../support/run-in-memory.ts'
import { answerTo } from '../../../support/subjects.ts'

/** Approves what closes by name, and nothing that renews by name. */
const closesOnly = flagResponder({ yes: true, approve: ['close-access'], skip: [] })

const functionOf = ({ account }: BuiltScenario): LambdaFunction => {
  const found = account.functions.get('make-thumbnails')
  if (!found) throw new Error('no function')
  return found
}

/** The function is called by alias `live`, which points to version 1. */
const behindAlias = async (prepare: (called: LambdaFunction) => void = () => {}): Promise<BuiltScenario> => {
  const built = await buildQuick('function-alias')
  prepare(functionOf(built))
  return built
}

const renewalIn = async (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => {
  const ran = await runInMemory({ built, proofWait: 0, ...parts })
  const { renewal, rotation } = ran.result.incident.facts
  return { ...ran, renewal, rotation }
}

const publishedNow = (built: BuiltScenario, version: string): void => {
  const called = functionOf(built)
  const { roleName, codeSha256 } = called
  called.versions.push({ version, roleName, codeSha256, publishedAt: built.account.clock.now() })
}

describe('an alias that points to a published version, where the renewal is approved by name', () => {
  it('points to a new version that is published after the cut-off, and its environments work while the stolen ones are refused', async () => {
    const built = await behindAlias()
    const { result, journal, renewal, rotation } = await renewalIn(built)
    expect(functionOf(built).aliases.get('live')).toBe('2')
    expect(renewal).toMatchObject({
      workloads: [
        { kind: 'function', name: 'make-thumbnails', state: 'renewed' },
        { kind: 'alias', name: 'make-thumbnails:live', state: 'renewed', own: true },
      ],
      byHand: [],
    })
    expect(answerTo(built, built.cast.attacker)).toBe('explicitDeny')
    const issued = built.account.credentials.find(rotation?.newAccessKeyId ?? '')
    expect(issued && answerTo(built, issued)).toBe('allowed')
    const [published] = intendedBy(journal, 'lambda:PublishVersion')
    expect(issued?.issuedAt).toBeGreaterThanOrEqual(epochOf(published?.at ?? ('' as never)))
    expect(changesIn(built)).toEqual(eachOnceIn('function-alias'))
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('is asked for after $LATEST is renewed, and the version before is kept and stands in the command that undoes it', async () => {
    const { journal } = await renewalIn(await behindAlias())
    const asked = journal.flatMap((entry) =>
      entry.type === 'approved' && entry.stage === 'renew-workload' ? [entry.effects] : [],
    )
    expect(asked.map((effects) => effects.map(({ operation }) => operation))).toEqual([
      ['lambda:UpdateFunctionConfiguration'],
      ['lambda:PublishVersion', 'lambda:UpdateAlias'],
    ])
    const [moved] = intendedBy(journal, 'lambda:UpdateAlias')
    expect(moved?.effect).toMatchObject({
      parameters: { Name: 'live', FunctionVersion: '2' },
      undoCommand: expect.stringMatching(/--name live --function-version 1 /),
    })
    const kept = journal.findIndex((entry) => entry.type === 'kept' && entry.ref.file.includes('function-alias-before'))
    expect(kept).toBeGreaterThan(-1)
    expect(kept).toBeLessThan(moved ? journal.indexOf(moved) : -1)
  })

  it('counts as renewed only once its provisioned concurrency is ready', async () => {
    const built = await behindAlias()
    const { renewal, journal } = await renewalIn(built)
    const established = journal.find((entry) => entry.type === 'established' && entry.stage === 'renew-workload')
    const since = functionOf(built).provisioned?.get('live')?.since ?? 0
    expect(epochOf(established?.at ?? ('' as never)) - since).toBeGreaterThanOrEqual(120_000)
    expect(renewal?.workloads[1]?.state).toBe('renewed')
  })

  it('points to a version with a SnapStart snapshot only once that is active', async () => {
    const built = await behindAlias((called) => Object.assign(called, { snapStart: true }))
    const { journal, renewal } = await renewalIn(built)
    const [[published], [moved]] = [intendedBy(journal, 'lambda:PublishVersion'), intendedBy(journal, 'lambda:UpdateAlias')]
    const took = epochOf(moved?.at ?? ('' as never)) - epochOf(published?.at ?? ('' as never))
    expect(took).toBeGreaterThanOrEqual(120_000)
    expect(renewal?.byHand).toEqual([])
  })

  it('points to a version from after the cut-off that somebody published already, and no other is published', async () => {
    const built = await behindAlias()
    const journal: Entry[] = []
    await renewalIn(built, { journal, responder: closesOnly })
    publishedNow(built, '2')
    await renewalIn(built, { journal })
    expect(intendedBy(journal, 'lambda:PublishVersion')).toEqual([])
    expect(functionOf(built).aliases.get('live')).toBe('2')
  })

  it('is left alone where somebody let it point elsewhere between the look and the change', async () => {
    const built = await behindAlias()
    const fault = breaks('denied', { operation: 'nothing' })
    const before = functionOf(built)
    const move: MemoryRun['fault'] = async (request, next) => {
      if (before.versions.length === 2 && before.aliases.get('live') === '1') {
        const { roleName, settings } = before.versions[1] ?? {}
        before.versions.push({
          version: '3',
          roleName: roleName ?? '',
          codeSha256: 'other',
          publishedAt: 0,
          ...(settings && { settings }),
        })
        before.aliases.set('live', '3')
      }
      return fault(request, next)
    }
    await renewalIn(built, { fault: move })
    expect(before.aliases.get('live')).toBe('3')
  })
})

describe('an alias that ir-cred does not change', () => {
  it('is named with the command that renews it where nobody approves it by name', async () => {
    const built = await behindAlias()
    const { renewal, result } = await renewalIn(built, { responder: closesOnly })
    expect(renewal?.byHand).toMatchObject([
      { state: 'to-do', command: expect.stringMatching(/^aws lambda update-alias .*--name live .*publish-version/) },
    ])
    expect(functionOf(built).aliases.get('live')).toBe('1')
    expect(result.exitCode).toBe(6)
  })

  it.each<[string, (called: LambdaFunction) => void, RegExp]>([
    [
      'its version has other code',
      ({ versions }) => versions.splice(0, 1, { version: '1', roleName: 'thumbnails', codeSha256: 'another', publishedAt: 0 }),
      /\$LATEST has another code: deploy that version again/,
    ],
    [
      'its version has another environment',
      (called) => {
        const { description, runtime, handler, memorySize, timeout, layers } = called
        const settings = { description, runtime, handler, memorySize, timeout, layers, environment: { BUCKET: 'older' } }
        const [version] = called.versions
        if (version) called.versions.splice(0, 1, { ...version, settings })
      },
      /\$LATEST has another Environment: deploy that version again/,
    ],
  ])('has no command where %s: to publish $LATEST would put that behind it', async (_, prepare, says) => {
    const { renewal, journal } = await renewalIn(await behindAlias(prepare))
    expect(renewal?.byHand).toMatchObject([{ state: 'to-do' }])
    expect(JSON.stringify(renewal?.byHand[0]?.sentence)).toMatch(says)
    expect(renewal?.byHand[0]?.command).toBeUndefined()
    expect(JSON.stringify(renewal)).not.toContain('older')
    expect(intendedBy(journal, 'lambda:PublishVersion')).toEqual([])
  })

  it('is not asked for once more where AWS refuses the change, and the refusal is named with the command', async () => {
    const built = await behindAlias()
    const fault = breaks('denied', { operation: 'lambda:PublishVersion', times: Infinity })
    const { renewal, result, journal } = await renewalIn(built, { fault })
    expect(intendedBy(journal, 'lambda:PublishVersion')).toHaveLength(1)
    expect(JSON.stringify(renewal?.byHand)).toContain('AWS refused lambda:PublishVersion (AccessDenied')
    expect(result).toMatchObject({ ending: 'completed', exitCode: 6 })
  })

  it('is no longer named once it points to a version from after the cut-off, whoever did that', async () => {
    const built = await behindAlias()
    const journal: Entry[] = []
    await renewalIn(built, { journal, responder: closesOnly })
    publishedNow(built, '2')
    functionOf(built).aliases.set('live', '2')
    const { renewal, result } = await renewalIn(built, { journal, responder: closesOnly })
    expect(renewal?.byHand).toEqual([])
    expect(renewal?.workloads).toMatchObject([{ kind: 'function' }, { kind: 'alias', state: 'renewed' }])
    expect(result.exitCode).toBe(0)
  })
})

describe('a function beside its aliases', () => {
  it('is renewed without a look at provisioned concurrency that AWS refuses, which is said', async () => {
    const fault = breaks('denied', { operation: 'lambda:ListProvisionedConcurrencyConfigs', times: Infinity })
    const { renewal } = await renewalIn(await behindAlias(), { fault })
    expect(renewal?.unread.join()).toMatch(/which provisioned concurrency function make-thumbnails has is not known/)
    expect(renewal?.workloads).toMatchObject([{ kind: 'function' }, { kind: 'alias' }])
  })

  it('is named with the version that has provisioned concurrency of its own', async () => {
    const built = await behindAlias((called) => void called.provisioned?.set('1', { requested: 1, since: 0 }))
    const { renewal } = await renewalIn(built)
    expect(renewal?.byHand).toMatchObject([
      {
        state: 'to-do',
        command: expect.stringContaining('delete-provisioned-concurrency-config --function-name make-thumbnails --qualifier 1'),
      },
    ])
  })
})
