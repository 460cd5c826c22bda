import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../../src/incident/facts/facts.ts'
import { preserveEvidence } from '../../../../src/response/stages/preserve-evidence.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../../faults/kinds.ts'
import { blockText } from '../../../support/block-text.ts'
import { assessed, factOf } from '../../../support/stage-context.ts'
import { onAccount, ready } from '../../../support/stage-on-account.ts'

/** The evidence of a scenario's subject, as one look at its account gives it. */
const evidenceOf = async (
  scenario: string,
  { change = () => {}, fault }: { change?: (built: BuiltScenario) => void; fault?: ReturnType<typeof breaks> } = {},
) => {
  const { built, subject, blastRadius } = await ready(scenario, 'preserve-evidence')
  change(built)
  const on = await onAccount(built, fault ? { fault } : {}, 'preserve-evidence')
  const evidence = factOf(await assessed(preserveEvidence, { subject, blastRadius }, on.context))
  const facts: Partial<Facts> = { subject, blastRadius, evidence }
  return { ...on, built, evidence, facts, said: blockText(preserveEvidence.describe(facts)), kept: on.kept }
}

const contentOf = (kept: readonly { name: string; content: unknown }[], name: string): string =>
  JSON.stringify(kept.find((one) => one.name === name)?.content)

const functionOf = ({ account }: BuiltScenario) => {
  const found = account.functions.get('make-thumbnails')
  if (!found) throw new Error('no function')
  return found
}

describe('the evidence of a function’s session', () => {
  it('holds code hash, configuration, layers, resource policy and URL, and the role', async () => {
    const { said, kept, built } = await evidenceOf('function-role')
    expect(kept.map(({ name }) => name)).toEqual(['function-make-thumbnails', 'role-thumbnails'])
    expect(said).toContain(`SHA-256 ${functionOf(built).codeSha256}`)
    expect(said).toContain('without authentication: anybody can call it')
    expect(contentOf(kept, 'role-thumbnails')).toContain('lambda.amazonaws.com')
  })

  it('holds the names of the environment variables, never their values, and no address of the code', async () => {
    const { said, kept } = await evidenceOf('function-role', {
      change: (built) => Object.assign(functionOf(built), { environment: { DB_PASSWORD: 'hunter2-hunter2' } }),
    })
    expect(said).toContain('DB_PASSWORD')
    expect(`${JSON.stringify(kept)}${said}`).not.toMatch(/hunter2|code\.invalid/)
  })

  it('changes nothing in the account', async () => {
    const { writes } = await evidenceOf('function-role')
    expect(writes()).toEqual([])
  })

  it.each([
    ['lambda:GetPolicy', /the resource policy of function make-thumbnails is not known: lambda:GetPolicy is denied/],
    ['lambda:ListFunctions', /which functions run under role thumbnails is not known/],
    ['iam:ListRolePolicies', /which inline policies the role has is not known/],
  ])('names what cannot be read, and holds the rest: %s', async (operation, unread) => {
    const { evidence, said } = await evidenceOf('function-role', { fault: breaks('denied', { operation, times: Infinity }) })
    expect(evidence.unread).toEqual([expect.stringMatching(unread)])
    expect(evidence.documents?.length).toBeGreaterThan(0)
    expect(said).toContain('Not in the evidence:')
  })
})

describe('the evidence of a task’s session', () => {
  it('holds service, task definition and running tasks, and says which task’s the credentials were', async () => {
    const { said, kept, facts } = await evidenceOf('task-role')
    expect(kept.map(({ name }) => name)).toEqual(['ecs-tasks-of-orders-task', 'role-orders-task'])
    expect(said).toContain('orders:12')
    const session = facts.subject?.kind === 'role-session' ? facts.subject.sessionName : 'no session'
    expect(said).toMatch(new RegExp(`shop/${session}.*the credentials were its own`))
  })
})

describe('the evidence of a user', () => {
  it('holds the console password, the keys with their dates, and the policies', async () => {
    const { said, kept } = await evidenceOf('user-key')
    expect(kept.map(({ name }) => name)).toEqual(['user-deploy-bot'])
    expect(said).toMatch(/access key: AKIA\w{16}, Active, created at /)
    expect(said).toContain('console password: none')
  })
})

describe('evidence that was kept before', () => {
  it('stays what it is when a later run looks again: what is read by then is the renewed function', async () => {
    const { evidence, facts, context, built } = await evidenceOf('function-role')
    functionOf(built).description = 'changed since'
    const { subject, blastRadius } = facts as Facts
    const again = await assessed(preserveEvidence, { subject, blastRadius }, context, { earlier: { evidence } })
    expect(factOf(again)).toBe(evidence)
  })
})
