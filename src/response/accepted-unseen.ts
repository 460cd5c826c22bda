import type { Incident, Intent } from '../incident/incident.ts'
import { wholeSecond } from '../incident/values/instant.ts'
import { coveredBy } from './approval.ts'
import type { Responder } from './ports.ts'
import type { Needed, Stage } from './stage.ts'

/** A change that AWS accepted and that no look has shown since: it is never sent again by itself. */
export const acceptedUnseen = (stage: Stage, { effects, isSeen }: Needed, incident: Incident): Intent | undefined =>
  incident.intents.findLast(
    (intent) =>
      intent.stage === stage.id &&
      intent.outcome === 'accepted' &&
      !intent.seen &&
      !isSeen?.(intent) &&
      effects.some((one) => coveredBy([one], [intent.effect])),
  )

/** By what an answers file answers the question. */
export const ONCE_MORE_QUESTION = 'AWS accepted this change and does not show it. Send it once more?'

/** Asks whether to send an accepted change once more, or to stop, or to go on without it. Without somebody to ask, the answer is no. */
export const wantsItAgain = async ({ effect, at }: Intent, responder: Responder, goesOn: boolean): Promise<boolean> =>
  (await responder.choose({
    what: ONCE_MORE_QUESTION,
    options: [
      { id: 'stop', label: [goesOn ? 'no, go on without it' : 'no, stop here and look at it in the console'] },
      { id: 'again', label: [`yes, ${effect.sentence} once more (accepted at ${wholeSecond(at)})`] },
    ],
  })) === 'again'

export const acceptedNotSeen = ({ effect, at }: Intent) => ({
  kind: 'unconfirmed' as const,
  why: `AWS accepted ${effect.operation} on ${effect.resource} at ${at}, and ir-cred cannot see the change; it does not send it again by itself`,
  remedy: 'look at the resource in the console; continue in a terminal to send it once more',
})
