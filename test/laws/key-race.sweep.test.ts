import { describe, expect, it } from 'vitest'
import type { Entry, Request } from '../../src/incident/entry.ts'
import type { Responder } from '../../src/response/ports.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { breaks, refuses } from '../faults/kinds.ts'
import { askedBy } from '../faults/operation.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'
import { buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

const KEY = 'ASIAXCSEC6TNGZ6EZUUO'
const byKey: Request = { by: 'access-key-id', accessKeyId: KEY }
const ahead: Responder = { ...yes, goesAhead: true }

/** The findings about the key, each put in its place by `change`, or taken away. */
const withFindings = (built: BuiltScenario, change: (accessKeyDetails: object) => object | undefined): BuiltScenario => {
  for (const [id, finding] of built.account.findings) {
    const { Resource } = finding as unknown as { readonly Resource?: { readonly AccessKeyDetails?: { AccessKeyId?: string } } }
    const details = Resource?.AccessKeyDetails
    if (details?.AccessKeyId !== KEY) continue
    const changed = change(details)
    if (changed === undefined) built.account.findings.delete(id)
    else built.account.findings.set(id, { ...finding, Resource: { ...Resource, AccessKeyDetails: changed } } as typeof finding)
  }
  return built
}

const without = (built: BuiltScenario) => withFindings(built, () => undefined)
/** The findings, or those that are chosen, name another role, which exists and may be revoked just as well. */
const ofAnotherRole = (built: BuiltScenario, isChosen = () => true): BuiltScenario => {
  const role = built.account.roles.get('web-app')
  if (!role) throw new Error('the account has no role web-app')
  const other = { ...role, name: 'web-app-2', id: 'AROAXCSEC6TN4HV2YD8KG', inline: new Map(role.inline) }
  built.account.roles.set(other.name, other)
  const PrincipalId = `${other.id}:i-08faaaafb15777f5a`
  return withFindings(built, (details) => (isChosen() ? { ...details, UserName: other.name, PrincipalId } : details))
}

/** Answers of these operations come only when the others have named the session. */
const slowed =
  (operation: string): Fault =>
  async (request, next) => {
    if ((await askedBy(request)).operation === operation) await new Promise((resolve) => setTimeout(resolve, 300))
    return next(request)
  }

const respond = (built: BuiltScenario, fault?: Fault) =>
  runInMemory({ built, request: byKey, responder: ahead, proofWait: 0, ...(fault ? { fault } : {}) })

describe('a key that the responder names', () => {
  it('is contained, renewed and proven from CloudTrail and IAM alone where GuardDuty has no finding', async () => {
    const built = without(await buildQuick())
    const { result, events } = await respond(built)
    expect(changesIn(built)).toEqual(EACH_ONCE)
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(result.incident.facts.finding).toMatchObject({
      source: 'reported',
      finding: { accessKeyId: KEY, userName: 'web-app' },
    })
    const shown = JSON.stringify(events)
    expect(shown).toContain('Reported by you: the access key. CloudTrail’s records')
    expect(shown).toContain('no finding: reported by you. GuardDuty has none about this key (yet)')
    // That GuardDuty has none is not said before it was asked.
    const said = events.findIndex((event) => JSON.stringify(event).includes('GuardDuty has none about this key'))
    const denied = events.findIndex((event) => JSON.stringify(event).includes('"accepted"'))
    expect(denied).toBeGreaterThan(0)
    expect(said).toBeGreaterThan(denied)
  })

  it('is denied by what CloudTrail shows while GuardDuty still searches, and GuardDuty’s finding takes the place of the report', async () => {
    const built = await buildQuick()
    const { result, journal } = await respond(built, slowed('guardduty:ListFindings'))
    expect(changesIn(built)).toEqual(EACH_ONCE)
    expect(result.exitCode).toBe(0)
    const sources = journal.flatMap((entry) =>
      entry.type === 'established' && entry.fact.finding ? [entry.fact.finding.source] : [],
    )
    expect(sources.at(0)).toBe('reported')
    expect(sources.at(-1)).toBe('guardduty')
    const stopped = journal.findIndex((entry) => entry.type === 'intended' && entry.effect.operation === 'ec2:StopInstances')
    const compared = journal.findIndex(
      (entry) => entry.type === 'established' && entry.fact.finding !== undefined && entry.fact.finding.source === 'guardduty',
    )
    expect(stopped).toBeGreaterThan(compared)
  })

  it('is denied by GuardDuty’s finding where that comes first', async () => {
    const built = await buildQuick()
    const { result, journal } = await respond(built, slowed('cloudtrail:LookupEvents'))
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(result.exitCode).toBe(0)
    const first = journal.find((entry) => entry.type === 'established' && entry.fact.finding !== undefined)
    expect(first).toMatchObject({ fact: { finding: { source: 'guardduty' } } })
  })

  it.each(['cloudtrail:LookupEvents', 'guardduty:ListDetectors'])('is found although %s is refused', async (operation) => {
    const built = await buildQuick()
    const { result } = await respond(built, breaks('denied', { operation, times: 1000 }))
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1, StopInstances: 1, StartInstances: 1 })
    expect(result.incident.facts.subject).toHaveProperty('role.name', 'web-app')
  })

  it.each([
    ['guardduty:ListFindings', 'web-app'],
    ['cloudtrail:LookupEvents', 'web-app-2'],
  ])(
    'is denied for the session that was named first, and nothing is stopped, where the slower %s names another one',
    async (operation, role) => {
      const built = ofAnotherRole(await buildQuick())
      const { result, events } = await respond(built, slowed(operation))
      const { StopInstances, StartInstances, PutRolePolicy } = changesIn(built)
      expect({ StopInstances, StartInstances, PutRolePolicy }).toEqual({ PutRolePolicy: 1 })
      expect(result.incident.facts.subject).toHaveProperty('role.name', role)
      expect(result).toMatchObject({ ending: 'blocked', exitCode: 5 })
      expect(JSON.stringify(events)).toMatch(/belongs to .*CloudTrail’s records of its calls say/)
    },
  )

  it('is disputed by one finding that names another session, although another finding agrees', async () => {
    let others = 0
    const built = ofAnotherRole(await buildQuick(), () => others++ === 0)
    const { result } = await respond(built, slowed('guardduty:ListFindings'))
    expect(others).toBeGreaterThan(1)
    const { StopInstances, StartInstances, PutRolePolicy } = changesIn(built)
    expect({ StopInstances, StartInstances, PutRolePolicy }).toEqual({ PutRolePolicy: 1 })
    expect(result).toMatchObject({ ending: 'blocked', exitCode: 5 })
  })

  it('stays disputed in the next run, where GuardDuty cannot be read', async () => {
    const built = ofAnotherRole(await buildQuick())
    const journal: Entry[] = []
    const asked = { built, journal, request: byKey, responder: ahead, proofWait: 0 }
    await runInMemory({ ...asked, fault: slowed('guardduty:ListFindings') })
    const { result } = await runInMemory({
      ...asked,
      fault: breaks('denied', { operation: 'guardduty:ListDetectors', times: 1000 }),
    })
    expect(changesIn(built).StopInstances).toBeUndefined()
    expect(result.exitCode).toBe(5)
  })

  it('ends the run with what ended the search in CloudTrail, where GuardDuty has nothing', async () => {
    const expired = refuses(['ExpiredTokenException', 400], { operation: 'cloudtrail:LookupEvents', times: 1000 })
    const { result } = await respond(without(await buildQuick()), expired)
    expect(result.exitCode).toBe(4)
  })

  it('that nothing names is no subject, and both searches are said', async () => {
    const built = without(await buildQuick())
    const { result } = await runInMemory({
      ...{ built, responder: ahead, proofWait: 0 },
      request: { by: 'access-key-id', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' },
    })
    expect(changesIn(built)).toEqual({})
    expect(result.exitCode).toBe(5)
    expect(result.failure?.message).toMatch(/GuardDuty in .* has no such finding; CloudTrail’s event history shows no call/)
  })
})
