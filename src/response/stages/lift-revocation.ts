import { areSameChanges, LIFT_STATES, type Lift, type LiftedChange } from '../../incident/facts/lift.ts'
import { holderOf } from '../../incident/facts/subject.ts'
import { type Incident, liftedAt, newestFact } from '../../incident/incident.ts'
import { liftSafeFrom } from '../../incident/response-changes.ts'
import { type Block, code, fields, type Line, list, text, warning } from '../../incident/values/block.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { blocked, defineStage, established, notApplicable } from '../stage.ts'
import type { LiftLook } from './lift-revocation/lifted-kind.ts'
import { lookAtChanges } from './lift-revocation/lifted-kinds.ts'

/**
 * Lifts what the response changed, and only that: the documents that stood before come back byte for byte, and a policy that was not
 * there is deleted. What somebody changed since is shown and left alone, and what is not there any more counts as done. A managed
 * policy is detached and deleted. A leaked key stays inactive, a deleted console password cannot come back, and IMDSv2 stays required. It
 * is no part of the runbook: `ir-cred lift` runs it, and nothing else does.
 */
export const liftRevocation = defineStage({
  id: 'lift-revocation',
  phase: 'recover',
  title: 'Lift the revocation',
  needs: [],
  establishes: 'lift',

  async assess(incident, context) {
    const looks = await lookAtChanges(incident, context)
    if (looks.length === 0) return notApplicable('the journal holds no change of the response that could be lifted')
    const fact = liftOf(incident, looks, context.now())
    const steps = looks.flatMap((look) => look.steps)
    if (steps.length === 0) return established(fact)
    // Whoever asked for the lift did so because nothing stood by the journal.
    if (!fact.despite && fact.safeFrom && isBefore(context.now(), fact.safeFrom))
      return blocked(
        `the deny stands, and it is too early to lift it: until ${fact.safeFrom}`,
        'wait until then, or say why: --reason',
      )
    const subject = newestFact(incident, 'subject')
    return {
      status: 'needed',
      effects: steps.map(({ effect }) => effect),
      expected: fact,
      acknowledgement: acknowledgement(fact, looks),
      ...given({ typed: fact.despite && subject ? holderOf(subject).name : undefined }),
    }
  },

  async act(incident, context) {
    let refused: Failure | undefined
    for (const { client, command, effect, ready } of (await lookAtChanges(incident, context)).flatMap(({ steps }) => steps)) {
      try {
        const look = async () => ((await ready?.()) ? true : undefined)
        const patience = { what: 'the step before it to become visible', kind: 'change-visible' as const, within: VISIBLE }
        if (ready && !(await context.settle(patience, look))) continue
        await context.write(client, command, effect)
      } catch (error) {
        // A refusal of one change does not hold the others up.
        if (!(error instanceof Failure) || context.signal.aborted) throw error
        refused ??= error
      }
    }
    if (refused) throw refused
  },

  describe: (lift) => liftBlocks(lift),
})

/** Seconds in which a step may still become visible. */
const VISIBLE = 30

/** The changes as they stand. What was seen before, and is so still, keeps its time and its reason. */
const liftOf = (incident: Incident, looks: readonly LiftLook[], now: Instant): Lift => {
  const changes = looks.map(({ change }) => change)
  const stands = looks.some(({ steps }) => steps.length > 0)
  const before = stands || liftedAt(incident) === undefined ? undefined : newestFact(incident, 'lift')
  const same = before && areSameChanges(before.changes, changes) ? before : undefined
  return {
    changes,
    seenAt: same?.seenAt ?? now,
    ...given({ safeFrom: liftSafeFrom(incident), despite: incident.liftDespite ?? same?.despite }),
  }
}

/** What a responder must know before anything is lifted. */
const acknowledgement = ({ changes, despite, safeFrom }: Lift, looks: readonly LiftLook[]): readonly Block[] => {
  const toLift = new Set(looks.filter(({ steps }) => steps.length > 0).map(({ change }) => change))
  return [
    ...(despite
      ? despite.against.map((against) => warning(`${against}.`))
      : [
          text('Nothing is alive any more that these changes keep out', ...(safeFrom ? [', since ', { at: safeFrom }] : []), '.'),
        ]),
    ...(despite?.reason ? [text('Your reason: ', despite.reason)] : []),
    ...changes.filter((change) => !toLift.has(change)).flatMap(changeBlocks),
  ]
}

const changeBlocks = ({ what, state, why, command }: LiftedChange): readonly Block[] => {
  const line: Line = `${what}: ${LIFT_STATES[state]}${why === undefined ? '' : `, ${why}`}`
  const isOpen = state === 'changed' || state === 'kept'
  return [
    isOpen ? warning(`${line}.`) : list([line]),
    ...(command === undefined
      ? []
      : [
          text(isOpen ? 'By hand, in the incident’s directory, once you have looked at it:' : 'To undo it all the same:'),
          code(command),
        ]),
  ]
}

const liftBlocks = ({ changes, safeFrom, despite }: Lift): readonly Block[] => [
  ...(safeFrom || despite
    ? [
        fields(
          safeFrom ? ['safe from', [{ at: safeFrom }]] : undefined,
          despite?.reason ? ['reason', [despite.reason]] : undefined,
          despite ? ['despite', despite.against.join('; ')] : undefined,
        ),
      ]
    : []),
  ...changes.flatMap(changeBlocks),
]
