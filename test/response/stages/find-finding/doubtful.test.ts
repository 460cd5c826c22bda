import { describe, expect, it } from 'vitest'
import type { Request } from '../../../../src/incident/entry.ts'
import { DAY_MS, MINUTE_MS } from '../../../../src/incident/values/duration.ts'
import { instantOf } from '../../../../src/incident/values/instant.ts'
import type { ChoiceQuestion, Responder } from '../../../../src/response/ports.ts'
import { DOUBTFUL_QUESTION, doubtsAbout } from '../../../../src/response/stages/find-finding/doubtful.ts'
import { findFinding } from '../../../../src/response/stages/find-finding.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { flagResponder } from '../../../../src/terminal/flag-responder.ts'
import { breaks } from '../../../faults/kinds.ts'
import { findingLike } from '../../../support/findings.ts'
import { runInMemory } from '../../../support/run-in-memory.ts'
import { build, mainOf } from '../../../support/scenario.ts'
import { assessed } from '../../../support/stage-context.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

const noon = Date.parse('2026-11-25T12:00:00Z')
const NOON = instantOf(new Date(noon))
const ago = (milliseconds: number) => instantOf(new Date(noon - milliseconds))
const marksOf = (parts: Parameters<typeof findingLike>[0]) => doubtsAbout(findingLike(parts), NOON).map(({ mark }) => mark)

describe('what speaks against a finding', () => {
  it('is nothing when it is new and open', () => expect(marksOf({})).toEqual([]))

  it('is that it is archived', () => expect(marksOf({ archived: true })).toEqual(['ARCHIVED']))

  it('is that it was seen last 90 days ago or earlier, whenever it was updated', () => {
    expect(marksOf({ lastSeen: ago(90 * DAY_MS) })).toEqual(['OLD'])
    expect(marksOf({ lastSeen: ago(90 * DAY_MS - 1000) })).toEqual([])
    expect(marksOf({ lastSeen: ago(400 * DAY_MS), updatedAt: ago(1000) })).toEqual(['OLD'])
  })

  it('is a date in the future, further than clocks differ', () => {
    for (const name of ['createdAt', 'updatedAt', 'lastSeen'] as const) {
      expect(marksOf({ [name]: ago(-6 * MINUTE_MS) })).toEqual(['FUTURE'])
      expect(marksOf({ [name]: ago(-4 * MINUTE_MS) })).toEqual([])
    }
  })
})

/** The account's findings about web-app, of which only the main one is left, changed. */
const doubtfulAccount = async (change: (document: ReturnType<typeof mainOf>) => void): Promise<BuiltScenario> => {
  const built = await build('custom-threat-list')
  for (const id of built.account.findings.keys()) if (id !== built.findingId) built.account.findings.delete(id)
  change(mainOf(built))
  return built
}
const archived = (document: ReturnType<typeof mainOf>) => void Object.assign(document.Service as object, { Archived: true })
const old = (document: ReturnType<typeof mainOf>) =>
  void Object.assign(document.Service as object, {
    EventFirstSeen: '2026-01-01T00:00:00Z',
    EventLastSeen: '2026-01-02T00:00:00Z',
  })
const future = (document: ReturnType<typeof mainOf>) => void Object.assign(document, { UpdatedAt: '2027-01-01T00:00:00Z' })

const byKey: Request = { by: 'access-key-id', accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO' }
const byRole: Request = { by: 'role', roleName: 'web-app' }
const searches: readonly (readonly [string, Request, typeof archived])[] = [
  ['an old one by its role', byRole, old],
  ['a future-dated one by its role', byRole, future],
  ['an old one by its instance', { by: 'instance-id', instanceId: 'i-08faaaafb15777f5a' }, old],
  ['an old one in the list', { by: 'list' }, old],
]

const find = async (built: BuiltScenario, request: Request, pick?: string) => {
  const questions: ChoiceQuestion[] = []
  const choose = async (question: ChoiceQuestion) => {
    questions.push(question)
    return pick
  }
  // What CloudTrail shows of a key would come before GuardDuty's finding.
  const fault = breaks('denied', { operation: 'cloudtrail:LookupEvents', times: 1000 })
  const { context } = await onAccount(built, { request, choose, fault })
  return { assessment: await assessed(findFinding, {}, context), questions }
}

describe('a search that brings up a doubtful finding', () => {
  it.each(searches)('asks before it responds to %s, and stops without an answer', async (_, request, change) => {
    const { assessment, questions } = await find(await doubtfulAccount(change), request)
    expect(questions.map(({ what }) => what)).toEqual([DOUBTFUL_QUESTION])
    expect(assessment).toMatchObject({ status: 'blocked', kind: 'declined', remedy: expect.stringContaining('ir-cred respond') })
  })

  it.each(searches)('responds to %s when that is confirmed, and says what speaks against it', async (_, request, change) => {
    const { assessment } = await find(await doubtfulAccount(change), request, 'respond')
    const { remarks = [] } = assessment.status === 'established' ? assessment.fact.finding : {}
    expect(remarks.join()).toMatch(/archived|days ago|it is dated/)
  })

  it('takes an open finding on the same key before an archived one that was updated later', async () => {
    const built = await build('custom-threat-list')
    const newest = [...built.account.findings.values()].find(({ Type }) => Type === 'Discovery:S3/MaliciousIPCaller.Custom')
    if (!newest) throw new Error('no such finding')
    archived(newest)
    const { assessment, questions } = await find(built, byKey)
    expect(questions).toEqual([])
    expect(assessment).toMatchObject({ status: 'established', fact: { finding: { archived: false } } })
  })
})

describe('a doubtful finding that is named', () => {
  it('is responded to without a question, and what speaks against it is said', async () => {
    const built = await doubtfulAccount(archived)
    const requests: readonly Request[] = [
      byKey,
      { by: 'finding-id', id: built.findingId },
      { by: 'finding-id', id: String(mainOf(built).Arn) },
      { by: 'file', name: 'finding.json', text: JSON.stringify(mainOf(built)) },
    ]
    for (const request of requests) {
      const { assessment, questions } = await find(built, request)
      expect(questions).toEqual([])
      expect(assessment).toMatchObject({
        status: 'established',
        fact: { finding: { remarks: expect.arrayContaining([expect.stringContaining('archived')]) } },
      })
    }
  })
})

describe('--yes', () => {
  it.each<[string, Responder, number]>([
    ['does not confirm a doubtful finding: exit code 3', flagResponder({ yes: true, approve: [], skip: [] }), 3],
    [
      'and an answers file that confirms it go on',
      flagResponder({ yes: true, approve: [], skip: [], answers: { [DOUBTFUL_QUESTION]: 'respond' } }),
      0,
    ],
  ])('%s', async (_, responder, code) => {
    const built = await doubtfulAccount(old)
    const { result } = await runInMemory({ built, request: byRole, responder, proofWait: 0 })
    expect(result.exitCode).toBe(code)
  })
})
