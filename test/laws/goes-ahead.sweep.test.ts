import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { ApprovalQuestion, Responder } from '../../src/response/ports.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { breaks } from '../faults/kinds.ts'
import { askedBy } from '../faults/operation.ts'
import { nobody, runInMemory, yes } from '../support/run-in-memory.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { apartFromTimesAndIds, buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

/** Approves everything beforehand, as `--yes` does: what a change does not need is not waited for. */
const ahead: Responder = { ...yes, goesAhead: true }

/** What stands before the deny: who responds, the finding, the role, and the policy that stands on it. */
const PATH = new Set([
  ...['sts:GetCallerIdentity', 'ec2:DescribeRegions', 'guardduty:ListDetectors', 'guardduty:GetFindings'],
  ...['iam:GetRole', 'iam:GetRolePolicy', 'iam:PutRolePolicy'],
])

describe('a responder who goes ahead', () => {
  it('comes to the same end as one who waits: the same facts, each change made once', async () => {
    const [waiting, going] = await Promise.all(
      [yes, ahead].map(async (responder) => {
        const built = await buildQuick()
        const { result } = await runInMemory({ built, responder, proofWait: 0 })
        expect(changesIn(built)).toEqual(EACH_ONCE)
        expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
        const { subject, ...facts } = result.incident.facts
        // How much of the history is read in its 20 seconds depends on what else asks CloudTrail meanwhile.
        const { usualUse, ...others } = subject ?? {}
        expect(usualUse).toMatchObject({ addresses: [{ calls: 0 }] })
        return apartFromTimesAndIds({ ...facts, subject: others })
      }),
    )
    expect(going).toEqual(waiting)
  })

  it('has the deny accepted while nothing else answers at all', async () => {
    const built = await buildQuick()
    const interrupt = new AbortController()
    const journal: Entry[] = []
    const fault: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      if (operation === 'ec2:DescribeRegions' || PATH.has(operation)) return next(request)
      // It never comes. The run is interrupted once the deny is accepted.
      return new Promise((_, reject) => interrupt.signal.addEventListener('abort', () => reject(new Error('interrupted'))))
    }
    const run = runInMemory({ built, journal, responder: ahead, fault, proofWait: 0, signal: interrupt.signal })
    while (!journal.some((entry) => entry.type === 'sent' && entry.outcome === 'accepted'))
      await new Promise((resolve) => setTimeout(resolve, 20))
    interrupt.abort(new Error('seen enough'))
    await run.catch(() => undefined)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1 })
    expect(journal.map(({ type }) => type)).not.toContain('blocked')
  })

  it('stops nothing before it has read what endangers the stop', async () => {
    const { journal } = await runInMemory({ built: await buildQuick(), responder: ahead, proofWait: 0 })
    const place = (is: (entry: Entry) => boolean) => journal.findIndex(is)
    const scoped = place((entry) => entry.type === 'established' && entry.fact.blastRadius !== undefined)
    const denied = place((entry) => entry.type === 'intended' && entry.effect.operation === 'iam:PutRolePolicy')
    const stopped = place((entry) => entry.type === 'intended' && entry.effect.operation === 'ec2:StopInstances')
    const origin = place((entry) => entry.type === 'established' && entry.fact.subject?.issue?.knownBy === 'issue record')
    expect(denied).toBeGreaterThan(0)
    for (const read of [scoped, origin]) {
      expect(read).toBeGreaterThan(0)
      expect(stopped).toBeGreaterThan(read)
    }
  })

  it('asks with what is known by now, and the approval is of that', async () => {
    const questions: ApprovalQuestion[] = []
    const responder: Responder = {
      ...ahead,
      takesTime: true,
      approve: async (question) => {
        if (question.stage !== 'revoke-sessions' || !question.beside) return { answer: 'approved', by: 'the test' }
        questions.push(question)
        while (question.beside.open().length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
        questions.push(question.beside.now())
        return { answer: 'approved', by: 'the test' }
      },
    }
    const { result } = await runInMemory({ built: await buildQuick(), responder, proofWait: 0 })
    const [first, last] = questions.map(({ effects, acknowledgement }) => JSON.stringify([effects, acknowledgement]))
    expect(first).toContain('is still being read')
    expect(last).toMatch(/\d+ other consumers besides/)
    expect(result.exitCode).toBe(0)
  })

  it('keeps the crash law around the deny', async () => {
    const whole = await wholeRun()
    for (const when of ['before', 'after'] as const) {
      const moment = whole.moments.findLast((one) => one.operation === 'iam:PutRolePolicy' && one.when === when)
      if (!moment) throw new Error('nothing was written')
      const { built, journal } = await crashedAt(moment)
      const { result } = await runInMemory({ built, journal, responder: ahead, proofWait: 0 })
      expect(changesIn(built)).toEqual(EACH_ONCE)
      expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    }
  })

  it.each(['cloudtrail:LookupEvents', 'ec2:DescribeNatGateways', 'guardduty:ListFindings', 'ssm:GetServiceSetting'])(
    'gets to the end without %s, and says what is not known',
    async (operation) => {
      const built = await buildQuick()
      const fault = breaks('a 500', { operation, times: 1000 })
      const { result, events } = await runInMemory({ built, responder: ahead, fault, proofWait: 0 })
      expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1, StopInstances: 1, StartInstances: 1 })
      expect(['completed', 'blocked']).toContain(result.ending)
      expect(JSON.stringify(events)).toMatch(/not known|could not be read|is incomplete|not all known/)
    },
  )

  it('is not what a run without answers does: everything is read before a change is declined', async () => {
    const { journal, result } = await runInMemory({ built: await buildQuick(), responder: nobody, proofWait: 0 })
    expect(result.exitCode).toBe(3)
    expect(result.incident.facts.blastRadius).toBeDefined()
    expect(journal.filter((entry) => entry.type === 'established' && entry.stage === 'identify-subject')).toHaveLength(1)
  })
})
