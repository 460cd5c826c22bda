import { expect } from 'vitest'
import { EXIT } from '../../src/cli/exit-code.ts'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { Failure } from '../../src/incident/values/failure.ts'
import type { Stage } from '../../src/response/stage.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { changesIn } from '../laws/whole-run.ts'
import { huntReads } from '../support/leave-everything.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { ahead, buildFor, type Cell, type CellRun, runCell } from './cell.ts'
import { CHANGES, type FaultKind, KINDS } from './fault-kinds.ts'
import { occurs, type Specified, specified } from './specified.ts'

/** Every operation of a whole run, in the order of the alphabet: as two undisturbed runs make them. */
export const operationsOfARun = async (): Promise<readonly string[]> => {
  const seen = new Set<string>()
  const noting: Fault = async (request, next) => {
    seen.add((await askedBy(request)).operation)
    return next(request)
  }
  for (const operation of ['ssm:GetDocument', huntReads[0] ?? '']) {
    const built = await buildFor(operation)
    await runInMemory({ built, responder: ahead, fault: noting, proofWait: 0 })
  }
  return [...seen].sort()
}

/** Faults that need a socket, or are most like the field's there. */
const OVER_HTTP: readonly FaultKind[] = ['before', 'after', 'html', 'truncated', 'drip', 'hang']

/** The cells of one operation. A change fails once, and for good; a read fails for good. */
export const cellsOf = (operation: string): readonly Cell[] =>
  KINDS.filter((kind) => occurs(operation, kind)).flatMap((kind): Cell[] => {
    const wire = OVER_HTTP.includes(kind) ? 'http' : 'memory'
    const forGood: Cell = { operation, kind, wire }
    return CHANGES.test(operation) ? [{ ...forGood, times: 1 }, forGood] : [forGood]
  })

/** As a cell is named in a title, and by `--cell`. */
export const nameOf = ({ operation, kind, times }: Cell): string =>
  `${operation} × ${kind}${CHANGES.test(operation) ? (times === undefined ? ', for good' : ', once') : ''}`

/** Seconds of this machine in which a run with a fault is over, whatever the fault. */
const DEADLINE = 300

/** Runs a cell and holds it against what is specified. */
export const expectAsSpecified = async (cell: Cell, engine: readonly Stage[] = stages): Promise<void> => {
  const ran = await runCell(cell, engine)
  const spec = specified(cell.operation, cell.kind, cell.times === undefined)
  expect(endOf(ran), JSON.stringify(ran.result?.failure ?? ran.refused ?? ran.result?.alarms)).toEqual(
    asSpecified(spec, cell, ran),
  )
  expectNoFalseSuccess(ran)
  expectOneSendingForEachApproval(ran)
  expect(ran.took).toBeLessThan(DEADLINE)
}

const asSpecified = ({ revoked, reachesEnd, exitCode, sent }: Specified, { operation }: Cell, { journal }: CellRun) => ({
  exitCode,
  revoked,
  reachesEnd,
  sent: sent ?? outcomesOf(journal, operation),
})

/** The same of the run, in the same words. The account says what was changed, not the run. */
const endOf = ({ result, refused, built, journal, operation }: CellRun) => ({
  exitCode: result?.exitCode ?? (refused instanceof Failure ? EXIT[refused.kind] : EXIT.bug),
  revoked: changesIn(built).PutRolePolicy === 1,
  reachesEnd: result?.incident.facts.closure !== undefined,
  sent: outcomesOf(journal, operation),
})

const outcomesOf = (journal: readonly Entry[], operation: string): readonly string[] =>
  journal.flatMap((entry) => {
    const intent = journal.find((one) => one.type === 'intended' && entry.type === 'sent' && one.nonce === entry.nonce)
    return entry.type === 'sent' && intent?.type === 'intended' && intent.effect.operation === operation ? [entry.outcome] : []
  })

/** What the run says was changed, the account has; and what it has, it has once. */
const expectNoFalseSuccess = ({ result, built }: CellRun): void => {
  const made = changesIn(built)
  for (const [operation, count] of Object.entries(made)) expect(count, operation).toBe(1)
  const { revocation, evidence, restart, rotation, investigation } = result?.incident.facts ?? {}
  if (revocation) {
    expect(made.PutRolePolicy, 'a revocation is claimed').toBe(1)
    const policy = built.account.roles.get('web-app')?.inline.get('AWSRevokeOlderSessions')?.document
    expect(policy, 'the policy of the revocation that is claimed').toContain(revocation.cutoff)
  }
  if (evidence) expect(made.CreateSnapshots, 'preserved evidence is claimed').toBe(1)
  if (restart) expect([made.StopInstances, made.StartInstances], 'a restart is claimed').toEqual([1, 1])
  if (rotation && /^(?:rotated|renewed)$/.test(rotation.verdict)) expect(restart, 'a rotation is claimed').toBeDefined()
  if (investigation) expect(made.StartInvestigation, 'an investigation is claimed').toBe(1)
  if (result?.exitCode === 0) expect([revocation, restart, rotation], 'containment is claimed').not.toContain(undefined)
}

/** No request leaves that is not intended in the journal, each intent is approved, and what was accepted is not sent again. */
const expectOneSendingForEachApproval = ({ journal, sent }: CellRun): void => {
  const intended = journal.filter((entry) => entry.type === 'intended')
  for (const operation of new Set(intended.map(({ effect }) => effect.operation))) {
    expect(sent[operation], `requests for ${operation}`).toBe(
      intended.filter(({ effect }) => effect.operation === operation).length,
    )
    const outcomes = outcomesOf(journal, operation)
    expect(outcomes.indexOf('accepted'), `${operation} after it was accepted`).toBeOneOf([-1, outcomes.length - 1])
  }
  for (const [operation, count] of Object.entries(sent)) {
    if (CHANGES.test(operation)) expect(count, `unintended requests for ${operation}`).toBeLessThanOrEqual(intended.length)
  }
  for (const intent of intended) {
    const before = journal.slice(0, journal.indexOf(intent))
    const approved = before.some((entry) => entry.type === 'approved' && entry.stage === intent.stage)
    expect(approved, `an approval of ${intent.stage}`).toBe(true)
  }
}
