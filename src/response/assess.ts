import type { Effect } from '../incident/entry.ts'
import type { Incident } from '../incident/incident.ts'
import { given } from '../incident/values/given.ts'
import { isBefore, plus } from '../incident/values/instant.ts'
import { coveredBy } from './approval.ts'
import type { Assessment, Context, Stage } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** What an assessment needs of the run. */
interface Assessing {
  readonly world: World
  readonly recorder: RunRecorder
  readonly incident: () => Incident
  readonly context: (stage: Stage) => Context
  readonly between: () => Promise<void>
}

/** Seconds in which a change that was sent may still become visible. Only after them its absence counts. */
const GRACE = 30

/** Assesses a stage, and tells the listener. */
const assessOnce = async (stage: Stage, run: Assessing): Promise<Assessment<unknown>> => {
  const { recorder, world } = run
  const assessment = await stage.assess(run.incident(), run.context(stage))
  const { status } = assessment
  const effects = assessment.status === 'needed' ? assessment.effects : []
  recorder.emit({ type: 'assessed', stage: stage.id, status, effects, ...given({ assumed: world.dryRun ? true : undefined }) })
  return assessment
}

/**
 * Assesses, and gives a change that was sent time to become visible: after an act, and after a run that was cut off
 * between sending and reading back. Only when it is still absent after the grace may it be sent again.
 */
export const assessPatiently = async (stage: Stage, run: Assessing, sent?: readonly Effect[]): Promise<Assessment<unknown>> => {
  const { world } = run
  let assessment = await assessOnce(stage, run)
  const underWay = sent ?? effectsUnderWay(stage, run)
  if (underWay.length === 0 || world.dryRun) return assessment
  const changed = () =>
    assessment.status !== 'needed' ||
    assessment.sentIsSeen ||
    !coveredBy(assessment.effects, underWay) ||
    assessment.effects.length < underWay.length
  let looked = true
  await world.settle(
    { what: 'the change to become visible', kind: 'change-visible', within: GRACE },
    async () => {
      // The first look is the assessment that was made just now.
      if (!looked) assessment = await stage.assess(run.incident(), run.context(stage))
      looked = false
      return changed() ? true : undefined
    },
    run.between,
  )
  return assessment
}

/** Effects of intents that are younger than the grace and whose outcome is not recorded or unknown. */
const effectsUnderWay = (stage: Stage, { world, incident }: Assessing): readonly Effect[] =>
  incident()
    .intents.filter(
      ({ stage: id, outcome, at }) => id === stage.id && outcome !== 'refused' && isBefore(world.now(), plus(at, GRACE)),
    )
    .map(({ effect }) => effect)
