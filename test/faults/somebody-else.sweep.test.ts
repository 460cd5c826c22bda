import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { Event, Responder } from '../../src/response/ports.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'
import { build, subjectInstanceOf } from '../support/scenario.ts'

const POLICY = 'AWSRevokeOlderSessions'
const inlineOf = ({ account }: BuiltScenario) => account.roles.get('web-app')?.inline

/** Somebody does something so many seconds after the revocation was written. */
const afterTheRevocation = (built: BuiltScenario, seconds: number, deed: () => void): void => {
  const { account } = built
  const wait = (): void => {
    const written = inlineOf(built)?.get(POLICY)?.writtenAt
    const due = written === undefined ? account.clock.now() + 1000 : written + seconds * 1000
    account.agenda.add(due, written === undefined ? wait : deed)
  }
  account.agenda.add(account.clock.now() + 1000, wait)
}

const rechecksOf = (journal: readonly Entry[]) =>
  journal.flatMap((entry) => (entry.type === 'rechecked' && entry.stage === 'revoke-sessions' ? [entry.stands] : []))
const alarmsIn = (events: readonly Event[]) => events.flatMap((event) => (event.type === 'alarm' ? [event.text] : []))

describe('a policy that somebody else removes', () => {
  it.each([
    ['before the first re-check', 5, [false], 0],
    ['between the re-checks', 30, [true, false], 0],
    ['after the second', 90, [true, true, false], 6],
  ])('is an alarm, and the deny is written again at once with a later cut-off: %s', async (_, seconds, stands, exitCode) => {
    const built = await build('custom-threat-list')
    afterTheRevocation(built, seconds, () => inlineOf(built)?.delete(POLICY))
    const { result, journal, events } = await runInMemory({ built, proofWait: 0 })
    expect(alarmsIn(events)[0]).toMatch(/REVOCATION GONE: AWSRevokeOlderSessions on role web-app is GONE; somebody changed it/)
    expect(rechecksOf(journal).slice(0, stands.length)).toEqual(stands)
    expect(rechecksOf(journal).slice(stands.length)).toEqual([true, true, true])
    expect(changesIn(built).PutRolePolicy).toBe(2)
    const { revocation, closure } = result.incident.facts
    expect(revocation?.firstCutoff && revocation.firstCutoff < revocation.cutoff).toBe(true)
    expect(closure?.gaps).toHaveLength(1)
    expect(result.exitCode).toBe(exitCode)
    expect(result.alarms).toEqual(
      exitCode === 0 ? [] : [expect.stringMatching(/STILL GETS IN: \d+ calls? .*later than 5 minutes/)],
    )
  })

  it('is an alarm too when it gets an earlier cut-off, and a later one is written', async () => {
    const built = await build('custom-threat-list')
    afterTheRevocation(built, 30, () => {
      const standing = inlineOf(built)?.get(POLICY)
      const document = standing?.document.replace(/2026-\d\d-\d\dT/, '2026-01-01T') ?? ''
      inlineOf(built)?.set(POLICY, { document, writtenAt: built.account.clock.now() })
    })
    const { result, events } = await runInMemory({ built, proofWait: 0 })
    expect(alarmsIn(events).join('\n')).toMatch(/has the earlier cut-off 2026-01-01T/)
    expect(changesIn(built).PutRolePolicy).toBe(2)
    expect(result.exitCode).toBe(0)
  })
})

describe('an attacker', () => {
  it('is out when refused after the cut-off, with the number, first and last refusal', async () => {
    const { result } = await runInMemory({ built: await buildQuick() })
    const { closure, revocation } = result.incident.facts
    expect(closure?.refused).toBeGreaterThan(1)
    expect(closure?.successesAfterGrace).toBe(0)
    expect(closure && revocation && (closure.firstRefusal ?? '') > revocation.cutoff.slice(0, 16)).toBe(true)
    expect(result).toMatchObject({ exitCode: 0, unproven: [] })
  })

  it('is an alarm, with exit 6, when still let in later than 5 minutes after the cut-off', async () => {
    const built = await buildQuick('custom-threat-list', { policyPropagation: 1200 })
    const { result } = await runInMemory({ built })
    expect(result.incident.facts.closure?.successesAfterGrace).toBeGreaterThan(0)
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join('\n')).toMatch(
      /THE ATTACKER STILL GETS IN: \d+ calls? with ASIA\w+ or a key of the same issue succeeded/,
    )
  })

  it('is no alarm when let in for some minutes while the policy spreads', async () => {
    const built = await buildQuick('custom-threat-list', { policyPropagation: 200 })
    const { result } = await runInMemory({ built })
    expect(result.incident.facts.closure?.successesAfterGrace).toBe(0)
    expect(result.exitCode).toBe(0)
  })
})

describe('the work of a colleague', () => {
  it('counts when it stopped the instance already: ir-cred only starts it', async () => {
    const built = await buildQuick()
    Object.assign(subjectInstanceOf(built), { state: 'stopped' })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ StartInstances: 1, PutRolePolicy: 1 })
    expect(changesIn(built).StopInstances).toBeUndefined()
    expect(result.exitCode).toBe(0)
  })

  it('counts when it restarted the instance after the cut-off', async () => {
    const built = await build('custom-threat-list')
    const { account } = built
    afterTheRevocation(built, 31, () => Object.assign(subjectInstanceOf(built), { launchTime: account.clock.now() }))
    const slow: Responder = {
      ...yes,
      approve: (question) => {
        if (question.stage === 'preserve-evidence') account.clock.advance(60)
        return yes.approve(question)
      },
    }
    const { result } = await runInMemory({ built, responder: slow, proofWait: 0 })
    expect(changesIn(built).StopInstances).toBeUndefined()
    expect(result.incident.facts.restart).toBeDefined()
  })
})
