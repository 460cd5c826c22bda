import { describe, expect, it } from 'vitest'
import { responderPolicy } from '../../src/aws/policy.ts'
import { ANYWHERE, type PolicyScope } from '../../src/aws/policy-scope.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { withOwnDocument } from '../support/own-document.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE, subjectInstanceOf } from '../support/scenario.ts'
import { buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

const RESPONDER = 'ir-responder'

const NARROW: PolicyScope = {
  accounts: ['111122223333'],
  regions: ['us-east-1'],
  roles: ['service/web-app'],
  instances: [SUBJECT_INSTANCE],
  protectedRoles: [RESPONDER],
  awsDocuments: false,
}

/** An account whose responder has the printed policy, and nothing else. */
const withPolicy = async (scope: PolicyScope): Promise<BuiltScenario> => {
  const built = await buildQuick()
  const responder = built.account.roles.get(RESPONDER)
  if (!responder) throw new Error('there is no responder')
  responder.inline.clear()
  responder.inline.set('ir-cred', { document: JSON.stringify(responderPolicy('respond', scope)), writtenAt: 0 })
  return built
}

/** What ir-cred itself counts as missing, in words that it shows: what a policy that is too narrow would bring. */
const denials = (journal: readonly object[], events: readonly object[]): readonly string[] =>
  [...JSON.stringify([journal, events]).matchAll(/(\w+:\w+) is denied/g)].flatMap(([, action]) => action ?? [])

describe('a whole response with the printed policy as all that the responder may do', () => {
  it('succeeds, and is denied nothing', async () => {
    const built = await withPolicy(ANYWHERE)
    const { result, journal, events } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(changesIn(built)).toEqual(EACH_ONCE)
    expect(denials(journal, events)).toEqual([])
  })

  it('succeeds with the narrowest one, and is denied nothing', async () => {
    const built = withOwnDocument(await withPolicy(NARROW))
    const { result, journal, events } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(changesIn(built)).toEqual(EACH_ONCE)
    expect(denials(journal, events)).toEqual([])
  })

  it.each([
    ['another role', { roles: ['service/other'] }],
    ['another path of the role', { roles: ['web-app'] }],
    ['another account', { accounts: ['444455556666'] }],
    ['a deny on the very role', { protectedRoles: ['service/web-app'] }],
  ])('changes nothing that the policy is not for: %s', async (_, parts) => {
    const built = withOwnDocument(await withPolicy({ ...NARROW, ...parts }))
    const ran = await runInMemory({ built, proofWait: 0 }).catch((error: unknown) => error)
    expect(changesIn(built)).toEqual({})
    expect(ran).not.toMatchObject({ result: { exitCode: 0 } })
  })

  // IAM has no Region: the role may be denied at once, before anything is read of the instance.
  it.each([
    ['another instance', { instances: ['i-11111111111111111'] }],
    ['another Region', { regions: ['eu-west-1'] }],
  ])('denies the role and changes nothing of the instance where the policy is for the role, but for %s', async (_, parts) => {
    const built = withOwnDocument(await withPolicy({ ...NARROW, ...parts }))
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1 })
    expect(subjectInstanceOf(built).state).toBe('running')
    expect(result).toMatchObject({
      ending: 'failed',
      exitCode: 4,
      failure: {
        kind: 'identity',
        what: `AWS refused ec2:CreateSnapshots on instance/${SUBJECT_INSTANCE}`,
        remedy: expect.stringContaining('`ir-cred policy` prints what is needed'),
      },
    })
  })

  it('does without Run Command where only the document may be sent and it is not there', async () => {
    const built = await withPolicy(NARROW)
    const { result } = await runInMemory({ built, proofWait: 1200 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0, incident: { facts: { rotation: { unasked: true } } } })
    const { SendCommand: _, ...others } = EACH_ONCE
    expect(changesIn(built)).toEqual(others)
  })
})
