import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/incident/entry.ts'
import { stillToDo } from '../../../../src/incident/still-to-do.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../../src/simulator/wire/message.ts'
import { breaks, refuses } from '../../../faults/kinds.ts'
import { askedBy } from '../../../faults/operation.ts'
import { buildQuick, changesIn, eachOnceIn } from '../../../laws/whole-run.ts'
import { allowing } from '../../../support/account.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../../support/run-in-memory.ts'
import { answerTo } from '../../../support/subjects.ts'

const full = async (scenario = 'function-role') => {
  const built = await buildQuick(scenario)
  const name = scenario === 'function-role' ? 'thumbnails' : 'payments'
  const role = built.account.roles.get(name)
  if (!role) throw new Error('no role')
  const documents = Array.from({ length: 5 }, (_, index) => [`archive-${index}`, allowing(`s3:${'x'.repeat(2_000)}`)] as const)
  for (const [policy, document] of documents) role.inline.set(policy, { document, writtenAt: 0 })
  return built
}

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

const attachedTo = ({ account }: BuiltScenario, name: string): readonly string[] =>
  (account.roles.get(name)?.attachedPolicies ?? []).filter((arn) => arn.includes('AWSRevokeOlderSessions'))

describe('a role whose inline policies leave no room for the deny', () => {
  it('is denied by a managed policy, by --yes alone: it denies the same', async () => {
    const built = await full()
    const { result, calls } = await run(built, { responder: plainYes })
    expect(answerTo(built, built.cast.attacker)).toBe('explicitDeny')
    expect(calls).not.toContain('iam:PutRolePolicy')
    expect(changesIn(built)).toEqual(eachOnceIn('function-role-without-room'))
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(result.incident.facts.revocation?.managed).toEqual(attachedTo(built, 'thumbnails'))
  })

  it('gets its policy after IAM has refused the inline one, where the quota is not known beforehand', async () => {
    const built = await buildQuick('function-role')
    const fault = refuses(['LimitExceeded', 409, 'Maximum policy size of 10240 bytes exceeded'], {
      operation: 'iam:PutRolePolicy',
      times: 9,
    })
    const { result } = await run(built, { fault, responder: plainYes })
    expect(changesIn(built)).toMatchObject({ CreatePolicy: 1, AttachRolePolicy: 1 })
    expect(result.exitCode).toBe(0)
  })

  it('is recognised by a later run, which changes nothing', async () => {
    const built = await full()
    const journal: Entry[] = []
    await run(built, { journal, responder: plainYes })
    const { result } = await run(built, { journal, responder: plainYes })
    expect(changesIn(built)).toEqual(eachOnceIn('function-role-without-room'))
    expect(result.incident.facts.revocation).toMatchObject({ writtenBy: 'ours', managed: attachedTo(built, 'thumbnails') })
  })

  it('is recognised by a re-check, and what detaches it is an alarm', async () => {
    const built = await full()
    const detaching: Fault = async (request, next) => {
      const role = built.account.roles.get('thumbnails')
      if ((await askedBy(request)).operation === 'detective:ListGraphs' && role)
        built.account.roles.set('thumbnails', { ...role, attachedPolicies: [] })
      return next(request)
    }
    const { journal } = await run(built, { fault: detaching })
    expect(JSON.stringify(journal)).toContain('REVOCATION GONE')
  })

  it('is not attached twice, and not created twice, where the run is cut off between the two changes', async () => {
    const built = await full()
    const journal: Entry[] = []
    await run(built, { journal, fault: breaks('denied', { operation: 'iam:AttachRolePolicy' }), responder: plainYes })
    expect(attachedTo(built, 'thumbnails')).toEqual([])
    await run(built, { journal, responder: plainYes })
    expect(changesIn(built)).toMatchObject({ CreatePolicy: 1, AttachRolePolicy: 1 })
    expect(attachedTo(built, 'thumbnails')).toHaveLength(1)
  })

  it('has at the end the commands that detach and delete the policy', async () => {
    const built = await full()
    const { result } = await run(built)
    const command = stillToDo(result.incident, { alarms: [], unproven: [] }).find(({ kind }) => kind === 'policy')?.command ?? ''
    expect(command).toMatch(/^aws iam detach-role-policy .* && aws iam delete-policy /)
  })

  it('is denied once more by a second managed policy, after its trust policy was closed', async () => {
    const built = await full('web-identity')
    const { result } = await run(built)
    expect(changesIn(built)).toMatchObject({ CreatePolicy: 2, AttachRolePolicy: 2, UpdateAssumeRolePolicy: 1 })
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(result.incident.facts.revocation).toMatchObject({ moved: true, managed: attachedTo(built, 'payments') })
  })
})
