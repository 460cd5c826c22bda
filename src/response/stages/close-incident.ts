import type { Closure } from '../../incident/facts/facts.ts'
import { type Block, fields, list, text, warning } from '../../incident/values/block.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { defineStage, established } from '../stage.ts'
import { lookOnceMore } from './close-incident/last-look.ts'

/**
 * Looks the stolen key up in CloudTrail once more. Refusals by an explicit deny prove that the attacker is out; other denied
 * calls prove nothing; a success after the grace is an alarm. What CloudTrail cannot show yet is listed.
 */
export const closeIncident = defineStage({
  id: 'close-incident',
  phase: 'review',
  title: 'Close the incident',
  needs: ['subject', 'revocation'],
  establishes: 'closure',
  awaits: ['rotation'],

  async assess(incident, context) {
    if (incident.assumed.includes('revocation')) {
      return established<Closure>({
        refused: 0,
        deniedOtherwise: 0,
        successesAfterGrace: 0,
        unproven: ['decided after the revocation'],
        alarms: [],
      })
    }
    return established<Closure>(await lookOnceMore(incident, context))
  },

  describe: (closure) => closureBlocks(closure),
})

const closureBlocks = (closure: Closure): readonly Block[] => {
  const { lastSuccess, seenUpTo, unproven, alarms, gaps = [] } = closure
  return [
    ...alarms.map((alarm) => warning(alarm)),
    ...gaps.map((gap) => warning(`${gap.charAt(0).toUpperCase()}${gap.slice(1)}.`)),
    refusals(closure),
    fields(lastSuccess ? ['last success', [{ at: lastSuccess }]] : undefined, [
      'CloudTrail',
      seenUpTo
        ? ['seen up to ', { at: seenUpTo }, ' (the newest of your own calls that it shows)']
        : 'shows none of your own calls yet',
    ]),
    ...(unproven.length > 0 ? [text('Unproven:'), list(unproven)] : []),
  ]
}

const refusals = ({ refused, firstRefusal, lastRefusal, lastSuccess, alarms, deniedOtherwise }: Closure): Block => {
  if (refused === 0 || !firstRefusal || !lastRefusal) {
    return text('CloudTrail shows no call of the attacker that the revocation refused (yet).', otherDenials(deniedOtherwise))
  }
  // Let in again after the last refusal: whatever was refused before proves nothing.
  const isOut = alarms.length === 0 && !(lastSuccess && isBefore(lastRefusal, lastSuccess))
  const calls = `${refused} call${refused === 1 ? '' : 's'} of the attacker refused by the revocation`
  return text(
    isOut ? `The attacker is out: ${calls}, first ` : `${calls}, first `,
    { at: firstRefusal },
    ', last ',
    { at: lastRefusal },
    '.',
    otherDenials(deniedOtherwise),
  )
}

const otherDenials = (count: number): string => {
  if (!count) return ''
  return ` ${count} call${count === 1 ? ' was' : 's were'} denied for other reasons, which proves nothing: the role may never have been allowed ${count === 1 ? 'it' : 'them'}.`
}
