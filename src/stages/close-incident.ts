import { fields, list, text, warning } from '../incident/block.ts'
import type { Closure } from '../incident/facts.ts'
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

  tell: ({ refused, firstRefusal, lastRefusal, lastSuccess, seenUpTo, unproven, alarms }) => [
    ...alarms.map((alarm) => warning(alarm)),
    refused > 0 && firstRefusal && lastRefusal
      ? text(
          `The thief is out: ${refused} call${refused === 1 ? '' : 's'} refused, first `,
          { at: firstRefusal },
          ', last ',
          { at: lastRefusal },
          '.',
        )
      : text('CloudTrail shows no refused call of the thief (yet): nobody has been seen at the closed door.'),
    fields(lastSuccess ? ['last success', [{ at: lastSuccess }]] : undefined, [
      'CloudTrail',
      seenUpTo
        ? ['seen up to ', { at: seenUpTo }, ' (the newest of our own calls that it shows)']
        : 'shows none of our own calls yet',
    ]),
    ...(unproven.length > 0 ? [text('Unproven:'), list(unproven)] : []),
  ],
})
