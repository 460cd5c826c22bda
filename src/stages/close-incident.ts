import { type Block, fields, list, text, warning } from '../incident/block.ts'
import type { Closure } from '../incident/facts.ts'
import { isBefore } from '../incident/instant.ts'
import { defineStage, established } from '../runbook/stage.ts'
import { lookOnceMore } from './close-incident/last-look.ts'

/**
 * Looks the stolen key up once more. Refusals after the cut-off are the proof that the thief is out; a success after the
 * grace is an alarm; and what CloudTrail cannot show yet is said.
 */
export const closeIncident = defineStage({
  id: 'close-incident',
  phase: 'review',
  title: 'Close the incident',
  needs: ['subject', 'revocation'],
  establishes: 'closure',

  async assess(incident, context) {
    if (incident.assumed.includes('revocation')) {
      return established<Closure>({ refused: 0, successesAfterGrace: 0, unproven: ['decided after the revocation'], alarms: [] })
    }
    return established<Closure>(await lookOnceMore(incident, context))
  },

  tell: (closure) => closureBlocks(closure),
})

const closureBlocks = (closure: Closure): readonly Block[] => {
  const { lastSuccess, seenUpTo, unproven, alarms } = closure
  return [
    ...alarms.map((alarm) => warning(alarm)),
    refusals(closure),
    fields(lastSuccess ? ['last success', [{ at: lastSuccess }]] : undefined, [
      'CloudTrail',
      seenUpTo
        ? ['seen up to ', { at: seenUpTo }, ' (the newest of our own calls that it shows)']
        : 'shows none of our own calls yet',
    ]),
    ...(unproven.length > 0 ? [text('Unproven:'), list(unproven)] : []),
  ]
}

const refusals = ({ refused, firstRefusal, lastRefusal, lastSuccess, alarms }: Closure): Block => {
  if (refused === 0 || !firstRefusal || !lastRefusal) {
    return text('CloudTrail shows no refused call of the thief (yet): nobody has been seen at the closed door.')
  }
  // Let in again after the last refusal: whatever was refused before proves nothing.
  const isOut = alarms.length === 0 && !(lastSuccess && isBefore(lastRefusal, lastSuccess))
  const calls = `${refused} call${refused === 1 ? '' : 's'} refused`
  return text(
    isOut ? `The thief is out: ${calls}, first ` : `${calls} of the thief, first `,
    { at: firstRefusal },
    ', last ',
    { at: lastRefusal },
    '.',
  )
}
