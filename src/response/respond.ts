import type { Effect, Ending, Entry } from '../incident/entry.ts'
import { type Incident, learn } from '../incident/incident.ts'
import type { Failure } from '../incident/values/failure.ts'
import { isBefore, plus } from '../incident/values/instant.ts'
import { actOn } from './act.ts'
import { approveEffects, coveredBy } from './approval.ts'
import { contextFor } from './context.ts'
import { firstRefusal, type GuardRefusal } from './guards.ts'
import type { Responder } from './ports.ts'
import { nextDue, recheck, workOff } from './rechecks.ts'
import { type AnyStage, type Assessment, type Context, notApplicable } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** How a run through the stages ended, and what is known then. */
export interface ResponseOutcome {
  readonly incident: Incident
  readonly ending: Ending
  readonly stopped?: { readonly stage: string; readonly kind: Failure['kind']; readonly why: string; readonly remedy: string }
}

type AnyAssessment = Assessment<unknown>
type Stopped = NonNullable<ResponseOutcome['stopped']>

/** Seconds for which an effect that nobody has seen yet may still appear before its absence counts. */
const GRACE = 30
const ATTEMPTS = 3

/**
 * The one loop: assess → show effects → approve → journal the intent → act → assess again → journal the fact.
 * The same loop gives dry run (assume instead of acting), resume (the journal knows what was intended) and verification
 * (a fact comes only from the assessment after the act). Errors other than decisions are thrown to the caller.
 * `entered` stages at the front were walked just now, before there was a journal: they are not entered again.
 * `of` is how many stages there are, where these are only the first of them.
 */
export const respond = async (
  stages: readonly AnyStage[],
  from: Incident,
  world: World,
  recorder: RunRecorder,
  responder: Responder,
  { entered = 0, of = stages.length }: { readonly entered?: number; readonly of?: number } = {},
): Promise<ResponseOutcome> => {
  const run = new Map<string, Incident>([['incident', from]])
  const incident = () => run.get('incident') ?? from
  const know = (next: Incident) => void run.set('incident', next)
  const recording: RunRecorder = {
    tell: recorder.tell,
    record: async (entry) => {
      const head = await recorder.record(entry)
      know(learn(incident(), entry))
      return head
    },
  }
  const rechecker = {
    stages,
    incident,
    recorder: recording,
    now: world.now,
    context: (stage: AnyStage): Context => contextFor(stage, { world, recorder: recording, responder, between: async () => {} }),
  }
  const between = () => workOff(rechecker)
  const room: RespondRun = { world, recorder: recording, responder, incident, know, between, of }
  for (const [index, stage] of stages.entries()) {
    if (index < entered) continue
    const stopped = await enter(stage, index, room)
    if (stopped) return { incident: incident(), ending: stopped.kind === 'declined' ? 'declined' : 'blocked', stopped }
    if (!world.dryRun) await between()
  }
  if (!world.dryRun) await finalRechecks(stages, rechecker, room)
  return { incident: incident(), ending: 'completed' }
}

interface RespondRun {
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  readonly incident: () => Incident
  readonly know: (incident: Incident) => void
  readonly between: () => Promise<void>
  /** How many stages there are. */
  readonly of: number
}

const enter = async (stage: AnyStage, index: number, room: RespondRun): Promise<Stopped | undefined> => {
  const { world, recorder, incident } = room
  world.signal.throwIfAborted()
  recorder.tell({
    type: 'entered',
    stage: stage.id,
    title: stage.title,
    phase: stage.phase,
    number: index + 1,
    of: room.of,
  })
  if (world.skip.includes(stage.id))
    return record(room, { type: 'skipped', at: world.now(), stage: stage.id, by: 'the responder' })
  const missing = needsOf(stage).filter((need) => incident().facts[need] === undefined)
  if (missing.length > 0) {
    const why = `it needs what was not established: ${missing.join(', ')}`
    return record(room, { type: 'notApplicable', at: world.now(), stage: stage.id, why })
  }
  const refused = refusalAt(stage, room)
  if (refused) return block(stage, refused, room)
  if (!stage.act && incident().facts[stage.establishes] !== undefined) return tellFact(stage, room)
  return proceed(stage, room)
}

const needsOf = (stage: AnyStage): readonly (typeof stage.establishes)[] => stage.needs

const record = async (room: RespondRun, entry: Entry): Promise<undefined> => {
  await room.recorder.record(entry)
}

/** Guards stand before every stage, with all that is known by then; a dry run only says what they would refuse. */
const refusalAt = (stage: AnyStage, room: RespondRun): Omit<GuardRefusal, 'guard'> | undefined => {
  const { world, incident, recorder } = room
  const { setting, readiness, skip } = world
  const refusal = firstRefusal({ incident: incident(), setting, readiness, now: world.now(), skip })
  if (!refusal) return undefined
  if (!world.dryRun) return { ...refusal, why: `${refusal.why} (guard ${refusal.guard})` }
  recorder.tell({ type: 'note', text: `${stage.id}: a real run would stop here, guard ${refusal.guard}: ${refusal.why}` })
  return undefined
}

const block = async (
  stage: AnyStage,
  { why, remedy, kind = 'blocked' }: { readonly why: string; readonly remedy: string; readonly kind?: Stopped['kind'] },
  room: RespondRun,
): Promise<Stopped> => {
  room.recorder.tell({ type: 'assessed', stage: stage.id, status: 'blocked', effects: [] })
  await room.recorder.record({ type: 'blocked', at: room.world.now(), stage: stage.id, why, remedy })
  return { stage: stage.id, kind, why, remedy }
}

const proceed = async (stage: AnyStage, room: RespondRun): Promise<Stopped | undefined> => {
  const { world } = room
  let assessment = await assessPatiently(stage, room)
  for (let attempt = 0; assessment.status === 'needed'; attempt += 1) {
    if (world.dryRun) return assume(stage, assessment, room)
    if (attempt >= ATTEMPTS) return block(stage, notSeen(assessment.effects), room)
    const answer = await approveEffects(stage, assessment, room)
    if (answer !== 'approved') return answer
    const before = assessment.effects
    const left = await actOn(stage, room.incident() as never, contextOf(stage, room))
    if (left !== undefined) return conclude(stage, notApplicable(left), room)
    assessment = await assessPatiently(stage, room, before)
  }
  return conclude(stage, assessment, room)
}

const notSeen = (effects: readonly Effect[]) => ({
  kind: 'unconfirmed' as const,
  why: `sent ${ATTEMPTS} times, and the change cannot be seen: ${effects.map(({ sentence }) => sentence).join('; ')}`,
  remedy: 'look at the resource in the console, then continue',
})

const contextOf = (stage: AnyStage, room: RespondRun): Context =>
  contextFor(stage, { world: room.world, recorder: room.recorder, responder: room.responder, between: room.between })

const assessOnce = async (stage: AnyStage, room: RespondRun): Promise<AnyAssessment> => {
  const assessment = await stage.assess(room.incident() as never, contextOf(stage, room))
  const effects = assessment.status === 'needed' ? assessment.effects : []
  room.recorder.tell({
    type: 'assessed',
    stage: stage.id,
    status: assessment.status,
    effects,
    ...(room.world.dryRun ? { assumed: true } : {}),
  })
  return assessment
}

/**
 * Assesses, and gives a change that may be on its way time to be seen: after an act, and after a run that was cut off
 * between sending and reading back. Only when it is still absent after the grace may it be sent again.
 */
const assessPatiently = async (stage: AnyStage, room: RespondRun, after?: readonly Effect[]): Promise<AnyAssessment> => {
  const { world } = room
  let assessment = await assessOnce(stage, room)
  const underWay = after ?? effectsUnderWay(stage, room)
  if (underWay.length === 0 || world.dryRun) return assessment
  const changed = () =>
    assessment.status !== 'needed' || !coveredBy(assessment.effects, underWay) || assessment.effects.length < underWay.length
  await world.settle(
    { what: 'the change to be seen', every: 5, within: GRACE },
    async () => {
      if (changed()) return true
      assessment = await stage.assess(room.incident() as never, contextOf(stage, room))
      return changed() ? true : undefined
    },
    room.between,
  )
  return assessment
}

/** Effects of intents that are younger than the grace and whose outcome nobody wrote down, or nobody knew. */
const effectsUnderWay = (stage: AnyStage, room: RespondRun): readonly Effect[] =>
  room
    .incident()
    .intents.filter(
      (intent) => intent.stage === stage.id && intent.outcome !== 'refused' && isBefore(room.world.now(), plus(intent.at, GRACE)),
    )
    .map(({ effect }) => effect)

const assume = async (
  stage: AnyStage,
  assessment: AnyAssessment & { status: 'needed' },
  room: RespondRun,
): Promise<undefined> => {
  const incident = room.incident()
  room.know({
    ...incident,
    facts: { ...incident.facts, [stage.establishes]: assessment.expected },
    assumed: [...incident.assumed, stage.establishes],
  })
  room.recorder.tell({ type: 'described', stage: stage.id, blocks: assessment.acknowledgement ?? [] })
}

const conclude = async (stage: AnyStage, assessment: AnyAssessment, room: RespondRun): Promise<Stopped | undefined> => {
  const at = room.world.now()
  switch (assessment.status) {
    case 'established':
      await room.recorder.record({ type: 'established', at, stage: stage.id, fact: { [stage.establishes]: assessment.fact } })
      return tellFact(stage, room)
    case 'notApplicable':
      return record(room, { type: 'notApplicable', at, stage: stage.id, why: assessment.why })
    case 'blocked':
      return block(stage, assessment, room)
    case 'needed':
      return undefined
  }
}

const tellFact = (stage: AnyStage, room: RespondRun): undefined => {
  const fact = room.incident().facts[stage.establishes]
  if (fact !== undefined) room.recorder.tell({ type: 'described', stage: stage.id, blocks: stage.tell(fact as never) })
}

/** Every re-check that is still to come is waited for, and one more is made, so that the report speaks of now. */
const finalRechecks = async (
  stages: readonly AnyStage[],
  rechecker: Parameters<typeof recheck>[1],
  room: RespondRun,
): Promise<void> => {
  for (const stage of stages) {
    if (!stage.recheck || room.incident().facts[stage.establishes] === undefined) continue
    await room.world.settle(
      { what: 'the re-checks that are due', every: 5, within: 300 },
      async () => (nextDue(room.incident(), stage) === undefined ? true : undefined),
      room.between,
    )
    await recheck(stage, rechecker)
  }
}
