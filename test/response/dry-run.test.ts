import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Request } from '../../src/incident/entry.ts'
import { sampleFinding } from '../../src/simulator/findings/sample-finding.ts'
import { issueSession } from '../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../faults/kinds.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { allowing } from '../support/account.ts'
import { type MemoryRun, runInMemory } from '../support/run-in-memory.ts'
import { mainOf, subjectInstanceOf } from '../support/scenario.ts'

/** What of a run is special in a situation. */
type Spoilt = Partial<Pick<MemoryRun, 'request' | 'fault'>>

/** The responder is a session of the role itself, which may do anything. */
const asTheRole = (built: BuiltScenario, session: string): void => {
  const role = built.account.roles.get('web-app')
  if (!role) throw new Error('no role')
  role.inline.set('anything', { document: allowing('*'), writtenAt: 0 })
  Object.assign(built.cast, { responder: issueSession(built.account, role, session, 43_200) })
}

const sampleRequest = ({ account }: BuiltScenario): Request => ({
  by: 'file',
  name: 'sample.json',
  text: JSON.stringify(sampleFinding(account, 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom')),
})

const instance = (change: object) => (built: BuiltScenario) => void Object.assign(subjectInstanceOf(built), change)

/** Situations in which a real run is refused: by each kind of guard, and by a stage that is blocked. */
const situations: readonly (readonly [situation: string, code: number, spoil: (built: BuiltScenario) => Spoilt | undefined])[] = [
  ['a finding of another account', 5, (built) => void Object.assign(mainOf(built), { AccountId: '444455556666' })],
  ['a responder who is a session of the role', 5, (built) => void asTheRole(built, 'alice')],
  ['a sample finding', 5, (built) => ({ request: sampleRequest(built) })],
  ['stop protection', 5, instance({ stopProtection: true })],
  ['an instance-store root', 5, instance({ rootDeviceType: 'instance-store' })],
  [
    'a start that is not permitted',
    4,
    () => ({ fault: breaks('denied', { operation: 'ec2:StartInstances?DryRun', times: 1000 }) }),
  ],
  ['a role that is gone', 5, ({ account }) => void account.roles.delete('web-app')],
  ['no such finding', 5, () => ({ request: { by: 'finding-id', id: 'f'.repeat(32) } })],
]

describe('a dry run', () => {
  it.each(situations)('ends as a real run would be refused: %s', async (_, code, spoil) => {
    const run = async (dryRun: boolean) => {
      const built = await buildQuick()
      const { result } = await runInMemory({ built, proofWait: 0, dryRun, ...(spoil(built) ?? {}) })
      if (dryRun) expect(changesIn(built)).toEqual({})
      return { exitCode: result.exitCode, why: result.failure?.why, remedy: result.failure?.remedy, what: result.failure?.what }
    }
    const [dry, real] = [await run(true), await run(false)]
    expect(dry.exitCode).toBe(code)
    expect({ exitCode: dry.exitCode, why: dry.why, remedy: dry.remedy }).toEqual({
      exitCode: real.exitCode,
      why: real.why,
      remedy: real.remedy,
    })
    expect(dry.what).toMatch(/would stop a real run$|^a real run would go on without restart-instance$/)
  })

  it('goes through all stages after a guard’s refusal, which it names once', async () => {
    const built = await buildQuick()
    instance({ stopProtection: true })(built)
    const { events, result } = await runInMemory({ built, proofWait: 0, dryRun: true })
    expect(events.filter(({ type }) => type === 'entered')).toHaveLength(stages.length)
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
    expect(notes.filter((text) => text.includes('a real run would go on without it'))).toHaveLength(1)
    expect(result.alarms).toEqual([])
  })

  it('keeps the first refusal when a later read fails, which a real run would not have made', async () => {
    const built = await buildQuick()
    const fault = breaks('denied', { operation: 'iam:GetRolePolicy', times: 1000 })
    asTheRole(built, 'alice')
    const { result } = await runInMemory({ built, proofWait: 0, dryRun: true, fault })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('session of role') } })
  })
})
