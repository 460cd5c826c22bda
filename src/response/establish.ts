import { failureOf, isAwsError } from '../aws/failure.ts'
import type { Effect } from '../incident/entry.ts'
import type { Intent } from '../incident/incident.ts'
import { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import { acceptedNotSeen, acceptedUnseen, wantsItAgain } from './accepted-unseen.ts'
import { approveEffects } from './approval.ts'
import { assessPatiently } from './assess.ts'
import { changedBlocks, wholeFact } from './beside.ts'
import { freshLook } from './fresh-look.ts'
import type { Run, Stopped } from './run.ts'
import { type Assessment, type Blocked, established, type Needed, notApplicable, type Stage } from './stage.ts'

/** How often a change is sent in one run before it counts as not seen. */
const ATTEMPTS = 3

/**
 * Records that a stage cannot go on. Gives it as what stops the run; nothing where the run goes on without the stage, and ends with its
 * refusal.
 */
export const block = async (stage: Stage, refusal: Omit<Blocked, 'status'>, run: Run): Promise<Stopped | undefined> => {
  const { why, remedy, kind = 'blocked', leavesOut } = refusal
  run.recorder.emit({ type: 'assessed', stage: stage.id, status: 'blocked', effects: [] })
  await run.recorder.record({ type: 'blocked', at: run.world.now(), stage: stage.id, why, remedy })
  const stopped: Stopped = { stage: stage.id, kind, why, remedy, ...given({ leavesOut }) }
  if (!leavesOut) return stopped
  run.noted.refusal ??= stopped
  return undefined
}

/** Assesses, asks, acts and assesses again, until the world shows the change. */
export const establish = async (stage: Stage, run: Run): Promise<Stopped | undefined> => {
  const earlier = run.incident().intents.length
  let assessment = await assessPatiently(stage, run)
  for (let attempt = 0; assessment.status === 'needed'; attempt += 1) {
    if (run.world.dryRun) return assume(stage, assessment, run)
    const { otherwise } = assessment
    const without = otherwise === undefined ? undefined : () => conclude(stage, established(otherwise), run)
    if (attempt >= ATTEMPTS)
      return without?.() ?? block(stage, notSeen(stage, assessment.effects, run.incident().intents.slice(earlier)), run)
    const fresh = freshLook(stage, assessment, run)
    const accepted = assessment.sentIsSeen ? undefined : acceptedUnseen(stage, assessment, run.incident())
    if (accepted) {
      if (!(await wantsItAgain(accepted, run.responder, without !== undefined)))
        return without?.() ?? block(stage, acceptedNotSeen(accepted), run)
      const { effects } = assessment
      await run.recorder.record({
        type: 'approved',
        at: run.world.now(),
        stage: stage.id,
        effects,
        by: 'the responder, once more',
      })
    } else {
      const answer = await approveEffects(stage, assessment, { ...run, acknowledged: fresh.refresh })
      if (answer === undefined) return without?.()
      if (answer !== 'approved') return answer
    }
    const before = assessment.effects
    const leftOut = await readingBack(stage, run, async () => act(stage, await fresh.latest(), run))
    run.beside?.start()
    if (leftOut !== undefined) return conclude(stage, notApplicable(leftOut), run)
    assessment = await readingBack(stage, run, () => assessPatiently(stage, run, before))
  }
  return conclude(stage, assessment, run)
}

/**
 * A change that was sent and not seen. Where each sending is read back as absent, the run goes on without the stage; but for the deny:
 * without it the attacker is still in, and nothing that a later stage finds is worth the time.
 */
const notSeen = (stage: Stage, effects: readonly Effect[], intents: readonly Intent[]): Omit<Blocked, 'status'> => {
  const last = intents.findLast((intent) => intent.stage === stage.id)
  const sent = intents.filter(({ effect }) => effect.operation === last?.effect.operation)
  const isAbsent = sent.every(({ outcome }) => outcome === 'unknown') && stage.establishes !== 'revocation'
  const tried = last ? `sent ${last.effect.operation} on ${last.effect.resource} ${sent.length} times` : `tried ${ATTEMPTS} times`
  const change = (last ? [last.effect] : effects).map(({ sentence }) => sentence).join('; ')
  return {
    kind: 'unconfirmed',
    why: `ir-cred ${tried} and cannot see the change: ${change}${last?.why === undefined ? '' : ` (${last.why})`}`,
    remedy: 'look at the resource in the console, then continue',
    ...given({ leavesOut: isAbsent ? (true as const) : undefined }),
  }
}

/** Looks at what became of a change. An error of AWS then names the change, if its answer does not say what became of it. */
const readingBack = async <T>(stage: Stage, run: Run, look: () => Promise<T>): Promise<T> => {
  try {
    return await look()
  } catch (error) {
    const sent = run.incident().intents.findLast((intent) => intent.stage === stage.id)
    if (sent?.outcome !== 'unknown' || error instanceof Failure || !isAwsError(error) || run.world.signal.aborted) throw error
    const { operation, resource } = sent.effect
    throw failureOf(error, `go on after ${operation} on ${resource}, whose answer does not say what became of it`)
  }
}

/** Makes the changes of a stage. Gives why the stage is left out, where a change was refused and the response can do without it. */
const act = async (stage: Stage, needed: Needed | undefined, run: Run): Promise<string | undefined> => {
  const context = run.context(stage)
  try {
    await stage.act?.(run.incident(), context, needed)
    return undefined
  } catch (error) {
    const why = error instanceof Failure ? stage.withoutIt?.(error, context) : undefined
    if (why === undefined) throw error
    return why
  }
}

const assume = (stage: Stage, { expected, acknowledgement = [] }: Assessment<unknown> & { status: 'needed' }, run: Run) => {
  const incident = run.incident()
  run.assume({
    ...incident,
    facts: { ...incident.facts, [stage.establishes]: expected },
    assumed: [...incident.assumed, stage.establishes],
  })
  run.recorder.emit({ type: 'described', stage: stage.id, blocks: acknowledgement })
  return undefined
}

/** Records the end of a stage that needs no change (any more). Gives what stops the run, if it does. */
export const conclude = async (stage: Stage, assessment: Assessment<unknown>, run: Run): Promise<Stopped | undefined> => {
  const at = run.world.now()
  switch (assessment.status) {
    case 'established': {
      const waits = !run.beside && !run.isFirstPart && stage.readings.length > 0
      const fact = waits ? await wholeFact(stage, assessment.fact, run.incident(), run.context(stage)) : assessment.fact
      await run.recorder.record({ type: 'established', at, stage: stage.id, fact: { [stage.establishes]: fact } })
      if (stage.readings.length > 0 && !waits) return describeFirst(stage, run)
      return describeFact(stage, run)
    }
    case 'notApplicable':
      await run.recorder.record({ type: 'notApplicable', at, stage: stage.id, why: assessment.why })
      return undefined
    case 'blocked':
      return block(stage, assessment, run)
    case 'needed':
      return undefined
  }
}

const describeFact = (stage: Stage, { recorder, incident }: Run): undefined => {
  const blocks = [...changedBlocks(stage, incident()), ...stage.describe(incident().facts)]
  recorder.emit({ type: 'described', stage: stage.id, blocks })
}

/** What of the fact there is, and its readings begin. */
const describeFirst = (stage: Stage, { recorder, incident, beside, isFirstPart }: Run): undefined => {
  recorder.emit({ type: 'described', stage: stage.id, blocks: stage.describeFirst(incident().facts) })
  if (!isFirstPart) beside?.begin(stage)
}
