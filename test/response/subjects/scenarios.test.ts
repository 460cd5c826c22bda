import { describe, expect, it } from 'vitest'
import type { ScenarioId } from '../../../src/simulator/scenarios/catalogue.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { runInMemory } from '../../support/run-in-memory.ts'
import { passes } from '../../support/scenario.ts'
import { answerTo } from '../../support/subjects.ts'

/** Seconds in which whoever can take new sessions does: every session that the attacker holds has been used, refused and replaced. */
const LATER = 7_200

/** A whole run on a scenario, and what the attacker and the owner's workload get afterwards. */
const contained = async (id: ScenarioId) => {
  const built = await buildQuick(id)
  const before = answerTo(built, built.cast.attacker)
  const { result, journal } = await runInMemory({ built, proofWait: 0 })
  const changes = changesIn(built)
  passes(built, 60)
  const stolen = answerTo(built, built.cast.attacker)
  const letIn = passes(built, LATER).filter(
    ({ who, outcome, action }) => who === 'attacker' && outcome === 'ok' && action.startsWith('s3:'),
  )
  const fresh = built.newCredentials()
  return { built, before, stolen, letIn: letIn.length > 0, workload: fresh && answerTo(built, fresh), result, journal, changes }
}

const TRUST = { PutRolePolicy: 2, UpdateAssumeRolePolicy: 1, StartInvestigation: 1 }

/** Subjects whose workload takes its credentials in the same way as the attacker: it gets none any more, or has those that are denied. */
const CUT_OFF: readonly ScenarioId[] = ['user-session', 'federated-user', 'roles-anywhere', 'pod-identity', 'identity-pool']

describe('a whole run on the scenario of a subject', () => {
  it.each<[ScenarioId, Readonly<Record<string, number>>]>([
    ['user-session', { PutUserPolicy: 2, UpdateAccessKey: 1, StartInvestigation: 1 }],
    ['federated-user', { PutUserPolicy: 2, UpdateAccessKey: 1, StartInvestigation: 1 }],
    ['pod-identity', { PutRolePolicy: 2, DeletePodIdentityAssociation: 1, StartInvestigation: 1 }],
    ['identity-pool', { PutRolePolicy: 2, UpdateAssumeRolePolicy: 1, UpdateIdentityPool: 1, StartInvestigation: 1 }],
    ['roles-anywhere', { PutRolePolicy: 2, DisableProfile: 1, StartInvestigation: 1 }],
    [
      'function-alias',
      {
        ...{ PutRolePolicy: 2, UpdateFunctionUrlConfig: 1, RemovePermission20150331v2: 1 },
        ...{ UpdateFunctionConfiguration20150331v2: 1, PublishVersion20150331: 1, UpdateAlias20150331: 1 },
        StartInvestigation: 1,
      },
    ],
    ['saml-person', TRUST],
    ['obtained-session', { PutRolePolicy: 2, UpdateAccessKey: 1, StartInvestigation: 1 }],
    [
      'china-region',
      {
        ...{ PutRolePolicy: 1, ModifyInstanceMetadataOptions: 1, CreateSnapshots: 1, StopInstances: 1, StartInstances: 1 },
        ...{ SendCommand: 1, StartInvestigation: 1 },
      },
    ],
  ])(
    '%s: the attacker is refused, takes no new session, and the owner’s workload goes on, unless its own key was the attacker’s',
    async (id, made) => {
      const { before, stolen, letIn, workload, result, changes } = await contained(id)
      expect([before, stolen]).toEqual(['allowed', 'explicitDeny'])
      expect(letIn).toBe(false)
      expect(workload === 'allowed').toBe(!CUT_OFF.includes(id))
      expect({ changes, exitCode: result.exitCode, alarms: result.alarms }).toEqual({ changes: made, exitCode: 0, alarms: [] })
    },
  )
})
