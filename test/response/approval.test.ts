import { describe, expect, it } from 'vitest'
import type { Effect, Entry } from '../../src/incident/entry.ts'
import type { Block } from '../../src/incident/values/block.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { coveredBy } from '../../src/response/approval.ts'
import type { Approval, ApprovalQuestion, Responder } from '../../src/response/ports.ts'
import { flatten } from '../../src/terminal/flatten.ts'
import { answers, breaks } from '../faults/kinds.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { nobody, runInMemory } from '../support/run-in-memory.ts'

const effect = (operation: string, resource = 'r'): Effect => ({ operation, resource, sentence: 'does something' })

/** Answers as the test says, and keeps what was asked. */
const asked = (answer: (question: ApprovalQuestion) => Approval = () => ({ answer: 'approved', by: 'the test' })) => {
  const questions: ApprovalQuestion[] = []
  const responder: Responder = {
    approve: async (question) => {
      questions.push(question)
      return answer(question)
    },
    choose: async () => undefined,
  }
  return { questions, responder }
}

const words = (blocks: readonly Block[]): string => flatten(blocks, { line: rawLine, own: (text) => text }).join('\n')

describe('an approval covers', () => {
  it.each([
    ['the same effects', [effect('a'), effect('b')], [effect('b'), effect('a')], true],
    ['some of them', [effect('a')], [effect('a'), effect('b')], true],
    ['nothing that was not shown', [effect('a'), effect('c')], [effect('a'), effect('b')], false],
    ['no other resource', [effect('a', 'r2')], [effect('a', 'r1')], false],
  ])('%s', (_, effects, approved, covered) => {
    expect(coveredBy(effects, approved)).toBe(covered)
  })
})

describe('an approval question', () => {
  it('asks once for each stage, shows every effect, and has the responder type the name of what is cut off or destroyed', async () => {
    const { questions, responder } = asked()
    await runInMemory({ built: await buildQuick(), responder, proofWait: 0 })
    expect(questions.map(({ stage, typed }) => [stage, typed])).toEqual([
      ['revoke-sessions', 'web-app'],
      ['close-access', undefined],
      ['preserve-evidence', undefined],
      ['restart-instance', 'i-08faaaafb15777f5a'],
      ['verify-rotation', undefined],
      ['investigate-session', undefined],
    ])
    expect(questions.flatMap(({ effects }) => effects).map(({ operation }) => operation)).toHaveLength(7)
  })

  it('comes with its acknowledgement as an event, marked where the responder shows that itself', async () => {
    for (const shows of [true, false]) {
      const responder = { ...asked().responder, showsQuestion: () => shows }
      const { events } = await runInMemory({ built: await buildQuick(), responder, proofWait: 0 })
      const marked = events.filter((event) => event.type === 'described' && event.withQuestion)
      expect(marked).toHaveLength(shows ? 6 : 0)
    }
  })

  it('shows what the revocation cuts off, what restores each consumer, and what the revocation does not stop', async () => {
    const { questions, responder } = asked()
    await runInMemory({ built: await buildQuick(), responder, proofWait: 0 })
    const [revocation, , , restart] = questions
    const said = words(revocation?.acknowledgement ?? [])
    for (const consumer of ['i-0aa1b2c3d4e5f6071', 'i-0bb2c3d4e5f607182', 'lambda.amazonaws.com'])
      expect(said).toContain(consumer)
    expect(said).toMatch(/update the function’s configuration/)
    expect(said).toMatch(/roles already assumed[\s\S]*EKS[\s\S]*database[\s\S]*GetCallerIdentity/)
    expect(revocation?.effects[0]?.cost).toContain('3 other consumers')
    expect(words(restart?.acknowledgement ?? [])).toMatch(/never reboots it[\s\S]*change its public address 203\.0\.113\.25/)
  })
})

describe('an approval on record', () => {
  it('does not hold for a second command after the first was seen to fail, whatever AWS answered to its sending', async () => {
    const { questions, responder } = asked()
    const lost = breaks('connection lost after', { operation: 'ssm:SendCommand' })
    const failed = answers('ssm:GetCommandInvocation', async (_, next) => {
      const response = await next()
      if (questions.filter(({ stage }) => stage === 'verify-rotation').length > 1 || response.status !== 200) return response
      return { ...response, body: JSON.stringify({ ...JSON.parse(response.body), Status: 'Failed', StatusDetails: 'Failed' }) }
    })
    await runInMemory({
      built: await buildQuick(),
      responder,
      fault: (request, next) => lost(request, (one) => failed(one, next)),
      proofWait: 0,
    })
    expect(questions.filter(({ stage }) => stage === 'verify-rotation')).toHaveLength(2)
  })

  it('holds for the rest of its stage: a second sending is not asked about again', async () => {
    const { questions, responder } = asked()
    const fault = breaks('connection lost before', { operation: 'ec2:StopInstances' })
    const built = await buildQuick()
    const { result } = await runInMemory({ built, responder, fault, proofWait: 0 })
    expect(result.exitCode).toBe(0)
    expect(questions.filter(({ stage }) => stage === 'restart-instance')).toHaveLength(1)
  })

  it('counts in the process that got it: a run that goes on asks again', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const fault = breaks('denied', { operation: 'iam:PutRolePolicy' })
    await runInMemory({ built, journal, fault, proofWait: 0 })
    const { result } = await runInMemory({ built, journal, responder: nobody, proofWait: 0 })
    expect(changesIn(built)).toEqual({})
    expect(result).toMatchObject({ exitCode: 3, failure: { why: expect.stringContaining('revoke-sessions was not approved') } })
  })
})

describe('an answer to an approval question', () => {
  it('goes past the stage when it is "skipped", and stops the run with a remedy when it is "declined"', async () => {
    const skipping = asked(({ stage }) =>
      stage === 'preserve-evidence' ? { answer: 'skipped', by: 'the test' } : { answer: 'approved', by: 'the test' },
    )
    const skipped = await runInMemory({ built: await buildQuick(), responder: skipping.responder, proofWait: 0 })
    expect(skipped.result.exitCode).toBe(0)
    expect(skipped.result.incident.facts.evidence).toBeUndefined()

    const declining = asked(({ stage }) =>
      stage === 'restart-instance' ? { answer: 'declined', why: 'not tonight' } : { answer: 'approved', by: 'the test' },
    )
    const built = await buildQuick()
    const declined = await runInMemory({ built, responder: declining.responder, proofWait: 0 })
    expect(declined.result).toMatchObject({ exitCode: 3, failure: { why: expect.stringContaining('not tonight') } })
    expect(declined.result.failure?.remedy).toMatch(/--approve/)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, ModifyInstanceMetadataOptions: 1, CreateSnapshots: 1 })
  })

  it('names no terminal as the remedy when it was given at a terminal', async () => {
    const remedy = 'go on with the next command when you are ready'
    const { responder } = asked(() => ({ answer: 'declined', why: 'the person chose to stop', remedy }))
    const stopped = await runInMemory({ built: await buildQuick(), responder, proofWait: 0 })
    expect(stopped.result.failure?.remedy).toBe(remedy)
  })
})
