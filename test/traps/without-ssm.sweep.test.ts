import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { Responder } from '../../src/response/ports.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { answers } from '../faults/kinds.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { type MemoryRan, runInMemory, yes } from '../support/run-in-memory.ts'
import { subjectInstanceOf } from '../support/scenario.ts'
import { saidBy } from './said.ts'
import { deniedByScp, failingCommands, unmanaged } from './situations.ts'

const rotationOf = ({ result }: MemoryRan) => result.incident.facts.rotation

/** At which place in the journal a stage was established, first and last. */
const placesOf = ({ journal }: MemoryRan, stage: string) => ({
  first: journal.findIndex((entry) => entry.type === 'established' && entry.stage === stage),
  last: journal.findLastIndex((entry) => entry.type === 'established' && entry.stage === stage),
})

describe('an instance that SSM cannot ask', () => {
  it.each<[string, () => Promise<BuiltScenario>, Fault | undefined, RegExp]>([
    ['it was never managed', () => unmanaged(buildQuick()), undefined, /has not called since the start/],
    [
      'the command is denied by a service control policy',
      buildQuick,
      deniedByScp,
      /ssm:SendCommand answers AccessDeniedException/,
    ],
    [
      'the command cannot be run on it',
      buildQuick,
      failingCommands(99),
      /the command ended without an answer \(status Failed, exit code 126\)/,
    ],
  ])('is proven to be rotated by CloudTrail’s record of the new issue alone, with exit 0: %s', async (_, make, fault, why) => {
    const built = await make()
    const ran = await runInMemory({ built, ...(fault ? { fault } : {}), proofWait: 0 })
    expect(rotationOf(ran)).toMatchObject({
      verdict: 'rotated',
      unasked: true,
      why: expect.stringMatching(/^proven by the issue record; the instance itself could not be asked/),
      corroboration: [{ kind: 'cloudtrail' }],
    })
    expect(rotationOf(ran)?.why).toMatch(why)
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 0 })
  })

  it('is looked at once more after the other stages, which did not wait for CloudTrail', async () => {
    const built = await unmanaged(buildQuick())
    const ran = await runInMemory({ built, proofWait: 0 })
    const { first, last } = placesOf(ran, 'verify-rotation')
    expect(first).toBeLessThan(placesOf(ran, 'trace-activity').first)
    expect(last).toBeGreaterThan(placesOf(ran, 'hunt-persistence').last)
    expect(last).toBeLessThan(placesOf(ran, 'close-incident').first)
    const early = ran.journal[first]
    expect(Date.parse(early?.at ?? '') - subjectInstanceOf(built).launchTime).toBeLessThan(120_000)
  })

  it('is known before the stop, and told at the restart’s question', async () => {
    const ran = await runInMemory({ built: await unmanaged(buildQuick()), proofWait: 0 })
    expect(ran.result.incident.facts.blastRadius?.ssm).toEqual({ state: 'not-managed' })
    for (const stage of ['scope-blast-radius', 'restart-instance'])
      expect(saidBy(ran, stage)).toMatch(
        /Systems Manager does not list it[\s\S]*only CloudTrail’s record of the new issue proves/,
      )
  })

  it('is not called rotated without that record: the run waits 15 minutes for it, goes on, and ends with 6', async () => {
    const built = await unmanaged(buildQuick())
    const fault = answers('cloudtrail:LookupEvents', async ({ input }, next) => {
      const response = await next()
      return JSON.stringify(input).includes('"ResourceName"') ? { ...response, body: '{"Events":[]}' } : response
    })
    const ran = await runInMemory({ built, fault, proofWait: 0 })
    expect(rotationOf(ran)).toMatchObject({ verdict: 'unverifiable', unasked: true })
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 6 })
    expect(ran.result.incident.facts.closure).toBeDefined()
    const waited = Date.parse(ran.journal[placesOf(ran, 'verify-rotation').last]?.at ?? '') - subjectInstanceOf(built).launchTime
    expect(waited).toBeGreaterThan(14 * 60_000)
    expect(waited).toBeLessThan(25 * 60_000)
  })

  it('waits for nothing where SSM answers', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    const { first, last } = placesOf(ran, 'verify-rotation')
    expect(first).toBe(last)
  })
})

/** Says yes to everything but a second command, and keeps what it was asked about it. */
const leavingOut = (questions: string[]): Responder => {
  let sent = 0
  return {
    ...yes,
    approve: async (question) => {
      if (question.stage !== 'verify-rotation') return yes.approve(question)
      sent += 1
      questions.push(JSON.stringify(question.acknowledgement))
      return sent === 1 ? yes.approve(question) : { answer: 'skipped', by: 'the test' }
    },
  }
}

describe('a command that failed', () => {
  it('is sent again on a new approval, and the answer of the second one counts', async () => {
    const built = await buildQuick()
    const ran = await runInMemory({ built, fault: failingCommands(1), proofWait: 0 })
    const ofStage = ran.journal.filter((entry) => 'stage' in entry && entry.stage === 'verify-rotation')
    expect(ofStage.flatMap(({ type }) => (/approved|intended/.test(type) ? [type] : []))).toEqual([
      ...['approved', 'intended', 'approved', 'intended'],
    ])
    expect(changesIn(built).SendCommand).toBe(2)
    expect(rotationOf(ran)).toMatchObject({ verdict: 'renewed' })
  })

  it('is shown with its exit code and its error line when the second one is asked for, and can be left at that', async () => {
    const built = await buildQuick()
    const questions: string[] = []
    const ran = await runInMemory({ built, fault: failingCommands(99), responder: leavingOut(questions), proofWait: 0 })
    expect(questions).toHaveLength(2)
    expect(questions[1]).toMatch(/exit code 126/)
    expect(questions[1]).toContain('{"untrusted":"sh: /var/lib/amazon/ssm/_script.sh: Permission denied"}')
    expect(changesIn(built).SendCommand).toBe(1)
    expect(rotationOf(ran)).toMatchObject({ failed: { status: 'Failed', exitCode: 126 } })
    expect(ran.result.ending).toBe('completed')
  })

  it('is sent again by a later run too, on its approval', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const fault = failingCommands(1)
    await runInMemory({ built, journal, fault, responder: leavingOut([]), proofWait: 0 })
    const again = await runInMemory({ built, journal, fault, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ SendCommand: 2, StopInstances: 1, StartInstances: 1 })
    expect(rotationOf(again)).toMatchObject({ newAccessKeyId: built.newCredentials()?.accessKeyId })
    expect(rotationOf(again)).not.toHaveProperty('unasked')
  })

  it('is sent three times in a run at most', async () => {
    const built = await buildQuick()
    await runInMemory({ built, fault: failingCommands(99), proofWait: 0 })
    expect(changesIn(built).SendCommand).toBe(3)
  })
})
