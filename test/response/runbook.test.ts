import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Incident } from '../../src/incident/incident.ts'
import { nothingKnown, type Stages } from '../../src/response/runbook.ts'
import { defineStage, established } from '../../src/response/stage.ts'
import { STAGE_IDS } from '../../src/response/stage-ids.ts'
import { closeIncident } from '../../src/response/stages/close-incident.ts'
import { findFinding } from '../../src/response/stages/find-finding.ts'
import { identifySubject } from '../../src/response/stages/identify-subject.ts'
import { revokeSessions } from '../../src/response/stages/revoke-sessions.ts'
import { scopeBlastRadius } from '../../src/response/stages/scope-blast-radius.ts'
import { verifyRotation } from '../../src/response/stages/verify-rotation.ts'
import { contextsOf, incidentWith, subjectLike } from '../support/stage-context.ts'

const { contextLike } = contextsOf()
const scoped = nothingKnown.next(findFinding).next(identifySubject).next(scopeBlastRadius)
const idsOf = ({ stages }: { stages: readonly { id: string }[] }) => stages.map(({ id }) => id)

describe('the order of the runbook', () => {
  it('is that of the ids by which a command line names its stages', () => {
    expect(idsOf({ stages })).toEqual(STAGE_IDS)
  })

  it('takes a stage that needs only what the stages before it establish', () => {
    expect(idsOf(scoped.next(revokeSessions).next(closeIncident))).toEqual([
      'find-finding',
      'identify-subject',
      'scope-blast-radius',
      'revoke-sessions',
      'close-incident',
    ])
  })

  it('does not compile when a stage stands before one whose fact it needs', () => {
    // @ts-expect-error the subject is not established yet
    expect(idsOf(nothingKnown.next(findFinding).next(revokeSessions))).toHaveLength(2)
    // @ts-expect-error the revocation is not established
    expect(idsOf(scoped.next(verifyRotation))).toHaveLength(4)
    // @ts-expect-error nothing is known at the start
    expect(idsOf(nothingKnown.next(identifySubject))).toHaveLength(1)
  })

  it('does not compile with a stage in the place of another', () => {
    // @ts-expect-error verify-rotation establishes another fact, and needs more
    const misplaced: Pick<Stages, 'findFinding'> = { findFinding: verifyRotation }
    expect(misplaced.findFinding).toBe(verifyRotation)
  })
})

const naming = defineStage({
  id: 'name-role',
  phase: 'detect',
  title: 'Name the role',
  needs: ['subject'],
  establishes: 'evidence',
  assess: async ({ facts: { subject, evidence } }) => {
    // @ts-expect-error a fact that the stage does not need may be missing
    const snapshots = evidence.snapshots
    return established({ snapshots: snapshots ?? [{ id: subject.accessKeyId, volumeId: 'vol-1', state: 'completed' }] })
  },
  describe: ({ snapshots }) => snapshots.map(({ id }) => ({ type: 'text', line: id })),
})

describe('a stage', () => {
  it('gets an incident that holds what it needs', async () => {
    const known: Incident = incidentWith({ subject: subjectLike(), evidence: { snapshots: [] } })
    expect(await naming.assess(known, contextLike())).toEqual(established({ snapshots: [] }))
  })

  it('is not run on an incident that lacks a fact that it needs', async () => {
    await expect(naming.assess(incidentWith({}), contextLike())).rejects.toThrow('the incident holds no subject')
  })

  it('describes its own fact among all, and nothing when it is not among them', () => {
    const evidence = { snapshots: [{ id: 'snap-1', volumeId: 'vol-1', state: 'completed' }] }
    expect(naming.describe({ subject: subjectLike(), evidence })).toEqual([{ type: 'text', line: 'snap-1' }])
    expect(naming.describe({ subject: subjectLike() })).toEqual([])
  })
})
