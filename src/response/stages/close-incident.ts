import type { Closure } from '../../incident/facts/closure.ts'
import { type Block, fields, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { defineStage, established } from '../stage.ts'
import { lookOnceMore } from './close-incident/last-look.ts'

/**
 * Looks once more, in every Region, for every credential that is known to be the attacker's: the stolen key and those of its issue, the
 * new one, other sessions of the role, chained sessions, keys and passwords that the attacker made. A living way in is an alarm, on
 * positive evidence only. "Out" is said of the Regions that CloudTrail shows far enough, and what it cannot show yet is listed.
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
  const { lastSuccess, unproven, alarms, gaps = [], ambiguous = [] } = closure
  return [
    ...alarms.map((alarm) => warning(alarm)),
    ...gaps.map((gap) => warning(`${gap.charAt(0).toUpperCase()}${gap.slice(1)}.`)),
    verdict(closure),
    ...refusedOthers(closure),
    fields(
      lastSuccess ? ['last success', [{ at: lastSuccess }]] : undefined,
      ['CloudTrail', shownUpTo(closure)],
      ['not counted', 'GetCallerIdentity, which answers under every deny; data events, which event history does not hold'],
    ),
    ...sessionBlocks(closure),
    ...(ambiguous.length > 0 ? [text('Not attributed to anybody:'), list(ambiguous)] : []),
    ...(unproven.length > 0 ? [text('Unproven:'), list(unproven)] : []),
  ]
}

/** Sessions of the role since the cut-off are the owner's, or those of somebody who can still obtain them. */
const sessionBlocks = ({ sessionsSince }: Closure): readonly Block[] => {
  if (!sessionsSince) return []
  const { newest } = sessionsSince
  const more = sessionsSince.count - newest.length
  return [
    text('Sessions of the role that were issued since the cut-off. Look whether they are yours:'),
    list([
      ...newest.map(({ accessKeyId, at, operation, by }): Line => [`${accessKeyId} by ${operation} of `, by, ' at ', { at }]),
      ...(more > 0 ? [`${more} more`] : []),
    ]),
  ]
}

/** How far each Region is shown, Regions of the same time together. */
const shownUpTo = ({ regions = [], seenUpTo }: Closure): Line => {
  if (regions.length === 0) return seenUpTo ? ['seen up to ', { at: seenUpTo }] : 'shows none of your own calls yet'
  return regions.flatMap(({ region, seenUpTo: until, notRead }, index): Span[] => [
    ...(index > 0 ? ['; '] : []),
    ...(until
      ? [`${region} seen up to `, { at: until }]
      : [`${region} ${notRead ? 'not read' : 'shows none of your own calls yet'}`]),
  ])
}

const verdict = (closure: Closure): Block => {
  const { refused, firstRefusal, lastRefusal, alarms, left, wayIn } = closure
  const isRefused = refused > 0 && firstRefusal !== undefined && lastRefusal !== undefined
  const proof: readonly Span[] = isRefused
    ? [
        `${count(refused, 'call')} of the attacker refused by the revocation, first `,
        { at: firstRefusal },
        ', last ',
        { at: lastRefusal },
        '.',
      ]
    : ['CloudTrail shows no call of the attacker that the revocation refused (yet).']
  if (alarms.length > 0 || wayIn || isLetInSince(closure)) return text(...proof)
  if (left) {
    const { count: things, worst } = left
    const named: readonly Span[] = worst.length > 0 ? [', worst: ', ...worst] : []
    const are = `${count(things, 'thing')} ${things === 1 ? 'is' : 'are'} left behind`
    return text(`The stolen key is ${isRefused ? 'refused' : 'denied'}. ${are}`, ...named, '. ', ...proof)
  }
  const out = shownRegions(closure)
  return isRefused && out.length > 0 ? text(`The attacker is out of ${out.join(', ')}: `, ...proof) : text(...proof)
}

/** Let in again after the last refusal: whatever was refused before proves nothing. */
const isLetInSince = ({ lastSuccess, lastRefusal }: Closure): boolean =>
  lastSuccess !== undefined && lastRefusal !== undefined && isBefore(lastRefusal, lastSuccess)

const shownRegions = ({ regions = [] }: Closure): readonly string[] =>
  regions.filter(({ shown }) => shown).map(({ region }) => region)

/** Refused calls that are no proof, each with why. */
const refusedOthers = ({ workloadRefused = 0, ambiguousRefused = 0, deniedOtherwise }: Closure): readonly Block[] => {
  const sentences = [
    workloadRefused > 0 &&
      `${count(workloadRefused, 'call')} of the workload ${was(workloadRefused)} refused with the old key too.`,
    ambiguousRefused > 0 &&
      `${count(ambiguousRefused, 'refused call')} may be the attacker’s or the workload’s: nothing shows who made ${ambiguousRefused === 1 ? 'it' : 'them'}.`,
    deniedOtherwise > 0 &&
      `${count(deniedOtherwise, 'call')} ${was(deniedOtherwise)} denied for other reasons, which proves nothing: the role may never have been allowed ${deniedOtherwise === 1 ? 'it' : 'them'}.`,
  ].filter((sentence) => sentence !== false)
  return sentences.length > 0 ? [text(sentences.join(' '))] : []
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
const was = (number: number): string => (number === 1 ? 'was' : 'were')
